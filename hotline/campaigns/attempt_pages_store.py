"""Pages of a campaign's attempts, walked along one index from the newest on."""

from collections.abc import Collection, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable


async def attempts_before(
    session: AsyncSession,
    campaign_id: int,
    *,
    before: str = "",
    states: Collection[AttemptState] = (),
    limit: int = 50,
) -> Sequence[AttemptTable]:
    """Return a campaign's attempts, the newest first; `before` is the id of the last one seen."""
    wanted = select(AttemptTable).where(AttemptTable.campaign_id == campaign_id)
    if states:
        wanted = wanted.where(AttemptTable.state.in_([state.value for state in states]))
    if before:
        seen = await session.scalar(select(AttemptTable.planned_at).where(AttemptTable.id == before))
        if seen is None:
            return ()
        wanted = wanted.where(tuple_(AttemptTable.planned_at, AttemptTable.id) < (seen, before))
    found = wanted.order_by(AttemptTable.planned_at.desc(), AttemptTable.id.desc()).limit(limit)
    return (await session.scalars(found)).all()
