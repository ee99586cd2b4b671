"""When the desk is open: hours of the week, days that are otherwise, public holidays (法定节假日) and 调休 workdays.

Pure: a moment in, an answer out. Every `now` is an aware datetime already in the centre's time zone.

The table of holidays is that of the kept library `chinesecalendar`, read as what it is: two dictionaries of dates,
without clock, file or network. It ends with the last year the State Council has announced (each November for the next
year). Beyond it the day of the week alone decides, and `holiday_table_ends` lets a check say so aloud.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final

import chinese_calendar as announced

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED: Final = "closed"
MIDNIGHT: Final = 24 * 60  # minutes
ONE_DAY: Final = timedelta(days=1)
WARN_BEFORE: Final = timedelta(days=45)
_SPAN: Final = re.compile(r"(\d\d):([0-5]\d)\s*-\s*(\d\d):([0-5]\d)")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from `opens` until before `closes`, minutes after the day's midnight; past 1440 it reaches into the next."""

    opens: int
    closes: int

    def __str__(self) -> str:
        closes = self.closes if self.closes <= MIDNIGHT else self.closes - MIDNIGHT
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class HolidayTable:
    """Days off and days worked instead (调休), as announced, up to and with `ends`."""

    holidays: frozenset[date]
    workdays: frozenset[date]
    ends: date


@cache
def chinese_holidays() -> HolidayTable:
    """Return the table that `chinesecalendar` comes with."""
    holidays, workdays = frozenset(announced.holidays), frozenset(announced.workdays)
    return HolidayTable(holidays, workdays, date(max(holidays).year, 12, 31))


def holiday_table_ends() -> date:
    """Return the last day of which the table knows whether it is a holiday."""
    return chinese_holidays().ends


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """When the desk is open.

    `week` has the spans of Monday to Sunday. `holidays` are the spans of a public holiday; None: the desk does not heed
    the table, a holiday is a day like others. If it heeds it, a 调休 workday has Monday's hours. An exception by date
    comes before all. Raises ValueError, in clear words, for hours that make no sense.
    """

    week: tuple[Spans, ...]
    holidays: Spans | None = None
    exceptions: Mapping[date, Spans] = field(default_factory=dict)
    table: HolidayTable = field(default_factory=chinese_holidays)

    def __post_init__(self) -> None:
        if len(self.week) != len(DAYS):
            raise ValueError("a week has seven days")
        if not any(self.week):
            raise ValueError("the desk is closed on every day of the week")
        for number, spans in enumerate(self.week):
            following = self.week[(number + 1) % 7]
            if spans and following and spans[-1].closes > following[0].opens + MIDNIGHT:
                day, next_day = DAYS[number], DAYS[(number + 1) % 7]
                raise ValueError(f"{day}'s {spans[-1]} reaches into {next_day}'s {following[0]}")


def parse_spans(text: str) -> Spans:
    """Read "09:00-12:00, 14:00-18:00"; "closed" is no span; "22:00-06:00" ends on the next day; 24:00 is midnight.

    Raises ValueError, in clear words, for text that is not this, and for spans that overlap.
    """
    if text.strip() == CLOSED:
        return ()
    spans = tuple(sorted(_span(part.strip()) for part in text.split(",")))
    for earlier, later in itertools.pairwise(spans):
        if later.opens <= earlier.closes:
            raise ValueError(f"{earlier} and {later} overlap or touch: write them as one")
    return spans


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is no span of hours: write 09:00-18:00, several with a comma, or closed")
    opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if opens >= MIDNIGHT or closes > MIDNIGHT:
        raise ValueError(f"'{text}' names a time that no day has")
    if opens == closes:
        raise ValueError(f"'{text}' ends as it begins: write 00:00-24:00 for the whole day, or closed")
    return Span(opens, closes if closes > opens else closes + MIDNIGHT)


def spans_of(hours: WeeklyHours, day: date) -> Spans:
    """Return the spans that begin on a day."""
    if day in hours.exceptions:
        return hours.exceptions[day]
    if hours.holidays is not None and day <= hours.table.ends:
        if day in hours.table.holidays:
            return hours.holidays
        if day in hours.table.workdays:
            return hours.week[0]
    return hours.week[day.weekday()]


def is_open(hours: WeeklyHours, now: datetime) -> bool:
    """Say whether the desk is open; yesterday's hours may reach into today."""
    minute = now.hour * 60 + now.minute
    today, yesterday = now.date(), now.date() - ONE_DAY
    return any(span.opens <= minute < span.closes for span in spans_of(hours, today)) or any(
        minute < span.closes - MIDNIGHT for span in spans_of(hours, yesterday)
    )


def next_opening(hours: WeeklyHours, now: datetime) -> datetime:
    """Return the earliest moment from `now` on at which the desk is open: `now` itself if it is."""
    if is_open(hours, now):
        return now
    # Exceptions and holidays are finite and some day of the week has hours: this ends.
    for ahead in itertools.count():
        day = now.date() + ahead * ONE_DAY
        for span in spans_of(hours, day):
            opening = datetime.combine(day, time(span.opens // 60, span.opens % 60), tzinfo=now.tzinfo)
            if opening > now:
                return opening
    raise AssertionError("unreachable: count() does not end")


def warnings_of(hours: WeeklyHours, today: date) -> list[str]:
    """Say what is right today and will not be for long: a table of holidays that ends, exceptions long past."""
    found = []
    ends = hours.table.ends
    if hours.holidays is not None and today + WARN_BEFORE > ends:
        found.append(
            f"the table of public holidays ends on {ends}: after it the day of the week alone decides; "
            "update chinesecalendar, or name the days in [hours.exceptions]"
        )
    past = [day for day in hours.exceptions if day < today - timedelta(days=365)]
    if past:
        found.append(f"exceptions over a year back: {len(past)}, the first on {min(past)}; take them out")
    return found
