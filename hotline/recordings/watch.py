"""Watch over the recordings of a running service: the disk always, all files every so many hours.

What is found stands in the readiness, the metrics and the log; no file is removed but what is certainly left over.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.checks import Checked, RecordingCheck
from hotline.recordings.disk import Disk, DiskState, look_at_disk
from hotline.settings import RecordingSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 30.0
FIRST_AFTER: Final = timedelta(minutes=2)  # a service that comes up has better things to do
REST: Final = 0.1  # between two steps of 200: a million recordings are looked at in ten minutes
LONGEST: Final = 6 * 3600.0


class RecordingWatch:
    """`disk` and `checked` are the last looks; None before the first."""

    def __init__(
        self, *, directory: Path, home: Path, settings: RecordingSettings, database: Database, clock: Clock
    ) -> None:
        self._places = (home, directory)
        self._settings = settings
        self._clock = clock
        self._check = RecordingCheck(directory=directory, database=database, clock=clock, rest=REST)
        self._next: datetime = clock.now() + FIRST_AFTER
        self.disk: Disk | None = None
        self.checked: Checked | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Look at the disk, and at all recordings where that is due."""
        try:
            disk = await asyncio.to_thread(look_at_disk, self._places, self._settings)
        except OSError as wrong:
            log.error("the disk cannot be looked at", reason=type(wrong).__name__)
        else:
            if disk.state is not (self.disk.state if self.disk else DiskState.ROOMY):
                tell = log.info if disk.state is DiskState.ROOMY else log.error
                tell("room for recordings", state=disk.state.value, free_mb=disk.free_mb, call_hours=disk.call_hours)
            self.disk = disk
        if self._clock.now() >= self._next:
            await self._look_at_all()

    async def _look_at_all(self) -> None:
        self._next = self._clock.now() + timedelta(hours=self._settings.check_every)
        try:
            async with asyncio.timeout(LONGEST):
                self.checked = await self._check.run(mends=True)
        except (OSError, SQLAlchemyError, TimeoutError) as wrong:
            log.error("recordings could not be checked", reason=type(wrong).__name__)
            return
        counts = {fault.value: count for fault, count in self.checked.counts.items()}
        tell = log.warning if self.checked.findings else log.info
        tell("recordings checked", rows=self.checked.rows, files=self.checked.files, **counts)

    @property
    def trouble(self) -> str:
        """Say what the last look found, "" where all was well."""
        if self.checked is None or not self.checked.findings:
            return ""
        said = ", ".join(f"{count} {fault}" for fault, count in self.checked.counts.items() if count)
        return f"{said}: python -m hotline recordings check"
