"""Find homes again by sound: 三动二单圆五零一是 -> 三栋二单元五零一室. Pure.

Beside `mending`, and before `spoken_numbers` writes what is found here in digits. 栋, 单元 and 室 are found only where
the numbers of a home stand around them. A figure of the number itself is found only where all the others are figures
and the home that comes out is one of the centre: a home that nobody said is worse than one that is asked for again.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from hotline.residents.resident import Home
from hotline.transcribe.edits import Edit
from hotline.transcribe.figures import FIGURES, number_of
from hotline.transcribe.mending import CONFUSED, EXACT
from hotline.transcribe.sounds import apart, syllables
from hotline.transcribe.word_list import WordList

# One letter for what each character may be, so that a pattern can be laid over a turn:
# n a figure, d sounds like 栋, a and y like 单 and 元, s like 室, f like a figure, o another one, . none.
_HOME: Final = re.compile(r"(?P<building>[nf]{1,3})(?P<dong>d)(?P<unit>[nf]{1,2})(?P<yuan>ay)(?P<room>[nfs]{2,7})?")
_UNIT_AND_ROOM: Final = re.compile(r"(?<=[n])(?P<yuan>ay)(?P<room>[nfs]{2,7})?")
_BUILDING: Final = re.compile(r"(?<!n)(?P<building>n{1,3})(?P<dong>d)(?=\.|$|n)")
_ASKED: Final = re.compile("栋|幢|房号|哪一户|哪户|几号楼|地址|住在|住哪|住几")
_FIGURE_SOUNDS: Final = {
    "ling": "零", "yi": "一", "yao": "一", "er": "二", "liang": "二", "san": "三", "si": "四", "wu": "五", "liu": "六",
    "qi": "七", "ba": "八", "jiu": "九", "shi": "十", "bai": "百", "qian": "千",
}  # fmt: skip


def home_mending(text: str, words: WordList, *, said_before: str = "") -> list[Edit]:
    """Return what is to be put so that the homes of a turn can be read; `said_before` is the turn before it."""
    spoken = syllables(text)
    shape = "".join(_letter(letter, sound) for letter, sound in zip(text, spoken, strict=True))
    edits: dict[int, Edit] = {}
    for found in (*_HOME.finditer(shape), *_UNIT_AND_ROOM.finditer(shape)):
        for edit in _of_home(found, text, spoken, shape, words):
            edits.setdefault(edit.start, edit)
    is_asked = bool(_ASKED.search(said_before) or re.search("住|我是|这里是", text))
    for found in _BUILDING.finditer(shape) if is_asked else ():
        number = number_of(text[slice(*found.span("building"))])
        if number is not None and (not words.buildings or number in words.buildings):
            for edit in _put(text, found.start("dong"), "栋"):
                edits.setdefault(edit.start, edit)
    return sorted(edits.values(), key=lambda edit: edit.start)


def _letter(letter: str, sound: str) -> str:
    if letter in FIGURES:
        return "n"
    if sound == "dong" or letter == "幢":
        return "d"
    if apart(sound, "dan") is not None:
        return "a"
    if sound == "yuan":
        return "y"
    if apart(sound, "shi") is not None:
        return "s"
    if any(apart(sound, figure) is not None for figure in _FIGURE_SOUNDS):
        return "f"
    return "o" if "\u3400" <= letter <= "\u9fff" else "."


def _of_home(found: re.Match[str], text: str, spoken: Sequence[str], shape: str, words: WordList) -> Iterator[Edit]:
    groups = found.groupdict()
    if "dong" in groups and text[found.start("dong")] != "幢":
        yield from _put(text, found.start("dong"), "栋")
    yield from _put(text, found.start("yuan"), "单元")
    if not groups.get("room"):
        return
    first, last = found.span("room")
    is_end = last == len(text) or shape[last] == "."
    while not is_end and last > first and shape[last - 1] != "n" and text[last - 1] != "室":
        last -= 1  # 五零一其实: what sounds like a figure there begins the next word
    if shape[last - 1] == "s" and text[last - 1] != "室" and last - first > 2 and is_end:
        last -= 1  # 五零一是, and nothing after it
        yield from _put(text, last, "室")
    elif text[last - 1] == "室":
        last -= 1
    if "building" in groups:
        yield from _figures(found, text, spoken, (first, last), words)


def _figures(
    found: re.Match[str], text: str, spoken: Sequence[str], room: tuple[int, int], words: WordList
) -> Iterator[Edit]:
    """Yield the one figure that was heard as another word, if exactly one home of the centre comes out of it."""
    spans = [found.span("building"), found.span("unit"), room]
    wrong = [at for first, last in spans for at in range(first, last) if text[at] not in FIGURES]
    if len(wrong) != 1 or not words.homes:
        return
    at = wrong[0]
    meant = {figure for sound, figure in _FIGURE_SOUNDS.items() if apart(sound, spoken[at]) is not None}
    exact = {figure for sound, figure in _FIGURE_SOUNDS.items() if sound == spoken[at]}
    for candidates, likeness in ((exact, EXACT), (meant, CONFUSED)):
        there = [figure for figure in candidates if _is_home(text[:at] + figure + text[at + 1 :], spans, words)]
        if len(there) == 1:
            yield Edit(start=at, end=at + 1, text=there[0], is_mended=True, likeness=likeness)
            return


def _is_home(text: str, spans: Sequence[tuple[int, int]], words: WordList) -> bool:
    numbers = [number_of(text[first:last]) for first, last in spans]
    return None not in numbers and Home(*(number for number in numbers if number is not None)) in words.homes


def _put(text: str, at: int, meant: str) -> Iterator[Edit]:
    end = at + len(meant)
    if text[at:end] != meant:
        yield Edit(start=at, end=end, text=meant, is_mended=True, likeness=EXACT)
