"""Read the sides of a recording as the switch wrote them, and look at both in one pass. Blocking.

One pass gives the lengths, whether anybody is heard on a side, and the picture of the sound.
"""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hotline.recordings.files import SIDES

Samples = NDArray[np.int16]
PIECE: Final = 1 << 18  # samples read at one time
COLUMNS: Final = 600  # of the picture of a side
FRAME_S: Final = 0.02
# Speech on a telephone lies 20 to 35 dB below full scale, an idle line below 55: -45 dBFS parts them.
HEARD_ABOVE: Final = 32768 * 10 ** (-45 / 20)
HEARD_FOR_S: Final = 0.1  # a click of the switch is shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """An open side: 16-bit samples of one channel. A file that is missing or unreadable has no frames."""

    path: Path
    rate: int = 0
    frames: int = 0
    data_at: int = 0

    @property
    def seconds(self) -> float:
        return self.frames / self.rate if self.rate else 0.0

    def pieces(self, first: int = 0, last: int | None = None) -> Iterator[Samples]:
        """Give the samples from `first` to before `last`, in order."""
        last = self.frames if last is None else min(last, self.frames)
        if first >= last:
            return
        with self.path.open("rb") as file:
            file.seek(self.data_at + 2 * first)
            while first < last and (data := file.read(2 * min(PIECE, last - first))):
                samples = np.frombuffer(data[: len(data) & ~1], dtype="<i2")
                yield samples
                first += len(samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """How loud each side is over the time: a byte a column, 255 is full scale."""

    caller: bytes
    agent: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one pass over both sides found. Levels are in dB below full scale, by side."""

    seconds: float
    gap_seconds: float
    silent: tuple[str, ...]
    peak_db: tuple[float, ...]
    rms_db: tuple[float, ...]
    sha256: str
    picture: Picture


def open_leg(path: Path) -> Leg:
    """Open a side by its header; what is not a plain WAV file of one channel and 16 bits has no frames."""
    try:
        with path.open("rb") as file, wave.open(file) as sound:
            if sound.getnchannels() != 1 or sound.getsampwidth() != 2:
                return Leg(path=path)
            rate, says, data_at = sound.getframerate(), sound.getnframes(), file.tell()
        there = (path.stat().st_size - data_at) // 2
        return Leg(path=path, rate=rate, frames=min(says, there), data_at=data_at)
    except (OSError, EOFError, wave.Error):
        return Leg(path=path)


def measure(caller: Path, agent: Path) -> Measured:
    """Look at both sides of a recording."""
    legs = [open_leg(path) for path in (caller, agent)]
    longest = max(leg.seconds for leg in legs)
    looks = []
    for leg in legs:
        look = _Look(leg, longest)
        for samples in leg.pieces():
            look.hear(samples)
        looks.append(look)
    return Measured(
        seconds=longest,
        gap_seconds=round(legs[1].seconds - legs[0].seconds, 3),
        silent=tuple(side for side, look in zip(SIDES, looks, strict=True) if longest and not look.is_heard),
        peak_db=tuple(look.peak_db for look in looks),
        rms_db=tuple(look.rms_db for look in looks),
        sha256=fingerprint_of([leg.path for leg in legs]),
        picture=Picture(caller=looks[0].columns, agent=looks[1].columns),
    )


def fingerprint_of(paths: list[Path]) -> str:
    """Return the SHA-256 of files in a row; one that is not there adds nothing."""
    fingerprint = sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                while data := file.read(1 << 20):
                    fingerprint.update(data)
        except FileNotFoundError:
            continue
    return fingerprint.hexdigest()


class _Look:
    """The running figures of one side. `longest` is the recording's length: both pictures have one scale of time."""

    def __init__(self, leg: Leg, longest: float) -> None:
        self._per_column = max(1, -(-round(longest * leg.rate) // COLUMNS)) if leg.rate else 1
        self._per_frame = max(1, round(leg.rate * FRAME_S))
        self._rate = leg.rate
        self._peaks = np.zeros(COLUMNS, np.int32)
        self._at = 0
        self._squares = 0.0
        self._loud_frames = 0

    def hear(self, samples: Samples) -> None:
        levels = np.abs(samples.astype(np.int32))
        columns = np.minimum((self._at + np.arange(len(levels))) // self._per_column, COLUMNS - 1)
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        np.maximum.at(self._peaks, columns[starts], np.maximum.reduceat(levels, starts))
        squares = levels.astype(np.float64) ** 2
        self._squares += float(squares.sum())
        whole = len(squares) // self._per_frame * self._per_frame
        frames = squares[:whole].reshape(-1, self._per_frame).mean(axis=1) if whole else squares[:0]
        self._loud_frames += int((frames > HEARD_ABOVE**2).sum())
        self._at += len(samples)

    @property
    def is_heard(self) -> bool:
        return self._loud_frames * FRAME_S >= HEARD_FOR_S

    @property
    def peak_db(self) -> float:
        return _db(int(self._peaks.max()))

    @property
    def rms_db(self) -> float:
        return _db((self._squares / self._at) ** 0.5 if self._at else 0.0)

    @property
    def columns(self) -> bytes:
        return bytes(np.minimum(self._peaks >> 7, 255).astype(np.uint8))


def _db(level: float) -> float:
    return round(20 * float(np.log10(max(level, 1) / 32768)), 1)
