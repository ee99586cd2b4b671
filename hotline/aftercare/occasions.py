"""What is called back beside handled matters: paid services with days of their own, newsletters and events. Pure.

The trade's table says "in the middle of the contract and after its end"; how many days these words mean is ours.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from hotline.aftercare.rules import DAY, OUTREACH, PAID_SERVICE, AftercareError, Window, window

LONGEST_SERVICE: Final = timedelta(days=3660)
MOST_BUILDINGS: Final = 100
DAYS_BACK: Final = OUTREACH.within  # what lies further back could not be called in time


class OutreachSort(StrEnum):
    """What went out to residents."""

    NEWSLETTER = "newsletter"  # 简报
    EVENT = "event"  # 活动


class OutreachRefused(AftercareError):
    """The newsletter or event cannot be written down so; `details` say why: day, where, buildings, known."""

    error_id = "outreach-refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"the newsletter or event is refused: {why}")
        self.details = {"why": why}


class ServiceDaysRefused(AftercareError):
    """The days of a paid service cannot be so; `details` say why: kind, order, too-long, over, drawn."""

    error_id = "service-days-refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"the days of the service are refused: {why}")
        self.details = {"why": why}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outreach:
    """A newsletter that went out, or an event that was held. No `buildings`: the whole centre.

    `finished_at` is empty until every home has had its draw; `homes` counts those that have.
    """

    id: int
    sort: OutreachSort
    title: str
    day: date
    buildings: tuple[int, ...]
    by: str
    at: datetime
    homes: int
    finished_at: datetime | None

    @property
    def told(self) -> str:
        """What an agent reads in the list of what is owed."""
        return f"{'简报' if self.sort is OutreachSort.NEWSLETTER else '活动'}“{self.title}”（{self.day:%Y-%m-%d}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDays:
    """From when to when a paid service goes on. `middle_at` is empty where no call is made in the middle."""

    matter: int
    first: date
    last: date
    middle_at: datetime | None
    ends_at: datetime
    by: str
    at: datetime

    @property
    def middle(self) -> Window | None:
        """When the call in the middle is made: within its days, but before the service ends."""
        if self.middle_at is None:
            return None
        found = window(PAID_SERVICE, self.middle_at)
        return Window(found.since, min(found.due, self.ends_at))

    @property
    def end(self) -> Window:
        """When the call after the end is made."""
        return window(PAID_SERVICE, self.ends_at)


def refuse_wrong_outreach(day: date, buildings: Collection[int], today: date) -> None:
    """Raise OutreachRefused for a day that is to come or too long ago to be called in time, or too many buildings."""
    if not today - DAYS_BACK <= day <= today:
        raise OutreachRefused("day")
    if len(set(buildings)) > MOST_BUILDINGS:
        raise OutreachRefused("buildings")


def service_days(matter: int, first: date, last: date, *, zone: tzinfo, by: str, now: datetime) -> ServiceDays:
    """Return the days of a service and their two moments. Raises ServiceDaysRefused.

    A service of one day has no middle, and one whose middle was over before its days were written down gets no call.
    """
    if last < first:
        raise ServiceDaysRefused("order")
    if last - first > LONGEST_SERVICE:
        raise ServiceDaysRefused("too-long")
    found = ServiceDays(
        matter=matter,
        first=first,
        last=last,
        middle_at=midnight(first + timedelta(days=(last - first).days // 2), zone) if first < last else None,
        ends_at=midnight(last + DAY, zone),
        by=by,
        at=now,
    )
    if found.end.due <= now:
        raise ServiceDaysRefused("over")
    return replace(found, middle_at=None) if found.middle is not None and found.middle.due <= now else found


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins at the centre."""
    return datetime.combine(day, time(), zone)
