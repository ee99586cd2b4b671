"""Keep the sums level with the facts: days that are over, weeks, months; and build the facts of calls from before.

Today's sums are always read from its facts, so nobody waits for this.
"""

import asyncio
from datetime import timedelta, tzinfo
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.clock import Clock
from hotline.database import Database
from hotline.reports.ranges import days_of_span
from hotline.reports.rebuilding_store import begin_anew, build_matters_page, build_page, is_built
from hotline.reports.store import days_behind, longer_behind
from hotline.reports.sums_store import sum_day, sum_longer

log = structlog.get_logger()

LOOK_EVERY: Final = 20.0
PAUSE: Final = 0.05  # seconds between two pages of old calls: the desk is served between them


class ReportKeeping:
    """The shell around the sums, for as long as `run` runs."""

    def __init__(self, *, database: Database, clock: Clock, zone: tzinfo, area_code: str) -> None:
        self._database, self._clock = database, clock
        self._zone, self._area_code = zone, area_code
        self.trouble = ""

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.build()
                await self.bring_up()
                self.trouble = ""
            except (SQLAlchemyError, OSError) as wrong:
                if not self.trouble:
                    log.warning("the sums of reports are behind", reason=type(wrong).__name__)
                self.trouble = type(wrong).__name__
            await asyncio.sleep(LOOK_EVERY)

    async def build(self) -> int:
        """Build the facts of calls and entries from before, where that is not done; return how many calls'."""
        built = 0
        while True:
            async with self._database.read() as session:
                if await is_built(session, str(self._zone)):
                    return built
            async with self._database.begin() as session:
                built += await build_page(session, zone=self._zone, area_code=self._area_code)
            async with self._database.begin() as session:
                await build_matters_page(session)
            await asyncio.sleep(PAUSE)

    async def rebuild(self) -> int:
        """Build every fact and every sum anew; return of how many calls. The desk may go on meanwhile."""
        async with self._database.begin() as session:
            await begin_anew(session)
        built = await self.build()
        await self.bring_up()
        return built

    async def bring_up(self) -> int:
        """Sum every marked day before today, then weeks and months that are over; return how many sums were made."""
        today = self._clock.now().astimezone(self._zone).date()
        async with self._database.read() as session:
            days = await days_behind(session, last=today - timedelta(days=1))
        done = 0
        for day in days:
            async with self._database.begin() as session:
                done += await sum_day(session, day, self._zone)
        async with self._database.read() as session:
            longer = await longer_behind(session)
        for span in longer:
            if days_of_span(span).last < today:  # one that goes on is read by its days
                async with self._database.begin() as session:
                    done += await sum_longer(session, span)
        return done
