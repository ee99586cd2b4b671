"""When the report of a month or of a week is posted."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from hotline.reports.periods import Period, Sort, month_before, quarter_before, to_be_posted, week_before
from hotline.reports.ranges import Days, RangeRefused
from hotline.web.rooms import CHINA

BERLIN = ZoneInfo("Europe/Berlin")


def posted(
    now: datetime, *, monthly: bool = True, weekly: bool = True, quarterly: bool = False, hour: int = 8
) -> list[str]:
    due = to_be_posted(now, monthly=monthly, weekly=weekly, quarterly=quarterly, hour=hour)
    return [period.name for period in due]


def test_month_is_posted_from_its_hour_on_of_the_first_and_for_ten_days() -> None:
    assert posted(datetime(2026, 11, 1, 7, 59, tzinfo=CHINA), weekly=False) == []
    assert posted(datetime(2026, 11, 1, 8, 0, tzinfo=CHINA), weekly=False) == ["2026-10"]
    assert posted(datetime(2026, 11, 10, 0, 0, tzinfo=CHINA), weekly=False) == ["2026-10"]
    assert posted(datetime(2026, 11, 11, 0, 0, tzinfo=CHINA), weekly=False) == []


def test_week_is_posted_on_monday_and_for_five_days() -> None:
    assert posted(datetime(2026, 11, 16, 7, 59, tzinfo=CHINA), monthly=False) == []
    assert posted(datetime(2026, 11, 16, 8, 0, tzinfo=CHINA), monthly=False) == ["2026-W46"]
    assert posted(datetime(2026, 11, 20, 23, 0, tzinfo=CHINA), monthly=False) == ["2026-W46"]
    assert posted(datetime(2026, 11, 21, 9, 0, tzinfo=CHINA), monthly=False) == []


def test_nothing_is_posted_that_is_not_wanted() -> None:
    assert posted(datetime(2026, 11, 2, 9, tzinfo=CHINA), monthly=False, weekly=False) == []


def test_day_on_which_the_clock_is_changed_has_one_moment_at_which_it_is_due() -> None:
    before, after = datetime(2026, 3, 29, 1, 59, tzinfo=BERLIN), datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN)

    assert posted(before.replace(day=1), weekly=False, hour=2) == []
    assert [posted(at, monthly=False, hour=2) for at in (before, after)] == [[], []]  # a Sunday
    assert posted(datetime(2026, 2, 1, 3, 0, tzinfo=BERLIN), weekly=False, hour=2) == ["2026-01"]


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2027, 1, 3), date(2024, 3, 1), date(2026, 12, 31)])
def test_period_of_a_name_is_the_period_that_has_it(day: date) -> None:
    for period in (month_before(day), week_before(day), quarter_before(day)):
        assert Period.named(period.name) == period
        assert period.days.last < day


def test_week_of_a_year_that_has_none_of_that_number_is_refused() -> None:
    assert Period.named("2026-W53").days == Days(date(2026, 12, 28), date(2027, 1, 3))
    for wrong in ("2025-W53", "2026-W", "2026-13", "", "2026-Wx", "2026-Q5", "2026-Q", "Q1", "0001-01", "9999-12"):
        with pytest.raises(RangeRefused):
            Period.named(wrong)


def test_quarter_is_posted_from_its_hour_on_of_the_first_after_it() -> None:
    def quarter(now: datetime) -> list[str]:
        return posted(now, monthly=False, weekly=False, quarterly=True)

    assert quarter(datetime(2026, 10, 1, 7, 59, tzinfo=CHINA)) == []
    assert quarter(datetime(2026, 10, 1, 8, 0, tzinfo=CHINA)) == ["2026-Q3"]
    assert quarter(datetime(2027, 1, 10, 23, 0, tzinfo=CHINA)) == ["2026-Q4"]
    assert quarter(datetime(2026, 11, 1, 8, 0, tzinfo=CHINA)) == []


def test_quarter_has_its_three_months_and_before_it_comes_a_quarter() -> None:
    quarter = Period.named("2026-Q1")

    assert (quarter.sort, quarter.days) == (Sort.QUARTER, Days(date(2026, 1, 1), date(2026, 3, 31)))
    assert quarter.days.before == Days.of_quarter("2025-Q4")
    assert Days(date(2026, 1, 1), date(2026, 12, 31)).before == Days(date(2025, 1, 1), date(2025, 12, 31))
