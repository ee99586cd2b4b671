"""The tables of building notices: what was posted, and the incident of each building."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.notices.notice import BuildingNotice


class BuildingNoticeTable(Base):
    """One notice. It is never removed; `ended_at` is empty until it was ended, by its time or by somebody."""

    __tablename__ = "building_notice"
    __table_args__ = (Index("ix_building_notice_ended_at_begins", "ended_at", "begins"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    done_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(80), default="")


class BuildingNoticePlaceTable(Base):
    """One building of a notice, and its incident once that was raised."""

    __tablename__ = "building_notice_place"

    notice_id: Mapped[int] = mapped_column(ForeignKey("building_notice.id"), primary_key=True)
    building: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    incident_id: Mapped[int | None]


async def add_notice(
    session: AsyncSession,
    *,
    text: str,
    buildings: Collection[int],
    begins: datetime,
    ends: datetime,
    by: str,
    at: datetime,
) -> BuildingNotice:
    """Write a notice down."""
    row = BuildingNoticeTable(text=text, begins=begins, ends=ends, done_by=by, at=at)
    session.add(row)
    await session.flush()
    session.add_all(BuildingNoticePlaceTable(notice_id=row.id, building=building) for building in sorted(buildings))
    await session.flush()
    return _notice(row, dict.fromkeys(sorted(buildings)))


async def notices_newest(session: AsyncSession, limit: int) -> list[BuildingNotice]:
    """Return notices, the newest first."""
    rows = await session.scalars(select(BuildingNoticeTable).order_by(BuildingNoticeTable.id.desc()).limit(limit))
    return await _with_places(session, rows.all())


async def notices_due(session: AsyncSession, now: datetime) -> list[BuildingNotice]:
    """Return the notices that have begun and were not ended yet."""
    rows = await session.scalars(
        select(BuildingNoticeTable)
        .where(BuildingNoticeTable.ended_at.is_(None), BuildingNoticeTable.begins <= now)
        .order_by(BuildingNoticeTable.id)
    )
    return await _with_places(session, rows.all())


async def notice_of(session: AsyncSession, number: int) -> BuildingNotice | None:
    """Return the notice of this number."""
    row = await session.get(BuildingNoticeTable, number, populate_existing=True)
    return (await _with_places(session, [row]))[0] if row else None


async def set_incident(session: AsyncSession, notice: int, building: int, incident: int) -> None:
    """Note which incident a building's callers hear the notice by."""
    await session.execute(
        update(BuildingNoticePlaceTable)
        .where(BuildingNoticePlaceTable.notice_id == notice, BuildingNoticePlaceTable.building == building)
        .values(incident_id=incident)
    )


async def end_notice(session: AsyncSession, number: int, *, by: str, at: datetime) -> bool:
    """Note that a notice is over; return False where it was ended before."""
    ended = await session.execute(
        update(BuildingNoticeTable)
        .where(BuildingNoticeTable.id == number, BuildingNoticeTable.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
        .returning(BuildingNoticeTable.id)
    )
    return ended.first() is not None


async def _with_places(session: AsyncSession, rows: Sequence[BuildingNoticeTable]) -> list[BuildingNotice]:
    wanted = [row.id for row in rows]
    places: dict[int, dict[int, int | None]] = {number: {} for number in wanted}
    found = await session.scalars(
        select(BuildingNoticePlaceTable)
        .where(BuildingNoticePlaceTable.notice_id.in_(wanted))
        .order_by(BuildingNoticePlaceTable.building)
    )
    for place in found:
        places[place.notice_id][place.building] = place.incident_id
    return [_notice(row, places[row.id]) for row in rows]


def _notice(row: BuildingNoticeTable, incidents: dict[int, int | None]) -> BuildingNotice:
    return BuildingNotice(
        id=row.id,
        text=row.text,
        begins=row.begins,
        ends=row.ends,
        by=row.done_by,
        at=row.at,
        ended_at=row.ended_at,
        ended_by=row.ended_by or "",
        incidents=incidents,
    )
