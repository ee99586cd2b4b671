"""Calls of ours, told by the id that we give their first channel before it is made; and how they end unanswered. Pure.

An agent who calls a resident is rung first, then the resident (`outside-`); a campaign rings the resident (`attempt-`).
Behind the word stands a second and a number, as in the switch's own ids: so `family.age` can tell which call is older.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from hotline.calls.cel import CelRow
from hotline.calls.state import Outcome

AGENT_FIRST: Final = "outside-"
RESIDENT_FIRST: Final = "attempt-"

# Q.850, as the trunk's hang-up tells it; what is not named is FAILED.
_UNREACHED: Final[dict[int, Outcome]] = {
    **dict.fromkeys((1, 2, 3, 22, 28), Outcome.INVALID_NUMBER),  # 空号: no such number, or it was changed
    17: Outcome.BUSY,
    # Nobody lifted; 0, 16, 26 and 127 come where we stopped ringing.
    **dict.fromkeys((0, 16, 18, 19, 26, 127), Outcome.NO_ANSWER),
    **dict.fromkeys((20, 27), Outcome.SWITCHED_OFF),  # 关机, 停机: the network cannot reach the telephone now
    21: Outcome.REFUSED,
    **dict.fromkeys((34, 38, 41, 42, 44, 58, 102), Outcome.CONGESTION),  # the network, not the resident
}


def is_ours(linkedid: str) -> bool:
    """Return whether we made this call's first channel."""
    return linkedid.startswith((AGENT_FIRST, RESIDENT_FIRST))


def outside_channel(at: datetime, number: int) -> str:
    """Return the id of the channel by which an agent's call begins; `number` is that of its row."""
    return f"{AGENT_FIRST}{int(at.timestamp())}.{number}"


def unreached(cause: int) -> Outcome:
    """Return how a call of ours ended that the resident did not lift, by the Q.850 cause of their leg."""
    return _UNREACHED.get(cause, Outcome.FAILED)


def number_called(first: str, rows: Iterable[CelRow]) -> str:
    """Return whom a call of ours calls: the switch is told with the channel, and writes it from the second row on."""
    numbers = (row.caller_number for row in rows if row.uniqueid == first and row.type != "CHAN_START")
    return next((number for number in numbers if number), "")
