"""Remove names, numbers, amounts and keys of campaigns whose time is over, with proofs. Runs in the worker.

What was done stays to be counted: the campaign, its history, its targets and attempts by outcome.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from hotline.bus import Change, Subject
from hotline.campaigns.retention_store import empty_targets, ended_campaigns, note_emptied
from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.packer import alone_with
from hotline.recordings.removal import Removed
from hotline.recordings.removal_store import prove_removal
from hotline.settings import RetentionSettings

log = structlog.get_logger()

AT_ONCE: Final = 500  # rows of a list in one transaction, which holds the chain of proofs
TRANSACTIONS: Final = 40  # in one round; the next round goes on


class CampaignRetention:
    """Lets campaigns that ended long ago name nobody any more."""

    def __init__(
        self,
        *,
        directory: Path,
        database: Database,
        clock: Clock,
        settings: RetentionSettings,
        tell: Callable[[Change], Awaitable[None]],
    ) -> None:
        self._directory, self._database, self._clock = directory, database, clock
        self._days, self._tell = settings.campaigns, tell

    async def round(self, limit: int = TRANSACTIONS, at_once: int = AT_ONCE) -> int:
        """Empty what is over; return how many campaigns name nobody any more since this round."""
        async with alone_with(self._directory) as is_alone:
            if not is_alone:
                return 0
            async with self._database.read() as session:
                over = await ended_campaigns(session, self._clock.now() - timedelta(days=self._days))
            emptied = 0
            try:
                for campaign in over:
                    while not (is_empty := await self._empty_some(campaign, at_once)) and (limit := limit - 1):
                        pass
                    if not is_empty:
                        break
                    emptied += 1
                    await self._tell(Change(Subject.CAMPAIGN, str(campaign)))
            except IntegrityError:  # another process wrote the chain's next link at this moment: the next round does it
                pass
            if emptied:
                log.info("campaigns emptied", campaigns=emptied)
            return emptied

    async def _empty_some(self, campaign: int, at_once: int) -> bool:
        """Empty some rows; return whether there was none left."""
        async with self._database.begin() as session:
            gone = await empty_targets(session, campaign, limit=at_once)
            if gone is None:
                await note_emptied(session, campaign, self._clock.now())
                return True
            await prove_removal(
                session,
                Removed(
                    kind="campaign",
                    what=f"campaign {campaign}: targets {gone.first} to {gone.last}",
                    klass="campaigns",
                    rule=f"retention.campaigns = {self._days} days",
                    at=self._clock.now(),
                    sha256=gone.sha256,
                ),
            )
        return False
