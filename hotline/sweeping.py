"""Ask again for every transcript that is wanted and not coming: Redis or a worker may have died with it."""

import asyncio
import itertools
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.clock import Clock
from hotline.database import Database
from hotline.jobs import Jobs
from hotline.transcribe.backlog_store import RECENT, backlog, untranscribed

log = structlog.get_logger()
SWEEP_EVERY: Final = 10.0
WHOLE_SWEEP_EVERY: Final = 360  # sweeps; the others look through the last days: millions lie behind them


class TranscriptSweep:
    """`run` sweeps until cancelled. One begun `stale_after` ago and not ended died with its worker."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock, *, stale_after: timedelta) -> None:
        self._database, self._jobs, self._clock, self._stale_after = database, jobs, clock, stale_after

    async def run(self) -> None:
        """Sweep until cancelled."""
        for turn in itertools.count():
            await asyncio.sleep(SWEEP_EVERY)
            now = self._clock.now()
            try:
                async with self._database.read() as session:
                    waiting = await untranscribed(
                        session,
                        stale_before=now - self._stale_after,
                        began_after=now - RECENT if turn % WHOLE_SWEEP_EVERY else None,
                    )
            except (SQLAlchemyError, OSError) as wrong:
                log.warning("the sweep could not look", reason=type(wrong).__name__)
                continue
            for recording, attempts in waiting:
                if not await self._jobs.transcribe(recording, attempts):
                    break  # Redis is away: the others would only wait for it, too

    async def waiting(self) -> int:
        """Return how many recordings of the last days wait to be written down."""
        now = self._clock.now()
        async with self._database.read() as session:
            found = await backlog(session, stale_before=now - self._stale_after, since=now, began_after=now - RECENT)
        return found.waiting
