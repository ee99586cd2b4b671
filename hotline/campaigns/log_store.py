"""What the event log, as it was read, says of campaigns: whether it would hold a call, and who was rung twice."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.cel import CelRow
from hotline.calls.ours import AGENT_FIRST
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
    """Return the rows of attempts' calls and of agents' calls of this stretch, as the switch wrote them."""
    found = await session.execute(
        select(CelRowTable.position, CelRowTable.linkedid, CelRowTable.at, CelRowTable.values)
        .where(
            or_(*(_between(prefix, since, until) for prefix in (PREFIX, AGENT_FIRST))),
            CelRowTable.source != OWN_SOURCE,
        )
        .order_by(CelRowTable.linkedid, CelRowTable.position)
    )
    return [
        CelRow(position=position, at=at, linkedid=linkedid, **values)
        for position, linkedid, at, values in found.tuples()
    ]


def _between(prefix: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    """Return the condition that a call of ours was made in this stretch: ids sort by time, ten digits each."""
    first, behind = (f"{prefix}{int(at.timestamp()):010}" for at in (since, until + timedelta(seconds=1)))
    return and_(CelRowTable.linkedid >= first, CelRowTable.linkedid < behind)
