"""The one reader of the switch's events: rings the ledger's bell, keeps the live board, renews the service's lease.

The ledger takes nothing from here but the bell (see docs/decisions). After every reconnect, and whenever events were
lost, the board is built anew from a snapshot and the calls that died with the switch are ended.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from hotline.agents.offers import AtPhone, Heard, Offers
from hotline.ami.actions import core_show_channels, queue_status, set_global
from hotline.ami.client import AmiClient, LinkDown, LinkUp, Lost
from hotline.ami.errors import AmiError, AmiSilent
from hotline.ami.events import (
    AmiEvent,
    ChannelListed,
    DeviceState,
    FullyBooted,
    Held,
    Malformed,
    MemberChanged,
    MixMonitorStop,
    OnChannel,
    QueueCallerJoin,
    QueueCallerLeave,
    QueueEntry,
)
from hotline.ami.leg_news import leg_listed, leg_news
from hotline.bus import Bus, Change, Subject
from hotline.calls.service import Ledger
from hotline.clock import Clock
from hotline.queues.board import AgentState, QueueBoard
from hotline.recordings.service import Recordings

log = structlog.get_logger()

LEASE_GLOBAL: Final = "HOTLINE_LEASE"
RENEW_EVERY: Final = 1.0
ASK_AGAIN: Final = 1.0  # seconds after a snapshot that did not come
_PHONE: Final[dict[DeviceState, AgentState]] = {
    DeviceState.NOT_IN_USE: AgentState.READY,
    DeviceState.UNKNOWN: AgentState.READY,
    DeviceState.IN_USE: AgentState.TALKING,
    DeviceState.BUSY: AgentState.TALKING,
    DeviceState.ON_HOLD: AgentState.TALKING,
    DeviceState.RINGING: AgentState.RINGING,
    DeviceState.RING_IN_USE: AgentState.RINGING,
    DeviceState.UNAVAILABLE: AgentState.SIGNED_OUT,
    DeviceState.INVALID: AgentState.SIGNED_OUT,
}


class Listener:
    """Reads the link's events in order, for as long as `run` runs."""

    def __init__(
        self,
        *,
        client: AmiClient,
        ledger: Ledger,
        recordings: Recordings,
        bus: Bus,
        clock: Clock,
        lease: int,
        when_unrecorded: Callable[[str], None] = lambda _call_id: None,
        offers: Offers | None = None,
        when_at_phone: Callable[[AtPhone], None] = lambda _happened: None,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._recordings = recordings
        self._bus = bus
        self._clock = clock
        self._lease = lease
        self._when_unrecorded = when_unrecorded
        self.offers = offers or Offers()
        self._when_at_phone = when_at_phone
        self.board = QueueBoard()

    async def run(self) -> None:
        """Read events until cancelled."""
        async for item in self._client.events():
            match item:
                case LinkUp() | Lost() | FullyBooted():
                    await self._resync()
                case LinkDown():
                    self._show(QueueBoard())
                    self._bus.publish(Change(Subject.LINK))
                case _:
                    self._hear(item)

    async def keep_lease(self) -> None:
        """Renew, every second, our promise to be there for callers; the dialplan goes on alone when it lapses."""
        while True:
            until = int(self._clock.now().timestamp()) + self._lease
            with suppress(AmiError):  # the link says so itself; callers are led by the dialplan meanwhile
                await self._client.ask(set_global(LEASE_GLOBAL, str(until)))
            await asyncio.sleep(RENEW_EVERY)

    async def _resync(self) -> None:
        while True:
            if await self._took_snapshot():
                return
            await asyncio.sleep(ASK_AGAIN)

    async def _took_snapshot(self) -> bool:
        """Build the board anew; False where it must be asked for again, because nothing else will make us ask."""
        try:
            seen_at = self._clock.now()
            channels = await self._client.ask(core_show_channels())
            queues = await self._client.ask(queue_status())
        except AmiSilent as wrong:
            log.warning("no snapshot of the switch: asking again", reason=wrong.error_id)
            return False
        except AmiError as wrong:  # no link: LinkUp will come; refused while it boots: FullyBooted will
            log.warning("no snapshot of the switch", reason=wrong.error_id)
            return True
        legs = [leg for event in channels.events if isinstance(event, ChannelListed) and (leg := leg_listed(event))]
        living = {event.linkedid for event in channels.events if isinstance(event, ChannelListed)}
        board = QueueBoard(is_current=True)
        for event in queues.events:
            board = _changed(board, event)
        self._show(board)
        self._bus.publish(Change(Subject.LINK))
        if any(isinstance(event, Malformed) for event in channels.events):
            log.warning("the switch's list of channels is not whole: no call is ended by it")
        else:
            self._tell(self.offers.take_list(legs, seen_at))
            self._ledger.lost(living, seen_at)
        return True

    def _hear(self, event: AmiEvent) -> None:
        self._show(_changed(self.board, event))
        if (news := leg_news(event)) is not None:
            self._tell(self.offers.hear(news, self._clock.now()))
        if isinstance(event, OnChannel):
            self._ledger.ring()
        if isinstance(event, Held):
            self._ledger.held(
                channel=event.channel,
                uniqueid=event.uniqueid,
                linkedid=event.linkedid,
                at=self._clock.now(),
                is_over=event.is_over,
            )
        if isinstance(event, MixMonitorStop):
            self._recordings.ring()
            self._when_unrecorded(event.linkedid)

    def _tell(self, heard: Heard) -> None:
        for happened in heard.happened:
            self._when_at_phone(happened)

    def _show(self, board: QueueBoard) -> None:
        if board != self.board:
            self.board = board
            self._bus.publish(Change(Subject.QUEUE))


def _changed(board: QueueBoard, event: AmiEvent) -> QueueBoard:
    match event:
        case MemberChanged():
            agent = event.interface.partition("/")[2]
            if event.is_removed:
                return board.without_member(agent, event.queue)
            state = _PHONE[event.state]
            is_idle = state is AgentState.READY
            return board.with_member(agent, event.queue, AgentState.PAUSED if event.paused and is_idle else state)
        case QueueCallerJoin() | QueueEntry():
            return board.with_waiting(event.uniqueid, event.queue)
        case QueueCallerLeave():
            return board.with_waiting(event.uniqueid, None)
        case _:
            return board
