"""Which answers of surveys stand in no follow-up yet."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.store import TargetTable
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable


async def unwritten_answers(session: AsyncSession, limit: int = 100) -> list[tuple[int, Mapping[str, str]]]:
    """Return open calls after handled matters whose survey was answered, each with the keys pressed."""
    found = await session.execute(
        select(FollowUpTable.id, AttemptTable.answers)
        .join(TargetTable, TargetTable.follow_up_id == FollowUpTable.id)
        .join(AttemptTable, AttemptTable.target_id == TargetTable.id)
        .where(
            FollowUpTable.state == FollowUpState.OPEN.value,
            FollowUpTable.kind == FollowUpKind.AFTERCARE.value,
            FollowUpTable.is_kept_open.is_(False),
            AttemptTable.state == AttemptState.SETTLED.value,
            AttemptTable.outcome == "human",
        )
        .order_by(FollowUpTable.id, AttemptTable.planned_at)
        .limit(limit)
    )
    return [(follow_up, dict(answers)) for follow_up, answers in found.tuples() if answers]
