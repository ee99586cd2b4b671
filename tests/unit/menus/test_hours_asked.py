"""Hours as written in the form: what makes sense, and what is refused beside its field, in Chinese."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.hours import Span, WeeklyHours, parse_spans
from hotline.menus.hours_asked import (
    AskedHours,
    AskedSpan,
    HoursRefused,
    asked_spans,
    checked_hours,
    days_changed,
    hours_told,
)

TODAY = date(2026, 11, 22)  # a Sunday
NINE_TO_SIX = (AskedSpan("09:00", "18:00"),)
PRESENT = WeeklyHours(week=(parse_spans("09:00-18:00"),) * 7)


def asked(**changes: Any) -> AskedHours:
    values: dict[str, Any] = {"week": (NINE_TO_SIX,) * 7, "holidays": None, "exceptions": {}}
    return AskedHours(**(values | changes))


def monday(*spans: AskedSpan) -> AskedHours:
    return asked(week=(spans, *[NINE_TO_SIX] * 6))


def refused(wanted: AskedHours, present: WeeklyHours = PRESENT) -> list[tuple[str, str]]:
    with pytest.raises(HoursRefused) as wrong:
        checked_hours(wanted, present, TODAY)
    assert all(one.english for one in wrong.value.problems)
    return [(one.field, one.chinese) for one in wrong.value.problems]


def test_hours_that_make_sense_are_read() -> None:
    hours = checked_hours(
        asked(
            week=((AskedSpan("14:00", "18:00"), AskedSpan("08:30", "12:00")), *[NINE_TO_SIX] * 5, ()),
            holidays=(),
            exceptions={date(2027, 2, 16): (AskedSpan("22:00", "06:00", next_day=True),)},
        ),
        PRESENT,
        TODAY,
    )

    assert hours_told(hours)["mon"] == "08:30-12:00, 14:00-18:00"
    assert (hours_told(hours)["sun"], hours_told(hours)["holidays"]) == ("closed", "closed")
    assert hours.exceptions == {date(2027, 2, 16): parse_spans("22:00-06:00")}


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (AskedSpan("00:00", "24:00"), "00:00-24:00"),
        (AskedSpan("00:00", "00:00", next_day=True), "00:00-24:00"),
        (AskedSpan("18:00", "00:00", next_day=True), "18:00-24:00"),
        (AskedSpan("18:00", "06:00", next_day=True), "18:00-06:00"),
    ],
)
def test_midnight_is_written_as_a_field_of_time_has_it(span: AskedSpan, said: str) -> None:
    assert hours_told(checked_hours(monday(span), PRESENT, TODAY))["mon"] == said


@pytest.mark.parametrize(
    ("spans", "word"),
    [
        ([AskedSpan("18:00", "09:00")], "结束早于开始"),
        ([AskedSpan("09:00", "09:00")], "起止相同"),
        ([AskedSpan("09:00", "")], "完整的时间"),
        ([AskedSpan("9:00", "18:00")], "完整的时间"),
        ([AskedSpan("24:00", "24:00")], "不能是 24:00"),
        ([AskedSpan("09:00", "10:00", next_day=True)], "一段不满 24 小时"),
        ([AskedSpan("09:00", "12:00"), AskedSpan("11:00", "18:00")], "重叠或相接"),
        ([AskedSpan("09:00", "12:00"), AskedSpan("12:00", "18:00")], "重叠或相接"),
        ([AskedSpan(f"{hour:02}:00", f"{hour:02}:30") for hour in range(7)], "最多 6 段"),
        ([AskedSpan("20:00", "10:00", next_day=True)], "伸进了周二"),
    ],
)
def test_nonsense_is_refused_beside_its_field(spans: list[AskedSpan], word: str) -> None:
    [(field, said)] = refused(monday(*spans))

    assert field == "mon"
    assert word in said


def test_a_week_without_hours_is_refused() -> None:
    assert refused(asked(week=((),) * 7)) == [("week", "一周七天都不开放")]


def test_a_day_that_is_over_may_only_be_taken_out() -> None:
    gone = TODAY - timedelta(days=3)
    present = WeeklyHours(week=PRESENT.week, exceptions={gone: ()})

    assert checked_hours(asked(exceptions={gone: ()}), present, TODAY).exceptions == {gone: ()}
    assert checked_hours(asked(), present, TODAY).exceptions == {}
    assert refused(asked(exceptions={gone: NINE_TO_SIX}), present) == [
        (gone.isoformat(), "这一天已经过去，不能再安排；可以移除")
    ]
    assert checked_hours(asked(exceptions={TODAY: ()}), PRESENT, TODAY).exceptions == {TODAY: ()}
    assert "两年" in refused(asked(exceptions={TODAY + timedelta(days=800): ()}))[0][1]


def test_every_wrong_field_is_named_at_once() -> None:
    wrong = (AskedSpan("18:00", "09:00"),)

    fields = refused(asked(week=(wrong, *[NINE_TO_SIX] * 6), holidays=wrong, exceptions={date(2027, 2, 16): wrong}))

    assert [field for field, _ in fields] == ["mon", "holidays", "2027-02-16"]


def test_days_whose_hours_change_are_counted_with_holidays_heeded() -> None:
    new = WeeklyHours(week=PRESENT.week, holidays=())

    changed = days_changed(PRESENT, new, date(2026, 10, 1), 31)

    assert date(2026, 10, 1) in changed
    assert all(day in new.table.holidays for day in changed)


@given(st.lists(st.integers(0, 95), min_size=2, max_size=2, unique=True).map(sorted), st.booleans())
def test_what_the_form_shows_is_read_back_as_it_was(ends: list[int], is_night: bool) -> None:
    opens, closes = ends[0] * 15, ends[1] * 15
    spans = (Span(closes, opens + 24 * 60) if is_night else Span(opens, closes),)
    week = (asked_spans(spans), (), (), (), (), (), ())

    assert checked_hours(asked(week=week), PRESENT, TODAY).week[0] == spans
