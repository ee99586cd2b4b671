"""A stretch in which the switch could not be heard, or nobody was there to hear it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SHORTEST: Final = timedelta(seconds=3)  # a link that comes back at once has hidden nothing from anybody
SILENT_AFTER: Final = timedelta(seconds=45)  # a service that wrote no beat for so long was not there


@dataclass(frozen=True, slots=True)
class Gap:
    """From when to when; `ended` None: it goes on."""

    began: datetime
    ended: datetime | None = None


def gap_before(beat: datetime | None, now: datetime) -> datetime | None:
    """Return since when nobody listened, for a service that starts now; None where there is nothing to mark."""
    return beat if beat is not None and now - beat > SILENT_AFTER else None


def is_worth_marking(gap: Gap) -> bool:
    """Tell whether a gap that is over was long enough to be seen."""
    return gap.ended is None or gap.ended - gap.began >= SHORTEST
