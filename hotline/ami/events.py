"""What the switch says is happening now, in frozen events for the live board.

Pure. A block that lacks what its event needs is `Malformed`, one we have no use for is `Other`: neither raises.
No times: AMI tells what is true now, the ledger's times come from CEL. Text is cut at MOST_CHARACTERS.
Header names are those of Asterisk 22's own event reference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from hotline.ami.headers import MOST_CHARACTERS, Fields, Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChannel:
    """What every event about a channel tells. `linkedid` names the call, `uniqueid` the leg."""

    channel: str
    uniqueid: str
    linkedid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerJoin(OnChannel):
    """A caller began to wait in a queue, at `position` (1 is next); `waiting` callers are in it now."""

    queue: str
    position: int
    waiting: int
    caller_number: str
    caller_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerLeave(OnChannel):
    """A caller waits no longer, whatever the reason; `waiting` callers remain."""

    queue: str
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerAbandon(OnChannel):
    """A caller hung up while waiting, after `waited` seconds."""

    queue: str
    waited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """One waiting caller in the answer to QueueStatus; `waited` seconds so far. The switch gives no linkedid here."""

    queue: str
    position: int
    channel: str
    uniqueid: str
    caller_number: str
    caller_name: str
    waited: int


class DeviceState(IntEnum):
    """What a member's phone does (Asterisk's numbers)."""

    UNKNOWN = 0
    NOT_IN_USE = 1
    IN_USE = 2
    BUSY = 3
    INVALID = 4
    UNAVAILABLE = 5
    RINGING = 6
    RING_IN_USE = 7
    ON_HOLD = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged:
    """An agent's phone in a queue as it is now: changed, added, paused, or listed in the answer to QueueStatus.

    A static member stands in the switch's own files and cannot be taken out over AMI.
    """

    queue: str
    interface: str
    name: str
    state: DeviceState
    paused: bool
    pause_reason: str
    in_call: bool
    is_removed: bool
    penalty: int = 0
    is_static: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAgent(OnChannel):
    """What every event about a caller and an agent's phone tells; `channel` is the caller's, `agent_…` the phone's."""

    queue: str
    interface: str
    name: str
    agent_channel: str
    agent_uniqueid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCalled(OnAgent):
    """An agent's phone began to ring for a caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConnect(OnAgent):
    """The agent and the caller hear each other, after `waited` seconds of queue wait and `rang` seconds of ringing."""

    waited: int
    rang: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRingNoAnswer(OnAgent):
    """An agent's phone rang for `rang` milliseconds and was not lifted."""

    rang: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentComplete(OnAgent):
    """The talk between agent and caller ended after `talked` seconds; `ended_by` is caller, agent or transfer."""

    talked: int
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newchannel(OnChannel):
    """A leg came into being; one that rings somebody is down (0) at first, who dials rings (4)."""

    state: int
    caller_number: str
    caller_name: str
    context: str
    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newstate(OnChannel):
    """A leg began to ring (5) or was lifted (6); `state` is Asterisk's number; `other_number` whom it is rung for."""

    state: int
    caller_number: str
    other_number: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialBegin(OnChannel):
    """This leg is rung by another, which stands at `context` of the dialplan and shows `caller_number`."""

    caller_number: str
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnd(OnChannel):
    """What came of ringing this leg: ANSWER, NOANSWER (a queue's that refused, too), BUSY, or CANCEL."""

    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEnter(OnChannel):
    """A leg hears and is heard by whoever else is in this bridge."""

    bridge: str
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLeave(OnChannel):
    """A leg is in this bridge no longer."""

    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelListed(OnChannel):
    """One leg in the answer to CoreShowChannels; `bridge` is "" outside of any, `seconds` is how long it is there."""

    state: int
    caller_number: str
    caller_name: str
    context: str
    extension: str
    application: str
    other_number: str = ""
    bridge: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup(OnChannel):
    """A leg ended; `cause` is Q.850, 0 is unknown."""

    cause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(OnChannel):
    """This phone put its other side on hold, or (`is_over`) took it back. The event log does not tell it."""

    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MixMonitorStop(OnChannel):
    """A recording on this leg was ended."""


@dataclass(frozen=True, slots=True)
class FullyBooted:
    """The switch has loaded everything; what was asked before may have been refused for that reason."""


@dataclass(frozen=True, slots=True)
class Other:
    """An event we have no use for."""

    name: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """An event that lacked what it needs; `reason` names the header, never its value."""

    name: str
    reason: str


AmiEvent = (
    QueueCallerJoin | QueueCallerLeave | QueueCallerAbandon | QueueEntry | MemberChanged
    | AgentCalled | AgentConnect | AgentRingNoAnswer | AgentComplete
    | Newchannel | Newstate | DialBegin | DialEnd | BridgeEnter | BridgeLeave
    | ChannelListed | Hangup | Held | MixMonitorStop | FullyBooted | Other | Malformed
)  # fmt: skip


def read_event(headers: Mapping[str, str]) -> AmiEvent:
    """Return the event of one header block (names in lower case). Never raises."""
    name = headers.get("event", "")[:MOST_CHARACTERS]
    reader = _READERS.get(name.lower())
    if reader is None:
        return Other(name)
    try:
        return reader(Fields(headers))
    except Missing as missing:
        return Malformed(name, str(missing))


