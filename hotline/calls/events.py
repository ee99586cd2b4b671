"""What can happen to a call, in the words of the trade; all times come from the switch.

Comes after `story`, which reads these out of channel events, and before `ledger`, which folds them.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a call, at a moment of the switch's clock."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(Event):
    """The INVITE arrived: the caller begins to hear ringing. `direction` is inbound, outbound or internal."""

    direction: str
    caller_number: str
    caller_name: str
    dialled: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchAnswered(Event):
    """The switch lifted the call; the first clock (ring start to switch answer) stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerTurnedAway(Event):
    """As many callers as are let in were there: this one is told so, and is owed a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven(Event):
    """The caller was told that the call is recorded, in this version of the words."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(Event):
    """Both legs are being written to files of this name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRefused(Event):
    """The caller did not want to be recorded: nothing of the call may be kept as sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLookedUp(Event):
    """The menu asked who is calling: known, unknown, late (over the time allowed) or failed."""

    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChosen(Event):
    """The caller is spoken to in this language from here on."""

    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntered(Event):
    """The caller hears the menu of this name."""

    menu: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestNamed(Event):
    """The key pressed says what kind of request this is."""

    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyMarked(Event):
    """Whoever talks with the caller, or a supervisor, says that it is an emergency; `by` is their account."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRaised(Event):
    """The caller asked for help in danger: everybody's phone rings, every screen turns red."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackWished(Event):
    """The caller asked to be called back and keeps the place in the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBegun(Event):
    """The caller speaks a message from this moment of the recording on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRang(Event):
    """The duty chain is rung: this duty (desk, mobile, manager) is next."""

    duty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTold(Event):
    """The caller was told of an incident in their building."""

    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentJoined(Event):
    """The caller registered for an incident: they are told when it is over."""

    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SatisfactionGiven(Event):
    """After the talk the caller gave this mark, 1 (bad) to 5 (good)."""

    mark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReturned(Event):
    """This call of ours returns an earlier one, to the number it came from."""

    call: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuChosen(Event):
    """The caller pressed a key, or the menu chose for a silent one ("")."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMissed(Event):
    """The dialplan went on without the service, for this reason (absent, silent, failed)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(Event):
    """The caller joined a queue."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLeft(Event):
    """The caller left the queue without an agent, still on the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerMoved(Event):
    """A supervisor led the waiting caller elsewhere: the phones that rang for them stop, or just have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentDialled(Event):
    """In a call of ours: the call to the resident left by the trunk, on this channel."""

    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentAnswered(Event):
    """In a call of ours: the resident's telephone was lifted, by a person or a machine; nobody of ours is heard yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkStep(Event):
    """In a campaign's call, which the switch leads alone: what was heard or told; `what` is one of `said.TALK`."""

    what: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRang(Event):
    """An agent's phone began to ring for this call."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMissed(Event):
    """An agent's phone stopped ringing and nobody had lifted it."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAnswered(Event):
    """A human voice: agent and caller can hear each other; the second clock stops.

    `how` is "picked-up" where the agent took a call that rang elsewhere, else "" and the ledger knows.
    """

    agent: str
    leg: str
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLifted(Event):
    """In a call of ours the agent is there, the resident not yet."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLeft(Event):
    """The agent's leg ended while the caller was still there, and no other agent is."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentParted(Event):
    """The agent's leg ended, and another agent is still with the caller."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConsulted(Event):
    """This agent lifted for a colleague who asks; the caller does not hear them."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(Event):
    """The agent put the caller on hold: by the phone's own key, or to ask a colleague."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(Event):
    """The agent is back with the caller."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred(Event):
    """An agent handed the caller over: `kind` is blind or attended; `to` is what was dialled, or who is there now."""

    kind: str
    by: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReturned(Event):
    """Nobody took the caller who was handed over: back to the queue, before all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsMissing(Event):
    """The switch's log does not tell this part of the call."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    """The last channel of the call is gone. `cause` is the caller's leg's Q.850 cause; 0 is unknown."""

    cause: int
    by_caller: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchLost(Event):
    """The switch died or was restarted under the call; `at` is the last moment known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerServed(Event):
    """The menu itself answered the caller's question."""
