"""The month's rhythm of fee reminders: on the 5th, 10th and 15th a draft from the records, for a person to approve.

Nothing is dialled by it. After the last of them, the export of who still owes is the list for the decision on the 20th.
"""

import asyncio
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.campaign import Campaign, CampaignError, CampaignKind, CampaignState, CampaignStep
from hotline.campaigns.service import Campaigns, NobodyToRing
from hotline.campaigns.store import campaigns_named, history_of
from hotline.clock import Clock
from hotline.database import Database
from hotline.settings import OutboundSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 600.0
NOT_BEFORE: Final = 8  # o'clock: finance's list of the day before is in
BY_ITSELF: Final = "hotline"


class Rhythm:
    """Drafts the reminders of the month."""

    def __init__(
        self, *, database: Database, clock: Clock, campaigns: Campaigns, settings: OutboundSettings, zone: ZoneInfo
    ) -> None:
        self._database, self._clock, self._campaigns = database, clock, campaigns
        self._days, self._zone = sorted(set(settings.reminder_days)), zone

    async def run(self) -> None:
        """Draft until cancelled; a database that is away is waited for, aloud."""
        while True:
            try:
                await self.once()
            except (SQLAlchemyError, OSError, CampaignError) as wrong:
                log.error("the month's reminder is not drafted yet", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def once(self) -> int | None:
        """Draft today's reminder if it is the day, once; return its number.

        A draft that the service left empty, because it was killed or the database went, is filled then, or a day later.
        """
        today = self._clock.now().astimezone(self._zone)
        day = max((day for day in self._days if day <= today.day), default=None)
        if day is None or today.hour < NOT_BEFORE:
            return None
        name = f"{today:%Y}年{today.month}月催缴 第{self._days.index(day) + 1}次"
        async with self._database.read() as session:
            named = await campaigns_named(session, name)
            left = [one for one in named if await self._is_left_empty(session, one)]
        if not left and (named or day != today.day):
            return None
        campaign = left[0] if left else await self._campaigns.make(CampaignKind.FEE_REMINDER, name, by=BY_ITSELF)
        try:
            await self._campaigns.take_from_records(campaign.id, by=BY_ITSELF)
        except NobodyToRing:
            await self._campaigns.stop(campaign.id, by=BY_ITSELF)  # nobody owes: said in the history, not asked again
        return campaign.id

    async def _is_left_empty(self, session: AsyncSession, campaign: Campaign) -> bool:
        if campaign.state is not CampaignState.DRAFT or campaign.made_by != BY_ITSELF:
            return False
        steps = [step.what for step in await history_of(session, campaign.id)]
        return steps == [CampaignStep.MADE]
