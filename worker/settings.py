"""How the worker runs: arq's own settings in one place.

arq is told to read JSON, never pickle. It stops when Redis goes away (arq#435) and is started again by supervisord.
"""

import asyncio
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from arq.cron import cron
from arq.worker import Worker, func

from hotline.centre.service import Stamped
from hotline.clock import Clock, SystemClock
from hotline.database import Database
from hotline.jobs import DIAL, DIAL_QUEUE, QUEUE_NAME, TRANSCRIBE, Jobs, from_json, redis_settings, to_json
from hotline.reports.follow_store import follow_facts
from hotline.search.follow_store import follow_writes
from hotline.settings import Settings
from hotline.transcribe.service import longest_job
from worker.dialling_jobs import (
    DIALLING,
    DiallingRooms,
    campaign_tick,
    dial_attempt,
    opened_dialling,
    sweep_attempts,
)
from worker.jobs import ROOMS, WorkerRooms, keep_recordings, transcribe_recording

KEEP_WITHIN: Final = 3600.0  # seconds; the first time, a backlog is packed
DIAL_WITHIN: Final = 10.0  # seconds for an attempt to be put into the row of those that wait for a line
TICK_WITHIN: Final = 10.0
MOST_DIALS: Final = 100  # under way in one worker at one time


async def run_worker(settings: Settings, clock: Clock | None = None) -> None:
    """Run one worker until cancelled; it dials, too, where there is a trunk. Ends where Redis goes away."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_run(make_worker(settings, handles_signals=False)), name="jobs")
        if settings.sip.trunk:
            tasks.create_task(_dial(settings, clock or SystemClock()), name="dialling")


async def _dial(settings: Settings, clock: Clock) -> None:
    async with opened_dialling(settings, clock) as rooms, asyncio.TaskGroup() as tasks:
        tasks.create_task(rooms.client.run(), name="ami-link")
        tasks.create_task(rooms.free_lines(), name="ami-events")
        tasks.create_task(rooms.row.run(), name="row")
        tasks.create_task(_run(make_dialling_worker(settings, rooms)), name="dials")


async def _run(worker: Worker) -> None:
    try:
        await worker.async_run()
    finally:
        await worker.close()


def make_dialling_worker(settings: Settings, rooms: DiallingRooms) -> Worker:
    """Return the worker of the queue of dials."""
    return Worker(
        functions=[func(cast(Any, dial_attempt), name=DIAL, timeout=DIAL_WITHIN, keep_result=0, max_tries=1)],
        ctx={DIALLING: rooms},
        queue_name=DIAL_QUEUE,
        redis_settings=redis_settings(settings.redis_url),
        job_serializer=to_json,
        job_deserializer=from_json,
        # On any worker, and on one; should the queue give a tick to several (arq#196), the database decides.
        cron_jobs=[
            cron(cast(Any, campaign_tick), second=set(range(60)), timeout=TICK_WITHIN, max_tries=1, keep_result=0),
            cron(
                cast(Any, sweep_attempts), second=set(range(0, 60, 4)), timeout=TICK_WITHIN, max_tries=1, keep_result=0
            ),
        ],
        max_jobs=MOST_DIALS,
        job_timeout=DIAL_WITHIN,
        poll_delay=0.1,
        handle_signals=False,
    )


def make_worker(settings: Settings, *, handles_signals: bool = True) -> Worker:
    """Return a worker that is ready to run."""
    longest = longest_job(settings.transcribe).total_seconds()

    async def open_rooms(context: dict[str, Any]) -> None:
        database = Database(settings.database_url)
        await Stamped(database, settings.centre, SystemClock()).ask()  # raises CentreDiffers
        follow_writes(database, area_code=settings.centre.area_code)
        follow_facts(database, area_code=settings.centre.area_code, zone=ZoneInfo(settings.centre.time_zone))
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
        handle_signals=handles_signals,
        on_startup=cast(Any, open_rooms),  # arq's own types ask for parameters named as in its examples
        on_shutdown=cast(Any, close_rooms),
    )
