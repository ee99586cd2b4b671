from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.hours import (
    HolidayTable,
    Span,
    WeeklyHours,
    chinese_holidays,
    holiday_table_ends,
    is_open,
    next_opening,
    parse_spans,
    spans_of,
    warnings_of,
)

CHINA = ZoneInfo("Asia/Shanghai")
NINE_TO_SIX = parse_spans("09:00-18:00")
EVERY_DAY = (NINE_TO_SIX,) * 7
WORKING_WEEK = (*(NINE_TO_SIX,) * 5, (), ())
NATIONAL_DAY = date(2026, 10, 1)  # a Thursday
WORKED_SUNDAY = date(2026, 9, 20)  # 调休 for it


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-23 08:59:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 17:59:59", True),
        ("2026-11-23 18:00", False),
    ],
)
def test_the_desk_opens_on_the_minute_and_closes_on_the_minute(moment: str, open_: bool) -> None:
    assert is_open(WeeklyHours(week=EVERY_DAY), at(moment)) is open_


def test_a_day_may_have_several_spans() -> None:
    hours = WeeklyHours(week=(parse_spans("14:00-18:00, 09:00-12:00"),) * 7)

    assert [is_open(hours, at(f"2026-11-23 {time}")) for time in ("11:59", "12:00", "13:59", "14:00")] == [
        True, False, False, True,
    ]  # fmt: skip


def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    hours = WeeklyHours(week=(parse_spans("22:00-06:00"), *((),) * 6))  # Monday night only

    assert is_open(hours, at("2026-11-23 23:00"))
    assert is_open(hours, at("2026-11-24 05:59"))
    assert not is_open(hours, at("2026-11-24 06:00"))
    assert not is_open(hours, at("2026-11-23 05:00"))


def test_a_desk_open_round_the_clock_never_closes() -> None:
    hours = WeeklyHours(week=(parse_spans("00:00-24:00"),) * 7)

    assert is_open(hours, at("2026-11-23 00:00"))
    assert is_open(hours, at("2026-11-23 23:59:59"))


def test_by_default_a_public_holiday_is_a_day_like_others() -> None:
    assert is_open(WeeklyHours(week=EVERY_DAY), at(f"{NATIONAL_DAY} 10:00"))


def test_a_desk_that_rests_on_holidays_works_on_the_days_worked_instead() -> None:
    hours = WeeklyHours(week=WORKING_WEEK, holidays=())

    assert not is_open(hours, at(f"{NATIONAL_DAY} 10:00"))
    assert is_open(hours, at(f"{WORKED_SUNDAY} 10:00"))
    assert not is_open(hours, at(f"{WORKED_SUNDAY + timedelta(days=7)} 10:00"))


def test_a_holiday_may_have_hours_of_its_own() -> None:
    hours = WeeklyHours(week=EVERY_DAY, holidays=parse_spans("10:00-16:00"))

    assert spans_of(hours, NATIONAL_DAY) == (Span(600, 960),)


def test_an_exception_by_date_comes_before_holiday_and_weekday() -> None:
    hours = WeeklyHours(week=EVERY_DAY, holidays=(), exceptions={NATIONAL_DAY: NINE_TO_SIX, date(2026, 11, 23): ()})

    assert is_open(hours, at(f"{NATIONAL_DAY} 10:00"))
    assert not is_open(hours, at("2026-11-23 10:00"))


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1)))
def test_beyond_the_table_the_weekday_alone_decides_and_nothing_is_raised(day: date) -> None:
    hours = WeeklyHours(week=WORKING_WEEK, holidays=())
    known = chinese_holidays()

    spans = spans_of(hours, day)

    if day > known.ends or day < min(known.holidays):
        assert spans == WORKING_WEEK[day.weekday()]


def test_the_table_ends_with_the_last_announced_year() -> None:
    ends = holiday_table_ends()

    assert (ends.month, ends.day) == (12, 31)
    assert ends.year >= 2026


def test_a_table_about_to_end_is_told_only_to_a_desk_that_heeds_it() -> None:
    ends = holiday_table_ends()

    assert "ends on" in warnings_of(WeeklyHours(week=EVERY_DAY, holidays=()), ends - timedelta(days=10))[0]
    assert warnings_of(WeeklyHours(week=EVERY_DAY, holidays=()), ends - timedelta(days=200)) == []
    assert warnings_of(WeeklyHours(week=EVERY_DAY), ends + timedelta(days=10)) == []


def test_exceptions_long_past_are_named_as_such() -> None:
    hours = WeeklyHours(week=EVERY_DAY, exceptions={date(2020, 1, 1): ()})

    assert "over a year back" in warnings_of(hours, date(2026, 11, 22))[0]


def test_the_next_opening_is_now_when_the_desk_is_open() -> None:
    now = at("2026-11-23 10:00")

    assert next_opening(WeeklyHours(week=EVERY_DAY), now) == now


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23 03:00", "2026-11-23 09:00"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-27 20:00", "2026-11-30 09:00"),  # over the weekend
        ("2026-09-30 20:00", "2026-10-08 09:00"),  # over the National Day
    ],
)
def test_the_next_opening_passes_over_nights_weekends_and_holidays(moment: str, opens: str) -> None:
    assert next_opening(WeeklyHours(week=WORKING_WEEK, holidays=()), at(moment)) == at(opens)


@given(st.datetimes(min_value=datetime(2025, 12, 1), max_value=datetime(2027, 2, 1)))  # noqa: DTZ001
def test_the_next_opening_is_open_and_no_earlier_minute_is(moment: datetime) -> None:
    hours = WeeklyHours(week=WORKING_WEEK, holidays=(), exceptions={date(2026, 11, 23): parse_spans("22:00-02:00")})
    now = moment.replace(tzinfo=CHINA)

    opening = next_opening(hours, now)

    assert opening >= now
    assert is_open(hours, opening)
    assert opening == now or not is_open(hours, opening - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("9-18", "no span of hours"),
        ("", "no span of hours"),
        ("09:00-18:00,", "no span of hours"),
        ("09:60-18:00", "no span of hours"),
        ("09:00-25:00", "no day has"),
        ("24:00-06:00", "no day has"),
        ("09:00-09:00", "ends as it begins"),
        ("09:00-12:00, 11:00-18:00", "overlap"),
        ("09:00-12:00, 12:00-18:00", "overlap or touch"),
        ("22:00-06:00, 23:00-23:30", "overlap"),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_clear_words(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_spans(text)


@pytest.mark.parametrize("text", ["09:00-18:00", "22:00-06:00", "00:00-24:00", "18:00-24:00"])
def test_a_span_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_spans(text)[0]) == text


def test_a_week_without_any_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="every day"):
        WeeklyHours(week=((),) * 7)


def test_a_week_of_fewer_days_is_refused() -> None:
    with pytest.raises(ValueError, match="seven"):
        WeeklyHours(week=(NINE_TO_SIX,))


def test_a_night_that_reaches_into_the_next_morning_s_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="mon's 22:00-10:00 reaches into tue's 09:00-18:00"):
        WeeklyHours(week=(parse_spans("22:00-10:00"), *(NINE_TO_SIX,) * 6))


def test_a_table_of_a_site_s_own_may_be_used() -> None:
    table = HolidayTable(frozenset({date(2027, 1, 1)}), frozenset(), date(2027, 12, 31))

    assert spans_of(WeeklyHours(week=EVERY_DAY, holidays=(), table=table), date(2027, 1, 1)) == ()
