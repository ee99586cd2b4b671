"""Keep from when to when the switch could not be heard: the link was down, or this service was not running."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.alerts.gap import gap_before
from hotline.alerts.gaps_store import begin_gap, end_gap, keep_beat, last_beat
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database

log = structlog.get_logger()
LOOK_EVERY: Final = 1.0
BEAT_EVERY: Final = timedelta(seconds=15)


class Gaps:
    """`link_down_since` is asked every second; what is found is written when it changes."""

    def __init__(
        self, *, database: Database, bus: Bus, clock: Clock, link_down_since: Callable[[], datetime | None]
    ) -> None:
        self._database, self._bus, self._clock, self._link_down_since = database, bus, clock, link_down_since
        self._is_open: bool | None = None  # None: we have only just come up
        self._beat_at: datetime | None = None

    async def run(self) -> None:
        """Keep the gaps until cancelled."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as wrong:
                log.warning("a gap of the link could not be written", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Look at the link once."""
        now, down_since = self._clock.now(), self._link_down_since()
        if self._is_open is None:
            await self._come_up(now, down_since)
        elif (down_since is not None) != self._is_open:
            async with self._database.begin() as session:
                if down_since is not None:
                    await begin_gap(session, down_since)
                else:
                    await end_gap(session, now)
            self._is_open = down_since is not None
            self._bus.publish(Change(Subject.LINK))
        if down_since is None and (self._beat_at is None or now - self._beat_at >= BEAT_EVERY):
            async with self._database.begin() as session:
                await keep_beat(session, now)
            self._beat_at = now

    async def _come_up(self, now: datetime, down_since: datetime | None) -> None:
        async with self._database.begin() as session:
            began = gap_before(await last_beat(session), now) or down_since
            if began is not None:
                await begin_gap(session, began)
            if down_since is None:
                await end_gap(session, now)
        self._is_open = down_since is not None
        if began is not None:
            self._bus.publish(Change(Subject.LINK))
