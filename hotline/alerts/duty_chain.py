"""Whom to ring of an alert, and when: one number after the other, round by round, until somebody takes note. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

BETWEEN_ROUNDS: Final = timedelta(minutes=2)  # whoever was in a lift, or on the line, is free again
LONGEST_RING: Final = timedelta(minutes=4)  # ringing, hearing it three times, and pressing: then the channel is gone
BEGINS_WITHIN: Final = timedelta(seconds=10)  # the switch has made the channel by then, or never will


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One call about an alert: the `turn`-th. `ended_at` None: it may live still."""

    alert: int
    turn: int
    channel: str
    at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done now."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Ring this number of the chain; it is the `turn`-th call."""

    turn: int
    place: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Everybody was rung as often as is set, and nobody took note."""


def is_over(ring: Ring, living: frozenset[str], now: datetime) -> bool:
    """Return whether a call is over, by the channels that live now."""
    if ring.ended_at is not None or now - ring.at >= LONGEST_RING:
        return True
    return ring.channel not in living and not timedelta(0) <= now - ring.at < BEGINS_WITHIN


def next_turn(rings: Sequence[Ring], *, numbers: int, rounds: int, now: datetime) -> Wait | Turn | GiveUp:
    """Return what is to be done of an alert of which nobody has taken note, after these calls, the oldest first."""
    turn = len(rings)
    if turn >= numbers * rounds:
        return GiveUp()
    if rings and rings[-1].ended_at is None:
        return Wait()
    if rings and turn % numbers == 0 and timedelta(0) <= now - (rings[-1].ended_at or now) < BETWEEN_ROUNDS:
        return Wait()
    return Turn(turn=turn, place=turn % numbers)
