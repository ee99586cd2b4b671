"""Sums of calls: counts and waits, which may be added to one another; and the figures made of them. Pure.

Waits are counted in steps whose upper edge is the wait that is said: 0.1 s up to 30 s, 1 s up to 5 min, 10 s beyond.
Sums of days may so be added to years without a single call being read again; the counts at the limits (three rings,
15 s) are of each call's own wait, not of these steps.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from hotline.reports.fact import Fact

# (waits up to so many ms, in steps of so many ms)
STEPS: Final = ((30_000, 100), (300_000, 1_000))
LONGEST_STEP: Final = 10_000
# The bars of the distribution, in seconds; each ends where a step ends, so none is a guess.
BARS: Final = (5, 11, 15, 20, 30, 60, 120, 300)


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
        """Add the sums that these JSON values keep: thousands of them make a year, so it is done by hand."""
        counts = self.counts
        for name, count in values["counts"].items():
            counts[name] = counts.get(name, 0) + count
        for waits, kept in ((self.lift, values["lift"]), (self.human, values["human"])):
            for edge, count in kept.items():
                at = int(edge)
                waits[at] = waits.get(at, 0) + count


def step_of(wait_ms: int) -> int:
    """Return the upper edge of the step in which a wait falls, in milliseconds."""
    size = next((size for up_to, size in STEPS if wait_ms <= up_to), LONGEST_STEP)
    return -(-wait_ms // size) * size


def count(tally: Tally, fact: Fact) -> None:
    """Count a call of a resident in; any other is no answer time."""
    if not fact.is_offered:
        return
    counts = tally.counts
    for name, is_it in (
        ("offered", True),
        ("answered", fact.is_answered),
        ("abandoned", fact.is_abandoned),
        ("short", fact.is_short),
        ("unreached", fact.is_unreached),
        ("within-three-rings", fact.is_within_three_rings),
        ("within-limit", fact.is_within_limit),
        ("emergencies", fact.is_emergency),
        ("late", bool(fact.late)),
    ):
        if is_it:
            counts[name] += 1
    counts[f"outcome:{fact.outcome}"] += 1
    counts[f"kind:{fact.kind}"] += 1
    if fact.late:
        counts[f"late:{fact.late}"] += 1
        counts[f"cause:{fact.cause}"] += 1
    if fact.lift_ms is not None:
        counts["lifted"] += 1
        tally.lift[step_of(fact.lift_ms)] += 1
    if fact.human_ms is not None:
        counts["human-ms"] += fact.human_ms
        tally.human[step_of(fact.human_ms)] += 1


def count_work(tallies: dict[str, Tally], fact: Fact) -> None:
    """Count what agents did in a call, each under their extension."""
    spoke = dict.fromkeys(agent for agent, _, _ in fact.talks)
    for agent in spoke:
        _of(tallies, agent).counts["calls" if fact.is_offered else "calls-out"] += 1
    for agent, talk_ms, hold_ms in fact.talks:
        _of(tallies, agent).counts.update({"talk-ms": talk_ms, "hold-ms": hold_ms})
    for agent in fact.missed:
        _of(tallies, agent).counts["missed"] += 1
    if fact.satisfaction is not None and spoke:
        # Who spoke last is whom the resident has in mind.
        _of(tallies, list(spoke)[-1]).counts.update({"marks": 1, "mark-sum": fact.satisfaction})


def week_hour(fact: Fact) -> str:
    """Return the weekday (1 is Monday) and hour of a call's first ring: "3-09"."""
    return f"{fact.weekday}-{fact.hour:02}"


def sums_of(facts: Iterable[Fact], dimensions: Iterable[str]) -> dict[str, dict[str, Tally]]:
    """Return the sums of these calls by each of these dimensions, by value: "all" has one, "work" is of agents."""
    found: dict[str, dict[str, Tally]] = {dimension: {} for dimension in dimensions}
    is_summed = {
        "all",
        "week-hour",
    } <= found.keys()  # then all is the sum of the hours
    counted = [(dimension, tallies) for dimension, tallies in found.items() if not (is_summed and dimension == "all")]
    for fact in facts:
        for dimension, tallies in counted:
            if dimension == "work":
                count_work(tallies, fact)
            elif fact.is_offered:
                count(_of(tallies, _value(fact, dimension)), fact)
    if is_summed:
        for tally in found["week-hour"].values():
            _of(found["all"], "").add(tally)
    return found


def share(part: int, whole: int) -> float | None:
    """Return a share to four places; None where there is nothing to have a share of."""
    return round(part / whole, 4) if whole else None


def percentiles(waits: Counter[int], ranks: Sequence[float]) -> list[float | None]:
    """Return the waits of these nearest ranks (rising) in seconds, rounded up to their steps; None without waits."""
    total, seen = waits.total(), 0
    left = [max(1, ceil(rank * total)) for rank in ranks] if total else []
    found: list[float | None] = []
    for edge in sorted(waits) if total else ():
        if len(found) == len(left):
            break
        seen += waits[edge]
        while len(found) < len(left) and seen >= left[len(found)]:
            found.append(edge / 1000)
    return found if total else [None] * len(ranks)


def bars(waits: Counter[int]) -> list[tuple[int, int | None, int]]:
    """Return how many waits were above `from` and up to `to` seconds, bar by bar; the last has no end."""
    edges = (0, *BARS)
    found = [
        (low, high, sum(n for edge, n in waits.items() if (low * 1000 < edge or not low) and edge <= high * 1000))
        for low, high in zip(edges, BARS, strict=False)
    ]
    return [*found, (BARS[-1], None, sum(n for edge, n in waits.items() if edge > BARS[-1] * 1000))]


def _value(fact: Fact, dimension: str) -> str:
    if dimension == "all":
        return ""
    return week_hour(fact) if dimension == "week-hour" else str(getattr(fact, dimension))


def _of(tallies: dict[str, Tally], value: str) -> Tally:
    if value not in tallies:
        tallies[value] = Tally()
    return tallies[value]
