"""Which stretches of a leg hold any sound: what is silent is cut away before it is heard. Pure but for reading the leg.

In a call each side is silent for half of the time, in a call on hold for hours. A stretch is silent where it is hardly
louder than the quiet line itself; a word's edges and the pauses inside a turn are kept.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import numpy as np

from hotline.transcribe.audio import Leg

BLOCK: Final = 0.02  # seconds
READ_AT_A_TIME: Final = timedelta(minutes=1)
EDGE: Final = 0.5  # seconds kept before and after: words begin and end quietly
LEAST_CUT: Final = 1.0  # seconds; a shorter rest is a pause of the same turn
ABOVE_THE_LINE: Final = 2.5  # times as loud as the quiet line (8 dB)
OF_THE_LOUDEST: Final = 0.05  # of the loudest block: a line that is never quiet keeps everything
NOTHING: Final = 16.0  # A-law writes silence as 8


def sounding_stretches(leg: Leg) -> Iterator[Leg]:
    """Yield the stretches of a leg that hold sound, in order, each as a leg of its own."""
    loudness = _loudness(leg)
    if not len(loudness):
        return
    line, loudest = float(np.percentile(loudness, 10)), float(loudness.max())
    loud = np.flatnonzero(loudness > max(NOTHING, min(ABOVE_THE_LINE * line, OF_THE_LOUDEST * loudest)))
    if not len(loud):
        return
    size, edge = _block(leg), round(EDGE / BLOCK)
    breaks = np.flatnonzero(np.diff(loud) > 2 * edge + LEAST_CUT / BLOCK)
    for begins, ends in zip(loud[[0, *(breaks + 1)]], loud[[*breaks, -1]], strict=True):
        first = leg.first + max(0, int(begins) - edge) * size
        last = min(leg.last, leg.first + (int(ends) + 1 + edge) * size)
        yield replace(leg, first=first, last=last)


def _loudness(leg: Leg) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    size = _block(leg)
    found = []
    for piece in leg.pieces(READ_AT_A_TIME):
        whole = len(piece) // size * size
        squares = np.square(piece[:whole].reshape(-1, size), dtype=np.float32)
        found.append(np.sqrt(squares.mean(axis=1)))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.float32)


def _block(leg: Leg) -> int:
    return max(1, round(BLOCK * leg.rate))
