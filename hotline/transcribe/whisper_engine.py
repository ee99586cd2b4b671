"""Whisper (faster-whisper, CTranslate2) as a Recogniser; the only file that imports faster_whisper.

The parameters were chosen by measuring (docs/transcription.md). Four things matter: pauses of up to two seconds are
kept, or short quiet turns (好的) are lost; the leg is lifted to one loudness; a sentence of the trade is a hint for
every window; the temperature fall-back stays on, or Whisper loops.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from hotline.transcribe.audio import Leg, resampled
from hotline.transcribe.errors import RecogniserFailed
from hotline.transcribe.recogniser import simplified
from hotline.transcribe.silence import sounding_stretches
from hotline.transcribe.speech_detector import levelled
from hotline.transcribe.transcript import Word

RATE: Final = 16000
SECTION: Final = timedelta(minutes=10)  # heard at a time, so that a long call stays small in memory
SEAM: Final = timedelta(seconds=20)  # a section ends in the quietest place of its last so many seconds
HINTS: Final = {  # how people speak here; the home in it is nobody's
    "zh": "这里是物业服务中心。我住八十八栋六单元二零四室，姓陈。",
}
LISTENING: Final[dict[str, Any]] = {
    "beam_size": 5,
    "word_timestamps": True,
    "condition_on_previous_text": False,  # one wrong window must not lead the next
    "vad_filter": True,
    "vad_parameters": {
        "threshold": 0.3,
        "speech_pad_ms": 400,
        "min_silence_duration_ms": 2000,
        "min_speech_duration_ms": 100,
    },
}
NO_TIME: Final = 0.02  # seconds; the step of Whisper's own clock
DOUBTFUL: Final = 0.15  # mean probability of a segment's words below which nobody said them
_GOES_ON: Final = re.compile(r"[0-9A-Za-z.%'-]")


class WhisperRecogniser:
    """A loaded Whisper model, 8-bit on the processor."""

    name = "whisper"

    def __init__(self, directory: Path, model: str, *, language: str, threads: int) -> None:
        self.model = model
        self.version = version("faster-whisper")
        self._language = language
        try:
            self._loaded = WhisperModel(str(directory), device="cpu", compute_type="int8", cpu_threads=threads)
        except (RuntimeError, ValueError, OSError) as wrong:
            raise RecogniserFailed(
                f"Whisper cannot load {directory}: remove it and run scripts/up again ({wrong})"
            ) from wrong

    def recognise(self, leg: Leg) -> list[Word]:
        """Return the words of a leg; see Recogniser."""
        words: list[Word] = []
        for begins, sound in sections(leg):
            found = [
                piece
                for segment in self._segments(sound)
                if was_heard([(float(piece.end - piece.start), piece.probability) for piece in segment.words or ()])
                for piece in segment.words or ()
                if piece.word.strip()
            ]
            texts = simplified([piece.word for piece in found])
            words += whole_words(
                Word(
                    text=text,
                    start=timedelta(seconds=begins + round(float(piece.start), 3)),
                    end=timedelta(seconds=begins + round(float(max(piece.start, piece.end)), 3)),
                    confidence=min(1.0, max(0.0, float(piece.probability))),
                )
                for text, piece in zip(texts, found, strict=True)
            )
        return words

    def _segments(self, sound: NDArray[np.float32]) -> Iterable[Any]:
        try:
            segments, _ = self._loaded.transcribe(
                levelled(sound), language=self._language, hotwords=HINTS.get(self._language) or None, **LISTENING
            )
            yield from segments
        except (RuntimeError, ValueError) as wrong:
            raise RecogniserFailed(f"Whisper gave up on a leg: {wrong}") from wrong


def was_heard(words: Sequence[tuple[float, float]]) -> bool:
    """Tell whether words of these lengths in seconds and probabilities can have been heard.

    In the silence after the last word Whisper may recite its hint or invent a phrase; having no sound to lay the words
    on, it gives them no time. A home number that nobody said is worse than a missing word.
    """
    without_time = sum(length <= NO_TIME for length, _ in words)
    return 2 * without_time <= len(words) and sum(chance for _, chance in words) >= DOUBTFUL * len(words)


def sections(leg: Leg) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Give a leg in sections of ten minutes at 16 kHz, each with its beginning in seconds; cut where it is quiet.

    Sections in which nothing sounds are left out: in a call on hold for two hours that is nearly all of it.
    """
    sounding = [
        ((stretch.first - leg.first) / leg.rate, (stretch.last - leg.first) / leg.rate)
        for stretch in sounding_stretches(leg)
    ]
    for begins, sound in _every_section(leg):
        if any(first < begins + len(sound) / RATE and begins < last for first, last in sounding):
            yield begins, sound


def _every_section(leg: Leg) -> Iterator[tuple[float, NDArray[np.float32]]]:
    kept = np.zeros(0, dtype=np.float32)
    begins = 0.0
    for piece in leg.pieces(SECTION):
        kept = np.concatenate((kept, resampled(piece, leg.rate, RATE)))
        if len(kept) >= SECTION.total_seconds() * RATE:
            seam = _quietest(kept)
            yield begins, kept[:seam]
            begins, kept = begins + seam / RATE, kept[seam:]
    if len(kept):
        yield begins, kept


def whole_words(pieces: Iterable[Word]) -> list[Word]:
    """Return Whisper's pieces as words: a piece that begins with a space begins a word; Chinese needs none.

    Whisper breaks 13800138000 into five pieces; they are one number.
    """
    words: list[Word] = []
    for piece in pieces:
        text = piece.text.strip()
        last = words[-1] if words else None
        if last and not piece.text.startswith(" ") and _GOES_ON.match(text) and _GOES_ON.match(last.text[-1]):
            words[-1] = Word(
                text=last.text + text,
                start=last.start,
                end=piece.end,
                confidence=min(last.confidence, piece.confidence),
            )
        else:
            words.append(Word(text=text, start=piece.start, end=piece.end, confidence=piece.confidence))
    return words


def _quietest(sound: NDArray[np.float32]) -> int:
    """Return the middle of the quietest half second near the end."""
    window = RATE // 2
    tail = len(sound) - min(len(sound) // 2, int(SEAM.total_seconds()) * RATE)
    blocks = (len(sound) - tail) // window
    loudness = np.square(sound[tail : tail + blocks * window].reshape(blocks, window)).mean(axis=1)
    return tail + int(loudness.argmin()) * window + window // 2
