"""Which answers of surveys stand in no follow-up yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.targets_store import TargetTable
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable


@dataclass(frozen=True, slots=True)
class Pressed:
    """The keys of one survey, and the call after a handled matter that it was."""

    follow_up: int
    attempt: str
    answers: Mapping[str, str]


async def unwritten_answers(session: AsyncSession, after: Pressed | None = None, limit: int = 100) -> list[Pressed]:
    """Return open calls after handled matters whose resident lifted, each with the keys pressed, if any, by key.

    A survey that was broken off stays among them while its call is owed: read on with `after` until nothing comes.
    """
    wanted = (
        select(FollowUpTable.id, AttemptTable.id, AttemptTable.answers)
        .join(TargetTable, TargetTable.follow_up_id == FollowUpTable.id)
        .join(AttemptTable, AttemptTable.target_id == TargetTable.id)
        .where(
            FollowUpTable.state == FollowUpState.OPEN.value,
            FollowUpTable.kind == FollowUpKind.AFTERCARE.value,
            FollowUpTable.is_kept_open.is_(False),
            AttemptTable.state == AttemptState.SETTLED.value,
            AttemptTable.outcome == "human",
        )
        .order_by(FollowUpTable.id, AttemptTable.id)
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(
            or_(
                FollowUpTable.id > after.follow_up,
                and_(FollowUpTable.id == after.follow_up, AttemptTable.id > after.attempt),
            )
        )
    found = await session.execute(wanted)
    return [Pressed(follow_up, attempt, dict(answers or {})) for follow_up, attempt, answers in found.tuples()]
