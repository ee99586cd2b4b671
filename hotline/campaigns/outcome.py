"""What came of an attempt, read from the ledger's call: by the network's cause, by the keys, by what lifted. Pure.

The same call gives the same result however often it is asked. Q.850 causes are named in hotline/calls/ours.py. What a
carrier tells in sound before an answer (空号, 关机) is not heard by us: where it sends no cause with it, a dead number
looks like nobody at home (docs/calling-out.md).
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hotline.calls.ledger import CallRecord
from hotline.calls.ours import unreached
from hotline.calls.state import CallState
from hotline.calls.state import Outcome as CallOutcome
from hotline.campaigns.attempt import Outcome, Result, Said

_BY_THE_NETWORK: Final[Mapping[CallOutcome, Outcome]] = {
    CallOutcome.BUSY: Outcome.BUSY,
    CallOutcome.NO_ANSWER: Outcome.NO_ANSWER,
    CallOutcome.REFUSED: Outcome.REFUSED,
    CallOutcome.INVALID_NUMBER: Outcome.INVALID,
    CallOutcome.SWITCHED_OFF: Outcome.SWITCHED_OFF,
    CallOutcome.CONGESTION: Outcome.CONGESTION,
    CallOutcome.FAILED: Outcome.FAILED_HERE,
}
_BY_WHAT_LIFTED: Final[Mapping[str, Outcome]] = {"MACHINE": Outcome.MACHINE, "FAX": Outcome.FAX}
_SAID: Final[Mapping[str, Said]] = {
    "CONFIRMED": Said.IS_PERSON,
    "WRONG_PERSON": Said.WRONG_PERSON,
    "KEY 1": Said.HEARD,
    "KEY 2": Said.REPEATED,
    "KEY 3": Said.PAID,
    "KEY 4": Said.DISPUTED,
    "KEY 0": Said.CLERK,
    "KEY 8": Said.LATER,
    "KEY 9": Said.NO_MORE,
    "SURVEY satisfied:2": Said.UNSATISFIED,
}
# What the keys of "when would be a good time?" mean; whoever presses none is called at the same time tomorrow.
_LATER: Final[Mapping[str, time]] = {"1": time(10), "2": time(15), "3": time(19)}


def result_of(call: CallRecord, zone: ZoneInfo) -> Result:
    """Return what the ledger knows of an attempt; `zone` is the centre's, in which people name a time of day."""
    steps = [step.partition(" ") for step in call.talk_steps]
    answered = call.resident_answered or call.switch_answer
    pressed = tuple(_SAID[step] for step in call.talk_steps if step in _SAID)
    later = [value for what, _, value in steps if what == "LATER"]
    return Result(
        outcome=_outcome(call, answered) if call.state is CallState.ENDED else None,
        said=frozenset(pressed),
        pressed=pressed,
        answers=dict(value.split(":", 1) for what, _, value in steps if what == "SURVEY"),
        later_at=later_at(later[-1], answered, zone) if later and answered else None,
        rang_at=call.resident_dialled or call.ring_start,
        answered_at=answered,
        ended_at=call.ended_at,
        cause=call.hangup_cause,
        reached_agent=call.human_answer is not None,
        gave_up_waiting=call.queued_at is not None and call.human_answer is None and call.state is CallState.ENDED,
    )


def result_of_agents_call(call: CallRecord, *, heard_machine: bool = False) -> Result:
    """Return what the ledger knows of an attempt that an agent dials: their own telephone rang first.

    Until the resident is rung there is nothing to tell. One whose end says that nobody was rung is none of these.
    `heard_machine`: the agent says that a machine lifted; then nobody was spoken with, however long it took.
    """
    is_over = call.state is CallState.ENDED
    reached = call.human_answer is not None or call.resident_answered is not None
    spoke = call.human_answer is not None and not heard_machine
    lifted = Outcome.MACHINE if heard_machine else Outcome.HUMAN
    outcome = lifted if reached else _BY_THE_NETWORK.get(call.outcome or CallOutcome.NO_ANSWER, Outcome.NO_ANSWER)
    return Result(
        outcome=outcome if is_over else None,
        rang_at=call.resident_dialled,
        answered_at=call.resident_answered or call.human_answer,
        ended_at=call.ended_at,
        cause=call.hangup_cause,
        reached_agent=spoke,
    )


def later_at(key: str, told: datetime, zone: ZoneInfo) -> datetime:
    """Return when to call whom `told` us a time of day by this key: the next such time, tomorrow where it is near."""
    local = told.astimezone(zone)
    wished = _LATER.get(key)
    if wished is None:
        return local + timedelta(days=1)
    today = local.replace(hour=wished.hour, minute=0, second=0, microsecond=0)
    return today if today - local >= timedelta(hours=1) else today + timedelta(days=1)


def _outcome(call: CallRecord, answered: datetime | None) -> Outcome:
    if answered is None:
        if call.outcome is CallOutcome.SWITCH_LOST:
            return Outcome.NO_ANSWER  # it may have rung: never at once again
        return _BY_THE_NETWORK[unreached(call.hangup_cause)]
    heard = [step.removeprefix("AMD ") for step in call.talk_steps if step.startswith("AMD ")]
    # Who was taken for a machine and pressed a key, who is in doubt, and who was gone before we knew, is a person.
    return _BY_WHAT_LIFTED.get(heard[-1], Outcome.HUMAN) if heard and not call.human_answer else Outcome.HUMAN
