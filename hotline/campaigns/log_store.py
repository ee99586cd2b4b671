"""What the event log, as it was read, says of campaigns: whether it would hold a call, and who was rung twice."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.cel import CelRow
from hotline.calls.rows_store import OWN_SOURCE, CelRowTable, CelSourceTable
from hotline.campaigns.attempt import PREFIX


async def is_log_of_then(session: AsyncSession, source: str, then: datetime) -> bool:
    """Return whether the log of this source was the one in use at that moment: the only one, or with older rows."""
    others = select(func.count()).select_from(CelSourceTable).where(CelSourceTable.id.not_in((source, OWN_SOURCE)))
    if not await session.scalar(others):
        return True
    oldest = select(CelRowTable.at).where(CelRowTable.source == source).order_by(CelRowTable.position).limit(1)
    first = await session.scalar(oldest)
    return first is not None and first <= then


async def rows_of_attempts(session: AsyncSession, since: datetime, until: datetime) -> list[CelRow]:
    """Return the rows in which attempts' channels began or were lifted, in this stretch, as the switch wrote them."""
    found = await session.execute(
        select(CelRowTable.position, CelRowTable.linkedid, CelRowTable.at, CelRowTable.values)
        .where(
            CelRowTable.linkedid >= _first_id(since),
            CelRowTable.linkedid < _first_id(until + timedelta(seconds=1)),
            CelRowTable.source != OWN_SOURCE,
        )
        .order_by(CelRowTable.linkedid, CelRowTable.position)
    )
    return [
        CelRow(position=position, at=at, linkedid=linkedid, **values)
        for position, linkedid, at, values in found.tuples()
    ]


def _first_id(at: datetime) -> str:
    """Return what is at most any attempt's id planned from this second on: ids sort by time, ten digits each."""
    return f"{PREFIX}{int(at.timestamp()):010}"
