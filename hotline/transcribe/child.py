"""What runs in the recogniser's process: load once, hear leg after leg.

The process is polite (niced: calls come first), ignores Ctrl-C (its parent ends it) and dies with its parent, however
that one ended.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection, parent_process

from hotline.transcribe.audio import LegFile, open_leg
from hotline.transcribe.errors import RecogniserFailed
from hotline.transcribe.recogniser import Recogniser
from hotline.transcribe.transcript import Word, later

NICENESS = 10


@dataclass(frozen=True, slots=True)
class Loaded:
    """Which recogniser the process holds."""

    engine: str
    model: str
    version: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One leg's words, in the recording's time, and what they cost."""

    words: list[Word]
    audio_seconds: float
    cpu_seconds: float


_recognisers: list[Recogniser] = []  # the one that this process holds, once loaded


def settle_in() -> None:
    """Begin the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    threading.Thread(target=_die_with_parent, name="die-with-parent", daemon=True).start()


def load(make: Callable[[], Recogniser]) -> Loaded:
    """Load the recogniser; raises RecogniserFailed."""
    recogniser = make()
    _recognisers[:] = [recogniser]
    return Loaded(engine=recogniser.name, model=recogniser.model, version=recogniser.version)


def hear(file: LegFile) -> Heard:
    """Return the words of one leg; raises RecordingUnreadable or RecogniserFailed."""
    if not _recognisers:
        raise RecogniserFailed("the recogniser was asked to hear before it was loaded")
    began = time.process_time()
    leg = open_leg(file)
    words = [] if leg.is_empty else later(_recognisers[0].recognise(leg), leg.starts_at)
    return Heard(words, leg.length.total_seconds(), time.process_time() - began)


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
