"""What a call is about where a campaign rang this home: the bill or the matter, and what was tried before.

For whoever takes the call: a resident who pressed 0 in the talk, who rings back, or whom an agent is about to dial.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.ledger import CallRecord
from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable, attempts_of_call
from hotline.campaigns.campaign import Campaign, CampaignKind
from hotline.campaigns.facts_store import arrears_of
from hotline.campaigns.may_call import FEES
from hotline.campaigns.rings_back_store import RINGS_BACK_WITHIN
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.targets_store import TargetTable, target_by_id
from hotline.followups.store import FollowUpTable
from hotline.phone import PhoneNumber

RANG_BACK: Final = "RINGS_BACK"  # the step by which the dialplan says that the caller dialled the number that we show
MOST_TRIED: Final = 5


class How(StrEnum):
    """What the campaign has to do with the call."""

    OURS = "ours"  # the campaign's own call
    RINGS_BACK = "rings-back"  # they dialled the number that we show
    LATELY = "lately"  # they rang the service line within a day of our call
    TO_DIAL = "to-dial"  # an agent looks at it before dialling


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One earlier attempt at this home; `said` are the keys that were pressed, in their order."""

    at: datetime
    outcome: str
    said: tuple[str, ...]
    by: str  # the agent who dialled; "" the switch did


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Why we call this home. `months` and `fen` are what it owes by the records of this moment, of a reminder alone."""

    campaign: Campaign
    how: How
    home: str  # 3-2-501; "" where only a number is known
    salutation: str
    months: tuple[str, ...] = ()
    fen: int = field(default=0, repr=False)
    matter: str = field(default="", repr=False)  # of what is owed: a call-back, a survey
    tried: tuple[Tried, ...] = ()

    @property
    def is_bill(self) -> bool:
        """Whether it is about money."""
        return self.campaign.kind in FEES


async def about_call(session: AsyncSession, call_id: str) -> About | None:
    """Return what a call of a campaign's is about; None of any other call."""
    rows = await attempts_of_call(session, call_id)
    return None if not rows else await _about(session, rows[-1].campaign_id, rows[-1].target_id, How.OURS)


async def about_caller(
    session: AsyncSession, call: CallRecord, number: PhoneNumber | None, now: datetime
) -> About | None:
    """Return why we called this caller within the last day, if we did."""
    if call.direction != "inbound" or number is None:
        return None
    row = await session.scalar(
        select(AttemptTable)
        .where(AttemptTable.e164 == number.e164, AttemptTable.disturbed_at >= now - RINGS_BACK_WITHIN)
        .order_by(AttemptTable.disturbed_at.desc())
        .limit(1)
    )
    if row is None:
        return None
    how = How.RINGS_BACK if RANG_BACK in call.talk_steps else How.LATELY
    return await _about(session, row.campaign_id, row.target_id, how)


async def about_target(session: AsyncSession, campaign: Campaign, target: TargetTable, how: How) -> About:
    """Return what a call to this target is about."""
    months: tuple[str, ...] = ()
    fen = 0
    if campaign.kind in FEES:
        months, fen = await arrears_of(session, target.home_id)
    return About(
        campaign=campaign,
        how=how,
        home="" if target.household == target.e164 else target.household,
        salutation=target.salutation,
        months=months,
        fen=fen,
        matter=await _matter(session, target.follow_up_id)
        or (campaign.words if campaign.kind is CampaignKind.NOTICE else ""),
        tried=await _tried(session, target.id),
    )


async def _about(session: AsyncSession, campaign_id: int, target_id: int, how: How) -> About | None:
    campaign, target = await campaign_by_id(session, campaign_id), await target_by_id(session, target_id)
    return None if target is None else await about_target(session, campaign, target, how)


async def _matter(session: AsyncSession, follow_up: int | None) -> str:
    if follow_up is None:
        return ""
    return await session.scalar(select(FollowUpTable.text).where(FollowUpTable.id == follow_up)) or ""


async def _tried(session: AsyncSession, target_id: int) -> tuple[Tried, ...]:
    rows = await session.scalars(
        select(AttemptTable)
        .where(AttemptTable.target_id == target_id, AttemptTable.state == AttemptState.SETTLED.value)
        .order_by(AttemptTable.planned_at.desc())
        .limit(MOST_TRIED)
    )
    return tuple(
        Tried(
            at=row.claimed_at or row.planned_at,
            outcome=row.outcome,
            said=tuple(str(key) for key in row.said),
            by=row.dialled_by,
        )
        for row in rows
    )
