"""Take names, numbers, amounts and keys out of campaigns whose time is over; what is counted stays."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import ALIVE
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import Campaign, CampaignState
from hotline.campaigns.handed_store import HandedTable
from hotline.campaigns.store import CampaignStepTable, CampaignTable
from hotline.campaigns.targets_store import TargetTable
from hotline.followups.follow_up import FollowUpState
from hotline.followups.store import FollowUpTable

EMPTIED: Final = "#"  # and the target's number, where its home and its telephone number stood


@dataclass(frozen=True, slots=True)
class Emptied:
    """Some rows of a list that name nobody any more: which, and the hash of what stood there."""

    first: int
    last: int
    sha256: str


async def ended_campaigns(session: AsyncSession, before: datetime) -> Sequence[int]:
    """Return campaigns that ended so long ago and still name people; none with an attempt that is not over."""
    alive = exists().where(
        AttemptTable.campaign_id == CampaignTable.id, AttemptTable.state.in_([state.value for state in ALIVE])
    )
    found = await session.scalars(
        select(CampaignTable.id)
        .where(CampaignTable.ended_at < before, CampaignTable.emptied_at.is_(None), ~alive)
        .order_by(CampaignTable.id)
    )
    return found.all()


_RESTS: Final = (CampaignState.DRAFT, CampaignState.APPROVED, CampaignState.PAUSED)


async def idle_campaigns(session: AsyncSession, before: datetime) -> Sequence[int]:
    """Return campaigns that do not run, have not ended, and whose last step was so long ago."""
    last = (
        select(func.max(CampaignStepTable.at))
        .where(CampaignStepTable.campaign_id == CampaignTable.id)
        .correlate(CampaignTable)
        .scalar_subquery()
    )
    found = await session.scalars(
        select(CampaignTable.id)
        .where(CampaignTable.state.in_([state.value for state in _RESTS]), last < before)
        .order_by(CampaignTable.id)
    )
    return found.all()


async def is_idle(session: AsyncSession, campaign: Campaign, before: datetime) -> bool:
    """Return whether a campaign does not run, and nobody touched it since then."""
    last = await session.scalar(
        select(func.max(CampaignStepTable.at)).where(CampaignStepTable.campaign_id == campaign.id)
    )
    return campaign.state in _RESTS and (last is None or last < before)


async def empty_targets(session: AsyncSession, campaign_id: int, *, limit: int) -> Emptied | None:
    """Let some rows of a list, and their attempts, name nobody; None where no row of it names anybody.

    A call that is still owed keeps its place on the list, so that it is not put on another by itself.
    """
    targets = (
        await session.scalars(
            select(TargetTable)
            .where(TargetTable.campaign_id == campaign_id, TargetTable.e164.not_like(f"{EMPTIED}%"))
            .order_by(TargetTable.id)
            .limit(limit)
        )
    ).all()
    if not targets:
        return None
    ids = [one.id for one in targets]
    attempts = (
        await session.scalars(
            select(AttemptTable)
            .where(AttemptTable.target_id.in_(ids))
            .order_by(AttemptTable.target_id, AttemptTable.id)
        )
    ).all()
    open_calls = set(
        await session.scalars(
            select(FollowUpTable.id).where(
                FollowUpTable.id.in_([one.follow_up_id for one in targets if one.follow_up_id is not None]),
                FollowUpTable.state == FollowUpState.OPEN.value,
            )
        )
    )
    was: list[list[Any]] = [
        [one.household, one.home_id, one.e164, one.salutation, one.months, one.fen, one.follow_up_id, one.said]
        for one in targets
    ]
    was.extend([one.id, one.household, one.e164, one.said, one.answers] for one in attempts)
    for one in targets:
        one.household = one.e164 = f"{EMPTIED}{one.id}"
        one.home_id, one.salutation, one.months, one.fen, one.said = None, "", [], 0, []
        one.follow_up_id = one.follow_up_id if one.follow_up_id in open_calls else None
    for tried in attempts:
        tried.household = tried.e164 = f"{EMPTIED}{tried.target_id}"
        tried.said, tried.answers = [], {}
    await session.execute(update(HandedTable).where(HandedTable.target_id.in_(ids)).values(reason=""))
    await session.flush()
    return Emptied(ids[0], ids[-1], sha256(json.dumps(was, ensure_ascii=False).encode()).hexdigest())


async def note_emptied(session: AsyncSession, campaign_id: int, at: datetime) -> None:
    """Keep that a campaign names nobody any more."""
    await session.execute(update(CampaignTable).where(CampaignTable.id == campaign_id).values(emptied_at=at))
