"""What goes in and out of the form of hours and holidays."""

from datetime import date, datetime, tzinfo
from typing import Annotated

from pydantic import Field

from hotline.audit.change import differences
from hotline.hours import Spans, WeeklyHours, spans_of
from hotline.menus.hours_asked import (
    AskedHours,
    AskedSpan,
    AskedSpans,
    HoursProblem,
    asked_spans,
    hours_told,
)
from hotline.menus.version import MenuVersion
from hotline.web.menu_shapes import Note, Number
from hotline.web.shapes import Day, Inlet, Line, Shape

Time = Annotated[str, Line, Field(max_length=5)]


class SpanIn(Inlet):
    """Open from `opens` until before `closes` ("09:00", "18:00"), on the next day where that is said."""

    opens: Time
    closes: Time
    next_day: bool = False


WrittenSpans = Annotated[tuple[SpanIn, ...], Field(max_length=12)]


class ExceptionIn(Inlet):
    """A day that is otherwise; no span: closed."""

    day: Day
    spans: WrittenSpans


class HoursIn(Inlet):
    """Hours as they would be. Of a day no span: closed. `holidays` null: public holidays are days like others."""

    week: Annotated[tuple[WrittenSpans, ...], Field(min_length=7, max_length=7)]
    holidays: WrittenSpans | None
    exceptions: Annotated[tuple[ExceptionIn, ...], Field(max_length=800)]

    @property
    def asked(self) -> AskedHours:
        """The same, for those who check it."""
        return AskedHours(
            week=tuple(map(_asked, self.week)),
            holidays=None if self.holidays is None else _asked(self.holidays),
            exceptions={one.day: _asked(one.spans) for one in self.exceptions},
        )


class HoursLookIn(HoursIn):
    """Hours to look at before they are saved, and the days to show them by."""

    first: Day
    last: Day


class HoursSaveIn(HoursIn):
    """Hours to be in force, the version that was seen, and why."""

    in_force: Number
    note: Note = ""


class SpanOut(Shape):
    """As it goes in."""

    opens: str
    closes: str
    next_day: bool


class ExceptionOut(Shape):
    """A day that is otherwise."""

    day: date
    spans: tuple[SpanOut, ...]


class HoursOut(Shape):
    """The hours in force, by which version of the menus, whose and since when; `holidays` as it goes in."""

    in_force: int
    by: str
    at: datetime
    week: tuple[tuple[SpanOut, ...], ...]
    holidays: tuple[SpanOut, ...] | None
    exceptions: tuple[ExceptionOut, ...]
    holidays_known_until: date


class HoursProblemOut(Shape):
    """What is wrong with one field: `mon` to `sun`, `week`, `holidays` or a date."""

    field: str
    chinese: str
    english: str


class HoursDifferenceOut(Shape):
    """What a field would be; null: it was not there, or is no more."""

    field: str
    before: str | None
    after: str | None


class CalendarDayOut(Shape):
    """One day: its hours as they would be, and what the announced table says of it, heeded or not."""

    day: date
    hours: tuple[str, ...]
    is_holiday: bool
    is_workday_instead: bool
    is_exception: bool
    is_changed: bool


class HoursLookOut(Shape):
    """What hours would do. With problems the days are those of the hours in force."""

    in_force: int
    problems: tuple[HoursProblemOut, ...]
    differences: tuple[HoursDifferenceOut, ...]
    days_changed: tuple[date, ...] = Field(description="of the next 400 days, the first 14")
    days_changed_count: int
    days: tuple[CalendarDayOut, ...]


def hours_out(hours: WeeklyHours, version: MenuVersion, zone: tzinfo) -> HoursOut:
    """Return the hours in force."""
    return HoursOut(
        in_force=version.number,
        by=version.by,
        at=version.at.astimezone(zone),
        week=tuple(map(_spans_out, hours.week)),
        holidays=None if hours.holidays is None else _spans_out(hours.holidays),
        exceptions=tuple(
            ExceptionOut(day=day, spans=_spans_out(spans)) for day, spans in sorted(hours.exceptions.items())
        ),
        holidays_known_until=hours.table.ends,
    )


def problem_out(problem: HoursProblem) -> HoursProblemOut:
    """Return what is wrong with a field."""
    return HoursProblemOut(field=problem.field, chinese=problem.chinese, english=problem.english)


def differences_out(present: WeeklyHours, asked: WeeklyHours) -> tuple[HoursDifferenceOut, ...]:
    """Return what would be otherwise, in the order of the form."""
    was, would = hours_told(present), hours_told(asked)
    order = list({**was, **would})
    found = sorted(differences(was, would), key=lambda one: order.index(one[0]))
    return tuple(HoursDifferenceOut(field=name, before=before, after=after) for name, before, after in found)


def calendar_day_out(present: WeeklyHours, asked: WeeklyHours, day: date, today: date) -> CalendarDayOut:
    """Return a day as it would be; one that is over stays as it was."""
    is_over = day < today
    return CalendarDayOut(
        day=day,
        hours=tuple(str(span) for span in spans_of(present if is_over else asked, day)),
        is_holiday=day in asked.table.holidays,
        is_workday_instead=day in asked.table.workdays,
        is_exception=day in asked.exceptions,
        is_changed=(not is_over and spans_of(present, day) != spans_of(asked, day))
        or (day in present.exceptions) != (day in asked.exceptions),
    )


def _asked(spans: tuple[SpanIn, ...]) -> AskedSpans:
    return tuple(AskedSpan(one.opens, one.closes, one.next_day) for one in spans)


def _spans_out(spans: Spans) -> tuple[SpanOut, ...]:
    return tuple(SpanOut(opens=one.opens, closes=one.closes, next_day=one.next_day) for one in asked_spans(spans))
