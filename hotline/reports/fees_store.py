"""Read what campaigns reminded homes of, and what these homes owe by the newest unpaid list."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.targets_store import TargetTable
from hotline.reports.fees import Fees, came_in
from hotline.residents.store import ArrearsRow


@dataclass(frozen=True, slots=True)
class Collected:
    """Of one campaign, in fen: what homes that are known were reminded of, and how much of it came in."""

    reminded: int = 0
    came_in: int = 0


def one_of_each_home(campaigns: Collection[int]) -> Select[tuple[int]]:
    """Ask for one target of each home that these campaigns remind of fees, however many numbers it has."""
    return (
        select(func.min(TargetTable.id))
        .where(TargetTable.campaign_id.in_(list(campaigns)), TargetTable.home_id.is_not(None), TargetTable.fen > 0)
        .group_by(TargetTable.campaign_id, TargetTable.home_id)
    )


async def collected_fees(session: AsyncSession, campaigns: Collection[int]) -> dict[int, Collected]:
    """Return what came in of each of these campaigns. A home counts once.

    Who is on the unpaid list no more paid all: these are summed by the database, and only the others are looked at.
    """
    once = TargetTable.id.in_(one_of_each_home(campaigns))
    paid = await session.execute(
        select(TargetTable.campaign_id, func.sum(TargetTable.fen))
        .outerjoin(ArrearsRow, ArrearsRow.home_id == TargetTable.home_id)
        .where(once, ArrearsRow.home_id.is_(None))
        .group_by(TargetTable.campaign_id)
    )
    found = {campaign: Collected(int(fen), int(fen)) for campaign, fen in paid.tuples()}
    owing = await session.execute(
        select(TargetTable.campaign_id, TargetTable.fen, TargetTable.months, ArrearsRow.fen, ArrearsRow.months)
        .join(ArrearsRow, ArrearsRow.home_id == TargetTable.home_id)
        .where(once)
    )
    for campaign, fen, months, owed_fen, owed_months in owing.tuples():
        known = found.get(campaign, Collected())
        in_part = came_in(Fees(fen, months), Fees(owed_fen, owed_months))
        found[campaign] = Collected(known.reminded + fen, known.came_in + in_part)
    return found
