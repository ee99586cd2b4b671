"""Count facts one by one, in plain Python: what the database counts must come to the same."""

from hotline.reports.fact import Fact
from hotline.reports.tally import FINE, Steps, Tally


def count(tally: Tally, fact: Fact, steps: Steps = FINE) -> None:
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
        tally.lift[steps.edge(fact.lift_ms)] += 1
    if fact.human_ms is not None:
        counts["human-ms"] += fact.human_ms
        tally.human[steps.edge(fact.human_ms)] += 1


def work_of(*facts: Fact) -> dict[str, Tally]:
    """Return what agents did in these calls, each under their extension."""
    found: dict[str, Tally] = {}
    for fact in facts:
        for agent in dict.fromkeys(agent for agent, _, _ in fact.talks):
            found.setdefault(agent, Tally()).counts["calls" if fact.is_offered else "calls-out"] += 1
        for agent, talk_ms, hold_ms in fact.talks:
            found[agent].counts.update({"talk-ms": talk_ms, "hold-ms": hold_ms})
        for agent in fact.missed:
            found.setdefault(agent, Tally()).counts["missed"] += 1
        if fact.marked:
            found[fact.marked].counts.update({"marks": 1, "mark-sum": fact.satisfaction or 0})
    return found
