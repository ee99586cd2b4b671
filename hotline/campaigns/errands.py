"""What one target is told: read in the moment of asking, so that nobody hears of more than they owe by then."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import AttemptId, Errand
from hotline.campaigns.campaign import Campaign
from hotline.campaigns.facts_store import arrears_of
from hotline.campaigns.may_call import FEES
from hotline.campaigns.targets_store import TargetTable
from hotline.phone import PhoneNumber


async def errand_for(
    session: AsyncSession, campaign: Campaign, target: TargetTable, *, ring_for: int, attempt: AttemptId = ""
) -> Errand:
    """Return the errand of an attempt at this target; `ring_for` in seconds."""
    months, fen = tuple(target.months), target.fen
    if campaign.kind in FEES:  # what is owed now, not when the list was made
        months, fen = await arrears_of(session, target.home_id)
    return Errand(
        id=attempt,
        kind=campaign.kind,
        number=PhoneNumber(target.e164),
        ring_for=timedelta(seconds=ring_for),
        home="" if target.household == target.e164 else target.household,
        salutation=target.salutation,
        language=target.language,
        months=months,
        fen=fen,
        words=campaign.words,
    )
