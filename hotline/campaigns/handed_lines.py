"""A line for a home that an agent dials: taken before the agent's phone rings, given back when nothing comes of it."""

import asyncio
from datetime import timedelta
from typing import Final, Protocol

from hotline.campaigns.attempt import ALIVE, AttemptId
from hotline.campaigns.attempts_store import attempt_by_id
from hotline.campaigns.handed import NoLineFree
from hotline.campaigns.pacing import ANOTHERS, Load, line_limit
from hotline.clock import Clock
from hotline.database import Database
from hotline.settings import OutboundSettings

WAIT_FOR_LINE: Final = 3.0  # seconds
LOOK_EVERY: Final = 0.2


class TakesLines(Protocol):
    """Where lines are taken (`campaigns.lines.Lines`)."""

    async def take(self, attempt: AttemptId, *, limit: int, per_second: float) -> timedelta | None:
        """Take a line: zero when it is there, else how long to wait; None: none is free."""
        ...

    async def give_back(self, attempt: AttemptId) -> None:
        """Give it back."""
        ...


class HandedLines:
    """Takes lines for the clicks of agents."""

    def __init__(self, *, database: Database, clock: Clock, lines: TakesLines, settings: OutboundSettings) -> None:
        self._database, self._clock, self._lines, self._settings = database, clock, lines, settings

    async def take(self, attempt: AttemptId, inbound: int) -> bool:
        """Take a line; False: another click of this home has it, and gives it back. Raises NoLineFree."""
        limit = line_limit(
            Load(lines=self._settings.lines, keep_free=self._settings.keep_free, inbound=inbound, ours=0)
        )
        until = self._clock.monotonic() + WAIT_FOR_LINE
        while True:
            wait = await self._lines.take(attempt, limit=limit, per_second=self._settings.per_second)
            if wait == ANOTHERS:
                return False
            if wait is not None and not wait:
                return True
            if self._clock.monotonic() >= until:
                raise NoLineFree("no line is free for calls of ours at this moment")
            await asyncio.sleep(LOOK_EVERY if wait is None else min(wait.total_seconds(), 1.0))

    async def give_back(self, attempt: AttemptId, *, is_ours: bool) -> None:
        """Give a line back, if this click took it and the attempt does not live."""
        if not is_ours:
            return
        async with self._database.read() as session:
            row = await attempt_by_id(session, attempt)
        if row is None or row.state not in ALIVE:
            await self._lines.give_back(attempt)
