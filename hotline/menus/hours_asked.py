"""The hours of the desk as a supervisor writes them on the page, checked field by field. Pure.

Comes before `hours_text`, which writes them into the text of the menus. What is refused names its field and says why in
both languages: `mon` to `sun`, `week`, `holidays`, or the date of an exception.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from hotline.errors import HotlineError
from hotline.hours import CLOSED, DAYS, MIDNIGHT, Span, Spans, WeeklyHours, spans_of
from hotline.ivr.menu_form import AS_WEEKDAY
from hotline.menus.in_chinese import reason_in_chinese

MOST_SPANS: Final = 6
MOST_EXCEPTIONS: Final = 400
FARTHEST: Final = timedelta(days=731)
WEEK: Final = "week"
HOLIDAYS: Final = "holidays"
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


@dataclass(frozen=True, slots=True)
class AskedSpan:
    """A span as written: "09:00" to "18:00", which ends on the next day where that is said."""

    opens: str
    closes: str
    next_day: bool = False


AskedSpans = tuple[AskedSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedHours:
    """Hours as written: of Monday to Sunday, of holidays (None: not heeded), of single days. No span is closed."""

    week: tuple[AskedSpans, ...]
    holidays: AskedSpans | None
    exceptions: Mapping[date, AskedSpans]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursProblem:
    """What is wrong with one field."""

    field: str
    chinese: str
    english: str


class HoursRefused(HotlineError):
    """Hours of the desk cannot stand as written; `details` name each field and why, in both languages."""

    error_id = "hours-refused"

    def __init__(self, problems: tuple[HoursProblem, ...]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.english}" for one in problems))
        self.problems = problems
        self.details = {
            "problems": [{"field": one.field, "chinese": one.chinese, "english": one.english} for one in problems]
        }


class _Wrong(Exception):
    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(english)
        self.chinese, self.english = chinese, english


def checked_hours(asked: AskedHours, present: WeeklyHours, today: date) -> WeeklyHours:
    """Return the hours that were written. Raises HoursRefused.

    A day that is over is not changed any more, only taken out; what stands there already is left in peace.
    """
    problems: list[HoursProblem] = []

    def read(field: str, spans: AskedSpans) -> Spans:
        try:
            return _spans(spans)
        except _Wrong as wrong:
            problems.append(HoursProblem(field=field, chinese=wrong.chinese, english=wrong.english))
            return ()

    week = tuple(read(day, spans) for day, spans in zip(DAYS, asked.week, strict=True))
    holidays = None if asked.holidays is None else read(HOLIDAYS, asked.holidays)
    exceptions = {day: read(day.isoformat(), spans) for day, spans in sorted(asked.exceptions.items())}
    refused = {problem.field for problem in problems}
    for day, spans in exceptions.items():
        said = day.isoformat()
        if said not in refused and present.exceptions.get(day) != spans and (wrong := _wrong_day(day, today)):
            problems.append(HoursProblem(field=said, chinese=wrong.chinese, english=wrong.english))
    if len(exceptions) > max(MOST_EXCEPTIONS, len(present.exceptions)):
        chinese, english = f"特别安排最多 {MOST_EXCEPTIONS} 天", f"at most {MOST_EXCEPTIONS} days"
        problems.append(HoursProblem(field=WEEK, chinese=chinese, english=english))
    if not problems:
        try:
            return WeeklyHours(week=week, holidays=holidays, exceptions=exceptions)
        except ValueError as refusal:
            reason = str(refusal)
            field = reason[:3] if reason[:3] in DAYS and reason[3:5] == "'s" else WEEK
            problems.append(HoursProblem(field=field, chinese=reason_in_chinese(reason), english=reason))
    raise HoursRefused(tuple(problems))


def asked_spans(spans: Spans) -> AskedSpans:
    """Return spans as they are written on the page."""
    return tuple(
        AskedSpan(str(span)[:5], str(span)[6:], next_day=span.closes > MIDNIGHT)  # 09:00-18:00
        for span in spans
    )


def spans_text(spans: Spans) -> str:
    """Return the spans of a day as the text of the menus has them."""
    return ", ".join(map(str, spans)) or CLOSED


def hours_told(hours: WeeklyHours) -> dict[str, str]:
    """Return hours by the names they have in the text: `mon` to `sun`, `holidays`, the dates of exceptions."""
    week = {day: spans_text(spans) for day, spans in zip(DAYS, hours.week, strict=True)}
    holidays = AS_WEEKDAY if hours.holidays is None else spans_text(hours.holidays)
    days = {day.isoformat(): spans_text(spans) for day, spans in sorted(hours.exceptions.items())}
    return {**week, HOLIDAYS: holidays, **days}


def days_changed(present: WeeklyHours, asked: WeeklyHours, first: date, days: int) -> tuple[date, ...]:
    """Return the days, of so many from the first on, whose hours would be others."""
    looked_at = (first + timedelta(days=ahead) for ahead in range(days))
    return tuple(day for day in looked_at if spans_of(present, day) != spans_of(asked, day))


def _wrong_day(day: date, today: date) -> _Wrong | None:
    if day < today:
        return _Wrong("这一天已经过去，不能再安排；可以移除", "this day is over: it can only be taken out")
    if day > today + FARTHEST:
        return _Wrong("日期太远：最多提前两年安排", "this day is too far ahead: two years at most")
    return None


def _spans(asked: AskedSpans) -> Spans:
    if len(asked) > MOST_SPANS:
        raise _Wrong(f"一天最多 {MOST_SPANS} 段", f"at most {MOST_SPANS} spans a day")
    spans = tuple(sorted(map(_span, asked)))
    for earlier, later in itertools.pairwise(spans):
        if later.opens <= earlier.closes:
            raise _Wrong(
                f"{earlier} 与 {later} 重叠或相接：请合成一段", f"{earlier} and {later} overlap or touch: make them one"
            )
    return spans


def _span(asked: AskedSpan) -> Span:
    opens, closes = _minute(asked.opens), _minute(asked.closes)
    if opens == MIDNIGHT:
        raise _Wrong("开始时间不能是 24:00：请写 00:00", "nothing begins at 24:00: write 00:00")
    if asked.next_day:
        if closes == 0:  # as a field of time has midnight
            return Span(opens, MIDNIGHT)
        if closes >= opens:
            raise _Wrong(
                "勾选“次日”后，结束须早于开始（一段不满 24 小时）；全天请写 00:00 至 24:00",
                "a span that ends on the next day is shorter than 24 hours; for the whole day write 00:00 to 24:00",
            )
        return Span(opens, closes + MIDNIGHT)
    if closes == opens:
        raise _Wrong(
            "起止相同：全天请写 00:00 至 24:00，休息请不留时间段",
            "it ends as it begins: write 00:00 to 24:00 for the whole day, or no span for closed",
        )
    if closes < opens:
        raise _Wrong(
            "结束早于开始：如到次日才结束，请勾选“次日”", "it ends before it begins: tick the next day if it ends then"
        )
    return Span(opens, closes)


def _minute(written: str) -> int:
    if not _TIME.fullmatch(written):
        raise _Wrong("请写完整的时间，如 09:00", "write a time of the day: 09:00")
    return int(written[:2]) * 60 + int(written[3:])
