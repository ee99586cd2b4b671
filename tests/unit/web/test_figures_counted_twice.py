"""The figures of today beside a second, naive calculation over the raw moments of random calls."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hotline.alerts.watched import within_three_rings
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.today import Today
from hotline.web.figures import buckets, figures
from hotline.web.rooms import CHINA

MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=20)
SECONDS = st.one_of(st.none(), st.floats(0, 120).map(lambda value: round(value, 3)))


@st.composite
def calls(draw: st.DrawFn) -> list[CallRecord]:
    """Return a day of calls: any moment may be missing, calls may ring now or have begun yesterday."""
    found = []
    for place in range(draw(st.integers(0, 25))):
        start = MIDNIGHT + timedelta(seconds=draw(st.floats(-3000, 72_000)))
        lifted, human, ended = draw(SECONDS), draw(SECONDS), draw(SECONDS)
        outcome = draw(st.sampled_from(list(Outcome))) if ended is not None else None
        if outcome is Outcome.ANSWERED and human is None:
            outcome = Outcome.ABANDONED_QUEUE
        found.append(
            CallRecord(
                id=f"c-{place}",
                state=CallState.TALKING if ended is None else CallState.ENDED,
                direction=draw(st.sampled_from(["inbound", "inbound", "inbound", "outbound", "internal"])),
                ring_start=start,
                switch_answer=None if lifted is None else start + timedelta(seconds=lifted),
                human_answer=None if human is None else start + timedelta(seconds=human),
                ended_at=None if ended is None else start + timedelta(seconds=ended),
                outcome=outcome,
                is_short_abandon=draw(st.booleans()) and outcome is not None and outcome.value.startswith("abandoned"),
            )
        )
    return found


def naive(day: list[CallRecord]) -> dict[str, Any]:
    """Count with loops, in seconds, and with nothing of the code that is tested."""
    offered = answered = abandoned = short = within = in_time = against = turned = 0
    voices: list[float] = []
    for call in day:
        if call.direction != "inbound" or call.ring_start is None or call.ring_start < MIDNIGHT:
            continue
        began = call.ring_start.timestamp()
        if call.switch_answer is None and call.ended_at is None and NOW.timestamp() - began <= 11:
            continue
        offered += 1
        name = "" if call.outcome is None else call.outcome.value
        turned += name == "turned-away"
        if call.is_short_abandon:
            short += 1
        elif name.startswith("abandoned"):
            abandoned += 1
        if call.switch_answer is not None and round(call.switch_answer.timestamp() - began, 6) <= 11:
            within += 1
        if call.human_answer is not None:
            answered += 1
            against += 1
            voices.append(round(call.human_answer.timestamp() - began, 6))
            in_time += voices[-1] <= 15
        is_lost = name.startswith("abandoned") or name in {"message-left", "call-back-wished", "turned-away"}
        if is_lost and not call.is_short_abandon:
            against += 1
    voices.sort()

    def rank(percent: int) -> float | None:
        # The smallest wait that at least so many percent of the calls did not exceed.
        return next((wait for n, wait in enumerate(voices, 1) if 100 * n >= percent * len(voices)), None)

    return {
        "offered": offered, "answered": answered, "abandoned": abandoned, "short_abandoned": short,
        "turned_away": turned,
        "within_three_rings": within, "three_rings_share": round(within / offered, 4) if offered else None,
        "service_level": round(in_time / against, 4) if against else None,
        "p50": rank(50), "p90": rank(90), "p99": rank(99),
    }  # fmt: skip


@given(calls())
def test_figures_of_today_are_what_a_naive_count_of_the_same_calls_says(day: list[CallRecord]) -> None:
    today = Today(tuple(day), MIDNIGHT)

    found = figures(today.begun, NOW)

    wanted = naive(day)
    waits = {name: wanted.pop(name) for name in ("p50", "p90", "p99")}
    assert {name: getattr(found, name) for name in wanted} == wanted
    for name, wait in waits.items():
        told = getattr(found.human_seconds, name)
        assert (told is None) == (wait is None)
        # Rounded up as the reports do, whose steps the tests of sums hold to the calls.
        assert wait is None or 0 <= round(told - wait, 6) <= (0.1 if wait <= 30 else 1) + 0.001


@given(calls())
def test_the_hours_of_today_add_up_to_today_and_the_alert_counts_as_the_figure_does(day: list[CallRecord]) -> None:
    today = Today(tuple(day), MIDNIGHT)

    found, hours = figures(today.begun, NOW), buckets(today.begun, "hour", CHINA, NOW)

    for name in ("offered", "answered", "abandoned", "within_three_rings", "turned_away"):
        assert sum(getattr(hour.figures, name) for hour in hours) == getattr(found, name)
    assert within_three_rings(today.begun, NOW) == (found.within_three_rings, found.offered)
