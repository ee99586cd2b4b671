"""A call's recording: two files, one a side, and whether they can be relied on. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class RecordingState(StrEnum):
    """How far a recording has come."""

    PENDING = "pending"  # being written by the switch
    FINISHED = "finished"  # the switch said so: both files are complete
    CUT = "cut"  # the switch died while writing; what is there is kept
    EMPTY = "empty"  # finished, and nobody made a sound: no media ever arrived
    REFUSED = "refused"  # the caller did not want it: its files are being removed
    REMOVED = "removed"  # refused, and no file of it is there any more
    MISSING = "missing"  # the call is over and no file is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The two sides of one call. `name` is the files' common stem below the recordings directory."""

    name: str
    call_id: str
    state: RecordingState
    began: datetime
    caller: Path | None
    agent: Path | None
    seconds: float = 0.0
