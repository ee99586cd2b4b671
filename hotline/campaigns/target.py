"""A target 名单: one home on a campaign's list, what becomes of it, and when it is tried again. Pure.

The retry plan is a proposal: whether the home may be rung then is for `may_call` to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hotline.campaigns.attempt import Outcome, Result, Said
from hotline.campaigns.campaign import CampaignKind

BUSY_AFTER: Final = timedelta(minutes=15)
BUSY_TRIES: Final = 2  # after the first
CONGESTED_AFTER: Final = timedelta(minutes=5)
OURS_AFTER: Final = timedelta(seconds=10)  # our own fault: at once, but never in a loop
OURS_TRIES: Final = 5
NEXT_WINDOW_AFTER: Final = timedelta(hours=2)  # from a call nobody took; the calling windows do the rest
LATER_UNSAID: Final = timedelta(hours=2)  # "call me later", and no hour given


class TargetState(StrEnum):
    """Where a target stands."""

    WAITING = "waiting"  # to be rung, not before its time
    IN_HAND = "in-hand"  # an attempt lives
    SUPPRESSED = "suppressed"  # may not be rung; the reasons stand beside
    DONE = "done"  # told, or asked
    GIVEN_UP = "given-up"  # tried as often as is decent, or there is no such number


class TargetStep(StrEnum):
    """What can happen to a target."""

    PLANNED = "planned"
    RETURNED = "returned"  # its attempt was withdrawn, or is to be tried again
    FORBIDDEN = "forbidden"
    REACHED = "reached"
    ABANDONED = "abandoned"  # no further try
    ALLOWED = "allowed"  # a person took back what forbade it
    DOUBTED = "doubted"  # given up because of an answer that is not believed any more


S = TargetState
NEXT: Final[Mapping[tuple[TargetState, TargetStep], TargetState]] = {
    (S.WAITING, TargetStep.PLANNED): S.IN_HAND,
    (S.WAITING, TargetStep.FORBIDDEN): S.SUPPRESSED,
    (S.WAITING, TargetStep.RETURNED): S.WAITING,
    (S.WAITING, TargetStep.ABANDONED): S.GIVEN_UP,
    (S.IN_HAND, TargetStep.RETURNED): S.WAITING,
    (S.IN_HAND, TargetStep.FORBIDDEN): S.SUPPRESSED,
    (S.IN_HAND, TargetStep.REACHED): S.DONE,
    (S.IN_HAND, TargetStep.ABANDONED): S.GIVEN_UP,
    (S.SUPPRESSED, TargetStep.ALLOWED): S.WAITING,
    (S.GIVEN_UP, TargetStep.DOUBTED): S.WAITING,
}


def after(state: TargetState, step: TargetStep) -> TargetState | None:
    """Return the state after this step; None where it cannot follow."""
    return NEXT.get((state, step))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How often a target was tried so far: calls that disturbed somebody, busy lines in a row, faults of ours."""

    rung: int = 0
    busy: int = 0
    ours: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of a target after an attempt: its step, and when it is tried again."""

    step: TargetStep
    again_at: datetime | None = None
    is_wish: bool = False  # the person named the time: then caps and gap do not stand in the way
    tries: Tries = field(default_factory=Tries)


# Nobody was disturbed by these: they count towards no cap, and no gap follows.
UNDISTURBED: Final = frozenset(
    {Outcome.BUSY, Outcome.SWITCHED_OFF, Outcome.INVALID, Outcome.CONGESTION, Outcome.FAILED_HERE}
)
_LISTENED: Final = frozenset(
    {Said.IS_PERSON, Said.HEARD, Said.REPEATED, Said.PAID, Said.DISPUTED, Said.CLERK, Said.NO_MORE, Said.UNSATISFIED}
)


def plan_after(
    kind: CampaignKind,
    result: Result,
    tries: Tries,
    now: datetime,
    *,
    most_rung: int,
    has_further_number: bool = False,
) -> Plan:
    """Return what becomes of a target after an attempt that ended so.

    `tries` are those before it. A machine got no message: it is tried again, as a call that nobody took. Where the
    number does not exist, the home's next one is rung, if it has a further number: nobody was disturbed.
    """
    outcome, at = result.outcome or Outcome.FAILED_HERE, result.ended_at or now
    match outcome:
        case Outcome.HUMAN:
            return _after_human(kind, result, tries, at, most_rung)
        case Outcome.BUSY:
            counted = Tries(rung=tries.rung, busy=tries.busy + 1, ours=tries.ours)
            if counted.busy <= BUSY_TRIES:
                return _again(at + BUSY_AFTER, counted)
            return _rung_in_vain(at, Tries(rung=tries.rung, ours=tries.ours), most_rung)
        case Outcome.INVALID if has_further_number:
            return _again(at, Tries(rung=tries.rung))
        case Outcome.INVALID:
            return Plan(step=TargetStep.ABANDONED, tries=tries)
        case Outcome.CONGESTION:  # the network's, for a minute or for a day: held, never given up for it
            return _again(at + CONGESTED_AFTER, tries)
        case Outcome.FAILED_HERE:
            counted = Tries(rung=tries.rung, busy=tries.busy, ours=tries.ours + 1)
            if counted.ours > OURS_TRIES:
                return Plan(step=TargetStep.ABANDONED, tries=counted)
            return _again(at + OURS_AFTER, counted)
        case _:  # no answer, refused, switched off, machine, fax
            return _rung_in_vain(at, tries, most_rung)


def _after_human(kind: CampaignKind, result: Result, tries: Tries, at: datetime, most_rung: int) -> Plan:
    counted = Tries(rung=tries.rung + 1)
    said = result.said
    if Said.NO_MORE in said:
        return Plan(step=TargetStep.REACHED, tries=counted)
    if Said.LATER in said:
        if counted.rung >= 2 * most_rung:  # a wish is kept, but not for ever
            return Plan(step=TargetStep.ABANDONED, tries=counted)
        return Plan(
            step=TargetStep.RETURNED, again_at=result.later_at or at + LATER_UNSAID, is_wish=True, tries=counted
        )
    if Said.WRONG_PERSON in said:
        return Plan(step=TargetStep.ABANDONED, tries=counted)
    needs_agent = kind in NEEDS_AGENT
    if result.reached_agent or (said & _LISTENED and not (needs_agent or result.gave_up_waiting)):
        return Plan(step=TargetStep.REACHED, tries=counted)
    return _rung_in_vain(at, tries, most_rung)  # lifted, and never said who: nothing private was told


NEEDS_AGENT: Final = frozenset({CampaignKind.MISSED_RETURN, CampaignKind.CALL_BACK})
"""The kinds in which people are to talk: as many are rung as clerks are ready."""


def _rung_in_vain(at: datetime, tries: Tries, most_rung: int) -> Plan:
    counted = Tries(rung=tries.rung + 1, ours=tries.ours)
    if counted.rung >= most_rung:
        return Plan(step=TargetStep.ABANDONED, tries=counted)
    return _again(at + NEXT_WINDOW_AFTER, counted)


def _again(at: datetime, tries: Tries) -> Plan:
    return Plan(step=TargetStep.RETURNED, again_at=at, tries=tries)
