"""The table of what was switched by hand: the night plan, queues. A row lasts until `ended_at`; retention ends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Index, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base

PLAN: Final = "plan"
OPEN: Final = "open"
CLOSED: Final = "closed"
_NOW: Final = text("ended_at IS NULL")


class ByHandTable(Base):
    """The plan, or a queue by its name, is `open` or `closed` because somebody said so."""

    __tablename__ = "by_hand"
    __table_args__ = (Index("uq_by_hand_now", "what", unique=True, sqlite_where=_NOW, postgresql_where=_NOW),)

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(10))
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")  # "": the hours of the menus say the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """The plan (`plan`) or a queue is so by hand, by whom, since when."""

    what: str
    value: str
    by: str
    since: datetime


async def switched_now(session: AsyncSession) -> dict[str, Switched]:
    """Return what is switched by hand now, by what it is."""
    rows = await session.scalars(select(ByHandTable).where(ByHandTable.ended_at.is_(None)))
    return {row.what: Switched(what=row.what, value=row.value, by=row.by, since=row.since) for row in rows}


async def keep_switched(session: AsyncSession, what: str, value: str, *, by: str, at: datetime) -> str | None:
    """Let it be so, or with an empty value as it was before; return what it was (""), None where it is so already."""
    row: ByHandTable | None = await session.scalar(
        select(ByHandTable)
        .where(ByHandTable.what == what, ByHandTable.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    before = row.value if row is not None else ""
    if before == value:
        return None
    if row is not None:
        row.ended_at, row.ended_by = at, by[:INDEX_TEXT]
        await session.flush()
    if value:
        session.add(ByHandTable(what=what, value=value, by=by[:INDEX_TEXT], since=at, ended_at=None))
        await session.flush()
    return before
