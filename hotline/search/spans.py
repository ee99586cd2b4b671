"""Cut the index's time into spans of three sizes, so that PostgreSQL can collect a word's rows of a while only. Pure.

A row's place is its moment in microseconds; its span of a size is that number without its last bits.
"""

from dataclasses import dataclass
from typing import Final

# Bits cut off: spans of 19 hours, 13 days and 204 days. Part of an index of the database: never change them alone.
SIZES: Final = (36, 40, 44)
STEP: Final = 4  # a span's key is its number times this, and which size it is of
MOST: Final = 16  # spans asked for at once before the next size is taken


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans that lie side by side: their numbers as the index keeps them, and the first place in them."""

    keys: tuple[int, ...]
    first: int


def spans_back(last: int, width: int, *, first: int) -> Spans:
    """Return spans from that of `last` back by `width`, not beyond that of `first`, in the smallest size of few."""
    down_to = max(last - width, first, 0)
    for size in SIZES:
        low, high = down_to >> size, last >> size
        if high - low < MOST or size == SIZES[-1]:
            break
    return Spans(keys=tuple(number * STEP + SIZES.index(size) for number in range(low, high + 1)), first=low << size)


def further(*, wanted: int, found: int, over: int) -> int:
    """Return how far to look back for `wanted` more where `found` were found `over` such a stretch.

    Half as far again as it should take; sixteen times the stretch where nothing is known.
    """
    return over * wanted * 3 // (found * 2) if found else over * 16
