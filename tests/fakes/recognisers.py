"""A true fake of hotline.transcribe.recogniser.Recogniser: hears loudness instead of language.

Every loud stretch of a leg is one word, named by its length ("0.5s"). A leg that begins with a magic sample value
makes it misbehave the way real engines do.
"""

import os
import signal
import time
from datetime import timedelta
from itertools import groupby

import numpy as np

from hotline.transcribe.audio import Leg
from hotline.transcribe.errors import RecogniserFailed
from hotline.transcribe.transcript import Word

BLOCK = timedelta(seconds=0.1)
ABORTS, HANGS, REFUSES = 32101, 32102, 32103  # the first sample of a leg that does this


class LoudnessRecogniser:
    """Hears that something was said, and for how long."""

    name = "loudness"
    model = "none"
    version = "1"

    def recognise(self, leg: Leg) -> list[Word]:
        if leg.is_empty:
            return []
        blocks = list(leg.pieces(BLOCK))
        self._misbehave(int(blocks[0][0]))
        words, at = [], 0
        for loud, run in groupby(bool(np.abs(block.astype(int)).max() > 1000) for block in blocks):
            length = len(list(run))
            if loud:
                words.append(Word(text=f"{length / 10}s", start=at * BLOCK, end=(at + length) * BLOCK, confidence=1.0))
            at += length
        return words

    def _misbehave(self, sample: int) -> None:
        match sample:
            case 32101:
                os.kill(os.getpid(), signal.SIGABRT)
            case 32102:
                time.sleep(600)
            case 32103:
                raise RecogniserFailed("this leg is refused")


class PidRecogniser(LoudnessRecogniser):
    """Says which process it lives in, as its version."""

    def __init__(self) -> None:
        self.version = str(os.getpid())


def never_loads() -> LoudnessRecogniser:
    raise RecogniserFailed("the model is broken")
