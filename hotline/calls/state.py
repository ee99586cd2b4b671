"""The states of a call and the one table of what may follow what.

Asterisk may repeat, reorder or lose events, so an event that the table does not know leaves the state as it is and is
kept on the call as an oddity: never raised, never ignored.
"""

from enum import StrEnum
from typing import Final

from hotline.calls.events import (
    AgentAnswered,
    AgentConsulted,
    AgentLeft,
    AgentLifted,
    AgentMissed,
    AgentParted,
    AgentRang,
    CallBackWished,
    CallEnded,
    CallerLookedUp,
    CallerMoved,
    CallerServed,
    CallerTurnedAway,
    CallHeld,
    CallQueued,
    CallResumed,
    CallReturned,
    CallStarted,
    DutyRang,
    EmergencyMarked,
    EmergencyRaised,
    Event,
    IncidentJoined,
    IncidentTold,
    LanguageChosen,
    MenuChosen,
    MenuEntered,
    MessageBegun,
    NoticeGiven,
    QueueLeft,
    RecordingRefused,
    RecordingStarted,
    RequestNamed,
    ResidentAnswered,
    ResidentDialled,
    RowsMissing,
    SatisfactionGiven,
    ServiceMissed,
    SwitchAnswered,
    SwitchLost,
    TalkStep,
    Transferred,
    TransferReturned,
)


