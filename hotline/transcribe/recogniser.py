"""What every recogniser is to us: it hears one leg and says its words with their times.

Both engines have stood behind this since the first day, so another one (FunASR, a paid service) is one more file.
"""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import opencc

from hotline.transcribe.audio import Leg
from hotline.transcribe.transcript import Word


class Recogniser(Protocol):
    """Hears recorded legs, one at a time. Made and used in the recogniser's process; it blocks."""

    @property
    def name(self) -> str:
        """The engine: "vosk" or "whisper"."""
        ...

    @property
    def model(self) -> str:
        """The model's name in the lock file."""
        ...

    @property
    def version(self) -> str:
        """The engine's version."""
        ...

    def recognise(self, leg: Leg) -> list[Word]:
        """Return the words in order; times count from the leg's own first sample. An empty leg has none.

        Raises RecordingUnreadable, or RecogniserFailed when the engine refuses the sound.
        """
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What one side is saying now. Until `is_final` the text may change; then `words` have their times in the leg."""

    text: str
    is_final: bool
    words: tuple[Word, ...] = ()


class Ears(Protocol):
    """Hears one live leg. Used by one thread at a time; it blocks, without holding other threads up."""

    def hear(self, sound: bytes) -> Heard | None:
        """Take the next sound (16-bit samples at the rate the ears were made for); None where nothing is new."""
        ...

    def finish(self) -> Heard | None:
        """Return what is left at the leg's end."""
        ...


class LiveRecogniser(Protocol):
    """A loaded model that hears several live legs at once, each with ears of its own."""

    def ears(self) -> Ears:
        """Return ears that hear nobody else: used ones where there are, because they are quicker."""
        ...

    def give_back(self, ears: Ears) -> None:
        """Take ears back that are finished, to be used again."""
        ...


def simplified(texts: list[str]) -> list[str]:
    """Return the words in simplified characters; engines mix both scripts."""
    whole = _to_simplified().convert("".join(texts))
    if len(whole) != sum(map(len, texts)):
        return [_to_simplified().convert(text) for text in texts]
    words, at = [], 0
    for text in texts:  # converted as a whole, because some characters change by their neighbours
        words.append(whole[at : at + len(text)])
        at += len(text)
    return words


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
