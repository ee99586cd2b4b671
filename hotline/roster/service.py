"""Leave the duty chain and the plan with the switch: at each full minute, on every change, and whole after a new link.

The dialplan reads them there (`DB(hotline/plan)`, `DB(duty/…)`), so that the night goes on when the service does not:
one that is away leaves the last chain standing. The plan needs only the clock: it is told even while the database is
away, and a chain that cannot be told holds it up as little as it holds up the chain.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.bus import Bus, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.roster.duty import COUNT, PLAN, DutyContact, Key, Put, chain_at, changes, plan_value, values_of
from hotline.roster.store import turns_at

log = structlog.get_logger()

MINUTE: Final = 60.0
READ_WITHIN: Final = 20.0  # seconds for the database
TOLD_WITHIN: Final = 30.0  # seconds for the switch
PLAN_PART: Final = "plan"
CHAIN_PART: Final = "duty chain"
NOT_YET: Final = "not left with the switch yet"
SWITCH_MAY_HAVE_FORGOTTEN: Final = frozenset({Subject.LINK, Subject.RESYNC})


class SwitchMemory(Protocol):
    """Where the dialplan finds what we leave for it. Both raise HotlineError when it was not done."""

    async def put(self, family: str, key: str, value: str) -> None:
        """Keep a value."""
        ...

    async def drop(self, family: str, key: str) -> None:
        """Drop what stands at the key and below it, if anything does."""
        ...


class Roster:
    """Who is on duty, at the switch as in the table. `is_open` is asked with a moment in the centre's time zone."""

    def __init__(
        self,
        *,
        memory: SwitchMemory,
        database: Database,
        bus: Bus,
        clock: Clock,
        zone: ZoneInfo,
        is_open: Callable[[datetime], bool],
    ) -> None:
        self._memory = memory
        self._database = database
        self._bus = bus
        self._clock = clock
        self._zone = zone
        self._is_open = is_open
        self._held_plan = ""  # what the switch has; "": nobody knows
        self._held_chain: dict[Key, str] | None = None  # None: nobody knows
        self._troubles = {PLAN_PART: NOT_YET, CHAIN_PART: NOT_YET}  # "" while the switch holds the present one

    @property
    def trouble(self) -> str:
        """What the switch does not hold as it should, and why; "" while it holds the present plan and chain."""
        return ", ".join(f"{part}: {reason}" for part, reason in self._troubles.items() if reason)

    async def run(self) -> None:
        """Keep the switch told until cancelled."""
        with self._bus.listening() as box:
            while True:
                await self.publish()
                try:
                    async with asyncio.timeout(self._until_next_minute()):
                        while (change := await box.get()).subject not in (
                            *SWITCH_MAY_HAVE_FORGOTTEN, Subject.STAFFING,
                        ):  # fmt: skip
                            pass
                    if change.subject in SWITCH_MAY_HAVE_FORGOTTEN:
                        self._held_plan, self._held_chain = "", None
                except TimeoutError:
                    pass

    async def on_duty(self) -> tuple[DutyContact, ...]:
        """Return whom the chain rings now, in order; nobody when nobody is on the roster."""
        now = self._clock.now()
        async with self._database.read() as session:
            return chain_at(await turns_at(session, now), now)

    async def publish(self) -> None:
        """Tell the switch once what it does not have. What cannot be told now is told later, whole."""
        with self._noting(PLAN_PART):
            await self._publish_plan()
        with self._noting(CHAIN_PART):
            await self._publish_chain()

    async def _publish_plan(self) -> None:
        plan = plan_value(is_open=self._is_open(self._clock.now().astimezone(self._zone)))
        if plan == self._held_plan:
            return
        self._held_plan = ""  # until it is told
        async with asyncio.timeout(TOLD_WITHIN):
            await self._memory.put(*PLAN, plan)
        self._held_plan = plan
        log.info("plan left with the switch", plan=plan)

    async def _publish_chain(self) -> None:
        async with asyncio.timeout(READ_WITHIN):
            values = values_of(await self.on_duty())
        to_tell = changes(self._held_chain, values)
        held, self._held_chain = self._held_chain, None  # until all of it is told
        async with asyncio.timeout(TOLD_WITHIN):
            for change in to_tell:
                if isinstance(change, Put):
                    await self._memory.put(*change.key, change.value)
                else:
                    await self._memory.drop(*change.key)
        self._held_chain = values
        if to_tell:
            log.info("duty chain left with the switch", places=values[COUNT], changes=len(to_tell), whole=held is None)

    @contextmanager
    def _noting(self, part: str) -> Iterator[None]:
        """Keep why this part could not be told, and say it once; the other part is told all the same."""
        try:
            yield
        except (HotlineError, SQLAlchemyError, OSError) as wrong:  # TimeoutError is an OSError
            reason = getattr(wrong, "error_id", type(wrong).__name__)
            if reason != self._troubles[part]:
                log.warning("the switch was not told of the present duty", part=part, reason=reason)
            self._troubles[part] = reason
        else:
            self._troubles[part] = ""

    def _until_next_minute(self) -> float:
        return MINUTE - self._clock.now().timestamp() % MINUTE
