"""For how many days something is kept now: as the settings file says, or as was set on the page. Pure.

A longer time holds at once. A shorter one waits: nothing more is removed before the next night, so that a slip can be
taken back. "The next night" is 02:00 at the centre, at least twelve hours on.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

NIGHT: Final = time(2)
GRACE: Final = timedelta(hours=12)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDays:
    """What was said last on the page. `days` None: as the file says. Until `from_at` the days `before` hold.

    `version` counts how often something was said of it.
    """

    what: str
    days: int | None
    before: int
    from_at: datetime
    by: str
    at: datetime
    reason: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """For how many days something is kept now; `next_days` where others hold from `next_at` on."""

    what: str
    days: int
    in_file: int
    said: SetDays | None = None
    next_days: int | None = None
    next_at: datetime | None = None

    @property
    def is_from_page(self) -> bool:
        """Whether the days that hold now, or will, were set on the page."""
        return self.said is not None and self.said.days is not None

    @property
    def version(self) -> int:
        """How often something was said of it on the page."""
        return self.said.version if self.said else 0

    @property
    def goal(self) -> int:
        """The days that hold once nothing waits any more."""
        return self.days if self.next_days is None else self.next_days


def in_force(what: str, in_file: int, said: SetDays | None, now: datetime) -> InForce:
    """Return what holds now."""
    if said is None:
        return InForce(what=what, days=in_file, in_file=in_file)
    wanted = in_file if said.days is None else said.days
    if now < said.from_at and wanted < said.before:
        return InForce(what=what, days=said.before, in_file=in_file, said=said, next_days=wanted, next_at=said.from_at)
    return InForce(what=what, days=wanted, in_file=in_file, said=said)


def begins(present: int, wanted: int, now: datetime, zone: tzinfo) -> datetime:
    """Return from when on other days hold: at once where they are not fewer, else from the next night on."""
    if wanted >= present:
        return now
    earliest = (now + GRACE).astimezone(zone)
    night = datetime.combine(earliest.date(), NIGHT, zone)
    return night if night >= earliest else datetime.combine(earliest.date() + ONE_DAY, NIGHT, zone)
