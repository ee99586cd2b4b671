"""Ask again for attempts that were planned and that no job has claimed: Redis, or the worker that had it, died."""

from datetime import timedelta
from typing import Final

from hotline.campaigns.attempt import AttemptId, AttemptState
from hotline.campaigns.attempts_store import living_attempts
from hotline.campaigns.campaign import CampaignState
from hotline.campaigns.dialling import withdraw
from hotline.campaigns.store import campaign_by_id
from hotline.clock import Clock
from hotline.database import Database

ASKED_AGAIN_AFTER: Final = timedelta(seconds=4)
ASKED_AGAIN_EVERY: Final = timedelta(seconds=15)  # a job that died with its worker keeps its name for so long


async def sweep_planned(database: Database, clock: Clock) -> list[tuple[AttemptId, int]]:
    """Return what is to be asked for again, each with how often it should have been asked; withdraw what is not."""
    now = clock.now()
    async with database.read() as session:
        waiting = [
            row
            for row in await living_attempts(session)
            if row.state == AttemptState.PLANNED and abs(now - row.planned_at) >= ASKED_AGAIN_AFTER
        ]
        running = {
            campaign: (await campaign_by_id(session, campaign)).state is CampaignState.RUNNING
            for campaign in {row.campaign_id for row in waiting}
        }
    stopped = [row for row in waiting if not running[row.campaign_id]]
    if stopped:  # it was stopped in the very moment of planning
        async with database.begin() as session:
            for row in stopped:
                await withdraw(session, row, why="campaign-stopped", at=now)
    return [
        (row.id, int(abs(now - row.planned_at) / ASKED_AGAIN_EVERY) + 1) for row in waiting if running[row.campaign_id]
    ]
