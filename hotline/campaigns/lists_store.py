"""Lists that were taken in, each by its content: the same one is not taken in twice."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.campaigns.store import NAME_TEXT
from hotline.database import Base


class ImportedListTable(Base):
    """A list that was taken in, by its content: the same one is not taken in twice."""

    __tablename__ = "imported_list"
    __table_args__ = (UniqueConstraint("sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(100))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(NAME_TEXT))
    rows: Mapped[int]


async def campaign_of_list(session: AsyncSession, sha256: str) -> int | None:
    """Return the campaign that this list was taken in for, or None."""
    found: int | None = await session.scalar(
        select(ImportedListTable.campaign_id).where(ImportedListTable.sha256 == sha256)
    )
    return found


async def keep_list(session: AsyncSession, campaign_id: int, sha256: str, *, by: str, at: datetime, rows: int) -> None:
    """Remember a list by its content."""
    session.add(ImportedListTable(sha256=sha256, campaign_id=campaign_id, at=at, by=by, rows=rows))
    await session.flush()


async def release_lists(session: AsyncSession, campaign_id: int) -> None:
    """Let the lists of a campaign that never rang anybody be taken in again."""
    for row in await session.scalars(select(ImportedListTable).where(ImportedListTable.campaign_id == campaign_id)):
        row.sha256 = f"{row.sha256[:64]}:{row.id}"
    await session.flush()
