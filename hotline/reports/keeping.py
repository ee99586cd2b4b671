"""Keep the sums level with what they are of: days that are over, weeks, months; and build the facts of old calls.

Today's sums are always read from its facts, so nobody waits for this.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta, tzinfo
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.database import Database
from hotline.reports.ranges import days_of_span
from hotline.reports.rebuilding_store import begin_anew, build_matters_page, build_page, is_built
from hotline.reports.service_sums_store import (
    begin_service,
    days_of_service,
    is_service_built,
    sum_longer_service,
    sum_service_day,
)
from hotline.reports.store import Marks, ReportBehindTable, ServiceBehindTable, days_behind, longer_behind
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
        """Build what is counted of calls, entries and service from before, where not done; return of how many calls."""
        async with self._database.read() as session:
            days = None if await is_service_built(session, self._zone) else await days_of_service(session)
        if days is not None:
            async with self._database.begin() as session:
                await begin_service(session, days, self._zone)
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
        return await self._bring_up(ReportBehindTable, sum_day, sum_longer) + await self._bring_up(
            ServiceBehindTable, sum_service_day, sum_longer_service
        )

    async def _bring_up(
        self,
        marks: Marks,
        day_is_summed: Callable[[AsyncSession, date, tzinfo], Awaitable[bool]],
        longer_is_summed: Callable[[AsyncSession, str], Awaitable[bool]],
    ) -> int:
        today = self._clock.now().astimezone(self._zone).date()
        async with self._database.read() as session:
            days = await days_behind(session, last=today - timedelta(days=1), marks=marks)
        done = 0
        for day in days:
            async with self._database.begin() as session:
                done += await day_is_summed(session, day, self._zone)
        async with self._database.read() as session:
            longer = await longer_behind(session, marks)
        for span in longer:
            if days_of_span(span).last < today:  # one that goes on is read by its days
                async with self._database.begin() as session:
                    done += await longer_is_summed(session, span)
        return done
