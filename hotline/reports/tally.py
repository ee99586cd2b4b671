"""Sums of calls: counts and waits, which may be added to one another; and the figures made of them. Pure.

Waits are counted in steps whose upper edge is the wait that is said: 0.1 s up to 30 s, 1 s up to 5 min, 10 s beyond; of
buildings and agents, of whom there may be hundreds, 1 s, 5 s and 30 s. Sums of days may so be added to years without a
single call being read again; the counts at the limits (three rings, 15 s) are of each call's own wait, not of steps.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate, chain
from math import ceil
from typing import Any, Final

import numpy as np


@dataclass(frozen=True, slots=True)
class Steps:
    """How finely waits are counted: steps of so many ms for waits up to so many ms, and the steps beyond."""

    up_to: tuple[tuple[int, int], ...]
    beyond: int

    def edge(self, wait_ms: int) -> int:
        """Return the upper edge of the step in which a wait falls, in milliseconds."""
        size = next((size for up_to, size in self.up_to if wait_ms <= up_to), self.beyond)
        return -(-wait_ms // size) * size


FINE: Final = Steps(((30_000, 100), (300_000, 1_000)), 10_000)
ROUGH: Final = Steps(((30_000, 1_000), (300_000, 5_000)), 30_000)  # each edge is one of the fine ones, too
ROUGHLY: Final = frozenset({"building", "agent"})
# The bars of the distribution, in seconds; each ends where a step ends, so none is a guess.
BARS: Final = (5, 11, 15, 20, 30, 60, 120, 300)

ABOVE: Final = 40  # bits of a wait in milliseconds: 34 years
Sums = dict[str, dict[str, "Tally"]]  # by dimension, by value


@dataclass(slots=True)
class Tally:
    """Counts by name, and how often each wait (its step's upper edge, ms) was met by each clock."""

    counts: Counter[str] = field(default_factory=Counter)
    lift: Counter[int] = field(default_factory=Counter)
    human: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Add the sums of other calls."""
        self.counts.update(other.counts)
        self.lift.update(other.lift)
        self.human.update(other.human)

    def as_values(self) -> dict[str, dict[str, int]]:
        """Return the sums as JSON values."""
        return {
            "counts": dict(self.counts),
            "lift": {str(edge): count for edge, count in self.lift.items()},
            "human": {str(edge): count for edge, count in self.human.items()},
        }

    def add_values(self, values: dict[str, Any]) -> None:
        """Add the sums that these JSON values keep."""
        self.counts.update(values["counts"])
        for waits, kept in ((self.lift, values["lift"]), (self.human, values["human"])):
            waits.update({int(edge): count for edge, count in kept.items()})

    def packed(self) -> dict[str, Any]:
        """Return the sums as they are kept: each clock's steps and counts by turns, which is read fastest."""
        return {
            "counts": dict(self.counts),
            "lift": [n for step in sorted(self.lift.items()) for n in step],
            "human": [n for step in sorted(self.human.items()) for n in step],
        }

    def add_packed(self, kept: Sequence[dict[str, Any]]) -> None:
        """Add sums that are kept so."""
        add_packed({"": self}, {"": kept})


def milliseconds(wait: timedelta) -> int:
    """Return a wait in whole milliseconds, never made shorter than it was: 11.0004 s is more than three rings."""
    return max(0, -(-wait // timedelta(milliseconds=1)))


def add_packed(tallies: Mapping[str, Tally], kept: Mapping[str, Sequence[dict[str, Any]]]) -> None:
    """Add to each tally the sums that are kept of its value, all at once: thousands of them make a year."""
    for value, all_sums in kept.items():
        counts = tallies[value].counts
        for sums in all_sums:
            for name, count in sums["counts"].items():
                counts[name] = counts.get(name, 0) + count
    for clock in ("lift", "human"):
        lengths = [sum(len(sums[clock]) for sums in all_sums) // 2 for all_sums in kept.values()]
        every = chain.from_iterable(sums[clock] for all_sums in kept.values() for sums in all_sums)
        steps = np.fromiter(every, np.int64)
        # Of which value a step is stands above its edge: one number is sorted and counted for all values together.
        keys, which = np.unique(np.repeat(np.arange(len(kept)), lengths) << ABOVE | steps[::2], return_inverse=True)
        edges, times = (keys & ((1 << ABOVE) - 1)).tolist(), np.bincount(which, steps[1::2]).astype(int).tolist()
        ends = np.searchsorted(keys, np.arange(len(kept) + 1) << ABOVE).tolist()
        for place, value in enumerate(kept):
            mine = slice(ends[place], ends[place + 1])
            getattr(tallies[value], clock).update(dict(zip(edges[mine], times[mine], strict=True)))


def steps_of(dimension: str) -> Steps:
    """Return how finely the waits of a dimension's values are counted."""
    return ROUGH if dimension in ROUGHLY else FINE


def as_one(cells: dict[str, Tally]) -> Tally:
    """Return the counts of the weekday map as one tally: 168 cells in one row are read forty times sooner."""
    return Tally(Counter({f"{cell}:{name}": n for cell, tally in cells.items() for name, n in tally.counts.items()}))


def cells_of(one: Tally) -> dict[str, Tally]:
    """Return the cells of the weekday map that `as_one` made one."""
    cells: dict[str, Tally] = {}
    for name, n in one.counts.items():
        cell, _, what = name.partition(":")
        cells.setdefault(cell, Tally()).counts[what] = n
    return cells


def share(part: int, whole: int) -> float | None:
    """Return a share to four places; None where there is nothing to have a share of."""
    return round(part / whole, 4) if whole else None


def percentiles(waits: Counter[int], ranks: Sequence[float]) -> list[float | None]:
    """Return the waits of these nearest ranks (rising) in seconds, rounded up to their steps; None without waits."""
    if not waits:
        return [None] * len(ranks)
    edges = sorted(waits)
    seen = list(accumulate(map(waits.__getitem__, edges)))
    return [edges[bisect_left(seen, max(1, ceil(rank * seen[-1])))] / 1000 for rank in ranks]


def bars(waits: Counter[int]) -> list[tuple[int, int | None, int]]:
    """Return how many waits were above `from` and up to `to` seconds, bar by bar; the last has no end."""
    edges = (0, *BARS)
    found = [
        (low, high, sum(n for edge, n in waits.items() if (low * 1000 < edge or not low) and edge <= high * 1000))
        for low, high in zip(edges, BARS, strict=False)
    ]
    return [*found, (BARS[-1], None, sum(n for edge, n in waits.items() if edge > BARS[-1] * 1000))]
