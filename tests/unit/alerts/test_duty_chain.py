"""Whom to ring of an alert, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.alerts.duty_chain import BETWEEN_ROUNDS, GiveUp, Ring, Turn, Wait, is_over, next_turn

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def rung(*ended: float | None) -> list[Ring]:
    """Return calls, each ended so many seconds ago, or going on."""
    return [
        Ring(
            alert=1, turn=turn, channel=f"alert-{turn}.1", at=NOW - timedelta(seconds=90),
            ended_at=None if ago is None else NOW - timedelta(seconds=ago),
        )
        for turn, ago in enumerate(ended)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "what"),
    [
        ((), Turn(turn=0, place=0)),
        ((None,), Wait()),
        ((1.0,), Turn(turn=1, place=1)),
        ((99.0, 1.0), Wait()),  # a breath between two rounds
        ((99.0, BETWEEN_ROUNDS.total_seconds()), Turn(turn=2, place=0)),
        ((99.0, 99.0, 1.0), Turn(turn=3, place=1)),
        ((9.0, 9.0, 9.0, None), GiveUp()),
        ((9.0, 9.0, 9.0, 9.0), GiveUp()),
    ],
)
def test_numbers_are_rung_one_after_the_other_round_by_round(before: tuple[float | None, ...], what: object) -> None:
    assert next_turn(rung(*before), numbers=2, rounds=2, now=NOW) == what


@pytest.mark.parametrize(
    ("age", "lives", "over"), [(1, False, False), (11, False, True), (60, True, False), (300, True, True)]
)
def test_call_is_over_when_its_channel_is_gone_or_it_took_too_long(age: float, lives: bool, over: bool) -> None:
    ring = Ring(alert=1, turn=0, channel="alert-1.1", at=NOW - timedelta(seconds=age))

    assert is_over(ring, frozenset({"alert-1.1"} if lives else ()), NOW) is over
    assert is_over(Ring(alert=1, turn=0, channel="x", at=NOW, ended_at=NOW), frozenset(), NOW)
