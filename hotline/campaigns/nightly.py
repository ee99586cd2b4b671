"""The nightly figure: possible double rings of the day before, from the switch's event log alone; 0 is good.

It is counted in the service once a day, after the centre's midnight, and anew when the service begins.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.calls.cel import CelRow
from hotline.calls.family import extra
from hotline.campaigns.attempt import PREFIX
from hotline.campaigns.double_rings import SAYS_ATTEMPT, double_rings
from hotline.campaigns.log_store import rows_of_attempts
from hotline.clock import Clock
from hotline.database import Database
from hotline.settings import OutboundSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 600.0
SETTLED_BY: Final = timedelta(minutes=30)  # after midnight: the day's last calls are over


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What was counted of a day: calls that campaigns began, and how many may have rung a home a second time."""

    day: date
    rung: int
    doubles: int


def counted(rows: list[CelRow], day: date, begins: datetime, gap: timedelta) -> Night:
    """Count a day that began at this moment; rows of the gap before it show a ring that was repeated in it. Pure."""

    def is_of_day(attempt: str) -> bool:
        return int(attempt.removeprefix(PREFIX).partition(".")[0]) >= int(begins.timestamp())

    rung = {row.uniqueid for row in rows if row.type == "CHAN_START" and row.uniqueid.startswith(PREFIX)}
    said = {extra(row, "extra") for row in rows if row.type == SAYS_ATTEMPT}
    rung |= {attempt for attempt in said if attempt.startswith(PREFIX)}
    return Night(
        day=day,
        rung=sum(map(is_of_day, rung)),
        doubles=sum(is_of_day(double.second) for double in double_rings(rows, gap)),
    )


class Nightly:
    """Counts. `last` is what was counted last; None before the first time."""

    def __init__(self, *, database: Database, clock: Clock, settings: OutboundSettings, zone: ZoneInfo) -> None:
        self._database, self._clock, self._zone = database, clock, zone
        self._gap = timedelta(minutes=settings.gap)
        self.last: Night | None = None

    async def run(self) -> None:
        """Count until cancelled; a database that is away is waited for, aloud."""
        while True:
            try:
                await self.once()
            except (SQLAlchemyError, OSError) as wrong:
                log.error("possible double rings are not counted yet", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def once(self) -> Night:
        """Return what is counted of the last whole day, and count it where it is not yet."""
        day = (self._clock.now() - SETTLED_BY).astimezone(self._zone).date() - timedelta(days=1)
        if self.last is not None and self.last.day == day:
            return self.last
        begins = datetime.combine(day, time(), self._zone)
        last_second = datetime.combine(day + timedelta(days=1), time(), self._zone) - timedelta(seconds=1)
        async with self._database.read() as session:
            rows = await rows_of_attempts(session, begins - self._gap, last_second)
        self.last = await asyncio.to_thread(counted, rows, day, begins, self._gap)
        if self.last.doubles:
            log.error("homes may have been rung twice", day=str(day), possible=self.last.doubles, rung=self.last.rung)
        return self.last
