from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotline.retention.rules import Days, Kept, Klass

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = Days({Klass.CALLS: 180, Klass.MESSAGES: 90, Klass.UNANSWERED: 30, Klass.GRAVE: 730})


def kept(*, days_ago: float = 0, **changes: Any) -> Kept:
    values: dict[str, Any] = {
        "name": "a", "call_id": "c", "began": NOW - timedelta(days=days_ago), "is_emergency": False,
        "is_answered": True, "has_message": False, "kinds": frozenset({"repair"}),
    }  # fmt: skip
    return Kept(**(values | changes))


@pytest.mark.parametrize(
    ("facts", "klass"),
    [
        ({}, Klass.CALLS),
        ({"is_answered": False}, Klass.UNANSWERED),
        ({"is_answered": False, "has_message": True}, Klass.MESSAGES),
        ({"has_message": True}, Klass.CALLS),
        ({"is_emergency": True, "is_answered": False}, Klass.GRAVE),
        ({"kinds": frozenset({"repair", "complaint"})}, Klass.GRAVE),
        ({"kinds": frozenset({"special-help"}), "is_answered": False, "has_message": True}, Klass.GRAVE),
    ],
)
def test_recording_is_of_the_gravest_class_that_fits(facts: dict[str, Any], klass: Klass) -> None:
    assert kept(**facts).klass is klass


@pytest.mark.parametrize(("days_ago", "is_over"), [(179.99, False), (180, True), (400, True)])
def test_time_is_over_on_the_day_the_rule_names(days_ago: float, is_over: bool) -> None:
    assert DAYS.is_over(kept(days_ago=days_ago), NOW) is is_over


@pytest.mark.parametrize("reason", ["is_held", "has_open_matter"])
def test_what_is_held_or_under_an_open_matter_is_kept_however_old(reason: str) -> None:
    assert not DAYS.is_over(kept(days_ago=4000, **{reason: True}), NOW)


def test_complaint_is_kept_as_long_as_the_duty_log() -> None:
    complaint = frozenset({"complaint"})

    assert not DAYS.is_over(kept(days_ago=729, kinds=complaint), NOW)
    assert DAYS.is_over(kept(days_ago=730, kinds=complaint), NOW)


def test_recordings_are_looked_at_as_soon_as_any_class_they_may_turn_out_to_be_is_over() -> None:
    short = Days({**DAYS.of, Klass.GRAVE: 10})

    assert DAYS.earliest(Klass.CALLS, NOW) == NOW - timedelta(days=180)
    assert short.earliest(Klass.CALLS, NOW) == NOW - timedelta(days=10)


def test_rule_is_said_as_the_setting_that_it_is() -> None:
    assert DAYS.rule(Klass.CALLS) == "retention.calls = 180 days"
