"""Calls to the outside whose time is over."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.desk.outside_store import LIVES, OutsideCallTable


async def remove_outside_calls_before(session: AsyncSession, before: datetime, *, limit: int = 500) -> int:
    """Remove calls to the outside asked for so long ago, none that lives; return how many were removed."""
    old = await session.scalars(
        select(OutsideCallTable.id)
        .where(OutsideCallTable.at < before, OutsideCallTable.state.not_in(LIVES))
        .order_by(OutsideCallTable.at)
        .limit(limit)
    )
    found = old.all()
    await session.execute(delete(OutsideCallTable).where(OutsideCallTable.id.in_(found)))
    return len(found)
