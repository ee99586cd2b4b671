"""The job queue (arq on Redis): names, how a job is asked for, how its change reaches the service.

A job carries ids only and may run twice; what it does is decided by SQL. Redis may be away: then a sweep asks again.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import structlog
from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hotline.bus import RESYNC, Bus, Change, Subject

log = structlog.get_logger()

TRANSCRIBE: Final = "transcribe_recording"
DIAL: Final = "dial_attempt"
QUEUE_NAME: Final = "hotline:jobs"
DIAL_QUEUE: Final = "hotline:dials"  # of its own: a call never waits behind a transcript
CHANGES: Final = "hotline:changes"  # a Redis channel: the worker tells the service what changed, by subject and id
ANSWER_WITHIN: Final = 3.0
REST_AFTER_TROUBLE: Final = 2.0
QUIET: Final = 10.0  # seconds without a word after which Redis is asked whether it is there
LONGEST_WAIT: Final = timedelta(days=7)  # arq drops a job so long past due; the sweep would ask again
DIAL_WAITS: Final = timedelta(minutes=1)  # a dial so long past due is asked for anew, if it is still wanted


def to_json(value: Any) -> bytes:
    """Write a job as JSON: arq's default would be pickle, which runs what it reads. An error becomes its name."""
    return json.dumps(value, default=lambda unknown: type(unknown).__name__).encode()


def from_json(data: bytes) -> Any:
    """Read a job."""
    return json.loads(data)


def redis_settings(url: str) -> RedisSettings:
    """Return arq's own form of a Redis address: unix:///path or redis://host:port/number."""
    settings = RedisSettings(unix_socket_path=url.removeprefix("unix://")) if url.startswith("unix://") else (
        RedisSettings.from_dsn(url)
    )  # fmt: skip
    settings.conn_timeout, settings.conn_retries, settings.conn_retry_delay = 1, 0, 0
    return settings


class Jobs:
    """Asks for jobs and passes changes between worker and service. Opens its connection when first needed."""

    def __init__(self, url: str) -> None:
        self._settings = redis_settings(url)
        self._pool: ArqRedis | None = None
        self._opening = asyncio.Lock()

    async def transcribe(self, recording: str, attempt: int = 0) -> bool:
        """Ask for a recording's transcript; False where Redis is away. Asked for twice, it waits once.

        `attempt` counts the tries begun so far: a job whose worker died keeps its id taken, a new try has a new one.
        """
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                pool = await self._open()
                # One id for one try at one recording: asked twice, it waits once.
                await pool.enqueue_job(
                    TRANSCRIBE, recording, _job_id=f"{TRANSCRIBE}:{recording}:{attempt}", _expires=LONGEST_WAIT
                )
        except (RedisError, OSError, TimeoutError) as wrong:
            log.warning("a job could not be asked for; the sweep will", job=TRANSCRIBE, reason=type(wrong).__name__)
            return False
        return True

    async def dial(self, attempt: str, turn: int = 0) -> bool:
        """Ask for an attempt to be dialled; False where Redis is away. `turn` is how often it was asked for before."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                pool = await self._open()
                await pool.enqueue_job(
                    DIAL, attempt, _job_id=f"{DIAL}:{attempt}:{turn}", _queue_name=DIAL_QUEUE, _expires=DIAL_WAITS
                )
        except (RedisError, OSError, TimeoutError) as wrong:
            log.warning("a job could not be asked for; the sweep will", job=DIAL, reason=type(wrong).__name__)
            return False
        return True

    async def tell(self, change: Change) -> None:
        """Tell the service of a change; a lost word costs a few seconds until the page looks by itself."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                pool = await self._open()
                await pool.publish(CHANGES, json.dumps([change.subject, change.id]))
        except (RedisError, OSError, TimeoutError) as wrong:
            log.warning("a change could not be told", reason=type(wrong).__name__)

    async def hear(self, bus: Bus) -> None:
        """Pass the worker's changes on to the bus until cancelled; after each gap the pages start from a snapshot."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    pool = await self._open()
                await _hear(pool, bus.publish)
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(REST_AFTER_TROUBLE)

    async def is_reachable(self) -> bool:
        """Tell whether Redis answers."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                pool = await self._open()
                return bool(await pool.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """Give the connection back."""
        if self._pool is not None:
            await self._pool.aclose(close_connection_pool=True)
            self._pool = None

    async def _open(self) -> ArqRedis:
        async with self._opening:
            if self._pool is None:
                self._pool = await create_pool(
                    self._settings, job_serializer=to_json, job_deserializer=from_json, default_queue_name=QUEUE_NAME
                )
            return self._pool


async def _hear(pool: Redis, publish: Callable[[Change], None]) -> None:
    async with pool.pubsub() as channel:
        await channel.subscribe(CHANGES)
        publish(RESYNC)
        while True:
            async with asyncio.timeout(QUIET + ANSWER_WITHIN):
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=QUIET)
                if message is None:
                    await channel.ping()  # a half-dead connection answers nothing and is then made anew
            if message and message["type"] == "message" and (change := _change(message["data"])):
                publish(change)


def _change(data: bytes) -> Change | None:
    """Read a told change; None for anything else that may stand in the channel."""
    try:
        subject, about = json.loads(data)
        return Change(Subject(subject), str(about)[:200])
    except (ValueError, TypeError):
        return None
