"""Whether what the service stands on is there: database, disk and recordings. `app.py` asks for `/readyz`."""

import asyncio
from tempfile import TemporaryFile

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hotline.database import Database
from hotline.recordings.disk import DiskState, look_at_disk
from hotline.recordings.errors import KeyMissing
from hotline.recordings.sealing import read_key
from hotline.settings import Settings
from hotline.web.rooms import Dependency

ANSWERS_WITHIN = 3.0  # seconds


async def database_ready(database: Database) -> Dependency:
    """Say whether the database answers."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN), database.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as wrong:
        return Dependency("database", is_ready=False, detail=type(wrong).__name__)
    return Dependency("database", is_ready=True)


def recordings_ready(settings: Settings, trouble: str) -> Dependency:
    """Say whether recordings can be written, and sealed where they are; `trouble` is what their watch last found."""
    directory = settings.recordings_directory
    try:
        with TemporaryFile(dir=directory) as probe:
            probe.write(b"\0")
    except OSError as wrong:
        return Dependency("recordings", is_ready=False, detail=f"{directory} cannot be written: {wrong.strerror}")
    if settings.recording.encrypt:
        try:
            read_key(settings.recording_key_file)
        except KeyMissing as missing:
            return Dependency("recordings", is_ready=False, detail=str(missing))
    return Dependency("recordings", is_ready=True, detail=trouble)


def disk_ready(settings: Settings) -> Dependency:
    """Say how full the disk is."""
    disk = look_at_disk((settings.home, settings.recordings_directory), settings.recording)
    least = settings.recording.min_free_mb
    said = f"{disk.free_mb} MB free, {disk.call_hours} hours of calls; at least {least} MB wanted"
    return Dependency("disk", disk.state is not DiskState.NEARLY_FULL, said)
