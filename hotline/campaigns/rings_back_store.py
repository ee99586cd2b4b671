"""Why we called a number, for the menu that greets whoever rings it back."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.store import CampaignTable
from hotline.phone import PhoneNumber

RINGS_BACK_WITHIN: Final = timedelta(days=1)


async def rung_lately_for(session: AsyncSession, number: PhoneNumber, now: datetime) -> CampaignKind | None:
    """Return what the last call of ours to this number was for, if there was one within a day."""
    kind = await session.scalar(
        select(CampaignTable.kind)
        .join(AttemptTable, AttemptTable.campaign_id == CampaignTable.id)
        .where(AttemptTable.e164 == number.e164, AttemptTable.disturbed_at >= now - RINGS_BACK_WITHIN)
        .order_by(AttemptTable.disturbed_at.desc())
        .limit(1)
    )
    return None if kind is None else CampaignKind(kind)
