"""What came in of the fees that a campaign reminded of: told by the newest unpaid list. Pure.

The list says what is owed now, not what was paid; so what came in is what was reminded of and is not owed any more. It
is never said to be more than it was: fees that fell due since make a part payment invisible, not larger.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fees:
    """What one home was reminded of, or owes: in fen, for these months ("2026-10")."""

    fen: int
    months: Collection[str]


def came_in(reminded: Fees, owed: Fees | None) -> int:
    """Return how many fen came in, given what the home owes by the newest list; None: nothing."""
    if owed is None or not set(reminded.months) & set(owed.months):
        return reminded.fen
    return max(0, reminded.fen - owed.fen)
