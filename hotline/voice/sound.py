"""Sound as the telephone has it: 8 kHz, 16 bits, one channel, everything equally loud.

Recordings and synthesised texts both pass `for_telephone`, so that neither is louder than the rendered prompts
(docs/prompts.md has their levels). Blocking where it reads files.
"""

import io
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import soxr
from numpy.typing import NDArray

Language = Literal["zh", "en"]
Samples = NDArray[np.float32]  # one channel, full scale is ±1

RATE: Final = 8000  # Hz
SPEECH_LEVEL: Final = 10 ** (-20 / 20)  # RMS over the frames that hold speech
PEAK: Final = 10 ** (-3 / 20)
EDGE_SECONDS: Final = 0.15  # silence kept before and after the words
_QUIET: Final = 10 ** (-40 / 20)  # a frame this far below the loudest one holds no speech
_FRAME: Final = RATE // 100


@dataclass(frozen=True, slots=True)
class Sound:
    """What Asterisk can play: `name` as STREAM FILE and Playback take it, without suffix, and its length in seconds."""

    name: str
    seconds: float


def for_telephone(samples: Samples, rate: int) -> Samples:
    """Return a sound at 8 kHz, cut to its words with silence of `EDGE_SECONDS` around them, at the prompts' level.

    Peaks that would be above -3 dBFS at that level are rounded off, as a telephone would. A sound without any
    loudness comes back empty.
    """
    narrow = at_telephone_rate(samples, rate)
    spoken = frames_with_speech(narrow)
    if not spoken.any():
        return np.zeros(0, np.float32)
    first, last = np.flatnonzero(spoken)[[0, -1]]
    edge = int(EDGE_SECONDS * RATE)
    words = np.pad(narrow, edge)[first * _FRAME : (last + 1) * _FRAME + 2 * edge].copy()
    fade = np.linspace(0, 1, edge // 2, dtype=np.float32)
    words[: edge // 2] *= fade
    words[-(edge // 2) :] *= fade[::-1]
    words *= np.float32(SPEECH_LEVEL / speech_level(words))
    return _rounded(words)


def at_telephone_rate(samples: Samples, rate: int) -> Samples:
    """Return a sound at 8 kHz, without the constant offset that a poor microphone adds."""
    narrow = np.asarray(soxr.resample(samples, rate, RATE, quality="VHQ"), np.float32) if rate != RATE else samples
    return narrow - np.float32(narrow.mean()) if len(narrow) else narrow


def speech_level(samples: Samples) -> float:
    """Return the RMS over the 10 ms frames that hold speech, so that pauses make nothing louder; 0.0 for silence."""
    spoken = frames_with_speech(samples)
    return float(np.sqrt(np.mean(_frames(samples)[spoken] ** 2))) if spoken.any() else 0.0


def frames_with_speech(samples: Samples) -> NDArray[np.bool_]:
    """Tell for each 10 ms of an 8 kHz sound whether it is within 40 dB of the loudest."""
    loudness = np.sqrt(np.mean(_frames(samples) ** 2, axis=1))
    return np.asarray(loudness > max(loudness.max(initial=0.0) * _QUIET, 1e-5))


def as_wav(samples: Samples) -> bytes:
    """Return an 8 kHz sound as the bytes of a 16-bit WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


def telephone_seconds(path: Path) -> float | None:
    """Return the length of a WAV file by its header, or None when Asterisk could not play it as it is.

    Raises FileNotFoundError.
    """
    try:
        with path.open("rb") as file, wave.open(file) as sound:
            fits = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
            return sound.getnframes() / RATE if fits and sound.getnframes() else None
    except (wave.Error, EOFError, IsADirectoryError, PermissionError):
        return None


def _frames(samples: Samples) -> Samples:
    return samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)


def _rounded(samples: Samples) -> Samples:
    knee = np.float32(PEAK / 2)
    over = np.abs(samples) > knee
    if np.abs(samples).max() <= PEAK:
        return samples
    room = np.float32(PEAK) - knee
    samples[over] = np.sign(samples[over]) * (knee + room * np.tanh((np.abs(samples[over]) - knee) / room))
    return samples
