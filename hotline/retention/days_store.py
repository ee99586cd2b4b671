"""The table of days that were set on the page. One row for each thing that is kept; the audit has what stood before."""

from datetime import datetime

from sqlalchemy import String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_into
from hotline.retention.in_force import SetDays

REASON_TEXT = 200


class RetentionDaysTable(Base):
    """For how many days something is kept, as was said on the page."""

    __tablename__ = "retention_days"

    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    days: Mapped[int | None]
    before: Mapped[int]
    from_at: Mapped[datetime]
    done_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(REASON_TEXT))
    version: Mapped[int]


async def days_said(session: AsyncSession) -> dict[str, SetDays]:
    """Return what was said, by what it is said of."""
    rows = await session.scalars(select(RetentionDaysTable).execution_options(populate_existing=True))
    return {
        row.what: SetDays(
            what=row.what,
            days=row.days,
            before=row.before,
            from_at=row.from_at,
            by=row.done_by,
            at=row.at,
            reason=row.reason,
            version=row.version,
        )
        for row in rows
    }


async def say_days(session: AsyncSession, said: SetDays) -> bool:
    """Keep what is said; False where somebody else said something since version `said.version - 1`."""
    values = {
        "days": said.days, "before": said.before, "from_at": said.from_at, "done_by": said.by[:INDEX_TEXT],
        "at": said.at, "reason": said.reason[:REASON_TEXT], "version": said.version,
    }  # fmt: skip
    if said.version == 1:
        adding = insert_into(session, RetentionDaysTable).values(what=said.what, **values).on_conflict_do_nothing()
        done = await session.execute(adding.returning(RetentionDaysTable.what))
    else:
        done = await session.execute(
            update(RetentionDaysTable)
            .where(RetentionDaysTable.what == said.what, RetentionDaysTable.version == said.version - 1)
            .values(**values)
            .returning(RetentionDaysTable.what)
        )
    return done.first() is not None
