"""Which moments of paid services have come and had no draw, and what is known of a service's days."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.aftercare.occasions import ServiceDays
from hotline.aftercare.rules import Moment
from hotline.aftercare.service_days_store import ServiceDaysTable, service_days_of
from hotline.aftercare.store import AftercareDrawTable
from hotline.dutylog.entry import Kind
from hotline.dutylog.matters_store import DutyMatterTable
from hotline.followups.follow_up import FollowUp, FollowUpState
from hotline.followups.store import FollowUpTable, follow_up_of


async def services_without_draw(
    session: AsyncSession, moment: Moment, now: datetime, limit: int
) -> list[tuple[ServiceDays, FollowUp, int]]:
    """Return services whose middle, or end, has come and had no draw, with matter and entry, the first first.

    A matter that was cancelled, or turned out to be of another kind, owes nothing here.
    """
    came = ServiceDaysTable.middle_at if moment is Moment.MIDDLE else ServiceDaysTable.ends_at
    found = await session.execute(
        select(ServiceDaysTable, FollowUpTable, DutyMatterTable.entry)
        .join(FollowUpTable, FollowUpTable.id == ServiceDaysTable.matter)
        .join(DutyMatterTable, DutyMatterTable.follow_up == FollowUpTable.id)
        .outerjoin(
            AftercareDrawTable,
            (AftercareDrawTable.matter == FollowUpTable.id) & (AftercareDrawTable.moment == moment.value),
        )
        .where(
            came <= now,
            FollowUpTable.state != FollowUpState.CANCELLED.value,
            FollowUpTable.request == Kind.PAID_SERVICE.value,
            AftercareDrawTable.id.is_(None),
        )
        .order_by(came, FollowUpTable.id)
        .limit(limit)
    )
    return [(service_days_of(days), follow_up_of(matter), entry) for days, matter, entry in found.tuples()]


async def days_of_services(session: AsyncSession, matters: Collection[int]) -> dict[int, ServiceDays]:
    """Return the days of those of these matters of which they are known."""
    rows = await session.scalars(
        select(ServiceDaysTable)
        .where(ServiceDaysTable.matter.in_(set(matters)))
        .execution_options(populate_existing=True)
    )
    return {row.matter: service_days_of(row) for row in rows}


async def moments_drawn(session: AsyncSession, matter: int) -> set[Moment]:
    """Return which moments of a matter have had their draw."""
    found = await session.scalars(select(AftercareDrawTable.moment).where(AftercareDrawTable.matter == matter))
    return {Moment(one) for one in found}
