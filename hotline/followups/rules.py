"""What a call makes us owe, to whom it falls and by when; and what a call settles. Pure.

The debts of a call only grow while it goes on: a record folded from fewer of its events never owes more than one folded
from all. So it does not matter how often, or in which order, the ledger shows us a call.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord
from hotline.calls.ours import RESIDENT_FIRST
from hotline.calls.state import Outcome
from hotline.followups.follow_up import RETURNABLE, FollowUpKind

NextOpening = Callable[[datetime], datetime]
"""The moment itself while the centre is open, else when it opens next."""

SHORT_RING: Final = timedelta(seconds=3)  # who rings so briefly and shows no number cannot be called and missed nothing
SAME_CALLER_WITHIN: Final = timedelta(hours=1)
UNSATISFIED_UP_TO: Final = 2  # of 5
MISSED: Final = frozenset(
    {*(out for out in Outcome if out.value.startswith("abandoned-")), Outcome.SWITCH_LOST, Outcome.TURNED_AWAY}
)
OWED_BY_SUPERVISOR: Final = frozenset({FollowUpKind.EMERGENCY, FollowUpKind.UNSATISFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How soon what is owed falls due."""

    call_back: timedelta
    message: timedelta
    morning: timedelta  # after opening, for what came while the centre was closed
    unsatisfied: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """One thing that a call makes us owe. `at` is the moment from which it is owed; no `due` waits for something."""

    kind: FollowUpKind
    at: datetime
    due: datetime | None
    play_from: float | None = None  # seconds into the recording
    mark: int | None = None
    incident: str = ""

    @property
    def owed_by(self) -> Role:
        return owed_by(self.kind)


def owed_by(kind: FollowUpKind) -> Role:
    """Return the role to whom this kind falls."""
    return Role.SUPERVISOR if kind in OWED_BY_SUPERVISOR else Role.AGENT


def debts(call: CallRecord, *, has_number: bool, limits: Limits, next_opening: NextOpening) -> tuple[Debt, ...]:
    """Return what this call makes us owe, so far. `has_number`: there is a number at which the caller is reached."""
    return (*_of_the_call(call, has_number, limits, next_opening), *_of_the_mark(call, limits))


def _of_the_mark(call: CallRecord, limits: Limits) -> Iterator[Debt]:
    """Yield what a bad mark makes us owe: to who called us, and to whom we called back."""
    is_a_residents = call.direction == "inbound" or bool(call.returns) or call.id.startswith(RESIDENT_FIRST)
    mark, at = call.satisfaction, call.ended_at
    if is_a_residents and at is not None and mark is not None and mark <= UNSATISFIED_UP_TO:
        yield Debt(kind=FollowUpKind.UNSATISFIED, at=at, due=at + limits.unsatisfied, mark=mark)


def _of_the_call(call: CallRecord, has_number: bool, limits: Limits, next_opening: NextOpening) -> Sequence[Debt]:
    is_a_campaigns = call.id.startswith(RESIDENT_FIRST)
    if (call.direction != "inbound" and not is_a_campaigns) or call.ring_start is None:
        return ()

    def due(at: datetime, within: timedelta) -> datetime:
        return deadline(at, within, limits=limits, next_opening=next_opening)

    owed: list[Debt] = []
    if at := call.call_back_at:
        owed.append(Debt(kind=FollowUpKind.CALL_BACK, at=at, due=due(at, limits.call_back)))
    if at := call.message_at:
        owed.append(
            Debt(kind=FollowUpKind.MESSAGE, at=at, due=due(at, limits.message), play_from=_place_in_recording(call, at))
        )
    if call.joined_incident:
        owed.append(Debt(kind=FollowUpKind.INCIDENT, at=call.ring_start, due=None, incident=call.incident))
    if at := call.ended_at:
        if call.is_emergency and call.human_answer is None:
            owed.append(Debt(kind=FollowUpKind.EMERGENCY, at=at, due=at))
        elif is_a_campaigns and call.outcome is not Outcome.ABANDONED_QUEUE:
            pass  # only who asked for a clerk and got none was missed; why the others were not reached, campaigns know
        elif not owed and call.outcome in MISSED and (has_number or not _missed_nothing(call, at - call.ring_start)):
            owed.append(Debt(kind=FollowUpKind.MISSED, at=at, due=due(at, limits.call_back)))
    return owed


def _missed_nothing(call: CallRecord, took: timedelta) -> bool:
    """Whoever was turned away did not give up: they are owed a call however short it was."""
    return took < SHORT_RING and call.outcome is not Outcome.TURNED_AWAY


def deadline(at: datetime, within: timedelta, *, limits: Limits, next_opening: NextOpening) -> datetime:
    """Return by when it is done: so long after `at`, or, where the centre is closed then, in the morning."""
    opening = next_opening(at)
    return at + within if opening <= at else opening + limits.morning


def joins(debt: Debt, kind: FollowUpKind, last_at: datetime) -> bool:
    """Return whether this debt is part of an open follow-up of the same number rather than one of its own.

    A missed call joins a wish or another missed call, a wish joins a wish: what was promised aloud is not hidden
    behind a call that was merely missed.
    """
    if debt.kind not in RETURNABLE or kind not in RETURNABLE:
        return False
    if debt.kind is FollowUpKind.CALL_BACK and kind is not FollowUpKind.CALL_BACK:
        return False
    return abs(debt.at - last_at) <= SAME_CALLER_WITHIN


def _place_in_recording(call: CallRecord, at: datetime) -> float | None:
    if call.recording_start is None:  # none was begun, or what was begun is refused
        return None
    return max(0.0, round((at - call.recording_start).total_seconds(), 1))
