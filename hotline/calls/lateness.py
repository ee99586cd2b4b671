"""Why a caller waited too long: the wait cut into legs that add up to it, each with who or what it was spent on. Pure.

Comes after `ledger`. Two clocks (domain: answering): the switch lifts within three rings, a human speaks within 20 s. A
call that missed one of them, or ended without a human, is late; its causes are the legs that took more than they may.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from hotline.calls.cadence import THREE_RINGS
from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.state import CallState, Outcome

HUMAN_WITHIN: Final = timedelta(seconds=20)  # the commercial desk's service level: 80 % within 20 s (domain)
ANNOUNCEMENTS_MAY_TAKE: Final = timedelta(seconds=10)  # greeting and notice of recording, said at an easy pace
QUEUE_MAY_TAKE: Final = timedelta(seconds=3)  # between two phones; longer is: nobody was free
AT_ONCE: Final = timedelta(seconds=1)  # phones that stop so soon before a human's voice stopped because of it
DUST: Final = timedelta(milliseconds=500)  # phones rung together begin and stop some milliseconds apart


class LegKind(StrEnum):
    """What a part of the wait was spent on."""

    SWITCH = "switch"  # ringing, nobody's phone yet
    ANNOUNCEMENT = "announcement"  # greeting and notice, also when said after an agent has lifted
    FULL_HOUSE = "full-house"  # the announcement of who was not let in, because too many called
    LOOK_UP = "look-up"  # late or failed: it has no length of its own, it is within the leg before
    SERVICE = "service"  # the menu's service was silent or failed; absent has no length
    MENU = "menu"  # the caller's own time: listening and choosing
    QUEUE = "queue"  # waiting while nobody's phone rang
    MISSED = "missed"  # these agents' phones rang and nobody lifted
    RINGING = "ringing"  # the phone rang that was lifted, or that the caller did not wait for
    CALL_BACK = "call-back"  # the caller's own time: a call-back was asked for
    MESSAGE = "message"  # the caller's own time: speaking a message


# Their question was answered by the menu, or by the word of an incident: no human was owed.
WANTED_NO_HUMAN: Final = frozenset({Outcome.SERVED_BY_MENU, Outcome.INCIDENT_JOINED})


class Lateness(StrEnum):
    """Which promise was not kept."""

    NOBODY = "nobody"  # the call ended without a human
    HUMAN = "human"  # no human within 20 s
    SWITCH = "switch"  # not lifted within three rings


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One part of the wait. `detail` is why: absent, silent, failed of the service, late, failed of the look-up."""

    kind: LegKind
    start: datetime
    took: timedelta
    agents: tuple[str, ...] = ()  # whose phones rang
    detail: str = ""
    is_cause: bool = False

    def as_values(self) -> dict[str, Any]:
        """Return the leg as plain JSON values; `seconds` to the millisecond."""
        return {
            "kind": self.kind.value,
            "start": self.start.isoformat(),
            "seconds": round(self.took.total_seconds(), 3),
            "agents": list(self.agents),
            "detail": self.detail,
            "is_cause": self.is_cause,
        }


def how_late(call: CallRecord, now: datetime | None = None) -> Lateness | None:
    """Return which promise was broken, the gravest first; None when all were kept, or not broken yet."""
    wait = _wait(call, now)
    if wait is None:
        return None
    start, until = wait
    if call.outcome not in WANTED_NO_HUMAN:
        if call.human_answer is None and call.ended_at is not None:
            return Lateness.NOBODY
        if until - start > HUMAN_WITHIN:
            return Lateness.HUMAN
    return Lateness.SWITCH if min(call.switch_answer or until, until) - start > THREE_RINGS else None


def late_because(call: CallRecord, now: datetime | None = None) -> tuple[Leg, ...]:
    """Return the legs of a late call's wait, in order, the causes marked; () for a call that is not late.

    They add up to the wait: from ring start to a human's voice, else to the end, else to `now`.
    """
    if how_late(call, now) is None:
        return ()
    legs = legs_of(call, now)
    blamed = [_is_over(leg, legs) for leg in legs]
    if not any(is_over and leg.took for leg, is_over in zip(legs, blamed, strict=True)) and legs:
        longest = max(range(len(legs)), key=lambda place: legs[place].took)
        blamed[longest] = True  # each took what it may, and all of them together were too much
    return tuple(replace(leg, is_cause=is_over) for leg, is_over in zip(legs, blamed, strict=True))


def legs_of(call: CallRecord, now: datetime | None = None) -> tuple[Leg, ...]:
    """Return how a resident's wait was spent, late or not, in order; () for our own calls and without an end."""
    wait = _wait(call, now)
    if wait is None:
        return ()
    start, until = wait
    phases = sorted(
        ((at, kind) for at, kind in _phases(call, start) if start <= at < until), key=lambda phase: phase[0]
    )
    edges = {start, until, *(at for at, _ in phases)}
    edges |= {min(max(at, start), until) for ring in call.rings for at in (ring.began, ring.ended) if at}
    legs: list[Leg] = []
    for begin, end in pairwise(sorted(edges)):
        kind = [kind for at, kind in phases if at <= begin][-1]
        legs.append(_leg(call, kind, begin, end, until))
    return tuple(_with_marks(call, _joined(legs)))


def _wait(call: CallRecord, now: datetime | None) -> tuple[datetime, datetime] | None:
    until = call.human_answer or call.ended_at or now
    if call.direction != "inbound" or call.ring_start is None or until is None:
        return None
    return call.ring_start, max(call.ring_start, until)


