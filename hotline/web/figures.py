"""How soon calls were answered: counts, shares, percentiles, service level. Pure.

"No data" is None, never 100 %. Every figure says how it is made.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Final

from pydantic import Field

from hotline.calls.cadence import PUBLIC_HOTLINE_LIMIT, THREE_RINGS, is_within_three_rings
from hotline.calls.ledger import CallRecord
from hotline.calls.state import ABANDONED, Outcome
from hotline.reports.definitions import SERVICE_LEVEL, UNREACHED
from hotline.reports.tally import FINE, milliseconds
from hotline.reports.tally import percentiles as at_ranks
from hotline.web.shapes import Shape

THREE_RINGS_FORMULA: Final = (
    f"总机在 {THREE_RINGS.seconds} 秒（第三声结束）内接起的来电 ÷"
    f"（已接起、已挂断或振铃超过 {THREE_RINGS.seconds} 秒的来电）"
)


class Percentiles(Shape):
    """Nearest-rank percentiles of a wait, in seconds, rounded up to their steps; null where there is no data."""

    p50: float | None
    p90: float | None
    p99: float | None


class Figures(Shape):
    """The answer times of some calls."""

    offered: int = Field(
        description="calls of residents that were lifted, ended, or ringing for longer than three rings"
    )
    answered: int = Field(description="calls that reached a human")
    abandoned: int = Field(description="without those that were gone within seconds (秒挂)")
    short_abandoned: int = Field(description="秒挂: gone so soon that nobody let them wait")
    turned_away: int = Field(default=0, description="not let in, because too many called: each is owed a call")
    by_outcome: dict[str, int]
    within_three_rings: int
    three_rings_share: float | None
    three_rings_formula: str = THREE_RINGS_FORMULA
    answer_seconds: Percentiles
    human_seconds: Percentiles
    service_level: float | None
    service_level_formula: str = SERVICE_LEVEL


class Bucket(Shape):
    """The figures of one day or hour, which begins at `start`."""

    start: datetime
    figures: Figures


class Report(Shape):
    """Answer times of a stretch of days; `until` is not included."""

    since: datetime
    until: datetime
    total: Figures
    buckets: tuple[Bucket, ...] = ()


def figures(calls: Iterable[CallRecord], now: datetime) -> Figures:
    """Return the figures of these calls; those that ring and still have time are not counted yet."""
    counted = [call for call in calls if _counts(call, now)]
    answered = [call for call in counted if call.human_wait is not None]
    abandoned = [call for call in counted if call.outcome in ABANDONED and not call.is_short_abandon]
    lifts = [call.answer_wait for call in counted if call.answer_wait is not None]
    voices = [call.human_wait for call in answered if call.human_wait is not None]
    within = sum(map(is_within_three_rings, lifts))
    late = [call for call in counted if call.outcome in UNREACHED and not call.is_short_abandon]
    outcomes = [call.outcome.value for call in counted if call.outcome is not None]
    return Figures(
        offered=len(counted),
        answered=len(answered),
        abandoned=len(abandoned),
        short_abandoned=sum(call.is_short_abandon for call in counted),
        turned_away=outcomes.count(Outcome.TURNED_AWAY.value),
        by_outcome={outcome.value: outcomes.count(outcome.value) for outcome in Outcome},
        within_three_rings=within,
        three_rings_share=_share(within, len(counted)),
        answer_seconds=percentiles(lifts),
        human_seconds=percentiles(voices),
        service_level=_share(sum(wait <= PUBLIC_HOTLINE_LIMIT for wait in voices), len(answered) + len(late)),
    )


def buckets(calls: Iterable[CallRecord], by: str, zone: tzinfo, now: datetime) -> tuple[Bucket, ...]:
    """Return the figures day by day or hour by hour, oldest first; an hour without calls has no bucket."""
    starts: Callable[[datetime], datetime] = _day if by == "day" else _hour
    sorted_in: dict[datetime, list[CallRecord]] = {}
    for call in calls:
        if call.ring_start is not None:
            sorted_in.setdefault(starts(call.ring_start.astimezone(zone)), []).append(call)
    return tuple(Bucket(start=start, figures=figures(sorted_in[start], now)) for start in sorted(sorted_in))


def percentiles(waits: Iterable[timedelta]) -> Percentiles:
    """Return the percentiles counted as the reports count them: two screens tell one figure of the same calls."""
    p50, p90, p99 = at_ranks(Counter(FINE.edge(milliseconds(wait)) for wait in waits), (0.5, 0.9, 0.99))
    return Percentiles(p50=p50, p90=p90, p99=p99)


def _counts(call: CallRecord, now: datetime) -> bool:
    if call.ring_start is None or call.direction != "inbound":
        return False
    return call.switch_answer is not None or call.ended_at is not None or now - call.ring_start > THREE_RINGS


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
