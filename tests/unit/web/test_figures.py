"""Counts, shares and percentiles, with the cases where a careless sum would lie."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.web.figures import buckets, figures, percentiles
from hotline.web.rooms import CHINA

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def call(
    *, lifted: float | None = None, human: float | None = None, ended: float | None = None, **more: Any
) -> CallRecord:
    """Return a call that rang at NOW minus ten minutes, with what happened so many seconds later."""
    start = more.pop("start", NOW - timedelta(minutes=10))
    moment: dict[str, Any] = {name: None if after is None else start + timedelta(seconds=after) for name, after in
              (("switch_answer", lifted), ("human_answer", human), ("ended_at", ended))}  # fmt: skip
    outcome = None if ended is None else Outcome.ANSWERED if human is not None else Outcome.ABANDONED_QUEUE
    return CallRecord(id="c", state=CallState.ENDED, ring_start=start, outcome=outcome, **moment, **more)


def test_no_calls_are_no_data_and_never_a_hundred_percent() -> None:
    none = figures([], NOW)

    assert none.offered == 0
    assert none.three_rings_share is None
    assert none.service_level is None
    assert none.answer_seconds.p99 is None


def test_call_that_still_rings_within_three_rings_is_not_counted_yet() -> None:
    assert figures([call(start=NOW - timedelta(seconds=5))], NOW).offered == 0


def test_call_that_rings_for_too_long_counts_against_us_before_it_is_lifted() -> None:
    late = figures([call(start=NOW - timedelta(seconds=12))], NOW)

    assert (late.offered, late.within_three_rings, late.three_rings_share) == (1, 0, 0.0)


def test_three_rings_end_at_eleven_seconds() -> None:
    both = figures([call(lifted=11.0), call(lifted=11.001)], NOW)

    assert (both.within_three_rings, both.offered) == (1, 2)


def test_quick_lift_does_not_hide_a_slow_human() -> None:
    one = figures([call(lifted=1, human=100, ended=160)], NOW)

    assert one.three_rings_share == 1.0
    assert one.service_level == 0.0
    assert (one.answer_seconds.p50, one.human_seconds.p50) == (1.0, 100.0)


def test_short_abandon_is_left_out_of_the_service_level_and_a_later_one_is_not() -> None:
    answered = call(lifted=1, human=10, ended=60)

    gone_at_once = figures([answered, call(ended=2, is_short_abandon=True)], NOW)
    assert (gone_at_once.service_level, gone_at_once.abandoned, gone_at_once.short_abandoned) == (1.0, 0, 1)
    later = figures([answered, call(lifted=1, ended=30)], NOW)
    assert (later.service_level, later.abandoned, later.short_abandoned) == (0.5, 1, 0)


def test_caller_who_left_a_message_was_not_answered_in_time_but_did_not_give_up() -> None:
    left = replace(call(lifted=1, ended=60), outcome=Outcome.MESSAGE_LEFT)

    both = figures([call(lifted=1, human=10, ended=60), left], NOW)

    assert (both.abandoned, both.service_level, both.by_outcome["message-left"]) == (0, 0.5, 1)


def test_caller_who_was_turned_away_counts_against_the_service_level_and_not_as_giving_up() -> None:
    away = replace(call(lifted=0.1, ended=10), outcome=Outcome.TURNED_AWAY)

    both = figures([call(lifted=1, human=10, ended=60), away], NOW)

    assert (both.turned_away, both.abandoned, both.service_level) == (1, 0, 0.5)


def test_caller_whom_the_menu_served_counts_against_nobody() -> None:
    served = replace(call(lifted=1, ended=60), outcome=Outcome.SERVED_BY_MENU)

    found = figures([call(lifted=1, human=10, ended=60), served], NOW)

    assert (found.offered, found.abandoned, found.service_level) == (2, 0, 1.0)


def test_calls_of_ours_are_no_calls_of_residents() -> None:
    ours = [replace(call(lifted=1, human=2, ended=9), direction=direction) for direction in ("outbound", "internal")]

    assert figures(ours, NOW).offered == 0
    assert figures(ours, NOW).three_rings_share is None


def test_percentiles_are_waits_that_happened() -> None:
    waits = [timedelta(seconds=seconds) for seconds in range(1, 101)]

    found = percentiles(waits)

    assert (found.p50, found.p90, found.p99) == (50.0, 90.0, 99.0)
    assert percentiles(waits[:1]).p99 == 1.0


def test_days_begin_at_the_centres_midnight() -> None:
    before, after = (datetime(2026, 11, 20, 15, minute, tzinfo=UTC) for minute in (59, 0))
    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)

    found = buckets([call(start=at, lifted=1, ended=9) for at in (midnight, before, after)], "day", CHINA, NOW)

    assert [(bucket.start.isoformat(), bucket.figures.offered) for bucket in found] == [
        ("2026-11-20T00:00:00+08:00", 2),
        ("2026-11-21T00:00:00+08:00", 1),
    ]


def test_hours_are_told_apart() -> None:
    found = buckets([call(lifted=1), call(start=NOW - timedelta(hours=2), lifted=1)], "hour", CHINA, NOW)

    assert [bucket.start.hour for bucket in found] == [10, 11]
