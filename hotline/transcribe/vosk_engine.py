"""Vosk (Kaldi) as a Recogniser; the only file that imports vosk.

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
from hotline.transcribe.recogniser import simplified
from hotline.transcribe.transcript import Word

PIECE: Final = timedelta(seconds=0.5)  # Vosk ends an utterance between pieces, so they are short
WORN_AFTER: Final = 10 * 3600.0  # seconds heard: Vosk counts time on in single precision, and grows
_NO_WORD: Final = ("[", "<")  # [unk], <UNK>, [noise]: something sounded, no word was heard


class VoskRecogniser:
    """A loaded Vosk model."""

    name = "vosk"

    def __init__(self, directory: Path, model: str) -> None:
        vosk.SetLogLevel(-1)
        self.model = model
        self.version = version("vosk")
        try:
            self._loaded = vosk.Model(str(directory))
        except Exception as wrong:  # Vosk raises nothing more exact
            raise RecogniserFailed(f"Vosk cannot load {directory}: remove it and run scripts/up again") from wrong
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
        for piece in leg.pieces(PIECE):
            if self._recogniser.AcceptWaveform(piece.tobytes()):
                heard += json.loads(self._recogniser.Result()).get("result", [])
        heard += json.loads(self._recogniser.FinalResult()).get("result", [])
        before, self.seconds = self.seconds, self.seconds + leg.length.total_seconds()
        return [
            {**found, "start": found["start"] - before, "end": found["end"] - before}
            for found in heard
            if not found["word"].startswith(_NO_WORD)
        ]


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
