"""How many attempts there are, by what became of them: for the figures of those who run the machine."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import AttemptState, Outcome
from hotline.campaigns.attempts_store import AttemptTable

LIVING = (
    AttemptState.PLANNED, AttemptState.DIALLING, AttemptState.RINGING, AttemptState.ANSWERED, AttemptState.UNKNOWN,
)  # fmt: skip


async def living_attempts_by_state(session: AsyncSession) -> dict[AttemptState, int]:
    """Return how many attempts are under way, by state."""
    found = await session.execute(
        select(AttemptTable.state, func.count())
        .where(AttemptTable.state.in_([state.value for state in LIVING]))
        .group_by(AttemptTable.state)
    )
    counted = {AttemptState(state): count for state, count in found.tuples()}
    return {state: counted.get(state, 0) for state in LIVING}


async def ended_attempts_by_outcome(session: AsyncSession, since: datetime) -> dict[Outcome, int]:
    """Return how many attempts ended since then, by what the network said."""
    found = await session.execute(
        select(AttemptTable.outcome, func.count())
        .where(AttemptTable.ended_at >= since, AttemptTable.outcome != "")
        .group_by(AttemptTable.outcome)
    )
    counted = dict(found.tuples().all())
    return {outcome: counted.get(outcome.value, 0) for outcome in Outcome}
