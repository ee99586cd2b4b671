"""Put other text into a turn's words, and keep what stood there. Pure.

Mending and writing in digits both find places in a turn's letters; here those places become words again, each with its
time, what was heard beside it, and its marks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hotline.transcribe.transcript import Word, joined

_NOBODY: Final = -1  # a space between words belongs to none of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Letters `start` to `end` (not included) become `text`. `likeness`, 0 to 1, lowers the words' confidence."""

    start: int
    end: int
    text: str
    is_mended: bool = False
    is_unsure: bool = False
    likeness: float = 1.0


@dataclass(frozen=True, slots=True)
class Letters:
    """A turn's words as one text, as it is shown, and which word each letter belongs to."""

    text: str
    owners: tuple[int, ...]


def letters_of(words: Sequence[Word]) -> Letters:
    """Return the words' letters; the text is that of the turn."""
    text, owners = "", []
    for number, word in enumerate(words):
        piece = word.text.strip()
        line = joined([text, piece]) if text else piece
        owners += [_NOBODY] * (len(line) - len(text) - len(piece)) + [number] * len(piece)
        text = line
    return Letters(text, tuple(owners))


def edited(words: Sequence[Word], edits: Iterable[Edit]) -> tuple[Word, ...]:
    """Return the words with every edit made. Edits must not overlap; words that one edit touches become one word."""
    letters = letters_of(words)
    result: list[Word] = []
    done = 0
    for first, last, together in _groups(letters, sorted(edits, key=lambda edit: edit.start)):
        result += words[done:first]
        result.append(_one_word(words[first : last + 1], letters, first, together))
        done = last + 1
    return (*result, *words[done:])


def _groups(letters: Letters, edits: Sequence[Edit]) -> list[tuple[int, int, list[Edit]]]:
    groups: list[tuple[int, int, list[Edit]]] = []
    for edit in edits:
        touched = [owner for owner in letters.owners[edit.start : edit.end] if owner != _NOBODY]
        if not touched:
            continue
        if groups and touched[0] <= groups[-1][1]:
            first, last, together = groups[-1]
            groups[-1] = (first, max(last, touched[-1]), [*together, edit])
        else:
            groups.append((touched[0], touched[-1], [edit]))
    return groups


def _one_word(words: Sequence[Word], letters: Letters, first: int, edits: Sequence[Edit]) -> Word:
    at = letters.owners.index(first)
    before = joined([word.text for word in words])
    text = before
    for edit in reversed(edits):
        text = text[: edit.start - at] + edit.text + text[edit.end - at :]
    heard = joined([word.heard or word.text for word in words])
    return replace(
        words[0],
        text=text,
        end=max(word.end for word in words),
        confidence=sum(word.confidence for word in words) / len(words) * min(edit.likeness for edit in edits),
        heard="" if heard == text else heard,
        is_mended=any(word.is_mended for word in words) or any(edit.is_mended for edit in edits),
        is_unsure=any(word.is_unsure for word in words) or any(edit.is_unsure for edit in edits),
    )
