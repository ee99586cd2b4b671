"""When an emergency call is on every screen, and who took note of one that nobody answered. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hotline.calls.ledger import CallRecord

AlertState = Literal["calling", "answered", "unanswered", "danger", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A person took note of an emergency call that nobody answered: account, name as shown, and moment."""

    by: str
    name: str
    at: datetime


def alert_state(call: CallRecord, *, is_acknowledged: bool, has_danger: bool = False) -> AlertState:
    """Return how an emergency call stands: red until a human is there, and after its end until somebody takes note.

    A call in which a word of danger fell is red for as long as it lasts: whoever can help is told, not only its agent.
    """
    if has_danger and call.ended_at is None and call.human_answer is not None:
        return "danger"
    if call.ended_at is None:
        return "calling" if call.human_answer is None else "answered"
    return "over" if call.human_answer is not None or is_acknowledged else "unanswered"


def may_be_acknowledged(call: CallRecord) -> bool:
    """Tell whether there is anything to take note of: an emergency that ended without a human."""
    return call.is_emergency and alert_state(call, is_acknowledged=False) == "unanswered"
