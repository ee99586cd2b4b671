"""The jobs, thin: ids in, a room's service called. Each may run twice; SQL decides what that means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from traceback import extract_tb
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.campaigns.retention import CampaignRetention
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.notes_store import remove_notes_before
from hotline.desk.old_calls_store import remove_outside_calls_before
from hotline.dutylog.service import DutyLog
from hotline.jobs import TRANSCRIBE, Jobs
from hotline.old_rows import OLD_ROWS
from hotline.recordings.packer import Packer
from hotline.recordings.sealing import read_key
from hotline.recordings.sounds import Sounds
from hotline.residents.choice_store import remove_choices_before
from hotline.retention.days import RetentionDays
from hotline.retention.rows import RowRetention
from hotline.retention.service import Retention
from hotline.retention.texts import TextRetention
from hotline.settings import RetentionSettings, Settings
from hotline.transcribe.engines import choose_engine
from hotline.transcribe.errors import NoModel
from hotline.transcribe.packable_store import packable
from hotline.transcribe.pool import Pool, open_pool
from hotline.transcribe.reading import SiteReading
from hotline.transcribe.service import Transcriber, longest_job
from hotline.transcribe.store import release_running

log = structlog.get_logger()

ROOMS: Final = "rooms"
PACKED_AFTER: Final = timedelta(minutes=30)  # from the call's beginning
PACKED_WITHOUT_WORDS_AFTER: Final = timedelta(days=2)
EXPIRED_LOOKED_FOR_EVERY: Final = timedelta(hours=1)


@dataclass
class WorkerRooms:
    """What the jobs work with; opened once for a worker."""

    settings: Settings
    database: Database
    jobs: Jobs
    clock: Clock
    pool: Pool | None = None
    is_model_missing: bool = False  # said once, not for every recording
    expired_looked_for: datetime | None = None

    async def open(self) -> None:
        """Take up what a worker that died has left."""
        async with self.database.begin() as session:
            await release_running(session, self.clock.now())

    async def close(self) -> None:
        """Give everything back."""
        if self.pool is not None:
            await self.pool.close()
        await self.jobs.close()
        await self.database.close()

    def transcriber(self) -> Transcriber:
        """Return what writes recordings down. Raises NoModel until a speech model is at hand."""
        engine = choose_engine(self.settings.transcribe, self.settings.parts.models)
        if self.pool is None:
            self.pool = open_pool(self.settings.transcribe, self.settings.parts.models)
        return Transcriber(
            directory=self.settings.recordings_directory,
            database=self.database,
            clock=self.clock,
            engine=engine,
            pool=self.pool,
            follow=DutyLog(
                clock=self.clock,
                area_code=self.settings.centre.area_code,
                zone=ZoneInfo(self.settings.centre.time_zone),
            ).redraw,
            tell=self.jobs.tell,
            read=SiteReading(self.database, self.settings.transcribe, area_code=self.settings.centre.area_code).read,
            longest=longest_job(self.settings.transcribe),
            sounds=Sounds(self.settings.recordings_directory, lambda: read_key(self.settings.recording_key_file)),
        )

    def packer(self) -> Packer:
        """Return what packs recordings whose words are there, or never came."""
        now = self.clock.now()
        return Packer(
            directory=self.settings.recordings_directory,
            key_file=self.settings.recording_key_file,
            settings=self.settings.recording,
            database=self.database,
            ready=partial(packable, begun_by=now - PACKED_AFTER, waited_since=now - PACKED_WITHOUT_WORDS_AFTER),
        )

    async def days(self) -> RetentionSettings:
        """Return for how many days things are kept now: as the file says, or as was set on the page."""
        zone = ZoneInfo(self.settings.centre.time_zone)
        days = RetentionDays(database=self.database, clock=self.clock, settings=self.settings.retention, zone=zone)
        return await days.now()

    def retention(self, days: RetentionSettings) -> Retention:
        """Return what removes recordings whose time is over."""
        return Retention(
            directory=self.settings.recordings_directory,
            database=self.database,
            clock=self.clock,
            settings=days,
            tell=self.jobs.tell,
        )

    def text_retention(self, days: RetentionSettings) -> TextRetention:
        """Return what removes words and entries of the log whose time is over."""
        return TextRetention(
            directory=self.settings.recordings_directory,
            database=self.database,
            clock=self.clock,
            settings=days,
            tell=self.jobs.tell,
        )

    def campaign_retention(self, days: RetentionSettings) -> CampaignRetention:
        """Return what removes names and numbers of campaigns whose time is over."""
        return CampaignRetention(
            directory=self.settings.recordings_directory,
            database=self.database,
            clock=self.clock,
            settings=days,
            tell=self.jobs.tell,
        )

    def row_retention(self, days: RetentionSettings) -> RowRetention:
        """Return what removes rows of other tables whose time is over."""
        return RowRetention(
            directory=self.settings.recordings_directory,
            database=self.database,
            clock=self.clock,
            settings=days,
            ends=OLD_ROWS,
        )

    async def remove_notes(self, days: RetentionSettings) -> None:
        """Remove what agents typed, chose and dialled so long ago: what mattered of it stands in entries and calls."""
        before = self.clock.now() - timedelta(days=days.transcripts)
        async with self.database.begin() as session:
            await remove_notes_before(session, before)
            await remove_choices_before(session, before)
            await remove_outside_calls_before(session, before)


async def transcribe_recording(context: dict[str, Any], _name: str) -> None:
    """Write down the most urgent recording that waits; the name only says that one more does."""
    rooms: WorkerRooms = context[ROOMS]
    try:
        await rooms.transcriber().transcribe_most_urgent()
    except NoModel as missing:
        if not rooms.is_model_missing:
            log.error("no speech model: recordings wait to be written down", what_to_do=str(missing))
        rooms.is_model_missing = True
    except Exception as wrong:  # noqa: BLE001 -- the edge: arq would log the words of the error, which may be a resident's
        frames = [f"{frame.name}:{frame.lineno}" for frame in extract_tb(wrong.__traceback__)[-4:]]
        log.error("job failed; the sweep asks for it again", job=TRANSCRIBE, kind=type(wrong).__name__, where=frames)


async def keep_recordings(context: dict[str, Any]) -> None:
    """Pack recordings whose words are there; now and then remove sound, words and log whose time is over."""
    rooms: WorkerRooms = context[ROOMS]
    try:
        await rooms.packer().round()
        now = rooms.clock.now()
        if rooms.expired_looked_for is None or now >= rooms.expired_looked_for + EXPIRED_LOOKED_FOR_EVERY:
            days = await rooms.days()  # read anew each time: what is set on the page holds without a restart
            await rooms.retention(days).round()
            await rooms.text_retention(days).round()
            await rooms.campaign_retention(days).round()
            await rooms.row_retention(days).round()
            await rooms.remove_notes(days)
            rooms.expired_looked_for = now
    except (SQLAlchemyError, OSError) as wrong:
        log.error("recordings could not be kept in order; tried again in a minute", reason=type(wrong).__name__)
