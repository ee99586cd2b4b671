"""Move a caller who waits: before all others, to another queue, to an agent. The dialplan, [moved], does the rest.

Who moves a caller gets one of two answers: moved, or nobody was moved, because the caller waits there no longer. First
it is written down that it was asked for; the switch is told once; "moved" is kept on the call when it has done it.
"""

import asyncio
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.audit.change import Change as Audited
from hotline.audit.store import record
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.livehelp.help import CallerNotWaiting, HelpNotMade, PlaceUnknown
from hotline.livehelp.store import keep_move

log = structlog.get_logger()
FRONT: Final = "front"
ASK_WITHIN: Final = 8.0
WRITE_WITHIN: Final = 8.0  # who waits may be lifted meanwhile: an order that comes late is none
AT_ONCE: Final = 2.0  # seconds


class WaitingRoom(Protocol):
    """The switch, as far as callers who wait go. Both raise HotlineError where it could not be asked."""

    async def waits_in(self, call_id: str) -> tuple[str, str] | None:
        """Return the channel of a caller who waits, and in which queue."""
        ...

    async def move(self, channel: str, to: str) -> None:
        """Lead that channel to the front, to a queue, to an agent."""
        ...


class Moving:
    """Moves callers who wait. `queues` and `agents` are where they may be moved to."""

    def __init__(
        self,
        *,
        room: WaitingRoom,
        database: Database,
        bus: Bus,
        clock: Clock,
        queues: tuple[str, ...],
        agents: tuple[str, ...],
    ) -> None:
        self._room, self._database, self._bus, self._clock = room, database, bus, clock
        self.queues, self.agents = queues, agents
        self._lock = asyncio.Lock()
        self._fronted: set[tuple[str, str]] = set()  # a second click does not take the ringing from them again
        self._last = ("", "", 0.0)  # nor does the same act of somebody else, a moment later: which call, where to, when

    async def move(self, call_id: str, to: str, *, by: str) -> None:
        """Move the caller of this call to `front`, a queue, or an agent's extension.

        Raises PlaceUnknown, CallerNotWaiting, HelpNotMade.
        """
        if to not in {FRONT, *self.queues, *self.agents}:
            raise PlaceUnknown("there is no such queue or agent")
        async with self._lock:
            try:
                async with asyncio.timeout(ASK_WITHIN):
                    found = await self._room.waits_in(call_id)
                if found is None or self._was_just_done(call_id, to):
                    raise CallerNotWaiting("this caller waits in no queue now")
                channel, was_in = found
                if to == was_in or (to == FRONT and (call_id, was_in) in self._fronted):
                    raise CallerNotWaiting("this caller stands there already")
                at = self._clock.now()
                async with asyncio.timeout(WRITE_WITHIN), self._database.begin() as session:
                    change = Audited(
                        by=by,
                        room="live-help",
                        act="asked-to-move-caller",
                        subject=call_id,
                        at=at,
                        before={"queue": was_in},
                        after={"to": to},
                    )
                    await record(session, change)
                # The write may have taken long: who was lifted meanwhile is not torn out of that talk.
                async with asyncio.timeout(ASK_WITHIN):
                    if await self._room.waits_in(call_id) != found:
                        raise CallerNotWaiting("this caller waits there no longer")
                    await self._room.move(channel, to)
            except CallerNotWaiting:
                raise
            except (HotlineError, TimeoutError) as wrong:
                raise HelpNotMade("the switch could not be asked") from wrong
            self._last = (call_id, to, self._clock.monotonic())
            if to == FRONT:
                self._fronted = {*list(self._fronted)[-100:], (call_id, was_in)}
            await self._keep(call_id, to, by)
        log.info("a waiting caller was moved", linkedid=call_id, to=to, by=by)
        self._bus.publish(Change(Subject.CALL, call_id))

    async def _keep(self, call_id: str, to: str, by: str) -> None:
        """Keep on the call that they were moved. They were, whether or not it can be kept."""
        try:
            async with asyncio.timeout(WRITE_WITHIN), self._database.begin() as session:
                await keep_move(session, call_id=call_id, by=by, to=to, at=self._clock.now())
        except (HotlineError, SQLAlchemyError, OSError) as wrong:  # TimeoutError is an OSError
            log.warning("a move is not kept on its call", linkedid=call_id, reason=type(wrong).__name__)

    def _was_just_done(self, call_id: str, to: str) -> bool:
        """The switch may list the caller where they were for a moment after it took the order."""
        last_call, last_to, at = self._last
        return (call_id, to) == (last_call, last_to) and self._clock.monotonic() - at < AT_ONCE
