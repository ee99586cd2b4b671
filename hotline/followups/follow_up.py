"""What a follow-up 跟进 is: something the desk owes somebody, with a deadline, until it is done. Pure.

Follow-ups are never removed. What happens to one is a step in its history, and one table says what may follow what.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from hotline.accounts.account import Role
from hotline.errors import HotlineError


class FollowUpKind(StrEnum):
    """Why something is owed."""

    CALL_BACK = "call-back"  # the caller asked to be called back
    MISSED = "missed"  # nobody answered, nothing was left: the call is returned
    MESSAGE = "message"  # the caller spoke a message
    EMERGENCY = "emergency"  # a cry for help that no human answered
    UNSATISFIED = "unsatisfied"  # the caller gave a 1 or a 2
    INCIDENT = "incident"  # the caller is told when the incident is over
    AFTERCARE = "aftercare"  # a handled matter that is called back: was it well done?
    MATTER = "matter"  # a confirmed entry of the duty log that is not answered or handled yet
    OTHER = "other"  # written down by a person


RETURNABLE: Final = frozenset({FollowUpKind.CALL_BACK, FollowUpKind.MISSED})
"""What is done as soon as we have spoken with the caller; everything else needs a person's word."""


CALLS_OWED: Final = RETURNABLE | {FollowUpKind.MESSAGE, FollowUpKind.EMERGENCY}
"""What is owed to a caller who reached nobody: the list of who still must be called back."""


class FollowUpState(StrEnum):
    """Whether it is still owed."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class DueBy(StrEnum):
    """Where a deadline comes from."""

    PROMISE = "promise"  # said to the resident (承诺时间)
    RULE = "rule"  # the trade's, for its kind (规定时限)
    PERSON = "person"  # whoever wrote it down chose it (约定时限)


class Step(StrEnum):
    """What can happen to a follow-up."""

    RAISED = "raised"
    TAKEN = "taken"  # somebody says: I do it
    FELL_DUE = "fell-due"  # what it waited for came: the incident is over
    DEADLINE_MOVED = "deadline-moved"  # another time was promised, or the matter turned out to be of another kind
    HOME_CHOSEN = "home-chosen"  # a person said whose home its call is about
    SERVICE_DAYS = "service-days"  # a person wrote down from when to when a paid service goes on
    CLOSED = "closed"  # by a person, with the result
    CALLED_AGAIN = "called-again"  # by itself: the same number got through
    RETURNED = "returned"  # by itself: our call to the resident was answered
    TRIED = "tried"  # by itself: our call to the resident reached nobody, or a machine
    SPOKEN = "spoken"  # by itself: our call to the resident was answered, and a person says what came of it
    CANCELLED = "cancelled"  # it was never owed, says a person
    ESCALATED = "escalated"  # by itself: overdue for so long that supervisors see it, too
    REOPENED = "reopened"  # by a person; from then on only a person closes it


S = FollowUpState
NEXT: Final[dict[tuple[FollowUpState, Step], FollowUpState]] = {
    (S.OPEN, Step.TAKEN): S.OPEN,
    (S.OPEN, Step.FELL_DUE): S.OPEN,
    (S.OPEN, Step.TRIED): S.OPEN,
    (S.OPEN, Step.SPOKEN): S.OPEN,
    (S.OPEN, Step.DEADLINE_MOVED): S.OPEN,
    (S.OPEN, Step.ESCALATED): S.OPEN,
    (S.OPEN, Step.CLOSED): S.DONE,
    (S.OPEN, Step.CALLED_AGAIN): S.DONE,
    (S.OPEN, Step.RETURNED): S.DONE,
    (S.OPEN, Step.CANCELLED): S.CANCELLED,
    **{(state, Step.HOME_CHOSEN): state for state in FollowUpState},
    **{(state, Step.SERVICE_DAYS): state for state in (S.OPEN, S.DONE)},
    (S.DONE, Step.REOPENED): S.OPEN,
    (S.CANCELLED, Step.REOPENED): S.OPEN,
}


class FollowUpError(HotlineError):
    """Something is wrong with what was asked of a follow-up."""

    error_id: ClassVar[str] = "follow-up-error"


class FollowUpUnknown(FollowUpError):
    """There is no follow-up of that id."""

    error_id = "follow-up-unknown"


class FollowUpStepRefused(FollowUpError):
    """The follow-up is not in a state for this step: closed already, or still open."""

    error_id = "follow-up-step-refused"

    def __init__(self, state: FollowUpState, step: Step) -> None:
        super().__init__(f"a follow-up that is {state} cannot be {step}: read it again")
        self.details = {"state": state.value}


class FollowUpNotYours(FollowUpError):
    """What a supervisor owes is done by a supervisor or an administrator."""

    error_id = "follow-up-not-yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One thing owed. `number` is as the network gave it, "" where it was withheld; `due` None waits for something."""

    id: int
    kind: FollowUpKind
    state: FollowUpState
    owed_by: Role  # agent or supervisor
    call_id: str | None  # the first call that it comes from; None where a person wrote it down
    calls: int  # how many calls it stands for
    number: str
    home: str  # 3-2-501; "" where it is not known
    who: str  # 张先生; "" where it is not known
    text: str  # what a person wrote
    request: str  # the kind of request that the keys named
    mark: int | None  # 1 or 2, where the caller was not satisfied
    incident: str
    since: datetime
    last_at: datetime  # of the newest call
    due: datetime | None
    play_from: float | None  # seconds into the recording where the message begins
    taken_by: str
    result: str
    closed_by: str
    closed_at: datetime | None
    closing: Step | None  # how it was closed
    is_kept_open: bool  # a person re-opened it: it is never again closed by itself
    changed_at: datetime
    escalated_at: datetime | None = None
    promised: datetime | None = None  # by when it is done, as the resident was told

    @property
    def due_by(self) -> DueBy | None:
        """Return where the deadline comes from: of a promise and the rule the sooner one is it; None without one."""
        if self.due is None:
            return None
        if self.promised is not None and self.promised <= self.due:
            return DueBy.PROMISE
        return DueBy.PERSON if self.kind is FollowUpKind.OTHER else DueBy.RULE

    def is_overdue(self, now: datetime) -> bool:
        """Return whether it should have been done by now."""
        return self.state is FollowUpState.OPEN and self.due is not None and self.due < now


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """One step of a follow-up's history. `who` is an account's name, or "hotline"; `call_id` is what closed it."""

    at: datetime
    who: str
    what: Step
    text: str
    call_id: str


def after(state: FollowUpState, step: Step) -> FollowUpState:
    """Return the state after this step. Raises FollowUpStepRefused."""
    following = NEXT.get((state, step))
    if following is None:
        raise FollowUpStepRefused(state, step)
    return following


def may_act(role: Role, owed_by: Role) -> bool:
    """Return whether this role may do what that role owes."""
    return owed_by is Role.AGENT or role is not Role.AGENT
