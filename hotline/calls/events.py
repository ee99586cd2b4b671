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
    """The INVITE arrived: the caller begins to hear ringing. `direction` is inbound or internal."""

    direction: str
    caller_number: str
    caller_name: str
    dialled: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchAnswered(Event):
    """The switch lifted the call; the first clock (ring start to switch answer) stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven(Event):
    """The caller was told that the call is recorded, in this version of the words."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(Event):
    """Both legs are being written to files of this name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntered(Event):
    """The caller hears the menu."""


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
    """A human voice: agent and caller can hear each other; the second clock stops."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLeft(Event):
    """The agent's leg ended while the caller was still there."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    """The last channel of the call is gone. `cause` is the caller's leg's Q.850 cause; 0 is unknown."""

    cause: int
    by_caller: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchLost(Event):
    """The switch died or was restarted under the call; `at` is the last moment known."""


CallEvent = (
    SwitchLost
    | CallStarted
    | SwitchAnswered
    | NoticeGiven
    | RecordingStarted
    | MenuEntered
    | MenuChosen
    | ServiceMissed
    | CallQueued
    | QueueLeft
    | AgentRang
    | AgentMissed
    | AgentAnswered
    | AgentLeft
    | CallEnded
)
