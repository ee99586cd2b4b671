"""Words of danger on their way: first into SQL, then to the service, which turns every screen red.

The recogniser never waits for the database; a database that is away is tried again for minutes, aloud.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.bus import Change, Subject
from hotline.database import Database
from hotline.live.store import AlertWord, keep_alert_word

log = structlog.get_logger()

MOST_WAITING: Final = 200
TRY_AGAIN: Final = 1.0
TRIES: Final = 300


class Alarms:
    """Takes words of danger while `run` runs. Nothing of the word or the caller is logged."""

    def __init__(self, database: Database, tell: Callable[[Change], Awaitable[None]]) -> None:
        self._database, self._tell = database, tell
        self._waiting: asyncio.Queue[AlertWord] = asyncio.Queue(MOST_WAITING)

    def raise_for(self, found: AlertWord) -> None:
        """Take a word; never waits."""
        try:
            self._waiting.put_nowait(found)
        except asyncio.QueueFull:
            log.error("a word of danger was lost: too many wait for the database", linkedid=found.call_id)

    async def run(self) -> None:
        """Write and tell, until cancelled."""
        while True:
            await self._raise(await self._waiting.get())

    async def _raise(self, found: AlertWord) -> None:
        for tried in range(TRIES):
            try:
                async with self._database.begin() as session:
                    is_new = await keep_alert_word(session, found)
            except (SQLAlchemyError, OSError) as wrong:
                if not tried:
                    log.error(
                        "a word of danger cannot be written: trying again",
                        linkedid=found.call_id, reason=type(wrong).__name__,
                    )  # fmt: skip
                await asyncio.sleep(TRY_AGAIN)
                continue
            if is_new:
                log.warning("a word of danger was said", linkedid=found.call_id, side=found.side.value)
                await self._tell(Change(Subject.ALERT_WORD, found.call_id))
            return
        log.error("a word of danger was given up", linkedid=found.call_id)
