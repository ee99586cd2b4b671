"""Leave the duty chain and the plan with the switch: at each full minute, on every change, and whole after a new link.

The dialplan reads them there (`DB(hotline/plan)`, `DB(duty/…)`), so that the night goes on when the service does not:
one that is away leaves the last chain standing.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.bus import Bus, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.roster.duty import DutyContact, Key, Put, chain_at, changes, values_of
from hotline.roster.store import turns_at

log = structlog.get_logger()

MINUTE: Final = 60.0
READ_WITHIN: Final = 20.0  # seconds for the database
SWITCH_MAY_HAVE_FORGOTTEN: Final = frozenset({Subject.LINK, Subject.RESYNC})


class Shelf(Protocol):
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
        shelf: Shelf,
        database: Database,
        bus: Bus,
        clock: Clock,
        zone: ZoneInfo,
        is_open: Callable[[datetime], bool],
    ) -> None:
        self._shelf = shelf
        self._database = database
        self._bus = bus
        self._clock = clock
        self._zone = zone
        self._is_open = is_open
        self._held: dict[Key, str] | None = None  # what the switch has; None: nobody knows
        self.trouble = "the duty chain was not left with the switch yet"  # "" while the switch holds the present one

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
                        self._held = None
                except TimeoutError:
                    pass

    async def on_duty(self) -> tuple[DutyContact, ...]:
        """Return whom the chain rings now, in order; nobody when nobody is on the roster."""
        now = self._clock.now()
        async with self._database.read() as session:
            return chain_at(await turns_at(session, now), now)

    async def publish(self) -> None:
        """Tell the switch once what it does not have. What cannot be told now is told later, whole."""
        try:
            async with asyncio.timeout(READ_WITHIN):
                chain = await self.on_duty()
            values = values_of(chain, is_open=self._is_open(self._clock.now().astimezone(self._zone)))
            to_tell = changes(self._held, values)
            held, self._held = self._held, None  # until all of it is told
            async with asyncio.timeout(MINUTE):
                for change in to_tell:
                    if isinstance(change, Put):
                        await self._shelf.put(*change.key, change.value)
                    else:
                        await self._shelf.drop(*change.key)
        except (HotlineError, SQLAlchemyError, OSError) as wrong:  # TimeoutError is an OSError
            reason = getattr(wrong, "error_id", type(wrong).__name__)
            if reason != self.trouble:
                log.warning("the switch does not hold the present duty chain", reason=reason)
            self.trouble = reason
            return
        if to_tell:
            log.info("duty chain left with the switch", places=len(chain), changes=len(to_tell), is_whole=held is None)
        self._held, self.trouble = values, ""

    def _until_next_minute(self) -> float:
        return MINUTE - self._clock.now().timestamp() % MINUTE
