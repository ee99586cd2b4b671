"""Leg files for tests, written as the switch writes them."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_leg(
    path: Path, samples: NDArray[np.int16] | None = None, *, rate: int = 8000, channels: int = 1, width: int = 2
) -> Path:
    """Write a WAV file; without samples it holds a header only."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(b"" if samples is None else samples.tobytes())
    return path


def spoken(*stretches: tuple[float, bool], rate: int = 8000) -> NDArray[np.int16]:
    """Return sound for tests.fakes.recognisers: seconds, and whether somebody speaks."""
    parts = [np.full(round(seconds * rate), 5000 if loud else 0, dtype=np.int16) for seconds, loud in stretches]
    return np.concatenate(parts)
