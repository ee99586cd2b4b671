"""The words of both legs, as turns, in one conversation.

Pure. Comes after the recogniser, which hears one leg at a time, and before the store. Times count from the start of
the recording, which is the same moment for both legs. Talking over one another is kept: turns may overlap, none is
dropped and none is cut.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

PAUSE: Final = timedelta(seconds=1)  # a longer silence of the same speaker begins a new turn

_WIDE: Final = r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff]"
_ENDS_WIDE: Final = re.compile(rf"{_WIDE}$")
_BEGINS_GLUED: Final = re.compile(rf"{_WIDE}|[,.;:!?%)\]}}]")


class Side(StrEnum):
    """Whose leg it is."""

    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word. `start` and `end` count from the start of the recording; `confidence` is 0 to 1.

    With Whisper a "word" of Chinese is mostly one character, and punctuation hangs on the word before it.
    `text` is what is shown. Where it is not what the recogniser wrote, that stands in `heard`: `is_mended` says that
    other characters of the same sound were put (三动 -> 三栋), else only the writing is another (五零一 -> 501).
    `is_unsure`: a number or a home that is to be asked for again before anybody relies on it.
    """

    text: str
    start: timedelta
    end: timedelta
    confidence: float
    heard: str = ""
    is_mended: bool = False
    is_unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side said without a long pause. `confidence` is the mean of its words', weighed by their length.

    `text` is what is shown; `heard` is the whole turn as the recogniser wrote it, empty where that is the same.
    """

    side: Side
    start: timedelta
    end: timedelta
    text: str
    confidence: float
    words: tuple[Word, ...]
    heard: str = ""

    @property
    def mended(self) -> tuple[Word, ...]:
        """The words that were found again by sound."""
        return tuple(word for word in self.words if word.is_mended)

    @property
    def unsure(self) -> tuple[Word, ...]:
        """The numbers and homes that nobody may rely on before asking."""
        return tuple(word for word in self.words if word.is_unsure)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a turn as it is shown: plain, or mended (`heard` is what the recogniser wrote), or unsure."""

    text: str
    heard: str = ""
    is_unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """A side whose file could not be read, and why: the other side's words are kept."""

    side: Side
    error_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One conversation, and who wrote it down: engine, model and version of the engine."""

    turns: tuple[Turn, ...]
    engine: str
    model: str
    version: str
    unheard: tuple[Unheard, ...] = ()

    def said_by(self, side: Side) -> str:
        """Return everything that one side said, a line a turn."""
        return "\n".join(turn.text for turn in self.turns if turn.side is side)


def conversation(caller: Iterable[Word], agent: Iterable[Word], *, pause: timedelta = PAUSE) -> tuple[Turn, ...]:
    """Return both sides' turns in the order in which they began; on a tie the caller comes first."""
    turns = [*turns_of(Side.CALLER, caller, pause=pause), *turns_of(Side.AGENT, agent, pause=pause)]
    return tuple(sorted(turns, key=lambda turn: turn.start))


def turns_of(side: Side, words: Iterable[Word], *, pause: timedelta = PAUSE) -> list[Turn]:
    """Return one side's turns: its words, split wherever it was silent for longer than `pause`."""
    ordered = sorted((word for word in words if word.text.strip()), key=lambda word: word.start)
    turns: list[Turn] = []
    begun = 0
    for position, (word, following) in enumerate(pairwise(ordered), start=1):
        if following.start - word.end > pause:
            turns.append(turn_of(side, ordered[begun:position]))
            begun = position
    if ordered:
        turns.append(turn_of(side, ordered[begun:]))
    return turns


def later(words: Iterable[Word], by: timedelta) -> list[Word]:
    """Return the words moved to `by` later: a leg that was heard from its middle counts from there."""
    return [replace(word, start=word.start + by, end=word.end + by) for word in words]


def joined(texts: Sequence[str]) -> str:
    """Return words as one line: a space between words, but none beside a Chinese character or before punctuation."""
    line = ""
    for text in (text.strip() for text in texts):
        glued = not line or _ENDS_WIDE.search(line) or _BEGINS_GLUED.match(text)
        line += text if glued else f" {text}"
    return line


def parts_of(turn: Turn) -> tuple[Part, ...]:
    """Return a turn's text in stretches, those that are mended or unsure apart; together they are its text."""
    parts: list[Part] = []
    line = ""
    for word in turn.words:
        longer = joined([line, word.text]) if line else word.text.strip()
        piece, line = longer[len(line) :], longer
        part = Part(piece, word.heard if word.is_mended else "", word.is_unsure)
        if parts and not (part.heard or part.is_unsure or parts[-1].heard or parts[-1].is_unsure):
            parts[-1] = Part(parts[-1].text + piece)
        else:
            parts.append(part)
    return tuple(parts) or (Part(turn.text),)


def turn_of(side: Side, words: Sequence[Word], heard: str = "") -> Turn:
    """Return these words, at least one, as one turn."""
    text = joined([word.text for word in words])
    weights = [len(word.text) for word in words]
    return Turn(
        side=side,
        start=words[0].start,
        end=max(word.end for word in words),
        text=text,
        confidence=sum(word.confidence * weight for word, weight in zip(words, weights, strict=True)) / sum(weights),
        words=tuple(words),
        heard="" if heard == text else heard,
    )
