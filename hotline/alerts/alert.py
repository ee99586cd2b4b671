"""An alert by rule, and the one table of what may follow what. Pure.

Not to be mixed up with an emergency call, which is on every screen by itself (hotline/web/alerts.py).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from hotline.errors import HotlineError


class Rule(StrEnum):
    """What an alert is about. `value` of an alert is a number of what stands behind each."""

    WAIT = "wait"  # a caller waits for a person for too long; seconds of the longest wait
    THREE_RINGS = "three-rings"  # too few calls of the last half hour were lifted within three rings; the share
    NOBODY_READY = "nobody-ready"  # no agent is ready, in opening hours; agents signed in
    NO_ANSWER = "no-answer"  # an agent was paused because the phone rang out again and again; the subject says whose
    DISK = "disk"  # little room is left; MB free
    LINK = "link"  # the switch cannot be heard; seconds since
    BACKLOG = "backlog"  # recordings wait to be written down; how many
    FULL_HOUSE = "full-house"  # callers were turned away; how many lately
    DIALLING = "dialling"  # campaigns pause by themselves: the line is in doubt; refused calls. The subject: which


class AlertState(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"


class AlertStep(StrEnum):
    """What can happen to an alert."""

    ACKNOWLEDGE = "acknowledge"  # by a person, by name
    END = "end"  # by the rule


S = AlertState
NEXT: Final[dict[tuple[AlertState, AlertStep], AlertState]] = {
    (S.RAISED, AlertStep.ACKNOWLEDGE): S.ACKNOWLEDGED,
    (S.RAISED, AlertStep.END): S.ENDED,
    (S.ACKNOWLEDGED, AlertStep.END): S.ENDED,
}


class AlertError(HotlineError):
    """Something is wrong with what was asked of an alert."""

    error_id: ClassVar[str] = "alert-error"


class AlertUnknown(AlertError):
    """There is no alert of this id."""

    error_id = "alert-unknown"


class AlertStepRefused(AlertError):
    """The alert was acknowledged by somebody else already, or is over."""

    error_id = "alert-step-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert. `subject` is an agent's extension, or a campaign's number, where the rule is about one, else ""."""

    id: int
    rule: Rule
    subject: str
    state: AlertState
    value: float
    raised_at: datetime
    acknowledged_by: str = ""
    acknowledged_name: str = ""
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message that is to be sent."""

    id: int
    alert: Alert
    what: str  # raised, ended
    way: str
    tries: int
    written_at: datetime


def after(state: AlertState, step: AlertStep) -> AlertState:
    """Return the state after this step. Raises AlertStepRefused."""
    following = NEXT.get((state, step))
    if following is None:
        raise AlertStepRefused(f"an alert that is {state} cannot be taken by '{step}': read it again")
    return following
