"""A building notice: what callers from some buildings hear from one moment until another. Pure.

While it is on, each building has an incident of its own (hotline/incidents): its callers hear the text, may register,
and are told when it is over. So a notice is only the plan; what is heard is the incident's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hotline.errors import HotlineError

LONGEST: Final = timedelta(days=90)
MOST_BUILDINGS: Final = 100


class NoticeState(StrEnum):
    """Where a notice stands."""

    PLANNED = "planned"
    ON = "on"
    OVER = "over"


class BuildingNoticeUnknown(HotlineError):
    """There is no building notice of this number."""

    error_id = "building-notice-unknown"


class BuildingNoticeRefused(HotlineError):
    """The notice cannot be posted, or not ended, as asked; `details` says why."""

    error_id = "building-notice-refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"the building notice is refused: {why}")
        self.details = {"why": why}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingNotice:
    """A notice. `incidents` has each building's incident once it was raised; None: not yet, or the building had one."""

    id: int
    text: str
    begins: datetime
    ends: datetime
    by: str
    at: datetime
    ended_at: datetime | None
    ended_by: str
    incidents: dict[int, int | None]

    def state(self, now: datetime) -> NoticeState:
        """Return where it stands."""
        if self.ended_at is not None or now >= self.ends:
            return NoticeState.OVER
        return NoticeState.ON if now >= self.begins else NoticeState.PLANNED


def refuse_wrong_times(begins: datetime, ends: datetime, now: datetime) -> None:
    """Raise BuildingNoticeRefused for times that make no notice."""
    if ends <= begins:
        raise BuildingNoticeRefused("ends-before-begin")
    if ends <= now:
        raise BuildingNoticeRefused("over-already")
    if ends - begins > LONGEST:
        raise BuildingNoticeRefused("too-long")
