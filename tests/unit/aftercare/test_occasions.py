"""The days of a paid service and of a newsletter or event: their moments, their windows, and what cannot be so."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.aftercare.occasions import Outreach as Written
from hotline.aftercare.occasions import (
    OutreachRefused,
    OutreachSort,
    ServiceDaysRefused,
    refuse_wrong_outreach,
    service_days,
)
from hotline.aftercare.rules import Window

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 9, tzinfo=ZONE)
TODAY = NOW.date()


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=ZONE)


def test_a_service_of_a_month_is_called_from_its_middle_day_and_after_its_last() -> None:
    days = service_days(7, date(2026, 12, 1), date(2026, 12, 30), zone=ZONE, by="lin", now=NOW)

    assert days.middle == Window(at(12, 15), at(12, 22))
    assert days.end == Window(at(12, 31), at(12, 31) + timedelta(days=7))


def test_the_call_in_the_middle_is_made_before_a_short_service_ends() -> None:
    days = service_days(7, date(2026, 12, 1), date(2026, 12, 4), zone=ZONE, by="lin", now=NOW)

    assert days.middle == Window(at(12, 2), at(12, 5))


def test_a_service_of_one_day_has_no_middle() -> None:
    days = service_days(7, date(2026, 12, 1), date(2026, 12, 1), zone=ZONE, by="lin", now=NOW)

    assert (days.middle, days.end.since) == (None, at(12, 2))


def test_a_middle_that_was_over_when_its_days_were_written_down_gets_no_call() -> None:
    days = service_days(7, date(2026, 10, 1), date(2026, 11, 30), zone=ZONE, by="lin", now=NOW)

    assert days.middle is None


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(2026, 12, 2), date(2026, 12, 1), "order"),
        (date(2026, 12, 1), date(2037, 12, 1), "too-long"),
        (date(2026, 11, 1), date(2026, 11, 14), "over"),
    ],
)
def test_days_that_cannot_be_called_by_are_refused_with_why(first: date, last: date, why: str) -> None:
    with pytest.raises(ServiceDaysRefused) as refused:
        service_days(7, first, last, zone=ZONE, by="lin", now=NOW)

    assert refused.value.details == {"why": why}


@given(first=st.dates(date(2026, 11, 1), date(2027, 12, 31)), length=st.integers(0, 3660))
def test_the_middle_lies_within_the_service_and_both_calls_can_be_made(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    if last < TODAY - timedelta(days=6):
        return
    days = service_days(7, first, last, zone=ZONE, by="lin", now=NOW)

    assert days.end.due == days.ends_at + timedelta(days=7)
    assert days.end.due > NOW
    if days.middle is not None:
        begins = datetime(first.year, first.month, first.day, tzinfo=ZONE)
        assert begins <= days.middle.since < days.middle.due <= days.ends_at
        assert days.middle.due > NOW


@pytest.mark.parametrize("back", [0, 1, 7])
def test_what_was_within_a_week_may_be_written_down(back: int) -> None:
    refuse_wrong_outreach(TODAY - timedelta(days=back), [], TODAY)


@pytest.mark.parametrize(
    ("day", "buildings", "why"),
    [
        (TODAY + timedelta(days=1), [], "day"),
        (TODAY - timedelta(days=8), [], "day"),
        (TODAY, range(1, 102), "buildings"),
    ],
)
def test_what_is_to_come_or_was_too_long_ago_is_refused(day: date, buildings: list[int], why: str) -> None:
    with pytest.raises(OutreachRefused) as refused:
        refuse_wrong_outreach(day, buildings, TODAY)

    assert refused.value.details == {"why": why}


def test_agents_read_what_it_was() -> None:
    one = Written(
        id=1, sort=OutreachSort.EVENT, title="中秋灯会", day=date(2026, 9, 25), buildings=(), by="boss",
        at=datetime(2026, 9, 26, tzinfo=UTC), homes=0, finished_at=None,
    )  # fmt: skip

    assert one.told == "活动“中秋灯会”（2026-09-25）"
