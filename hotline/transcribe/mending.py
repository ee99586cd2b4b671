"""Find again by sound the words that a recogniser wrote with other characters: 找火 -> 着火, 路水 -> 漏水. Pure.

Most errors in Mandarin are homophones. A listed word is put only where all of this holds: its syllables are those that
were heard, tones and the telephone's confusions aside; what was heard is no listed and no everyday word; and both
neighbours can stand beside it. Sounds that are not quite the same need a word of the trade nearby besides. Homes are
mended by `spoken_homes`, names by `spoken_names`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pypinyin.phrases_dict import phrases_dict

from hotline.transcribe.edits import Edit
from hotline.transcribe.sounds import syllables
from hotline.transcribe.word_list import ORDINARY, Found, WordList

EXACT: Final = 0.95  # what a mended word of the same sound keeps of its confidence
CONFUSED: Final = 0.8  # and one whose sound the telephone may have confused
ALONE: Final = 3  # a word of so many syllables needs no fitting neighbours when every syllable is the same
# Characters that end a word before ours, or begin one after it. 大, 小, 老 are not among them: they make other words.
_BEFORE: Final = frozenset(
    "的了在有是我你您他她它们家里说个把被要想来去给和跟就都也又还没不从到叫让请这那上下会能可太快突正住修换交坏"
    "栋楼层室户号用台部座姓知零一二三四五六七八九十百千"
)
_AFTER: Final = frozenset(
    "的了在吗吧呢啊呀哦嘛是有里不没很和跟就都也又还会要能可怎多费坏停被上下着过我你您他她它们那这个响漏突"
    "一二两三四五六七八九十姓"
)
# Words of one character that stand anywhere: 我也住 is not 我业主. In a word of two none of them is put right.
_FREE: Final = frozenset(
    "是也要没有你我他她它们会只之可为但与于或其了过的得地在这那几每很太再又都就才把被给和跟从让叫请说想去来住听门"
)
CHINESE: Final = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn as it is looked through. `listed`: which letters belong to a listed word that is there as written."""

    text: str
    spoken: Sequence[str]
    listed: Sequence[bool]
    is_about_trade: bool

    def may_begin(self, at: int) -> bool:
        return at == 0 or self.listed[at - 1] or self.text[at - 1] in _BEFORE or not CHINESE.match(self.text[at - 1])

    def may_end(self, end: int) -> bool:
        text = self.text
        return end == len(text) or self.listed[end] or text[end] in _AFTER or not CHINESE.match(text[end])


def mending(text: str, words: WordList, *, said_before: str = "") -> list[Edit]:
    """Return what is to be put into a turn's text; `said_before` is the turn before it, whoever spoke."""
    listed = _listed(text, words)
    turn = _Turn(text, syllables(text), listed, any(listed) or any(word in said_before for word in words.index.words))
    edits: list[Edit] = []
    for run in CHINESE.finditer(text):
        at = run.start()
        while at < run.end():
            edit = _edit_at(turn, at, run.end(), words)
            if edit is not None:
                edits.append(edit)
            at = edit.end if edit else at + 1
    return edits


def _listed(text: str, words: WordList) -> list[bool]:
    listed = [False] * len(text)
    for word in words.index.words:
        at = text.find(word)
        while at >= 0:
            listed[at : at + len(word)] = [True] * len(word)
            at = text.find(word, at + 1)
    return listed


def _edit_at(turn: _Turn, at: int, run_end: int, words: WordList) -> Edit | None:
    for length in range(min(words.index.longest, run_end - at), 1, -1):
        end = at + length
        heard = turn.text[at:end]
        if any(turn.listed[at:end]) or heard in ORDINARY or heard in phrases_dict:
            continue
        found = words.index.like(turn.spoken[at:end])
        if not found or (len(found) > 1 and found[1].distance == found[0].distance):
            continue  # none, or two words of one sound: nobody knows which
        is_free = any(own != letter and letter in _FREE for own, letter in zip(found[0].word.text, heard, strict=True))
        if _fits(turn, at, found[0]) and not (is_free and length < ALONE):
            likeness = CONFUSED if found[0].distance else EXACT
            return Edit(start=at, end=end, text=found[0].word.text, is_mended=True, likeness=likeness)
    return None


def _fits(turn: _Turn, at: int, found: Found) -> bool:
    length = len(found.word.text)
    if not found.distance and length >= ALONE:
        return True
    # Half of the syllables may be confused at most; and then it must be about something of ours.
    if found.distance > length // 2 or (found.distance and not turn.is_about_trade):
        return False
    return turn.may_begin(at) and turn.may_end(at + length)
