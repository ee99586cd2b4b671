"""Open and check one leg of a recording; give its sound in pieces.

Comes before every engine: a wrong rate or a second channel makes a recogniser write confident garbage, so nothing that
has not passed here is heard. A leg without sound is a fact, not a fault: MixMonitor leaves such files for
unanswered calls.
"""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from hotline.transcribe.errors import RecordingCut, RecordingMissing, RecordingTooLong, RecordingUnreadable

RATES: Final = (8000, 16000)  # Hz
LONGEST: Final = timedelta(hours=4)
SAMPLE_BYTES: Final = 2
Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class LegFile:
    """Which file to hear, and from when: before `start` the agent's leg carries prompts and hold music.

    `was_cut`: the switch is known to have died while writing; what is there is heard instead of refused.
    """

    path: Path
    start: timedelta = timedelta(0)
    was_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg that was found sound. `first` and `last` are frame numbers; a leg with `last == first` holds no sound."""

    path: Path
    rate: int
    first: int
    last: int
    data_at: int

    @property
    def starts_at(self) -> timedelta:
        """Where in the recording this leg's first sample lies."""
        return timedelta(seconds=self.first / self.rate) if self.rate else timedelta(0)

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=(self.last - self.first) / self.rate) if self.rate else timedelta(0)

    @property
    def is_empty(self) -> bool:
        return self.last <= self.first

    def pieces(self, length: timedelta) -> Iterator[Samples]:
        """Give the leg's samples in order, at most `length` at a time, never the whole call in memory."""
        size = max(1, int(length.total_seconds() * self.rate))
        with self.path.open("rb") as file:
            file.seek(self.data_at + self.first * SAMPLE_BYTES)
            for begun in range(self.first, self.last, size):
                wanted = min(size, self.last - begun) * SAMPLE_BYTES
                data = file.read(wanted)
                if len(data) < wanted:
                    raise RecordingCut(self.path, "became shorter while it was read: try again when it is finished")
                yield np.frombuffer(data, dtype="<i2")


def open_leg(leg: LegFile) -> Leg:
    """Check a leg's file by its header and its size and return how to read it.

    An empty file, and one with a header and no sound, is an empty leg.
    Raises RecordingMissing, RecordingCut, RecordingTooLong or RecordingUnreadable.
    """
    path = leg.path
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise RecordingUnreadable(path, "is not a file: look at recording.directory in the settings")
        if size == 0:
            return Leg(path=path, rate=0, first=0, last=0, data_at=0)
        with path.open("rb") as file, wave.open(file) as sound:
            rate, frames = sound.getframerate(), sound.getnframes()
            _check_format(path, sound)
            data_at = file.tell()
    except FileNotFoundError:
        raise RecordingMissing(
            path, "is not there: was it moved, or purged? The call stays without a transcript"
        ) from None
    except (wave.Error, EOFError) as wrong:
        raise RecordingUnreadable(
            path, f"is not a whole 16-bit PCM WAV file ({wrong or 'it ends early'}): {_REPLACE}"
        ) from None
    except OSError as wrong:
        raise RecordingUnreadable(path, f"cannot be read ({wrong.strerror}): check its owner and the disk") from wrong
    frames = _frames_there(leg, frames, there=(size - data_at) // SAMPLE_BYTES)
    if frames > LONGEST.total_seconds() * rate:
        raise RecordingTooLong(path, f"is longer than {LONGEST}, the longest call heard: cut it into shorter files")
    first = min(frames, max(0, round(leg.start.total_seconds() * rate)))
    return Leg(path=path, rate=rate, first=first, last=frames, data_at=data_at)


def resampled(samples: Samples, rate: int, to: int = 16000) -> NDArray[np.float32]:
    """Return the samples as numbers from -1 to 1 at another rate, which is what Whisper hears."""
    numbers = samples.astype(np.float32) / np.float32(32768)
    return numbers if rate == to else np.asarray(soxr.resample(numbers, rate, to), dtype=np.float32)


_REPLACE: Final = "play it to see what it is, convert it with sox, or take it out of the recordings"


def _check_format(path: Path, sound: wave.Wave_read) -> None:
    if sound.getnchannels() != 1:
        raise RecordingUnreadable(
            path, f"has {sound.getnchannels()} channels: each side of a call is one file of one channel"
        )
    if sound.getsampwidth() != SAMPLE_BYTES:
        raise RecordingUnreadable(path, f"has {8 * sound.getsampwidth()} bits a sample, not 16: {_REPLACE}")
    if sound.getframerate() not in RATES:
        raise RecordingUnreadable(
            path, f"says {sound.getframerate()} Hz, not 8000 or 16000: convert it with sox -r 8000"
        )


def _frames_there(leg: LegFile, promised: int, *, there: int) -> int:
    # a switch that is killed leaves a header of length 0 (or an old one) before sound that is there
    if promised == there or (0 < promised < there) or leg.was_cut:
        return there if leg.was_cut else promised
    missing = "was never finished" if promised == 0 else f"holds {there} of {promised} samples"
    raise RecordingCut(
        leg.path, f"{missing}: the switch or the disk stopped; register the recording as cut to hear what is there"
    )
