"""What reports keep of one call that is over: in which counts it stands, and by what it can be told apart. Pure.

Nothing of a person is in it, so it may outlive the call's own row.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from hotline.calls.cadence import PUBLIC_HOTLINE_LIMIT, is_within_three_rings
from hotline.calls.lateness import how_late, late_because, was_missed
from hotline.calls.ledger import CallRecord
from hotline.calls.state import ABANDONED
from hotline.reports.definitions import UNREACHED
from hotline.reports.tally import milliseconds

AGAIN: Final = "*"  # says the menu again: no choice
KEYS: Final = 3  # of a menu's path that are told apart
MILLISECOND: Final = timedelta(milliseconds=1)
DIMENSIONS: Final = ("queue", "menu", "agent", "building", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One call that is over. `day` and `hour` are the centre's; waits are whole milliseconds, rounded up.

    `talks` are (agent, talk without holds, holds) in milliseconds, `missed` the agents who let it ring.
    """

    call_id: str
    rang_at: datetime
    day: date
    hour: int
    weekday: int  # 1 is Monday
    direction: str
    outcome: str
    is_offered: bool
    is_answered: bool
    is_abandoned: bool
    is_short: bool
    is_unreached: bool
    is_within_three_rings: bool
    is_within_limit: bool
    is_emergency: bool
    lift_ms: int | None
    human_ms: int | None
    late: str  # which promise was broken: nobody, human, switch; "" is none
    cause: str  # the chief cause of that; "" where it is not late
    queue: str
    menu: str
    agent: str  # whose voice was the first
    building: str
    kind: str
    satisfaction: int | None
    marked: str  # whom the resident talked to last, where they judged it
    talks: tuple[tuple[str, int, int], ...]
    missed: tuple[str, ...]


def fact_of(call: CallRecord, *, zone: tzinfo, building: str, kind: str) -> Fact | None:
    """Return what reports keep of a call; None while it goes on, and of one whose beginning is not known."""
    if call.ring_start is None or call.ended_at is None:
        return None
    rang = call.ring_start.astimezone(zone)
    lift, human = call.answer_wait, call.human_wait
    is_offered = call.direction == "inbound"
    lateness, talks = how_late(call), _talks(call)
    return Fact(
        call_id=call.id,
        rang_at=call.ring_start,
        day=rang.date(),
        hour=rang.hour,
        weekday=rang.isoweekday(),
        direction=call.direction,
        outcome=call.outcome.value if call.outcome else "",
        is_offered=is_offered,
        is_answered=is_offered and human is not None,
        is_abandoned=is_offered and call.outcome in ABANDONED and not call.is_short_abandon,
        is_short=is_offered and call.is_short_abandon,
        is_unreached=is_offered and call.outcome in UNREACHED and not call.is_short_abandon,
        is_within_three_rings=is_offered and lift is not None and is_within_three_rings(lift),
        is_within_limit=is_offered and human is not None and human <= PUBLIC_HOTLINE_LIMIT,
        is_emergency=is_offered and call.is_emergency,
        lift_ms=_ms(lift),
        human_ms=_ms(human),
        late=lateness.value if lateness else "",
        cause=chief_cause(call),
        queue=call.queue,
        menu="-".join([key for key in call.menu_path if key != AGAIN][:KEYS]),
        agent=call.answered_by or (call.agent if call.human_answer else ""),
        building=building,
        kind=kind or call.request,
        satisfaction=call.satisfaction,
        marked=talks[-1][0] if talks and call.satisfaction is not None else "",
        talks=talks,
        missed=_missed(call),
    )


def chief_cause(call: CallRecord) -> str:
    """Return on what most of a late call's wait was lost; of two that took as long, the earlier. "" of no late call."""
    took: dict[str, timedelta] = {}
    for leg in late_because(call):
        if leg.is_cause:
            took[leg.kind.value] = took.get(leg.kind.value, timedelta(0)) + leg.took
    return max(took, key=lambda kind: took[kind]) if took else ""


def _ms(wait: timedelta | None) -> int | None:
    return None if wait is None else milliseconds(wait)


def _talks(call: CallRecord) -> tuple[tuple[str, int, int], ...]:
    if call.direction == "internal":
        return ()
    found = []
    for talk in call.talks:
        ended = talk.ended or call.ended_at
        took = max(timedelta(0), ended - talk.began) if ended else timedelta(0)
        held = min(talk.held, took)
        found.append((talk.agent, (took - held) // MILLISECOND, held // MILLISECOND))
    return tuple(found)


def _missed(call: CallRecord) -> tuple[str, ...]:
    until = call.human_answer or call.ended_at
    if call.direction != "inbound" or until is None:
        return ()
    return tuple(ring.agent for ring in call.rings if was_missed(ring, until))
