"""What an AMI event tells of one channel, in the words of `hotline/agents/legs.py`. Pure."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from hotline.agents.legs import LegGone, LegNews, LegSeen, LegUnanswered
from hotline.ami.events import (
    AgentCalled,
    AmiEvent,
    BridgeEnter,
    BridgeLeave,
    ChannelListed,
    DialBegin,
    DialEnd,
    Hangup,
    Newchannel,
    Newstate,
    OnChannel,
)

DOWN: Final = 0
RINGING: Final = 5
UP: Final = 6
REFUSED: Final = frozenset({17, 21})  # Q.850: busy here, call rejected
CALLED_BY: Final = frozenset(
    {"AppDial", "AppDial2", "AppQueue"}
)  # what stands for an application at a leg that is rung
STREAM: Final = "AudioSocket/"  # live words are heard on it: nobody's telephone


def leg_news(event: AmiEvent) -> LegNews | None:
    """Return what the event tells of a channel; None where that is nothing."""
    if isinstance(event, AgentCalled):  # about the caller's channel; the phone's is told beside it
        if not (event.agent_uniqueid and event.agent_channel):
            return None
        return LegSeen(
            uniqueid=event.agent_uniqueid,
            channel=event.agent_channel,
            linkedid=event.linkedid,
            is_called=True,
            queue=event.queue,
        )
    read = _READ.get(type(event))
    if read is None or not isinstance(event, OnChannel) or event.channel.startswith(STREAM):
        return None
    news: LegNews | None = read(event)
    return news


def leg_listed(event: ChannelListed) -> LegSeen | None:
    """Return what the switch's list says of a channel: all there is to know of it now; None of one to pass over."""
    if event.channel.startswith(STREAM):
        return None
    return LegSeen(
        **_where(event),
        is_up=event.state == UP,
        is_called=event.state in {DOWN, RINGING} or event.application in CALLED_BY,
        bridge=event.bridge,
        caller=event.caller_number,
        other=event.other_number,
        context=event.context,
        up_for=timedelta(seconds=event.seconds),
    )


def _where(event: OnChannel) -> dict[str, Any]:
    return {"uniqueid": event.uniqueid, "channel": event.channel, "linkedid": event.linkedid}


def _is_called(state: int) -> bool | None:
    return True if state in {DOWN, RINGING} else None


def _is_up(state: int) -> bool | None:
    return True if state == UP else None


def _dial_end(event: DialEnd) -> LegNews | None:
    return LegUnanswered(uniqueid=event.uniqueid) if event.status == "NOANSWER" else None


_READ: Final[dict[type, Callable[[Any], LegNews | None]]] = {
    Newchannel: lambda event: LegSeen(
        **_where(event),
        is_up=_is_up(event.state),
        is_called=_is_called(event.state),
        caller=event.caller_number,
        context=event.context,
    ),
    Newstate: lambda event: LegSeen(
        **_where(event),
        is_up=_is_up(event.state),
        is_called=_is_called(event.state),
        caller=event.caller_number,
        other=event.other_number,
        context=event.context,
    ),
    DialBegin: lambda event: LegSeen(
        **_where(event), is_called=True, other=event.caller_number, rung_from=event.context
    ),
    DialEnd: _dial_end,
    BridgeEnter: lambda event: LegSeen(**_where(event), bridge=event.bridge, context=event.context),
    BridgeLeave: lambda event: LegSeen(**_where(event), left=event.bridge),
    Hangup: lambda event: LegGone(uniqueid=event.uniqueid, was_refused=event.cause in REFUSED),
}
