"""When one call turned out to be part of another: what it made us owe is owed for that one, and once."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.followups.follow_up import FollowUpState, Step
from hotline.followups.store import FollowUpCallTable, FollowUpTable, raised_kinds, take_step


class Absorber:
    """Moves or withdraws the debts of a call."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def absorb(self, session: AsyncSession, young: str, old: str) -> None:
        """Let `old` owe what `young` did; what `old` owes of that kind already is owed once. May run again."""
        kept = {kind.value for kind in await raised_kinds(session, old)}
        parts = await session.scalars(
            select(FollowUpCallTable)
            .where(FollowUpCallTable.call_id == young)
            .order_by(FollowUpCallTable.kind)
            .execution_options(populate_existing=True)
        )
        for part in parts.all():
            row = await session.get_one(FollowUpTable, part.follow_up_id, with_for_update=True, populate_existing=True)
            if part.kind not in kept:
                session.add(FollowUpCallTable(call_id=old, kind=part.kind, follow_up_id=row.id, at=part.at))
                row.call_id = old if row.call_id == young else row.call_id
            elif row.calls > 1:  # it stands for further calls
                row.calls -= 1
            elif row.state == FollowUpState.OPEN.value:
                await take_step(session, row.id, Step.CANCELLED, at=self._clock.now(), call_id=old)
            await session.delete(part)
            await session.flush()
