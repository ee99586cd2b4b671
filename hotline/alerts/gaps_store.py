"""Tables and queries of the gaps, and the beat by which a start knows how long nobody listened."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.alerts.gap import Gap, is_worth_marking
from hotline.database import Base, insert_into


class LinkGapTable(Base):
    """One gap."""

    __tablename__ = "link_gap"

    id: Mapped[int] = mapped_column(primary_key=True)
    began: Mapped[datetime] = mapped_column(index=True)
    ended: Mapped[datetime | None]


class LinkBeatTable(Base):
    """When the service last heard the switch: one row."""

    __tablename__ = "link_beat"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


async def begin_gap(session: AsyncSession, began: datetime) -> None:
    """Begin a gap, unless one goes on."""
    if await session.scalar(select(LinkGapTable.id).where(LinkGapTable.ended.is_(None)).limit(1)) is None:
        session.add(LinkGapTable(began=began, ended=None))
        await session.flush()


async def end_gap(session: AsyncSession, ended: datetime) -> None:
    """End the gap that goes on; one not worth marking is forgotten."""
    for row in await session.scalars(select(LinkGapTable).where(LinkGapTable.ended.is_(None))):
        if is_worth_marking(Gap(row.began, ended)):
            await session.execute(update(LinkGapTable).where(LinkGapTable.id == row.id).values(ended=ended))
        else:
            await session.execute(delete(LinkGapTable).where(LinkGapTable.id == row.id))


async def gaps_since(session: AsyncSession, since: datetime) -> list[Gap]:
    """Return the gaps that reach into the time from `since` on, oldest first."""
    rows = await session.scalars(
        select(LinkGapTable)
        .where(or_(LinkGapTable.ended.is_(None), LinkGapTable.ended > since))
        .order_by(LinkGapTable.began, LinkGapTable.id)
    )
    return [Gap(row.began, row.ended) for row in rows]


async def keep_beat(session: AsyncSession, at: datetime) -> None:
    """Write that the switch was heard."""
    beat = insert_into(session, LinkBeatTable).values(id=1, at=at)
    await session.execute(beat.on_conflict_do_update(index_elements=["id"], set_={"at": at}))


async def last_beat(session: AsyncSession) -> datetime | None:
    """Return when the switch was last heard; None: never."""
    at: datetime | None = await session.scalar(select(LinkBeatTable.at).where(LinkBeatTable.id == 1))
    return at
