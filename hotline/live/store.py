"""Words of danger that fell in talks: written before anybody is shown one. Rows are added, never changed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import String, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_into
from hotline.transcribe.transcript import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWord:
    """A word of the table was said in a call, by this side, at this moment of the switch's sound."""

    call_id: str
    word: str
    side: Side
    at: datetime


class AlertWordTable(Base):
    """One word of danger in one call: once, however often it is said."""

    __tablename__ = "alert_word"

    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    word: Mapped[str] = mapped_column(String(40), primary_key=True)
    side: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]


async def keep_alert_word(session: AsyncSession, found: AlertWord) -> bool:
    """Keep a word of danger; False where the call has it already."""
    values = {"call_id": found.call_id, "word": found.word[:40], "side": found.side.value, "at": found.at}
    added = await session.execute(
        insert_into(session, AlertWordTable).values(values).on_conflict_do_nothing().returning(AlertWordTable.word)
    )
    return added.scalar() is not None


async def absorb_alert_words(session: AsyncSession, young: str, old: str) -> None:
    """Let what was heard in a part of `old` be that call's, each word when it fell first. May run again."""
    for one in (await alert_words_of(session, [young])).get(young, ()):
        if not await keep_alert_word(session, replace(one, call_id=old)):
            same = AlertWordTable.call_id == old, AlertWordTable.word == one.word, AlertWordTable.at > one.at
            await session.execute(update(AlertWordTable).where(*same).values(at=one.at, side=one.side.value))
    await session.execute(delete(AlertWordTable).where(AlertWordTable.call_id == young))


async def alert_words_of(session: AsyncSession, call_ids: Collection[str]) -> dict[str, tuple[AlertWord, ...]]:
    """Return the words of danger of these calls, the first said first; calls without any are left out."""
    rows = await session.scalars(
        select(AlertWordTable)
        .where(AlertWordTable.call_id.in_(call_ids))
        .order_by(AlertWordTable.at, AlertWordTable.word)
    )
    found: dict[str, tuple[AlertWord, ...]] = {}
    for row in rows:
        word = AlertWord(call_id=row.call_id, word=row.word, side=Side(row.side), at=row.at)
        found[row.call_id] = (*found.get(row.call_id, ()), word)
    return found
