"""The states of a call and the one table of what may follow what.

Asterisk may repeat, reorder or lose events, so an event that the table does not know leaves the state as it is and is
kept on the call as an oddity: never raised, never ignored.
"""

from enum import StrEnum
from typing import Final

from hotline.calls.events import (
    AgentAnswered,
    AgentLeft,
    AgentMissed,
    AgentRang,
    CallEnded,
    CallQueued,
    CallStarted,
    Event,
    MenuChosen,
    MenuEntered,
    NoticeGiven,
    QueueLeft,
    RecordingStarted,
    ServiceMissed,
    SwitchAnswered,
    SwitchLost,
)


class CallState(StrEnum):
    """Where a call stands."""

    NEW = "new"
    RINGING = "ringing"
    ANSWERED = "answered"  # lifted by the switch: announcements, no human yet
    IN_MENU = "in-menu"
    WAITING = "waiting"
    TALKING = "talking"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a call ended, said by the switch."""

    ANSWERED = "answered"
    ABANDONED_RINGING = "abandoned-ringing"
    ABANDONED_ANNOUNCEMENT = "abandoned-announcement"
    ABANDONED_MENU = "abandoned-menu"
    ABANDONED_QUEUE = "abandoned-queue"
    SWITCH_LOST = "switch-lost"  # the switch died before a human answered: this caller is owed a call


S = CallState
NEXT: Final[dict[tuple[CallState, type[Event]], CallState]] = {
    (S.NEW, CallStarted): S.RINGING,
    (S.RINGING, SwitchAnswered): S.ANSWERED,
    (S.RINGING, AgentRang): S.RINGING,
    (S.RINGING, AgentMissed): S.RINGING,
    (S.ANSWERED, NoticeGiven): S.ANSWERED,
    (S.ANSWERED, RecordingStarted): S.ANSWERED,
    (S.ANSWERED, MenuEntered): S.IN_MENU,
    (S.ANSWERED, ServiceMissed): S.ANSWERED,
    (S.ANSWERED, CallQueued): S.WAITING,
    (S.ANSWERED, AgentRang): S.ANSWERED,
    (S.ANSWERED, AgentMissed): S.ANSWERED,
    (S.ANSWERED, AgentAnswered): S.TALKING,
    (S.IN_MENU, MenuChosen): S.IN_MENU,
    (S.IN_MENU, ServiceMissed): S.ANSWERED,
    (S.IN_MENU, CallQueued): S.WAITING,
    (S.WAITING, AgentRang): S.WAITING,
    (S.WAITING, AgentMissed): S.WAITING,
    (S.WAITING, AgentAnswered): S.TALKING,
    (S.WAITING, QueueLeft): S.ANSWERED,
    (S.TALKING, AgentMissed): S.TALKING,  # the other phones that rang for the same call
    (S.TALKING, AgentLeft): S.ANSWERED,
    **{(state, CallEnded): S.ENDED for state in (S.RINGING, S.ANSWERED, S.IN_MENU, S.WAITING, S.TALKING)},
    **{(state, SwitchLost): S.ENDED for state in (S.RINGING, S.ANSWERED, S.IN_MENU, S.WAITING, S.TALKING)},
}

LEAVING_UNANSWERED: Final[dict[CallState, Outcome]] = {
    S.RINGING: Outcome.ABANDONED_RINGING,
    S.ANSWERED: Outcome.ABANDONED_ANNOUNCEMENT,
    S.IN_MENU: Outcome.ABANDONED_MENU,
    S.WAITING: Outcome.ABANDONED_QUEUE,
}
