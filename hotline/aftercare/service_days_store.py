"""The table of paid services' days: one row for each matter of which somebody wrote them down."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.aftercare.occasions import ServiceDays
from hotline.calls.store import INDEX_TEXT
from hotline.database import Base


class ServiceDaysTable(Base):
    """From when to when a paid service goes on; its follow-up's history has what stood before."""

    __tablename__ = "service_days"

    matter: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), primary_key=True, autoincrement=False)
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    middle_at: Mapped[datetime | None] = mapped_column(index=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    done_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime]


async def keep_service_days(session: AsyncSession, days: ServiceDays) -> None:
    """Keep them, in place of those that were known."""
    row = await session.get(ServiceDaysTable, days.matter, with_for_update=True, populate_existing=True)
    if row is None:
        row = ServiceDaysTable(matter=days.matter)
        session.add(row)
    row.first, row.last, row.middle_at, row.ends_at = days.first, days.last, days.middle_at, days.ends_at
    row.done_by, row.at = days.by[:INDEX_TEXT], days.at
    await session.flush()


def service_days_of(row: ServiceDaysTable) -> ServiceDays:
    """Return the days that a row keeps."""
    return ServiceDays(
        matter=row.matter,
        first=row.first,
        last=row.last,
        middle_at=row.middle_at,
        ends_at=row.ends_at,
        by=row.done_by,
        at=row.at,
    )
