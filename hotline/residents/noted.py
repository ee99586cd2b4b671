"""What the desk wrote down of a home or a number beside the records: notes, and marks of a number. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from hotline.errors import HotlineError

LONGEST_NOTE: Final = 500


class HomeUnknown(HotlineError):
    """There is no such home, or nobody of that id in it; a home is written 3-2-501."""

    error_id = "home-unknown"


class NoteUnknown(HotlineError):
    """There is no such note of this home, or it was taken back before."""

    error_id = "note-unknown"


class NumberMark(StrEnum):
    """What may be said of a number."""

    WRONG_NUMBER = "wrong-number"  # it reaches somebody else
    DO_NOT_CALL = "do-not-call"  # whoever answers wants no calls of ours
    INVALID = "invalid"  # 空号: the network says that there is no such number


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeNote:
    """One note that holds. `resident_id` None: it is of the home."""

    id: int
    home_id: int
    resident_id: int | None
    text: str = field(repr=False)
    by: str
    at: datetime
