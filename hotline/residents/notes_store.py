"""What the desk should know of a home and nobody else wrote down: free notes, by whom and when. Added, never changed.

A note that no longer holds is taken back by a row that says so; what was written stays.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from hotline.database import Base
from hotline.residents.noted import LONGEST_NOTE, HomeNote, HomeUnknown, NoteUnknown
from hotline.residents.store import HomeRow, ResidentRow

NOTES_SHOWN: Final = 40  # of all homes asked for, the newest


class HomeNoteTable(Base):
    """One note of a home, or of one person in it; a row with `takes_back` says that another holds no longer."""

    __tablename__ = "home_note"
    __table_args__ = (Index("ix_home_note_home_id_id", "home_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("home.id", ondelete="CASCADE"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    takes_back: Mapped[int | None] = mapped_column(ForeignKey("home_note.id", ondelete="CASCADE"), unique=True)


async def add_note(
    session: AsyncSession, home_id: int, text: str, *, by: str, at: datetime, resident_id: int | None = None
) -> HomeNote:
    """Keep a note of a home, or of a person of it. Raises HomeUnknown."""
    if await session.get(HomeRow, home_id) is None:
        raise HomeUnknown("there is no such home")
    if resident_id is not None:
        person = await session.get(ResidentRow, resident_id)
        if person is None or person.home_id != home_id:
            raise HomeUnknown("nobody of this id lives in this home")
    row = HomeNoteTable(home_id=home_id, resident_id=resident_id, text=text[:LONGEST_NOTE], by=by[:80], at=at)
    session.add(row)
    await session.flush()
    return _note(row)


async def take_note_back(session: AsyncSession, home_id: int, note_id: int, *, by: str, at: datetime) -> None:
    """Say that a note holds no longer. Raises NoteUnknown, also where somebody said so before."""
    if note_id not in {note.id for note in await notes_of(session, [home_id], limit=None)}:
        raise NoteUnknown("there is no such note of this home: read it again")
    session.add(HomeNoteTable(home_id=home_id, text="", by=by[:80], at=at, takes_back=note_id))
    await session.flush()


async def notes_of(
    session: AsyncSession, home_ids: Collection[int], *, limit: int | None = NOTES_SHOWN
) -> tuple[HomeNote, ...]:
    """Return the notes of these homes that hold, the newest first."""
    later = aliased(HomeNoteTable)
    rows = await session.scalars(
        select(HomeNoteTable)
        .outerjoin(later, later.takes_back == HomeNoteTable.id)
        .where(HomeNoteTable.home_id.in_(set(home_ids)), HomeNoteTable.takes_back.is_(None), later.id.is_(None))
        .order_by(HomeNoteTable.id.desc())
        .limit(limit)
    )
    return tuple(_note(row) for row in rows)


def _note(row: HomeNoteTable) -> HomeNote:
    return HomeNote(id=row.id, home_id=row.home_id, resident_id=row.resident_id, text=row.text, by=row.by, at=row.at)
