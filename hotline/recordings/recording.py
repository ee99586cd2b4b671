"""A call's recording: its two sides, in which form they lie on disk, and whether they can be relied on. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

GAP_NOTICED_S: Final = 2.0  # the switch opens and closes both files within a few packets of each other


class RecordingState(StrEnum):
    """How far a recording has come."""

    PENDING = "pending"  # being written by the switch
    FINISHED = "finished"  # the switch said so: both files are complete
    CUT = "cut"  # the switch died while writing; what is there is kept
    EMPTY = "empty"  # finished, and nobody made a sound: no media ever arrived
    REFUSED = "refused"  # the caller did not want it: its files are being removed
    REMOVED = "removed"  # refused, and no file of it is there any more
    MISSING = "missing"  # the call is over and no file is there
    EXPIRING = "expiring"  # its time is over: its files are being removed
    EXPIRED = "expired"  # its time was over, and no file of it is there any more


HAS_FILES: Final = frozenset({RecordingState.PENDING, RecordingState.FINISHED, RecordingState.CUT})
IS_WHOLE: Final = frozenset({RecordingState.FINISHED, RecordingState.CUT})
"""Settled, with sound that may be packed, heard and kept."""


class Form(StrEnum):
    """How the sound of a recording lies on disk."""

    SIDES = ""  # two WAV files, as the switch wrote them
    KEPT = "wav"  # two WAV files that cannot be packed, and stay
    FLAC = "flac"  # one file, the caller left and the agent right; nothing is lost
    OPUS = "opus"  # the same at a quarter of the size, for the ear only

    @property
    def is_packed(self) -> bool:
        """Whether both sides are in one file."""
        return self in {Form.FLAC, Form.OPUS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The two sides of one call. `name` is the files' common stem below the recordings directory.

    `caller` and `agent` are where the switch wrote the sides; once packed, `recordings.sounds` gives them again.
    """

    name: str
    call_id: str
    state: RecordingState
    began: datetime
    caller: Path | None
    agent: Path | None
    seconds: float = 0.0
    form: Form = Form.SIDES
    is_encrypted: bool = False
    silent_legs: tuple[str, ...] = ()  # sides on which nobody was heard
    gap_seconds: float = 0.0  # by how much the agent's side is longer than the caller's
    sha256: str = ""  # of what lies on disk: both WAV files in a row, or the packed file as it is
    is_held: bool = False  # a supervisor said that it must be kept

    @property
    def oddities(self) -> tuple[str, ...]:
        """What is strange about it, by stable names: silent-caller, silent-agent, legs-unequal."""
        silent = tuple(f"silent-{side}" for side in self.silent_legs)
        return (*silent, "legs-unequal") if abs(self.gap_seconds) > GAP_NOTICED_S else silent
