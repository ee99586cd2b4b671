"""Give up the places that the switch keeps for callers who have been spoken with: nobody is called back who was helped.

The ledger closes their follow-ups inside its transaction, where the switch may not be asked. So here is looked, after
the commit, at what was closed by itself of late. A number that is owed a call all the same keeps its place.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.clock import Clock
from hotline.database import Database
from hotline.followups.acts import ForgetPlace, give_place_up
from hotline.followups.follow_up import FollowUp
from hotline.followups.reading_store import closed_by_themselves

log = structlog.get_logger()

LOOK_EVERY: Final = 30.0  # seconds; the switch may have been away
COMMITTED_WITHIN: Final = 0.5  # seconds from the word that something is being closed
LONGEST_PLACE: Final = timedelta(hours=4)  # four times the longest wait that can be set


class KeptPlaces:
    """Gives places up. `settled` is set when a follow-up is being closed by itself (FollowUps.settled)."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        settled: asyncio.Event,
        forget_place: ForgetPlace,
        area_code: str = "",
    ) -> None:
        self._database = database
        self._clock = clock
        self._settled = settled
        self._forget_place = forget_place
        self._area_code = area_code
        self._given_up: dict[int, datetime] = {}  # by follow-up: when what was given up had been closed

    async def run(self) -> None:
        """Look after each closing, and now and then, until cancelled."""
        while True:
            self._settled.clear()
            await self.look()
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._settled.wait()
                await asyncio.sleep(COMMITTED_WITHIN)
            except TimeoutError:
                pass

    async def look(self) -> None:
        """Give up every place whose caller is owed no call any more. What cannot be done now is tried again later."""
        since = self._clock.now() - LONGEST_PLACE
        try:
            async with self._database.read() as session:
                closed = await closed_by_themselves(session, since)
        except (SQLAlchemyError, OSError) as wrong:
            log.warning("kept places could not be looked at", reason=type(wrong).__name__)
            return
        self._given_up = {one.id: one.changed_at for one in closed if self._is_given_up(one)}
        for one in closed:
            if not self._is_given_up(one) and await give_place_up(one, self._forget_place, area_code=self._area_code):
                self._given_up[one.id] = one.changed_at

    def _is_given_up(self, one: FollowUp) -> bool:
        return self._given_up.get(one.id) == one.changed_at
