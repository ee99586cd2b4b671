"""How the worker runs: arq's own settings in one place.

arq is told to read JSON, never pickle. It stops when Redis goes away (arq#435) and is started again by supervisord.
"""

from typing import Any, Final, cast

from arq.cron import cron
from arq.worker import Worker, func

from hotline.clock import SystemClock
from hotline.database import Database
from hotline.jobs import QUEUE_NAME, TRANSCRIBE, Jobs, from_json, redis_settings, to_json
from hotline.search.follow_store import follow_writes
from hotline.settings import Settings
from hotline.transcribe.service import longest_job
from worker.jobs import ROOMS, WorkerRooms, keep_recordings, transcribe_recording

KEEP_WITHIN: Final = 3600.0  # seconds; the first time, a backlog is packed


def make_worker(settings: Settings) -> Worker:
    """Return a worker that is ready to run."""
    longest = longest_job(settings.transcribe).total_seconds()

    async def open_rooms(context: dict[str, Any]) -> None:
        database = Database(settings.database_url)
        follow_writes(database, area_code=settings.centre.area_code)
        context[ROOMS] = WorkerRooms(settings, database, Jobs(settings.redis_url), SystemClock())
        await context[ROOMS].open()

    async def close_rooms(context: dict[str, Any]) -> None:
        await context[ROOMS].close()

    return Worker(
        functions=[func(cast(Any, transcribe_recording), name=TRANSCRIBE, timeout=longest, keep_result=0)],
        queue_name=QUEUE_NAME,
        redis_settings=redis_settings(settings.redis_url),
        job_serializer=to_json,
        job_deserializer=from_json,
        # Every minute, on one worker; should the queue give it to several (arq#196), the directory's lock decides.
        cron_jobs=[cron(cast(Any, keep_recordings), second=20, timeout=KEEP_WITHIN)],
        max_jobs=2,  # one is in the recogniser, the next has its files ready
        job_timeout=longest,
        poll_delay=0.2,
        on_startup=cast(Any, open_rooms),  # arq's own types ask for parameters named as in its examples
        on_shutdown=cast(Any, close_rooms),
    )