def _phone_state(fields: Fields) -> DeviceState:
    """Return the phone's state; one we do not know is UNKNOWN."""
    number = fields.number("status")
    return DeviceState(number) if number <= max(DeviceState) else DeviceState.UNKNOWN


def _join(fields: Fields) -> AmiEvent:
    position, waiting = fields.number("position"), fields.number("count")
    queue = fields.text("queue")
    return QueueCallerJoin(**fields.leg(), **fields.caller(), queue=queue, position=position, waiting=waiting)


def _leave(fields: Fields) -> AmiEvent:
    return QueueCallerLeave(**fields.leg(), queue=fields.text("queue"), waiting=fields.number("count"))


def _abandon(fields: Fields) -> AmiEvent:
    return QueueCallerAbandon(**fields.leg(), queue=fields.text("queue"), waited=fields.number("holdtime"))


def _entry(fields: Fields) -> AmiEvent:
    return QueueEntry(
        **fields.caller(),
        queue=fields.text("queue"),
        position=fields.number("position"),
        channel=fields.text("channel"),
        uniqueid=fields.text("uniqueid"),
        waited=fields.number("wait"),
    )


def _member(fields: Fields, *, is_removed: bool = False) -> AmiEvent:
    return MemberChanged(
        queue=fields.text("queue"),
        interface=fields.text("interface", "location"),
        name=fields.perhaps("membername", "name"),
        state=_phone_state(fields),
        paused=fields.number("paused") != 0,
        pause_reason=fields.perhaps("pausedreason"),
        in_call=fields.perhaps("incall") == "1",
        is_removed=is_removed,
        penalty=fields.number("penalty") if fields.perhaps("penalty") else 0,
        is_static=fields.perhaps("membership") == "static",
    )


def _member_removed(fields: Fields) -> AmiEvent:
    return _member(fields, is_removed=True)


def _agent_connect(fields: Fields) -> AmiEvent:
    return AgentConnect(**fields.agent(), waited=fields.number("holdtime"), rang=fields.number("ringtime"))


def _agent_complete(fields: Fields) -> AmiEvent:
    return AgentComplete(**fields.agent(), talked=fields.number("talktime"), ended_by=fields.perhaps("reason"))


def _new_channel(fields: Fields) -> AmiEvent:
    where = {"context": fields.perhaps("context"), "extension": fields.perhaps("exten")}
    return Newchannel(**fields.leg(), **fields.caller(), **where, state=fields.number("channelstate"))


def _new_state(fields: Fields) -> AmiEvent:
    return Newstate(
        **fields.leg(),
        state=fields.number("channelstate"),
        caller_number=fields.perhaps("calleridnum"),
        other_number=fields.perhaps("connectedlinenum"),
        context=fields.perhaps("context"),
    )


def _dial_begin(fields: Fields) -> AmiEvent:
    return DialBegin(
        **fields.leg("dest"), caller_number=fields.perhaps("calleridnum"), context=fields.perhaps("context")
    )


def _bridge_enter(fields: Fields) -> AmiEvent:
    return BridgeEnter(**fields.leg(), bridge=fields.text("bridgeuniqueid"), context=fields.perhaps("context"))


def _listed(fields: Fields) -> AmiEvent:
    where = {"context": fields.perhaps("context"), "extension": fields.perhaps("exten")}
    state, application = fields.number("channelstate"), fields.perhaps("application")
    return ChannelListed(
        **fields.leg(),
        **fields.caller(),
        **where,
        state=state,
        application=application,
        other_number=fields.perhaps("connectedlinenum"),
        bridge=fields.perhaps("bridgeid"),
        seconds=fields.seconds("duration"),
    )


_READERS: Final[dict[str, Callable[[Fields], AmiEvent]]] = {
    "queuecallerjoin": _join,
    "queuecallerleave": _leave,
    "queuecallerabandon": _abandon,
    "queueentry": _entry,
    "queuemember": _member,
    "queuememberstatus": _member,
    "queuememberadded": _member,
    "queuememberremoved": _member_removed,
    "queuememberpause": _member,
    "agentcalled": lambda fields: AgentCalled(**fields.agent()),
    "agentconnect": _agent_connect,
    "agentringnoanswer": lambda fields: AgentRingNoAnswer(**fields.agent(), rang=fields.number("ringtime")),
    "agentcomplete": _agent_complete,
    "newchannel": _new_channel,
    "newstate": _new_state,
    "dialbegin": _dial_begin,
    "dialend": lambda fields: DialEnd(**fields.leg("dest"), status=fields.perhaps("dialstatus")),
    "bridgeenter": _bridge_enter,
    "bridgeleave": lambda fields: BridgeLeave(**fields.leg(), bridge=fields.text("bridgeuniqueid")),
    "coreshowchannel": _listed,
    "hangup": lambda fields: Hangup(**fields.leg(), cause=fields.number("cause")),
    "hold": lambda fields: Held(**fields.leg(), is_over=False),
    "unhold": lambda fields: Held(**fields.leg(), is_over=True),
    "mixmonitorstop": lambda fields: MixMonitorStop(**fields.leg()),
    "fullybooted": lambda _: FullyBooted(),
}
