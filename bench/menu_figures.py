"""What a run of bench/through_the_menu.py showed, and the table of it. Pure but for a look at /proc."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bench.sipp_figures import percentile
from hotline.calls.cadence import THREE_RINGS, is_within_three_rings
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Limits, debts
from hotline.followups.service import always_open

SHOWN = 12  # kinds of trouble listed at most
_MINUTE = timedelta(minutes=1)
ANY = Limits(call_back=_MINUTE, message=_MINUTE, morning=_MINUTE, unsatisfied=_MINUTE)  # compared is what, not by when
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_COUNTED = re.compile(r"(\d+) active (channel|call)s?\b")


@dataclass
class Usage:
    """What a group of processes took: seconds of processor, and the most memory that any of them held."""

    seconds: dict[int, float] = field(default_factory=dict)
    most_mb: float = 0

    def look(self, pid: int) -> None:
        try:
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return  # gone meanwhile: what was seen last counts
        self.seconds[pid] = (int(words[11]) + int(words[12])) / CLOCK_TICKS
        if found := re.search(r"VmRSS:\s+(\d+) kB", status):
            self.most_mb = max(self.most_mb, int(found[1]) / 1024)


@dataclass
class Seen:
    """Everything one run showed."""

    wanted: Counter[str] = field(default_factory=Counter)  # numbers that call, and how often
    to_be_lifted: int = 0
    placed: int = 0
    times: list[float] = field(default_factory=list)
    otherwise: Counter[str] = field(default_factory=Counter)
    away: list[float] = field(default_factory=list)  # seconds without a service after each kill
    placing_took: float = 0
    most_calls: int = 0
    stuck: str = ""
    level_after: float = float("nan")
    calls: list[CallRecord] = field(default_factory=list)
    owed: set[tuple[str, str]] = field(default_factory=set)  # call id and kind, as written down
    usage: dict[str, Usage] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)


def counted(said: str) -> dict[str, int]:
    """Read what `core show channels count` says."""
    return {what: int(number) for number, what in _COUNTED.findall(said)}


def table(seen: Seen) -> Iterator[tuple[str, float | str]]:
    """Return the figures of one run, by name."""
    limit = THREE_RINGS.total_seconds() * 1000
    inbound = [call for call in seen.calls if call.direction == "inbound"]
    rows = Counter(call.caller_number for call in inbound)
    missing, double = seen.wanted - rows, rows - seen.wanted
    ended = [call for call in inbound if call.state is CallState.ENDED]
    humans = [call for call in ended if call.human_answer]
    in_time = sum(time <= limit for time in seen.times)
    left = counted(seen.stuck)
    yield "calls wanted", seen.wanted.total()
    yield "calls placed", seen.placed
    yield "most calls at once", seen.most_calls
    yield "service killed, times", len(seen.away)
    yield "each time away, s (median)", percentile(sorted(seen.away), 0.5) if seen.away else 0.0
    yield "callers who stayed to be lifted", seen.to_be_lifted
    yield "of these not lifted", seen.to_be_lifted - len(seen.times)
    yield "lifted within 11 s, % of them", 100 * in_time / max(1, seen.to_be_lifted)
    away = [call for call in ended if call.outcome is Outcome.TURNED_AWAY]
    in_time_away = [call for call in away if call.answer_wait is not None and is_within_three_rings(call.answer_wait)]
    yield "turned away (a full house)", len(away)
    yield "of these lifted within 11 s and told", len(in_time_away)
    yield (
        "of these owed a call, as written down",
        sum((call.id, str(FollowUpKind.MISSED)) in seen.owed for call in away),
    )
    yield "answer p50, ms", percentile(seen.times, 0.5)
    yield "answer p99, ms", percentile(seen.times, 0.99)
    yield "answer longest, ms", percentile(seen.times, 1)
    yield "channels left 60 s after the last call", left.get("channel", -1)
    yield "calls left 60 s after the last call", left.get("call", -1)
    yield "ledger rows (inbound)", len(inbound)
    yield "ledger: calls missing", missing.total()
    yield "ledger: rows too many", double.total()
    yield "ledger: rows not ended", len(inbound) - len(ended)
    yield "ledger level after the last call, s", seen.level_after
    yield "calls with oddities", sum(1 for call in seen.calls if call.oddities)
    for (direction, name), count in Counter(
        (call.direction, odd) for call in seen.calls for odd in call.oddities
    ).items():
        yield f"oddity, {direction}: {name}", count
    for name, count in Counter(str(call.outcome) for call in ended).most_common():
        yield f"outcome {name}", count
    yield "reached a human", len(humans)
    yield "emergencies", sum(1 for call in ended if call.is_emergency)
    yield "emergencies without a human", sum(1 for call in ended if call.is_emergency and not call.human_answer)
    yield "calls of ours (call-backs)", len(seen.calls) - len(inbound)
    for name, count in sorted(Counter(call.look_up or "not asked" for call in inbound).items()):
        yield f"look-up {name}", count
    asked = sum(1 for call in inbound if call.look_up)
    yield (
        "look-ups late or failed, %",
        100 * sum(call.look_up in {"late", "failed"} for call in inbound) / max(1, asked),
    )
    for name, count in sorted(Counter(call.without_service for call in inbound if call.without_service).items()):
        yield f"led without service: {name}", count
    due = {
        (call.id, str(debt.kind))
        for call in seen.calls
        for debt in debts(call, has_number=True, limits=ANY, next_opening=always_open)
    }
    yield "ended without a human", len(ended) - len(humans)
    yield "what these calls make us owe", len(due)
    yield "written down as owed", len(seen.owed)
    yield "owed, not written down", len(due - seen.owed)
    yield "written down, not owed", len(seen.owed - due)
    for name, used in sorted(seen.usage.items()):
        yield f"{name}: processor, % of one", 100 * sum(used.seconds.values()) / max(1, seen.placing_took)
        yield f"{name}: memory of a process at most, MB", used.most_mb
    yield "all calls took, s", seen.placing_took


def show(name: str, seen: Seen, first: Seen | None) -> None:
    """Print the figures of a run, beside the first run's where there is one."""
    before = dict(table(first)) if first else {}
    now = dict(table(seen))
    print(f"\n| {name} |" + (" first run | this run | ratio |" if first else " |"))
    print("|---|---|" + ("---|---|" if first else ""))
    for line in dict.fromkeys((*now, *before)):
        own, other = now.get(line, 0), before.get(line, 0)
        if not first:
            print(f"| {line} | {text(own)} |")
            continue
        is_ratio = isinstance(own, float | int) and isinstance(other, float | int) and other
        print(f"| {line} | {text(other)} | {text(own)} | {f'{own / other:.2f}' if is_ratio else ''} |")  # type: ignore[operator]
    if any(counted(seen.stuck).values()):
        print(f"\nleft with the switch:\n{seen.stuck}")
    for title, counts in (
        ("SIPp, otherwise than its scenario says", seen.otherwise), ("complaints", seen.troubles)
    ):  # fmt: skip
        print(f"\n{title}: {counts.total()}")
        for what, count in counts.most_common(SHOWN):
            print(f"  {count:>6}  {what}")
    odd = [call for call in seen.calls if call.oddities or call.state is not CallState.ENDED]
    for call in odd[:SHOWN]:
        print(f"  {call.id} {call.state} {call.outcome} path={call.menu_path} queue={call.queue} {call.oddities}")
    print(flush=True)


def text(value: float | str) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
