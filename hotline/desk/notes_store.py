"""The table of notes on calls: one row a call and person, written by compare-and-set."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_into
from hotline.desk.notes import Notes, NotesChanged, check_size, joined


class CallNoteTable(Base):
    """One person's notes on one call."""

    __tablename__ = "call_note"

    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    by: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    points: Mapped[list[Any]] = mapped_column(JSON)
    form: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(index=True)


async def notes_on(session: AsyncSession, call_id: str) -> list[Notes]:
    """Return everybody's notes on this call, oldest first."""
    rows = await session.scalars(
        select(CallNoteTable)
        .where(CallNoteTable.call_id == call_id)
        .order_by(CallNoteTable.at, CallNoteTable.by)
        .execution_options(populate_existing=True)
    )
    return [_notes(row) for row in rows]


async def keep_notes(session: AsyncSession, notes: Notes, at: datetime) -> Notes:
    """Write notes over version `notes.version` of the same person's; return them as kept.

    Raises NotesTooLong, and NotesChanged where another version is kept.
    """
    check_size(notes)
    kept = {
        "version": notes.version + 1,
        "text": notes.text,
        "points": list(notes.points),
        "form": dict(notes.form),
        "at": at,
    }
    key = {"call_id": notes.call_id, "by": notes.by[:INDEX_TEXT]}
    if notes.version == 0:
        writing = insert_into(session, CallNoteTable).values(**key, **kept).on_conflict_do_nothing()
        done = await session.execute(writing.returning(CallNoteTable.version))
    else:
        done = await session.execute(
            update(CallNoteTable)
            .where(
                CallNoteTable.call_id == key["call_id"],
                CallNoteTable.by == key["by"],
                CallNoteTable.version == notes.version,
            )
            .values(**kept)
            .returning(CallNoteTable.version)
            .execution_options(synchronize_session=False)
        )
    if done.scalar_one_or_none() is None:
        row = await session.get(CallNoteTable, (key["call_id"], key["by"]), populate_existing=True)
        raise NotesChanged(_notes(row) if row else Notes(call_id=notes.call_id, by=notes.by))
    return replace(notes, version=notes.version + 1, at=at)


async def absorb_notes(session: AsyncSession, young: str, old: str) -> None:
    """Let what was typed on a call that turned out to be part of `old` stand at that one. May run again."""
    there = {notes.by: notes for notes in await notes_on(session, old)}
    for notes in await notes_on(session, young):
        one = joined(there[notes.by], notes) if notes.by in there else notes
        kept = {"version": one.version, "text": one.text, "points": list(one.points), "form": dict(one.form)}
        writing = insert_into(session, CallNoteTable).values(call_id=old, by=one.by, at=one.at, **kept)
        await session.execute(
            writing.on_conflict_do_update(index_elements=["call_id", "by"], set_={**kept, "at": one.at})
        )
    await session.execute(delete(CallNoteTable).where(CallNoteTable.call_id == young))


async def remove_notes_before(session: AsyncSession, before: datetime, *, limit: int = 500) -> int:
    """Remove what was typed so long ago: it went into an entry, or was never meant to; return how many were removed."""
    keys = await session.execute(
        select(CallNoteTable.call_id, CallNoteTable.by).where(CallNoteTable.at < before).limit(limit)
    )
    found = keys.tuples().all()
    for call_id, by in found:
        await session.execute(delete(CallNoteTable).where(CallNoteTable.call_id == call_id, CallNoteTable.by == by))
    return len(found)


def _notes(row: CallNoteTable) -> Notes:
    return Notes(
        call_id=row.call_id,
        by=row.by,
        version=row.version,
        text=row.text,
        points=tuple(str(point) for point in row.points),
        form=row.form,
        at=row.at,
    )
