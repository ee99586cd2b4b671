"""From turns as a recogniser wrote them to turns that can be read: mended, numbers in digits, punctuated. Pure.

Comes after `pool` and before the store. Serves every engine alike and changes no time; what was heard stays beside
what is shown (`Turn.heard`, `Word.heard`).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hotline.transcribe.edits import Edit, edited, letters_of
from hotline.transcribe.mending import mending
from hotline.transcribe.punctuation import bare, punctuated
from hotline.transcribe.spoken_homes import home_mending
from hotline.transcribe.spoken_names import name_mending
from hotline.transcribe.spoken_numbers import number_writing
from hotline.transcribe.transcript import Turn, Word, turn_of
from hotline.transcribe.word_list import WordList

UNSURE_BELOW: Final = 0.4  # a number of which the recogniser is less sure is asked for again
_NUMBER: Final = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a site wants done to the words. All of it, unless it is told otherwise."""

    mends: bool = True
    writes_digits: bool = True


def readable(turns: Iterable[Turn], words: WordList, wishes: Wishes) -> tuple[Turn, ...]:
    """Return the turns, in their order, as they are to be read. A turn already made readable comes out the same."""
    result: list[Turn] = []
    for turn in turns:
        result.append(_readable(turn, words, wishes, said_before=result[-1].text if result else ""))
    return tuple(result)


def _readable(turn: Turn, words: WordList, wishes: Wishes, *, said_before: str) -> Turn:
    said: Sequence[Word] = turn.words
    if not said:
        return turn
    if wishes.mends:
        said = _with(said, lambda text: home_mending(text, words, said_before=said_before))
        said = _with(said, lambda text: mending(text, words, said_before=said_before))
        said = _with(said, lambda text: name_mending(text, words))
    if wishes.writes_digits:
        said = _with(said, lambda text: number_writing(text, words))
        said = [_doubted(word) for word in said]
    heard = turn.heard or turn.text
    read = turn_of(turn.side, punctuated(said), heard=heard)
    return replace(read, heard="") if bare(heard) == bare(read.text) else read  # marks are nobody's words


def _with(words: Sequence[Word], find: Callable[[str], list[Edit]]) -> Sequence[Word]:
    edits = find(letters_of(words).text)
    return edited(words, edits) if edits else words


def _doubted(word: Word) -> Word:
    is_doubtful = word.confidence < UNSURE_BELOW and bool(_NUMBER.search(word.text))
    return replace(word, is_unsure=True) if is_doubtful else word
