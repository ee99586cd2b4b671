"""What a supervisor switches by hand: the night plan before its time, and whether a queue takes callers.

Written first, then left with the switch, which keeps it through its own restart and while we are away. The plan by hand
ends by itself as soon as the hours of the menus say the same: forgotten, it holds until the next opening or closing.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.audit.change import Change as Audited
from hotline.audit.store import record
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.livehelp.by_hand_store import CLOSED, OPEN, PLAN, Switched, keep_switched, switched_now
from hotline.livehelp.help import PlaceUnknown

log = structlog.get_logger()

FAMILY: Final = "closed"  # where the dialplan finds which queues are: DB(closed/repair)
LOOK_EVERY: Final = 30.0
TOLD_WITHIN: Final = 20.0
CALLS_US: Final = frozenset({Subject.LINK, Subject.RESYNC, Subject.BY_HAND})
SWITCH_MAY_HAVE_FORGOTTEN: Final = frozenset({Subject.LINK, Subject.RESYNC})


class SwitchMemory(Protocol):
    """Where the dialplan finds what we leave for it. Both raise HotlineError when it was not done."""

    async def put(self, family: str, key: str, value: str) -> None:
        """Keep a value."""
        ...

    async def drop(self, family: str, key: str) -> None:
        """Drop what stands at the key, if anything does."""
        ...


class ByHand:
    """What is switched by hand. `scheduled` tells whether the menus' hours say open; `queues` are all there are."""

    def __init__(
        self,
        *,
        memory: SwitchMemory,
        database: Database,
        bus: Bus,
        clock: Clock,
        queues: tuple[str, ...],
        scheduled: Callable[[datetime], bool],
    ) -> None:
        self._memory, self._database, self._bus, self._clock = memory, database, bus, clock
        self.queues = queues
        self.scheduled = scheduled
        self._now: dict[str, Switched] = {}
        self._held: dict[str, bool] = {}  # queue -> whether the switch has it closed; not there: nobody knows
        self._lock = asyncio.Lock()
        self.trouble = ""

    def is_open(self, now: datetime) -> bool:
        """Return whether the house is open at this moment: by hand, else as the hours say."""
        by_hand = self._now.get(PLAN)
        return self.scheduled(now) if by_hand is None else by_hand.value == OPEN

    @property
    def now(self) -> dict[str, Switched]:
        """What is switched by hand: the plan under `plan`, closed queues by name."""
        return dict(self._now)

    async def set_plan(self, value: str, *, by: str) -> None:
        """Open or close the house by hand; "" is back to the hours, and so is what they say themselves."""
        is_scheduled = self.scheduled(self._clock.now())
        await self._switch(PLAN, "" if value == (OPEN if is_scheduled else CLOSED) else value, by=by)

    async def set_queue(self, queue: str, *, is_closed: bool, by: str) -> None:
        """Let a queue take no callers, or take them again; who waits in it stays. Raises PlaceUnknown."""
        if queue not in self.queues:
            raise PlaceUnknown("there is no such queue")
        await self._switch(queue, CLOSED if is_closed else "", by=by)

    async def run(self) -> None:
        """Keep the switch told until cancelled."""
        with self._bus.listening() as box:
            while True:
                await self.look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        while (change := await box.get()).subject not in CALLS_US:
                            pass
                    if change.subject in SWITCH_MAY_HAVE_FORGOTTEN:
                        self._held.clear()

    async def look(self) -> None:
        """Read what is so, end a plan that the hours agree with, tell the switch what it does not have."""
        try:
            async with asyncio.timeout(TOLD_WITHIN):
                before = self._now.get(PLAN)
                async with self._database.read() as session:
                    self._now = await switched_now(session)
                plan = self._now.get(PLAN)
                if plan != before:  # read after a start: the roster may have left the hours' plan with the switch
                    self._bus.publish(Change(Subject.STAFFING))
                if plan is not None and (plan.value == OPEN) == self.scheduled(self._clock.now()):
                    await self._switch(PLAN, "", by="")
                async with self._lock:
                    for queue in self.queues:
                        await self._tell(queue)
            self.trouble = ""
        except (HotlineError, SQLAlchemyError, OSError) as wrong:  # TimeoutError is an OSError
            reason = getattr(wrong, "error_id", type(wrong).__name__)
            if reason != self.trouble:
                log.warning("the switch was not told which queues are closed", reason=reason)
            self.trouble = reason

    async def _switch(self, what: str, value: str, *, by: str) -> None:
        at = self._clock.now()
        async with self._database.begin() as session:
            before = await keep_switched(session, what, value, by=by, at=at)
            if before is not None:
                was, now = ({what: before or "as scheduled"}, {what: value or "as scheduled"})
                act = "switched-by-hand" if by else "ended-with-the-hours"
                change = Audited(by=by, room="live-help", act=act, subject=what, at=at, before=was, after=now)
                await record(session, change)
        async with self._database.read() as session:
            self._now = await switched_now(session)
        if before is not None:
            log.info("switched by hand", what=what, value=value or "as scheduled", by=by)
            self._bus.publish(Change(Subject.BY_HAND, what))
            if what == PLAN:
                self._bus.publish(Change(Subject.STAFFING))  # the roster leaves the plan with the switch

    async def _tell(self, queue: str) -> None:
        is_closed = queue in self._now
        if self._held.get(queue) is is_closed:
            return
        self._held.pop(queue, None)  # until it is told
        if is_closed:
            await self._memory.put(FAMILY, queue, "yes")
        else:
            await self._memory.drop(FAMILY, queue)
        self._held[queue] = is_closed
