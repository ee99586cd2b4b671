from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.shifts.review import LOOKS_BACK, Review, ReviewDayWrong, ReviewKind, span, unread
from hotline.shifts.shift import (
    HandedOverSilently,
    ItemsUnread,
    OpenItem,
    ShiftState,
    ShiftStep,
    ShiftStepRefused,
    after,
    check_read,
    with_words,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = date(2026, 11, 22)  # a Sunday
PLAIN = OpenItem(
    key="follow-up-1", kind="missed", what="", home="3-2-501", who="张先生", since=NOW, due=NOW + timedelta(hours=1),
    is_urgent=False, is_overdue=False,
)  # fmt: skip
URGENT = replace(PLAIN, key="follow-up-2", is_urgent=True)
OVERDUE = replace(PLAIN, key="dispatch-1", is_overdue=True)


def read(kind: ReviewKind, day: date) -> Review:
    return Review(kind=kind, day=day, entries=1, opinion="已阅", signed_by="manager", signed_at=NOW)


@pytest.mark.parametrize("state", [None, *ShiftState])
@pytest.mark.parametrize("step", list(ShiftStep))
def test_every_step_is_taken_in_the_state_it_belongs_to_and_refused_in_any_other(
    state: ShiftState | None, step: ShiftStep
) -> None:
    belongs = {
        (ShiftState.RUNNING, ShiftStep.SIGN_OUT): ShiftState.SIGNED_OUT,
        (ShiftState.SIGNED_OUT, ShiftStep.TAKE_BACK): ShiftState.RUNNING,
        (ShiftState.SIGNED_OUT, ShiftStep.SIGN_IN): ShiftState.ENDED,
    }
    if state and (state, step) in belongs:
        assert after(state, step) is belongs[state, step]
    else:
        with pytest.raises(ShiftStepRefused):
            after(state, step)


def test_what_is_urgent_or_overdue_is_not_handed_over_silently() -> None:
    with pytest.raises(HandedOverSilently) as refused:
        with_words([PLAIN, URGENT, OVERDUE], {"follow-up-2": "  ", "follow-up-1": "x"})

    assert refused.value.details == {"items": ["follow-up-2", "dispatch-1"]}


def test_words_of_the_outgoing_person_stand_beside_the_items() -> None:
    said = with_words([PLAIN, URGENT], {"follow-up-2": " 已通知工程部 ", "somebody else's": "x"})

    assert [item.word for item in said] == ["", "已通知工程部"]


def test_next_person_signs_only_for_what_they_have_read() -> None:
    check_read([PLAIN, URGENT], ["follow-up-1", "follow-up-2", "follow-up-99"])
    with pytest.raises(ItemsUnread) as refused:
        check_read([PLAIN, URGENT], ["follow-up-1"])

    assert refused.value.details == {"items": ["follow-up-2"]}


def test_days_with_complaints_and_every_finished_week_wait_to_be_read_oldest_first() -> None:
    days = [date(2026, 11, 18), date(2026, 11, 21), TODAY]
    waiting = list(unread(TODAY, since=date(2026, 11, 9), complaint_days=days, signed=()))

    assert [(one.kind, one.day, one.is_late) for one in waiting] == [
        (ReviewKind.WEEK, date(2026, 11, 9), True),
        (ReviewKind.COMPLAINTS, date(2026, 11, 18), True),
        (ReviewKind.COMPLAINTS, date(2026, 11, 21), False),
    ]


def test_what_was_signed_does_not_wait_any_more_and_a_week_waits_from_its_end_on() -> None:
    signed = [read(ReviewKind.COMPLAINTS, date(2026, 11, 21)), read(ReviewKind.WEEK, date(2026, 11, 9))]
    waiting = list(
        unread(date(2026, 11, 23), since=date(2026, 11, 9), complaint_days=[date(2026, 11, 21)], signed=signed)
    )

    assert [(one.kind, one.day, one.is_late) for one in waiting] == [(ReviewKind.WEEK, date(2026, 11, 16), False)]


def test_a_log_nobody_read_for_years_asks_for_the_last_weeks_only() -> None:
    waiting = list(unread(TODAY, since=date(2020, 1, 1), complaint_days=[date(2020, 1, 2)], signed=()))

    assert len(waiting) <= LOOKS_BACK.days / 7 + 1
    assert all(one.kind is ReviewKind.WEEK for one in waiting)


def test_a_week_is_named_by_its_monday() -> None:
    assert span(ReviewKind.WEEK, date(2026, 11, 16)) == (date(2026, 11, 16), date(2026, 11, 23))
    with pytest.raises(ReviewDayWrong):
        span(ReviewKind.WEEK, date(2026, 11, 17))
