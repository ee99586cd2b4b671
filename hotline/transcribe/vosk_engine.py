"""Vosk (Kaldi) as a Recogniser and as a LiveRecogniser; the only file that imports vosk.

A new recogniser starts with a cold graph cache and runs at a third of the speed, so one is kept for each rate and used
again: `FinalResult` between legs clears what it heard. One recogniser must never hear two legs at once (vosk-api#1189):
the pool gives a process one leg at a time.
"""

import json
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import vosk

from hotline.transcribe.audio import Leg
from hotline.transcribe.errors import RecogniserFailed
from hotline.transcribe.recogniser import Ears, Heard, simplified
from hotline.transcribe.speech_detector import spoken_stretches
from hotline.transcribe.transcript import Word, joined

PIECE: Final = timedelta(seconds=0.5)  # Vosk ends an utterance between pieces, so they are short
WORN_AFTER: Final = 10 * 3600.0  # seconds heard: Vosk counts time on in single precision, and grows
_NO_WORD: Final = ("[", "<")  # [unk], <UNK>, [noise]: something sounded, no word was heard


class VoskRecogniser:
    """A loaded Vosk model."""

    name = "vosk"

    def __init__(self, directory: Path, model: str) -> None:
        self.model = model
        self.version = version("vosk")
        self._loaded = _load(directory)
        self._warm: dict[int, _Ears] = {}

    def recognise(self, leg: Leg) -> list[Word]:
        """Return the words of a leg; see Recogniser."""
        if leg.is_empty:
            return []
        ears = self._warm.pop(leg.rate, None) or _Ears(self._loaded, leg.rate)
        heard = ears.hear(leg)
        if ears.seconds < WORN_AFTER:
            self._warm[leg.rate] = ears  # only after success: a broken leg must not leak into the next
        texts = simplified([found["word"] for found in heard])
        return [_word(text, found) for text, found in zip(texts, heard, strict=True)]


class _Ears:
    """One recogniser, and how many seconds it has heard before the present leg."""

    def __init__(self, model: vosk.Model, rate: int) -> None:
        self._recogniser = vosk.KaldiRecognizer(model, rate)
        self._recogniser.SetWords(True)
        self.seconds = 0.0

    def hear(self, leg: Leg) -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []
        fed: list[tuple[float, float]] = []  # what was cut away counts in the leg's time, not in Vosk's
        at = self.seconds
        for stretch in spoken_stretches(leg):
            fed.append((at, (stretch.first - leg.first) / leg.rate - at))
            for piece in stretch.pieces(PIECE):
                if self._recogniser.AcceptWaveform(piece.tobytes()):
                    heard += json.loads(self._recogniser.Result()).get("result", [])
            at += stretch.length.total_seconds()
        heard += json.loads(self._recogniser.FinalResult()).get("result", [])
        self.seconds = at
        return [
            {**found, "start": _in_leg(fed, found["start"]), "end": _in_leg(fed, found["end"])}
            for found in heard
            if not found["word"].startswith(_NO_WORD)
        ]


def _in_leg(fed: list[tuple[float, float]], at: float) -> float:
    """Return when in the leg something was said that Vosk heard at this time of its own."""
    later = fed[0][1]
    for begins, by in fed:
        if begins <= at:
            later = by
    return at + later


class VoskLive:
    """A loaded Vosk model for live legs. Ears cost 100 to 250 MB each and stay warm: they are kept and used again.

    The library lets other threads run while it hears.
    """

    def __init__(self, directory: Path, rate: int) -> None:
        self._loaded, self._rate = _load(directory), rate
        self._resting: list[_LiveEars] = []

    def ears(self) -> Ears:
        """Return ears that hear nobody else; see LiveRecogniser."""
        return self._resting.pop() if self._resting else _LiveEars(self._loaded, self._rate)

    def give_back(self, ears: Ears) -> None:
        """Keep ears for the next leg, unless they are worn."""
        if isinstance(ears, _LiveEars) and ears.seconds < WORN_AFTER:
            self._resting.append(ears)


class _LiveEars:
    """One recogniser hearing one leg at a time. Vosk counts time on from leg to leg."""

    def __init__(self, model: vosk.Model, rate: int) -> None:
        self._recogniser = vosk.KaldiRecognizer(model, rate)
        self._recogniser.SetWords(True)
        self._bytes_per_second = rate * 2
        self._said = ""
        self._began = 0.0  # seconds heard before this leg
        self.seconds = 0.0

    def hear(self, sound: bytes) -> Heard | None:
        """Take the next sound; see Ears."""
        self.seconds += len(sound) / self._bytes_per_second
        if self._recogniser.AcceptWaveform(sound):
            return self._final(self._recogniser.Result())
        words = json.loads(self._recogniser.PartialResult()).get("partial", "").split()
        said = joined(simplified([word for word in words if not word.startswith(_NO_WORD)]))
        if said == self._said:
            return None
        self._said = said
        return Heard(said, is_final=False)

    def finish(self) -> Heard | None:
        """Return what is left, and be ready for another leg."""
        last = self._final(self._recogniser.FinalResult())
        self._began = self.seconds
        return last

    def _final(self, result: str) -> Heard | None:
        found = [one for one in json.loads(result).get("result", []) if not one["word"].startswith(_NO_WORD)]
        was_shown, self._said = bool(self._said), ""
        if not found:
            return Heard("", is_final=True) if was_shown else None  # what was shown is taken back
        texts = simplified([one["word"] for one in found])
        words = tuple(
            _word(text, {**one, "start": one["start"] - self._began, "end": one["end"] - self._began})
            for text, one in zip(texts, found, strict=True)
        )
        return Heard(joined(texts), is_final=True, words=words)


def _load(directory: Path) -> vosk.Model:
    vosk.SetLogLevel(-1)
    try:
        return vosk.Model(str(directory))
    except Exception as wrong:  # Vosk raises nothing more exact
        raise RecogniserFailed(f"Vosk cannot load {directory}: remove it and run scripts/up again") from wrong


def published_address(model: str) -> str:
    """Return where Vosk's makers publish a model, as their own package has it."""
    return f"{vosk.MODEL_PRE_URL}{model}.zip"


def _word(text: str, found: dict[str, Any]) -> Word:
    start, end = max(0.0, found["start"]), max(0.0, found["end"])
    return Word(
        text=text,
        start=timedelta(seconds=round(start, 3)),
        end=timedelta(seconds=round(max(start, end), 3)),
        confidence=min(1.0, max(0.0, found["conf"])),
    )
