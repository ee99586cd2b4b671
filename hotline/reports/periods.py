"""Which weeks, months and quarters are over, and when their report is posted. Pure.

A quarter is named "2026-Q3", a month "2026-10", a week as the calendar counts it: "2026-W46" begins on a Monday.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from hotline.reports.ranges import ONE_DAY, Days, RangeRefused

# A service that was away for so long still posts what fell due meanwhile; what is older is read on the page.
MONTH_IS_NEWS: Final = timedelta(days=10)
WEEK_IS_NEWS: Final = timedelta(days=5)


class Sort(StrEnum):
    """What a report is of."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Period:
    """A week, a month or a quarter that has a report of its own."""

    name: str
    days: Days

    @property
    def sort(self) -> Sort:
        """What it is."""
        return Sort.WEEK if "W" in self.name else Sort.QUARTER if "Q" in self.name else Sort.MONTH

    @classmethod
    def named(cls, name: str) -> "Period":
        """Return the period of a name. Raises RangeRefused."""
        if "Q" in name:
            return cls(name, Days.of_quarter(name))
        year, _, week = name.partition("-W")
        if not week:
            return cls(name, Days.of_month(name))
        try:
            first = date.fromisocalendar(int(year), int(week), 1)
        except ValueError:
            raise RangeRefused("a week is written 2026-W46") from None
        return cls(name, Days(first, first + timedelta(days=6)))


def month_before(day: date) -> Period:
    """Return the month before the one of this day."""
    last = day.replace(day=1) - ONE_DAY
    return Period(f"{last:%Y-%m}", Days(last.replace(day=1), last))


def week_before(day: date) -> Period:
    """Return the week before the one of this day."""
    last = day - timedelta(days=day.isoweekday())
    year, week, _ = last.isocalendar()
    return Period(f"{year}-W{week:02}", Days(last - timedelta(days=6), last))


def quarter_before(day: date) -> Period:
    """Return the quarter before the one of this day."""
    last = day.replace(month=day.month - (day.month - 1) % 3, day=1) - ONE_DAY
    return Period.named(f"{last.year}-Q{last.month // 3}")


def to_be_posted(now: datetime, *, monthly: bool, weekly: bool, quarterly: bool, hour: int) -> Iterator[Period]:
    """Yield the periods whose report is to be posted by now (the centre's clock), if it was not already.

    It is posted from `hour` on of the first day after the period, by the wall clock: a day of a changed clock has one
    such moment, too.
    """
    today = now.date()
    wanted = [(month_before(today), MONTH_IS_NEWS)] if monthly else []
    wanted += [(week_before(today), WEEK_IS_NEWS)] if weekly else []
    wanted += [(quarter_before(today), MONTH_IS_NEWS)] if quarterly else []
    for period, is_news_for in wanted:
        first_day = period.days.last + ONE_DAY
        if (today > first_day or now.hour >= hour) and today - first_day < is_news_for:
            yield period