def _phases(call: CallRecord, start: datetime) -> Iterator[tuple[datetime, LegKind]]:
    """Yield when the caller came to each place where no phone rings."""
    yield start, LegKind.SWITCH
    if call.switch_answer:
        was_full = call.outcome is Outcome.TURNED_AWAY or call.state is CallState.TURNED_AWAY
        yield call.switch_answer, LegKind.FULL_HOUSE if was_full else LegKind.ANNOUNCEMENT
    if call.menu_entered_at:
        yield call.menu_entered_at, LegKind.SERVICE if _was_left_in_the_menu(call) else LegKind.MENU
    if call.queued_at:
        yield call.queued_at, LegKind.QUEUE
    # An emergency has no queue, the agent who had the case is rung before it, and people may come first and once more
    # after the menu: from the first phone on it is people who are waited for.
    led = max((at for at in (call.switch_answer, call.menu_entered_at) if at), default=None)
    if led and (phones := [ring.began for ring in call.rings if ring.began > led]):
        yield min(phones), LegKind.QUEUE
    if call.call_back_at:
        yield call.call_back_at, LegKind.CALL_BACK
    if call.message_at:
        yield call.message_at, LegKind.MESSAGE


def _was_left_in_the_menu(call: CallRecord) -> bool:
    return call.without_service in {"silent", "failed"}


def _leg(call: CallRecord, kind: LegKind, begin: datetime, end: datetime, until: datetime) -> Leg:
    ringing = [ring for ring in call.rings if ring.began <= begin and (ring.ended or until) >= end]
    lifted = [ring for ring in ringing if ring.was_answered]
    missed = [ring for ring in ringing if was_missed(ring, until)]
    who = tuple(dict.fromkeys(ring.agent for ring in lifted or missed or ringing))
    if ringing:
        kind = LegKind.MISSED if missed and not lifted else LegKind.RINGING
    elif _was_lifted(call, begin):
        kind = LegKind.ANNOUNCEMENT
    detail = call.without_service if kind is LegKind.SERVICE else ""
    return Leg(kind=kind, start=begin, took=end - begin, agents=who, detail=detail)


def _was_lifted(call: CallRecord, at: datetime) -> bool:
    """Tell whether the agent who then spoke had lifted already: with people first, both hear the notice before."""
    first = call.answered_by or call.agent
    lifts = [ring.ended for ring in call.rings if ring.was_answered and ring.ended and ring.agent == first]
    return call.human_answer is not None and bool(lifts) and lifts[-1] <= at


def was_missed(ring: Ring, until: datetime) -> bool:
    """Tell whether an agent let the phone ring: it was not lifted, and it did not stop because another's was.

    Nor because the caller was led elsewhere. Who let it ring for more than three rings missed it all the same.
    """
    ended = min(ring.ended or until, until)
    was_stopped = ring.was_withdrawn or ended >= until - AT_ONCE
    return not ring.was_answered and (not was_stopped or ended - ring.began > THREE_RINGS)


def _joined(legs: Iterable[Leg]) -> list[Leg]:
    """Join neighbours that are of one kind and of the same agents, and give dust to the ringing beside it."""
    joined: list[Leg] = []
    for leg in legs:
        last = joined[-1] if joined else None
        if last and (last.kind, last.agents) == (leg.kind, leg.agents):
            joined[-1] = replace(last, took=last.took + leg.took)
        elif last and last.agents and leg.agents and min(last.took, leg.took) < DUST:
            longer = max(last, leg, key=lambda one: one.took)
            joined[-1] = replace(longer, start=last.start, took=last.took + leg.took)
        else:
            joined.append(leg)
    return joined


def _with_marks(call: CallRecord, legs: list[Leg]) -> Iterator[Leg]:
    """Yield the legs, and where they failed the look-up and the service, which take no time of their own."""
    marks: list[Leg] = []
    at = call.menu_entered_at or call.switch_answer
    if at and call.look_up in {"late", "failed"}:
        marks.append(Leg(kind=LegKind.LOOK_UP, start=at, took=timedelta(0), detail=call.look_up))
    went_on = call.queued_at or at
    if went_on and call.without_service and not (call.menu_entered_at and _was_left_in_the_menu(call)):
        marks.append(Leg(kind=LegKind.SERVICE, start=went_on, took=timedelta(0), detail=call.without_service))
    # A mark that stands on an edge comes before the leg that begins there.
    known = [mark for mark in marks if legs and legs[0].start <= mark.start <= legs[-1].start + legs[-1].took]
    yield from sorted([*known, *legs], key=lambda leg: leg.start)


def _is_over(leg: Leg, legs: tuple[Leg, ...]) -> bool:
    """Tell whether this kind of leg took more than it may. The caller's own time is named, never blamed."""
    took = sum((other.took for other in legs if other.kind is leg.kind), timedelta(0))
    match leg.kind:
        case LegKind.SWITCH:
            return took > THREE_RINGS
        case LegKind.ANNOUNCEMENT:
            return took > ANNOUNCEMENTS_MAY_TAKE
        case LegKind.QUEUE:
            return took > QUEUE_MAY_TAKE
        case LegKind.RINGING:
            return leg.took > THREE_RINGS
        case LegKind.SERVICE:
            return leg.detail != "absent"  # without a service the dialplan goes straight to people
        case LegKind.MISSED | LegKind.LOOK_UP | LegKind.FULL_HOUSE:
            return True
        case _:
            return False
