"""A dispatch (派工): a matter of the duty log given to a department, until that has done it. Pure.

One table says what may follow what. A dispatch is never removed; one that is given back or taken back stays beside the
next one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from hotline.errors import HotlineError


class DispatchState(StrEnum):
    """Where a dispatch stands."""

    SENT = "sent"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    REFUSED = "refused"  # the department says that it is not theirs
    WITHDRAWN = "withdrawn"  # the desk takes it back


class DispatchStep(StrEnum):
    """What can be said of a dispatch."""

    ACCEPT = "accept"
    COMPLETE = "complete"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


S = DispatchState
NEXT: Final[dict[tuple[DispatchState, DispatchStep], DispatchState]] = {
    (S.SENT, DispatchStep.ACCEPT): S.ACCEPTED,
    (S.SENT, DispatchStep.REFUSE): S.REFUSED,
    (S.SENT, DispatchStep.WITHDRAW): S.WITHDRAWN,
    (S.ACCEPTED, DispatchStep.COMPLETE): S.COMPLETED,
    (S.ACCEPTED, DispatchStep.REFUSE): S.REFUSED,  # on the spot it turns out to be another department's
    (S.ACCEPTED, DispatchStep.WITHDRAW): S.WITHDRAWN,
}
STILL_OPEN: Final = frozenset({S.SENT, S.ACCEPTED})


class DispatchError(HotlineError):
    """Something is wrong with what was asked of a dispatch."""

    error_id: ClassVar[str] = "dispatch-error"


class DispatchUnknown(DispatchError):
    """There is no dispatch of that id."""

    error_id = "dispatch-unknown"


class DepartmentUnknown(DispatchError):
    """No department of this name is set (`dutylog.departments`)."""

    error_id = "department-unknown"


class DispatchDoubled(DispatchError):
    """The department has this matter already and has not done it yet."""

    error_id = "dispatch-doubled"


class DispatchStepRefused(DispatchError):
    """The dispatch is not in a state for this step: what nobody accepted is not completed."""

    error_id = "dispatch-step-refused"

    def __init__(self, state: DispatchState, step: DispatchStep) -> None:
        super().__init__(f"{step} makes no sense for a dispatch that is {state}: read it again")
        self.details = {"state": state.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One matter given to one department. The `…_by` are accounts, the `…_who` people of the department, as told."""

    id: int
    entry: int  # the first version of the matter's entry
    department: str
    note: str
    is_urgent: bool
    state: DispatchState
    sent_at: datetime
    sent_by: str
    accept_by: datetime
    complete_by: datetime | None
    accepted_at: datetime | None = None
    accepted_by: str = ""
    accepted_who: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_who: str = ""
    result: str = ""  # what was done, or why it was given or taken back

    def is_late(self, now: datetime) -> bool:
        """Return whether it was, or is by now, accepted or completed later than it should have been."""
        answered = self.accepted_at or self.ended_at or now
        if answered > self.accept_by:
            return True
        if self.complete_by is None or self.state in {S.REFUSED, S.WITHDRAWN}:
            return False
        return (self.ended_at or now) > self.complete_by


def after(state: DispatchState, step: DispatchStep) -> DispatchState:
    """Return the state after this step. Raises DispatchStepRefused."""
    following = NEXT.get((state, step))
    if following is None:
        raise DispatchStepRefused(state, step)
    return following
