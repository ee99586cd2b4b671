"""What live help asks of the switch: ring a supervisor's telephone, lead that channel on, move a caller who waits.

Implements `hotline.livehelp.service.HelpLine` and `hotline.livehelp.moving.WaitingRoom`. The contexts stand in
deploy/asterisk/extensions_live_help.conf.j2. Nothing is remembered here: who talks with whom, the switch's own list of
channels tells in the moment of each act.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from hotline.ami import actions
from hotline.ami.client import AmiClient
from hotline.ami.errors import AmiDown, AmiRefused, UnsafeHeader
from hotline.ami.events import ChannelListed, Malformed
from hotline.ami.taking_up import resident_of
from hotline.calls.cel import HELP
from hotline.livehelp.help import CallerNotWaiting, HelpNotMade, Mode
from hotline.livehelp.service import HelpErrand, Talk

CONTEXT: Final = "live-help"
RESIDENT_LEFT: Final = "resident-left"
MOVED: Final = "moved"
WAITING_ROOM: Final = "waiting-room"
UP: Final = 6
LOCAL: Final = "Local/"  # of a call-back that keeps the place: the resident is at its far end
NOT_THERE: Final = frozenset({"UNAVAILABLE", "INVALID"})
BY_NAME: Final = {mode.value: mode for mode in Mode}
IN_BRIDGE: Final = frozenset({Mode.BARGE, Mode.TAKE})
_CARRIER: Final = re.compile(r"PJSIP/carrier-[0-9a-f]+")


class AsteriskHelp:
    """Live help over one link."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    async def has_phone(self, extension: str) -> bool:
        """Return whether this telephone is signed in, so that there is something to ring. Raises AmiError."""
        answer = await self._client.ask(actions.device_state(extension))
        return answer.headers.get("value", "") not in NOT_THERE

    async def talk_of(self, extension: str) -> Talk | None:
        """Return the agent's channel and the resident's in the talk of now. Raises HelpNotMade."""
        talk = talk_among(extension, await self._channels())
        if talk is None or not talk.resident:
            return talk
        if talk.resident.startswith(LOCAL):  # what a third says in that bridge goes to its near end only (seen)
            return replace(talk, hears=False)
        try:
            answer = await self._client.ask(actions.is_on_hold(talk.resident))
        except AmiRefused:  # gone meanwhile
            return talk
        return replace(talk, hears=answer.headers.get("value") != "1")

    async def begin(self, errand: HelpErrand, is_too_late: Callable[[], bool]) -> None:
        """Ring the supervisor's telephone, unless it `is_too_late`. Raises HelpNotMade where surely nobody is rung."""
        try:
            action = actions.originate(
                f"PJSIP/{errand.extension}",
                channel_id=errand.channel,
                context=CONTEXT,
                extension=errand.mode.value,
                ring_for=errand.rings_for,
                caller_id=f"<{errand.agent}>",  # whom it is about, for the display
                variables={
                    "SPIES": errand.talk.agent_id,
                    "AGENT": errand.talk.agent_channel,
                    "RESIDENT": errand.talk.resident,
                },
                # The page lifts this one by itself: its supervisor has just asked for it.
                told={"X-Call": errand.call_id, "X-Answer": "now"},
            )
            await self._prepare(errand.mode, errand.talk)
            if is_too_late():
                raise HelpNotMade("the service was held up since the click: nobody was rung")
            await self._client.ask(action)
        except (UnsafeHeader, AmiRefused) as refused:
            raise HelpNotMade("the switch did not take the order") from refused
        except AmiDown as down:
            if down.was_sent:
                raise
            raise HelpNotMade("there is no link to the switch") from down

    async def turn(self, channel: str, mode: Mode, talk: Talk) -> None:
        """Lead the supervisor's channel on to another mode. Raises AmiError, HelpNotMade where it is gone."""
        try:
            await self._prepare(mode, talk)
            if talk.resident:
                await self._client.ask(actions.set_variable(channel, "RESIDENT", talk.resident))
            await self._client.ask(actions.redirect(channel, CONTEXT, mode.value))
        except AmiRefused as refused:
            raise HelpNotMade("the switch did not take the order") from refused

    async def _prepare(self, mode: Mode, talk: Talk) -> None:
        if mode is Mode.BARGE:
            await self._client.ask(actions.when_gone(talk.resident, RESIDENT_LEFT))

    async def end(self, channel: str) -> None:
        """End the supervisor's channel. Raises AmiError, also where it is gone already."""
        await self._client.ask(actions.hangup(channel))

    async def living(self) -> dict[str, Mode | None]:
        """Return the channels of supervisors at agents' sides, each with what it does; None: it rings yet."""
        return helps_among(await self._channels())

    async def waits_in(self, call_id: str) -> tuple[str, str] | None:
        """Return the channel of a resident who waits, and in which queue; None: they do not. Raises AmiError."""
        return waiting_among(call_id, await self._channels())

    async def move(self, channel: str, to: str) -> None:
        """Lead a waiting resident's channel there: `front`, a queue, an agent's extension.

        Raises AmiError; CallerNotWaiting where it has gone meanwhile.
        """
        try:
            await self._client.ask(actions.redirect(channel, MOVED, to))
        except AmiRefused as refused:
            raise CallerNotWaiting("this caller has hung up") from refused

    async def _channels(self) -> list[ChannelListed]:
        answer = await self._client.ask(actions.core_show_channels())
        if any(isinstance(event, Malformed) for event in answer.events):
            raise AmiRefused("CoreShowChannels", "a list with entries that cannot be read")
        return [event for event in answer.events if isinstance(event, ChannelListed)]


def talk_among(extension: str, channels: Sequence[ChannelListed]) -> Talk | None:
    """Return the talk of this telephone: its channel that is in a bridge, with a resident where there is one.

    Supervisors who have stepped in are passed over: the talk is the agent's and the resident's.
    """
    channels = [one for one in channels if not one.uniqueid.startswith(HELP)]
    phone = re.compile(rf"PJSIP/{re.escape(extension)}-[0-9a-f]+")
    own = [one for one in channels if phone.fullmatch(one.channel) and one.bridge and one.state == UP]
    if not own:
        return None
    resident = resident_of(extension, channels)
    with_resident = [one for one in own if resident is not None and one.bridge == resident.bridge]
    chosen = (with_resident or own)[0]
    return Talk(
        agent_id=chosen.uniqueid,
        agent_channel=chosen.channel,
        call=chosen.linkedid,
        resident=resident.channel if resident is not None else "",
    )


def helps_among(channels: Sequence[ChannelListed]) -> dict[str, Mode | None]:
    """Return each supervisor's channel at an agent's side with what it does; None: it rings, or is on its way."""
    found: dict[str, Mode | None] = {}
    for one in channels:
        if not one.uniqueid.startswith(HELP):
            continue
        mode = BY_NAME.get(one.extension) if one.state == UP and one.context == CONTEXT else None
        # On its way to a bridge it is not there yet: stepped in, or taken over, is who is in one.
        found[one.uniqueid] = None if mode in IN_BRIDGE and not one.bridge else mode
    return found


def waiting_among(call_id: str, channels: Sequence[ChannelListed]) -> tuple[str, str] | None:
    """Return the channel of the resident of this call, and the queue that it waits in; None: it waits in none."""
    for one in channels:
        waits = one.context == WAITING_ROOM and one.application == "Queue" and not one.bridge
        if waits and one.linkedid == call_id and _CARRIER.fullmatch(one.channel):
            return one.channel, one.extension
    return None
