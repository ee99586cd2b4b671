"""A worker process that dials on paper: the real queue, row, ticks, sweeps and claims; calls are lines in a file.

python -m tests.fakes.worker_on_paper DATABASE_URL REDIS_URL PAPER TEN_O_CLOCK_IS
"""

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import hotline.tables  # noqa: F401  # every table
from hotline.ami.client import AmiClient
from hotline.campaigns.attempt import AttemptId, Errand, NotPlaced
from hotline.campaigns.dialling import Dialling, Row
from hotline.campaigns.lines import Lines
from hotline.campaigns.tick import Tick
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.jobs import Jobs
from hotline.settings import OutboundSettings, read_settings
from tests.fakes.dial_floor import TEN_O_CLOCK, ZONE
from worker.dialling_jobs import DiallingRooms
from worker.settings import make_dialling_worker

LINES = 5
SETTINGS = OutboundSettings(lines=LINES, keep_free=0, per_second=10, tries=1)


class ClockOfOneMorning(SystemClock):
    """It was ten at the centre when the machine's own steady clock stood at `ten`; the same in every process."""

    def __init__(self, ten: float) -> None:
        self._ten = ten

    def now(self) -> datetime:
        return TEN_O_CLOCK + timedelta(seconds=self.monotonic() - self._ten)


class Paper:
    """A dialler, and the switch behind it: a call is a line. Both witnesses of it survive the process."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def is_up(self) -> bool:
        return True

    async def place(self, errand: Errand, is_too_late: Callable[[], bool]) -> None:
        await asyncio.sleep(0.1)  # in which it may die
        if is_too_late():
            raise NotPlaced("too late", counts=False)
        with self._file.open("a") as paper:
            paper.write(f"{errand.id} {errand.number.e164} {os.getpid()}\n")
        await asyncio.sleep(0.1)

    def calls(self) -> list[tuple[AttemptId, str, str]]:
        text = self._file.read_text() if self._file.exists() else ""
        read = [line.split() for line in text.splitlines()]
        return [(attempt, number, by) for attempt, number, by in read]

    async def living(self) -> frozenset[AttemptId]:
        return frozenset(attempt for attempt, _, _ in self.calls())


async def run(database_url: str, redis_url: str, file: str, ten: str) -> None:
    clock, database, lines = ClockOfOneMorning(float(ten)), Database(database_url), Lines(redis_url)
    settings = read_settings({"HOTLINE_HOME": "/nonexistent", "HOTLINE_REDIS_URL": redis_url})
    row = Row(
        Dialling(
            database=database, clock=clock, lines=lines, dialler=Paper(Path(file)), settings=SETTINGS, zone=ZONE,
            worker=str(os.getpid()),
        )
    )  # fmt: skip
    rooms = DiallingRooms(
        database=database, jobs=Jobs(redis_url), clock=clock, client=AmiClient(settings.ami, clock), lines=lines,
        tick=Tick(database=database, clock=clock, lines=lines, settings=SETTINGS, zone=ZONE), row=row,
    )  # fmt: skip
    Path(f"{file}.{os.getpid()}").touch()  # it is up
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(row.run())
        tasks.create_task(make_dialling_worker(settings, rooms).async_run())


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
