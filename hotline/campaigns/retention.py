"""Remove names, numbers, amounts and keys of campaigns whose time is over, with proofs. Runs in the worker.

A draft, or a paused campaign, that nobody touched for long ends here by itself: else its list would name people on.
What was done stays to be counted: the campaign, its history, its targets and attempts by outcome.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from hotline.bus import Change, Subject
from hotline.campaigns.attempts_store import planned_of_campaign
from hotline.campaigns.campaign import CampaignStep
from hotline.campaigns.dialling import withdraw
from hotline.campaigns.lists_store import release_lists
from hotline.campaigns.retention_store import empty_targets, ended_campaigns, idle_campaigns, is_idle, note_emptied
from hotline.campaigns.store import campaign_by_id, take_campaign_step
from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.packer import alone_with
from hotline.recordings.removal import Removed
from hotline.recordings.removal_store import prove_removal
from hotline.settings import RetentionSettings

log = structlog.get_logger()

BY_ITSELF: Final = "hotline"
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
        self._days, self._idle_days, self._tell = settings.campaigns, settings.idle_campaigns, tell

    async def round(self, limit: int = TRANSACTIONS, at_once: int = AT_ONCE) -> int:
        """Empty what is over; return how many campaigns name nobody any more since this round."""
        async with alone_with(self._directory) as is_alone:
            if not is_alone:
                return 0
            await self._end_idle()
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

    async def _end_idle(self) -> None:
        """End what nobody touched for long, with a line in its history; nobody is being rung for it."""
        now = self._clock.now()
        before = now - timedelta(days=self._idle_days)
        async with self._database.read() as session:
            idle = await idle_campaigns(session, before)
        for campaign in idle:
            async with self._database.begin() as session:
                was = await campaign_by_id(session, campaign, is_locked=True)
                if not await is_idle(session, was, before):
                    continue  # somebody touched it in this moment
                await take_campaign_step(
                    session, campaign, CampaignStep.STOPPED, who=BY_ITSELF, at=now, needs_approval=False,
                    text=f"idle {self._idle_days}",
                )  # fmt: skip
                for row in await planned_of_campaign(session, campaign):
                    await withdraw(session, row, why="campaign-stopped", at=now)
                if was.started_at is None:
                    await release_lists(session, campaign)
            log.info("a campaign that nobody touched has ended", campaign=campaign, days=self._idle_days)
            await self._tell(Change(Subject.CAMPAIGN, str(campaign)))

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
