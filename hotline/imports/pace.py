"""How many lines of a file go into one transaction: as many as let a call's row wait no longer than a moment. Pure."""

from typing import Final

FIRST: Final = 25
FEWEST: Final = 10
MOST: Final = 50  # more are no quicker, and what is made of them holds the loop
A_MOMENT: Final = 0.15  # seconds that one transaction may hold the database


def next_batch(lines: int, took: float) -> int:
    """Return how many lines the next transaction holds, where the last held `lines` and took so many seconds."""
    fitting = int(lines * A_MOMENT / took) if took > 0 else MOST
    return min(MOST, max(FEWEST, min(fitting, 2 * lines)))
