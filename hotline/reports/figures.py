"""The figures made of sums, by the definitions of `definitions`. Pure. None is "no data", never 100 %."""

from collections import Counter
from dataclasses import dataclass
from typing import Self

from hotline.reports.tally import Tally, percentiles, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Percentiles of one clock, in seconds; None where there is no data."""

    p50: float | None
    p90: float | None
    p99: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTimes:
    """How soon some calls were answered."""

    offered: int
    answered: int
    abandoned: int
    short: int
    unreached: int
    late: int
    emergencies: int
    within_three_rings: int
    within_limit: int
    three_rings_share: float | None
    service_level: float | None
    connected: float | None
    abandoned_share: float | None
    lift: Waits
    human: Waits
    human_mean: float | None

    @classmethod
    def of(cls, tally: Tally) -> Self:
        """Return the figures of these sums."""
        counts = tally.counts
        wanted = counts["answered"] + counts["unreached"]
        return cls(
            offered=counts["offered"],
            answered=counts["answered"],
            abandoned=counts["abandoned"],
            short=counts["short"],
            unreached=counts["unreached"],
            late=counts["late"],
            emergencies=counts["emergencies"],
            within_three_rings=counts["within-three-rings"],
            within_limit=counts["within-limit"],
            three_rings_share=share(counts["within-three-rings"], counts["offered"]),
            service_level=share(counts["within-limit"], wanted),
            connected=share(counts["answered"], wanted),
            abandoned_share=share(counts["abandoned"], wanted),
            lift=_waits(tally.lift),
            human=_waits(tally.human),
            human_mean=round(counts["human-ms"] / counts["answered"] / 1000, 1) if counts["answered"] else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWork:
    """What one agent did; lengths in seconds."""

    calls: int
    calls_out: int
    talk: float
    hold: float
    wrap_up: float
    ready: float
    paused: float
    pauses: dict[str, float]
    missed: int
    marks: int
    mark_mean: float | None
    drafts_kept: int
    drafts_changed: int
    drafts_share: float | None
    occupancy: float | None

    @classmethod
    def of(cls, tally: Tally) -> Self:
        """Return the figures of these sums."""
        counts = tally.counts
        busy = counts["talk-ms"] + counts["hold-ms"] + counts["wrap-up-ms"]
        pauses = {name.removeprefix("pause:"): ms / 1000 for name, ms in counts.items() if name.startswith("pause:")}
        return cls(
            calls=counts["calls"],
            calls_out=counts["calls-out"],
            talk=counts["talk-ms"] / 1000,
            hold=counts["hold-ms"] / 1000,
            wrap_up=counts["wrap-up-ms"] / 1000,
            ready=counts["ready-ms"] / 1000,
            paused=counts["paused-ms"] / 1000,
            pauses=dict(sorted(pauses.items())),
            missed=counts["missed"],
            marks=counts["marks"],
            mark_mean=round(counts["mark-sum"] / counts["marks"], 2) if counts["marks"] else None,
            drafts_kept=counts["drafts-kept"],
            drafts_changed=counts["drafts-changed"],
            drafts_share=share(counts["drafts-changed"], counts["drafts-kept"] + counts["drafts-changed"]),
            occupancy=share(busy, counts["ready-ms"] + counts["wrap-up-ms"]),
        )


def _waits(waits: Counter[int]) -> Waits:
    p50, p90, p99 = percentiles(waits, (0.5, 0.9, 0.99))
    return Waits(p50=p50, p90=p90, p99=p99)