class CallState(StrEnum):
    """Where a call stands."""

    NEW = "new"
    RINGING = "ringing"
    CALLING = "calling"  # a call of ours: the agent is there, the resident is rung or hears the notice
    ANSWERED = "answered"  # lifted by the switch, or a call of ours by the resident: announcements, no human yet
    TURNED_AWAY = "turned-away"  # as many callers as are let in are there: told so, and asked whether there is danger
    IN_MENU = "in-menu"
    WAITING = "waiting"
    TALKING = "talking"
    LEAVING_MESSAGE = "leaving-message"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a call ended, said by the switch."""

    ANSWERED = "answered"
    ABANDONED_RINGING = "abandoned-ringing"
    ABANDONED_ANNOUNCEMENT = "abandoned-announcement"
    ABANDONED_MENU = "abandoned-menu"
    ABANDONED_QUEUE = "abandoned-queue"
    TURNED_AWAY = "turned-away"  # never let in, because too many called: this caller is owed a call
    MESSAGE_LEFT = "message-left"
    CALL_BACK_WISHED = "call-back-wished"
    INCIDENT_JOINED = "incident-joined"
    SERVED_BY_MENU = "served-by-menu"
    SWITCH_LOST = "switch-lost"  # the switch died before a human answered: this caller is owed a call
    # Calls of ours in which no agent and resident talked.
    BUSY = "busy"
    NO_ANSWER = "no-answer"  # nobody lifted, or no person did
    REFUSED = "refused"  # the resident declined, or hung up in the notice
    INVALID_NUMBER = "invalid-number"
    SWITCHED_OFF = "switched-off"
    CONGESTION = "congestion"
    FAILED = "failed"
    NOT_DIALLED = "not-dialled"  # the agent's own telephone was not lifted: nobody was rung
    REACHED = "reached"  # the resident lifted, and only the switch spoke


S = CallState
LIVING: Final = (
    S.RINGING, S.CALLING, S.ANSWERED, S.TURNED_AWAY, S.IN_MENU, S.WAITING, S.TALKING, S.LEAVING_MESSAGE,
)  # fmt: skip
# What is told of a call and leaves it where it is.
TOLD_ANYWHERE: Final = (
    AgentConsulted, CallerMoved, NoticeGiven, RecordingRefused, RecordingStarted, ResidentAnswered, ResidentDialled,
    RowsMissing, TalkStep, Transferred, TransferReturned,
)  # fmt: skip
# Told on a way of its own, by AMI or by people: they may be read after the end.
TOLD_ALWAYS: Final = (CallHeld, CallResumed, EmergencyMarked)
TOLD_IN_MENU: Final = (
    CallerLookedUp, CallerServed, IncidentJoined, IncidentTold, LanguageChosen, MenuChosen, MenuEntered, RequestNamed,
)  # fmt: skip
NEXT: Final[dict[tuple[CallState, type[Event]], CallState]] = {
    (S.NEW, CallStarted): S.RINGING,
    (S.RINGING, CallReturned): S.RINGING,  # a call of ours that waits for an agent first
    (S.RINGING, CallQueued): S.WAITING,
    (S.RINGING, SwitchAnswered): S.ANSWERED,
    (S.RINGING, CallerTurnedAway): S.TURNED_AWAY,
    (S.TURNED_AWAY, SwitchAnswered): S.TURNED_AWAY,
    (S.RINGING, AgentRang): S.RINGING,
    (S.RINGING, AgentMissed): S.RINGING,
    (S.RINGING, AgentLifted): S.CALLING,
    (S.CALLING, CallReturned): S.CALLING,
    (S.CALLING, AgentAnswered): S.TALKING,
    (S.ANSWERED, MenuEntered): S.IN_MENU,
    (S.ANSWERED, ServiceMissed): S.ANSWERED,
    (S.ANSWERED, CallQueued): S.WAITING,
    (S.ANSWERED, QueueLeft): S.ANSWERED,
    (S.ANSWERED, AgentRang): S.ANSWERED,
    (S.ANSWERED, AgentMissed): S.ANSWERED,
    (S.ANSWERED, AgentAnswered): S.TALKING,
    (S.ANSWERED, SatisfactionGiven): S.ANSWERED,
    **{(S.IN_MENU, told): S.IN_MENU for told in TOLD_IN_MENU},
    (S.IN_MENU, ServiceMissed): S.ANSWERED,
    (S.IN_MENU, CallQueued): S.WAITING,
    (S.WAITING, SwitchAnswered): S.WAITING,
    (S.WAITING, CallQueued): S.WAITING,
    (S.WAITING, AgentRang): S.WAITING,
    (S.WAITING, AgentMissed): S.WAITING,
    (S.WAITING, AgentLifted): S.WAITING,
    (S.WAITING, AgentLeft): S.WAITING,  # in a call of ours, before the resident was there
    (S.WAITING, AgentAnswered): S.TALKING,
    (S.WAITING, QueueLeft): S.ANSWERED,
    (S.TALKING, AgentAnswered): S.TALKING,  # a second agent, beside the first or after
    (S.TALKING, AgentParted): S.TALKING,
    (S.TALKING, AgentRang): S.TALKING,
    (S.TALKING, AgentMissed): S.TALKING,  # the other phones that rang for the same call
    (S.TALKING, AgentLeft): S.ANSWERED,
    (S.LEAVING_MESSAGE, AgentMissed): S.LEAVING_MESSAGE,
    **{(state, EmergencyRaised): S.WAITING for state in (S.ANSWERED, S.TURNED_AWAY, S.IN_MENU, S.WAITING)},
    # A helper who was gone at once was none: the phones ring again, maybe before that one's line is told to be over.
    (S.TALKING, EmergencyRaised): S.WAITING,
    **{(state, DutyRang): S.WAITING for state in (S.ANSWERED, S.IN_MENU, S.WAITING)},
    (S.TALKING, DutyRang): S.TALKING,
    **{(state, CallBackWished): S.ANSWERED for state in (S.ANSWERED, S.IN_MENU, S.WAITING)},
    **{(state, MessageBegun): S.LEAVING_MESSAGE for state in (S.ANSWERED, S.IN_MENU, S.WAITING)},
    **{(state, told): state for state in LIVING for told in TOLD_ANYWHERE},
    **{(state, told): state for state in (*LIVING, S.ENDED) for told in TOLD_ALWAYS},
    **{(state, CallEnded): S.ENDED for state in LIVING},
    **{(state, SwitchLost): S.ENDED for state in LIVING},
}

LEAVING_UNANSWERED: Final[dict[CallState, Outcome]] = {
    S.RINGING: Outcome.ABANDONED_RINGING,
    S.CALLING: Outcome.NOT_DIALLED,
    S.ANSWERED: Outcome.ABANDONED_ANNOUNCEMENT,
    S.TURNED_AWAY: Outcome.TURNED_AWAY,
    S.IN_MENU: Outcome.ABANDONED_MENU,
    S.WAITING: Outcome.ABANDONED_QUEUE,
    S.LEAVING_MESSAGE: Outcome.MESSAGE_LEFT,
}
# A caller whom the switch lost did not give up.
ABANDONED: Final = frozenset(outcome for outcome in Outcome if outcome.value.startswith("abandoned"))
