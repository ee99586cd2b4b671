"""Days of the centre, and the moments between which they lie, also where a clock is changed. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import ClassVar, Final, Self

from hotline.errors import HotlineError

ONE_DAY: Final = timedelta(days=1)
SUNDAY: Final = 7
LONGEST: Final = 1100  # days: three years, as the duty log's files
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2999


class RangeRefused(HotlineError):
    """The days asked for do not follow one another, or are too many."""

    error_id: ClassVar[str] = "range-refused"


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both included."""

    first: date
    last: date

    @classmethod
    def between(cls, first: date, last: date) -> Self:
        """Return these days. Raises RangeRefused."""
        if not 0 <= (last - first).days < LONGEST:
            raise RangeRefused(f"the last day must follow the first, within {LONGEST} days")
        return cls(first, last)

    @classmethod
    def of_month(cls, month: str) -> Self:
        """Return the days of a month ("2026-11"). Raises RangeRefused for anything else."""
        try:
            first = date.fromisoformat(f"{month}-01")
        except ValueError:
            raise RangeRefused("a month is written 2026-11") from None
        _check_year(first)
        return cls(first, next_month(first) - ONE_DAY)

    @classmethod
    def of_quarter(cls, quarter: str) -> Self:
        """Return the days of a quarter ("2026-Q4"). Raises RangeRefused for anything else."""
        year, _, number = quarter.partition("-Q")
        if number not in ("1", "2", "3", "4"):
            raise RangeRefused("a quarter is written 2026-Q4")
        first = cls.of_month(f"{year}-{int(number) * 3 - 2:02}").first
        return cls(first, next_month(next_month(next_month(first))) - ONE_DAY)

    @property
    def before(self) -> Self:
        """As many days right before; of whole months (a quarter, a year) as many whole months before."""
        if self.first.day == 1 and (self.last + ONE_DAY).day == 1:
            months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
            year, month = divmod(self.first.year * 12 + self.first.month - 1 - months, 12)
            return type(self)(date(year, month + 1, 1), self.first - ONE_DAY)
        return type(self)(self.first - (self.last - self.first) - ONE_DAY, self.first - ONE_DAY)

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return when the first day begins and when the last is over; a day of a changed clock has 23 or 25 hours."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.last + ONE_DAY, time(), zone)

    def each(self) -> list[date]:
        """Return every day."""
        return [self.first + timedelta(days=ahead) for ahead in range((self.last - self.first).days + 1)]

    def months(self) -> list[str]:
        """Return the months that lie in these days from their first day to their last."""
        found, begins = [], self.first if self.first.day == 1 else next_month(self.first)
        while (after := next_month(begins)) - ONE_DAY <= self.last:
            found.append(f"{begins:%Y-%m}")
            begins = after
        return found

    def weeks(self) -> list[str]:
        """Return the weeks ("2026-W47", Monday to Sunday) that lie in these days whole."""
        sundays = (day for day in self.each() if day.isoweekday() == SUNDAY)
        return [week_of(day) for day in sundays if day - 6 * ONE_DAY >= self.first]

    def spans(self, days_behind: Collection[date], longer_behind: Collection[str]) -> list[str]:
        """Return the fewest spans whose sums add up to these days, those left out that are behind.

        A month or a week with a day that is behind is read by its other days.
        """
        left, found = set(self.each()) - set(days_behind), []
        for span in (*self.months(), *self.weeks()):
            own = set(days_of_span(span).each())
            if span not in longer_behind and own <= left:
                found.append(span)
                left -= own
        return [*found, *(day.isoformat() for day in sorted(left))]


def week_of(day: date) -> str:
    """Return the week of a day ("2026-W47", by ISO 8601)."""
    return f"{day:%G-W%V}"


def days_of_span(span: str) -> Days:
    """Return the days of a month ("2026-11") or a week ("2026-W47"). Raises RangeRefused for anything else."""
    if "W" not in span:
        return Days.of_month(span)
    monday = date.fromisoformat(f"{span}-1")
    return Days(monday, monday + 6 * ONE_DAY)


def _check_year(day: date) -> None:
    """A year 1 or 9999 overflows in somebody's time zone, and has no time before or after it."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RangeRefused(f"a year is one from {FIRST_YEAR} to {LAST_YEAR}")


def next_month(day: date) -> date:
    """Return the first day of the month after."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
