"""Every message of the live socket, as a shape, versioned; encoded once for all who may see the same. Pure.

A browser gets `snapshot` first then changes. A socket closed with 1013 fell behind: connect anew, a snapshot comes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from hotline.queues.board import QueueBoard
from hotline.web.agent_shapes import AgentOut, HelpOut
from hotline.web.figures import Figures
from hotline.web.incident_shapes import IncidentOut
from hotline.web.live_words import LiveTalkOut
from hotline.web.owed import OwedOut
from hotline.web.pop_shapes import OfferedOut
from hotline.web.review_shapes import ReviewsWaiting
from hotline.web.shapes import AlertOut, CallOut, EntryOut, Shape

VERSION: Final = 1


class BoardOut(Shape):
    """The queues now. `is_current` false: the switch cannot be heard, and the rest may not be believed."""

    is_current: bool
    agents: tuple[AgentOut, ...]
    waiting: int
    reasons: tuple[str, ...] = ()  # what an agent may say when pausing
    help: tuple[HelpOut, ...] = ()  # agents who ask for a supervisor in their talk


class Snapshot(Shape):
    """Everything a desk shows, at one moment."""

    type: Literal["snapshot"] = "snapshot"
    version: int = VERSION
    at: datetime
    board: BoardOut
    calls: tuple[CallOut, ...]
    alerts: tuple[AlertOut, ...]
    today: Figures
    duty_log: tuple[EntryOut, ...]
    incidents: tuple[IncidentOut, ...]
    owed: OwedOut
    words: tuple[LiveTalkOut, ...]
    offers: tuple[OfferedOut, ...] = ()  # what rings or talks at the phone of whoever looks
    reviews: ReviewsWaiting = ReviewsWaiting()  # what of quality waits for whoever looks


class CallChanged(Shape):
    """A call is new, went on, ended, or something was added to it (sound, words)."""

    type: Literal["call"] = "call"
    call: CallOut


class AlertChanged(Shape):
    """An emergency call is new, was answered, ended, somebody took note of it, or a word of danger fell in a call."""

    type: Literal["alert"] = "alert"
    alert: AlertOut


class EntryChanged(Shape):
    """An entry of the duty log is new, or a draft was redrawn."""

    type: Literal["duty-entry"] = "duty-entry"
    entry: EntryOut


class IncidentChanged(Shape):
    """An incident is new, was confirmed, is over, or a call joined it."""

    type: Literal["incident"] = "incident"
    incident: IncidentOut


class BoardChanged(Shape):
    """Agents or waiting callers changed, or the link to the switch did."""

    type: Literal["board"] = "board"
    board: BoardOut


class TodayChanged(Shape):
    """Today's figures changed."""

    type: Literal["today"] = "today"
    today: Figures


class OwedChanged(Shape):
    """What the desk owes changed, or something of it fell due: a page that lists it reads it again."""

    type: Literal["owed"] = "owed"
    owed: OwedOut


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message as text, once with masked numbers and once, where it holds any, with whole ones."""

    masked: str
    whole: str


def encoded(masked: Shape, whole: Shape | None = None) -> Encoded:
    """Return the message as text."""
    text = masked.model_dump_json()
    return Encoded(text, text if whole is None else whole.model_dump_json())


def board_out(
    board: QueueBoard, agents: tuple[AgentOut, ...], *, reasons: tuple[str, ...] = (), wishes: tuple[HelpOut, ...] = ()
) -> BoardOut:
    """Return the board as browsers get it, agents in the order given."""
    return BoardOut(
        is_current=board.is_current, agents=agents, waiting=len(board.waiting), reasons=reasons, help=wishes
    )
