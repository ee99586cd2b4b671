"""Where in a leg somebody speaks: Silero's detector of speech, which faster-whisper carries.

Comes between `silence` and an engine that has no detector of its own. Vosk hears confident words in music on hold, keys
and hiss, and takes ten times as long over them; what is no speech never reaches it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from hotline.transcribe.audio import Leg, resampled
from hotline.transcribe.silence import sounding_stretches

RATE: Final = 16000
SECTION: Final = timedelta(minutes=10)  # looked at in one piece, so that a long call stays small in memory
LOUD: Final = 0.7  # of full scale
MOST_GAIN: Final = 20.0  # a silent line stays silent
# Low threshold, wide edges: a quiet turn is worth more than a second of hiss.
LISTENING: Final = VadOptions(
    threshold=0.3, speech_pad_ms=500, min_silence_duration_ms=1000, min_speech_duration_ms=100
)


def spoken_stretches(leg: Leg) -> Iterator[Leg]:
    """Yield the stretches of a leg in which somebody speaks, in order, each as a leg of its own."""
    size = int(SECTION.total_seconds() * leg.rate)
    for sounding in sounding_stretches(leg):
        for first in range(sounding.first, sounding.last, size):
            section = replace(sounding, first=first, last=min(sounding.last, first + size))
            sound = levelled(resampled(next(section.pieces(SECTION)), leg.rate, RATE))
            for found in get_speech_timestamps(sound, LISTENING):
                yield replace(
                    section,
                    first=first + found["start"] * leg.rate // RATE,
                    last=min(section.last, first + found["end"] * leg.rate // RATE),
                )


def levelled(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sound at the loudness at which the detector of speech was trained; a quiet line loses turns in it."""
    if not len(sound):
        return sound
    peak = float(np.percentile(np.abs(sound), 99.9))
    return sound * np.float32(min(MOST_GAIN, LOUD / max(peak, 1e-6)))
