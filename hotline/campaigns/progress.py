"""Tell of attempts as their calls go on: a line is given back as soon as its call is settled, and pages hear of it.

A page is told of a campaign once a second at most: its figures are counted over the whole list.
"""

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.bus import Bus, Change, Subject
from hotline.calls.ours import is_ours
from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import attempts_of_call
from hotline.campaigns.lines import Lines
from hotline.database import Database

log = structlog.get_logger()

OVER: Final = (AttemptState.SETTLED.value, AttemptState.WITHDRAWN.value)
TELL_EVERY: Final = 1.0


class Progress:
    """Listens to the bus for calls of campaigns."""

    def __init__(self, *, database: Database, bus: Bus, lines: Lines) -> None:
        self._database, self._bus, self._lines = database, bus, lines
        self._changed: set[int] = set()

    async def run(self) -> None:
        """Listen until cancelled. What is missed costs a second: the tick looks after lines, too."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(), name="campaign-lines")
            tasks.create_task(self._tell(), name="campaign-figures")

    async def _listen(self) -> None:
        with self._bus.listening() as box:
            while True:
                change = await box.get()
                if change.subject is Subject.CALL and is_ours(change.id):
                    await self._look(change.id)

    async def _look(self, call_id: str) -> None:
        try:
            async with self._database.read() as session:
                rows = await attempts_of_call(session, call_id)
        except (SQLAlchemyError, OSError) as wrong:
            log.warning("the progress of a campaign could not be told", reason=type(wrong).__name__)
            return
        for row in rows:
            if row.state in OVER:
                await self._lines.give_back(row.id)
            self._changed.add(row.campaign_id)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            changed, self._changed = self._changed, set()
            for campaign in changed:
                self._bus.publish(Change(Subject.CAMPAIGN, str(campaign)))
