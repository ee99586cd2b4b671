"""Which homes of a campaign an agent may be handed now, and what is handed.

The same function judges that judges before a worker dials.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.campaigns.campaign import Campaign, CampaignState
from hotline.campaigns.facts_store import facts_of
from hotline.campaigns.handed import HELD_FOR
from hotline.campaigns.handed_store import HandedTable, due_for_agents
from hotline.campaigns.judging_store import put_off
from hotline.campaigns.may_call import CallingRules, Reason, may_call
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.target import TargetState, TargetStep
from hotline.campaigns.targets_store import TargetTable, step_target, target_by_id
from hotline.followups.follow_up import FollowUpState, may_act
from hotline.followups.reading_store import follow_up_by_id

AT_ONCE: Final = 20  # homes judged before one is handed over; the others are looked at with the next question


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The agent who asks: an account, its role, and the telephone that rings first."""

    name: str
    role: Role
    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What an agent looks at."""

    id: int
    campaign: Campaign
    target: TargetTable
    until: datetime


async def homes_for(
    session: AsyncSession, campaign: Campaign, seat: Seat, now: datetime, *, rules: CallingRules, area_code: str
) -> Sequence[TargetTable]:
    """Return whom this agent may call now, the longest due first; whoever may not be called waits, or is out."""
    targets = await due_for_agents(session, campaign.id, now, AT_ONCE)
    facts = await facts_of(session, campaign.kind, targets, now, area_code=area_code)
    found: list[TargetTable] = []
    for target in targets:
        verdict = may_call(facts[target.id], rules, now)
        if not verdict.allowed:
            await put_off(session, target, verdict, at=now)
            continue
        if target.follow_up_id is not None:
            owed = await follow_up_by_id(session, target.follow_up_id)
            if owed.state is not FollowUpState.OPEN:
                await step_target(
                    session, target.id, TargetState.WAITING, TargetStep.FORBIDDEN, at=now,
                    values={"reasons": [Reason.SETTLED.value]},
                )  # fmt: skip
                continue
            if not may_act(seat.role, owed.owed_by):
                continue  # a supervisor's: an agent is handed the next
        found.append(target)
    return found


async def whole_of(session: AsyncSession, row: HandedTable) -> Handed | None:
    """Return what is handed with its campaign and target; None where the campaign does not run any more."""
    campaign, target = await campaign_by_id(session, row.campaign_id), await target_by_id(session, row.target_id)
    if target is None or campaign.state is not CampaignState.RUNNING or target.state != TargetState.WAITING:
        return None
    return Handed(id=row.id, campaign=campaign, target=target, until=row.at + HELD_FOR)
