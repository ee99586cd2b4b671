from datetime import UTC, datetime, timedelta, timezone

import pytest

from hotline.retention.in_force import SetDays, begins, in_force

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  # 17:00 at the centre
CENTRE = timezone(timedelta(hours=8))


def said(days: int | None, *, before: int = 180, from_at: datetime = NOW) -> SetDays:
    return SetDays(
        what="calls", days=days, before=before, from_at=from_at, by="root", at=NOW, reason="少占空间", version=1
    )


def test_without_a_word_on_the_page_the_file_holds() -> None:
    one = in_force("calls", 180, None, NOW)

    assert (one.days, one.goal, one.is_from_page, one.version) == (180, 180, False, 0)


def test_fewer_days_hold_from_their_night_on_and_the_old_ones_until_then() -> None:
    night = NOW + timedelta(hours=17)
    waits = in_force("calls", 180, said(30, from_at=night), NOW)

    assert (waits.days, waits.next_days, waits.next_at, waits.goal) == (180, 30, night, 30)
    assert in_force("calls", 180, said(30, from_at=night), night).days == 30


def test_more_days_hold_at_once_even_while_fewer_were_waiting() -> None:
    assert in_force("calls", 180, said(365, from_at=NOW + timedelta(days=1)), NOW).days == 365


def test_back_to_a_file_that_says_less_waits_for_the_night_too() -> None:
    night = NOW + timedelta(hours=17)
    one = in_force("calls", 90, said(None, before=365, from_at=night), NOW)

    assert (one.days, one.next_days, one.is_from_page) == (365, 90, False)
    assert in_force("calls", 90, said(None, before=365, from_at=night), night).days == 90


@pytest.mark.parametrize(("hour", "day"), [(0, 23), (13, 23), (14, 23), (15, 24), (23, 24)])
def test_the_night_is_the_first_at_two_that_is_twelve_hours_away(hour: int, day: int) -> None:
    now = datetime(2026, 11, 22, hour, tzinfo=CENTRE)

    assert begins(180, 30, now, CENTRE) == datetime(2026, 11, day, 2, tzinfo=CENTRE)
    assert begins(180, 180, now, CENTRE) == now
