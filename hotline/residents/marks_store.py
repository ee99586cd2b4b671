"""Marks of a number: it reaches somebody else, or nobody, or whoever answers wants no calls of ours.

Rows are added, never changed: the newest row of a number and mark says whether it holds. Calling out asks `marks_of`
before it dials; a caller is served whatever mark their number has.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Index, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.phone import PhoneNumber
from hotline.residents.noted import NumberMark


class NumberMarkTable(Base):
    """Somebody, or a key pressed in a call of ours, said that a mark holds for a number, or holds no longer."""

    __tablename__ = "number_mark"
    __table_args__ = (Index("ix_number_mark_e164_id", "e164", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    e164: Mapped[str] = mapped_column(String(16))
    mark: Mapped[str] = mapped_column(String(20))
    holds: Mapped[bool]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    call_id: Mapped[str] = mapped_column(String(80), default="", server_default="")


async def mark_number(
    session: AsyncSession,
    number: PhoneNumber,
    mark: NumberMark,
    *,
    holds: bool,
    by: str,
    at: datetime,
    reason: str = "",
    call_id: str = "",
) -> bool:
    """Keep that a mark holds for a number from now on, or no longer; return whether that is news."""
    if (mark in (await marks_of(session, [number])).get(number, frozenset())) is holds:
        return False
    session.add(
        NumberMarkTable(
            e164=number.e164, mark=mark.value, holds=holds, by=by[:80], at=at, reason=reason[:200], call_id=call_id[:80]
        )
    )
    await session.flush()
    return True


async def marks_of(session: AsyncSession, numbers: Collection[PhoneNumber]) -> dict[PhoneNumber, frozenset[NumberMark]]:
    """Return the marks that hold for these numbers; a number without any is left out."""
    by_e164 = {number.e164: number for number in numbers}
    if not by_e164:
        return {}
    rows = await session.execute(
        select(NumberMarkTable.e164, NumberMarkTable.mark, NumberMarkTable.holds)
        .where(NumberMarkTable.e164.in_(by_e164))
        .order_by(NumberMarkTable.id)
    )
    said = {(e164, NumberMark(mark)): holds for e164, mark, holds in rows.tuples()}
    found: dict[PhoneNumber, frozenset[NumberMark]] = {}
    for (e164, mark), holds in said.items():
        if holds:
            number = by_e164[e164]
            found[number] = found.get(number, frozenset()) | {mark}
    return found


async def listed_marks(
    session: AsyncSession,
    *,
    numbers: Collection[PhoneNumber] | None = None,
    ends: str = "",
    with_lifted: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[NumberMarkTable]:
    """Return the newest row of each mark, the newest first: of these numbers, of those that end so, or of all."""
    newest = select(func.max(NumberMarkTable.id)).group_by(NumberMarkTable.e164, NumberMarkTable.mark)
    if numbers is not None:
        newest = newest.where(NumberMarkTable.e164.in_(sorted(number.e164 for number in numbers)))
    if ends:
        newest = newest.where(NumberMarkTable.e164.endswith(ends, autoescape=True))
    wanted = select(NumberMarkTable).where(NumberMarkTable.id.in_(newest))
    if not with_lifted:
        wanted = wanted.where(NumberMarkTable.holds)
    if before is not None:
        wanted = wanted.where(NumberMarkTable.id < before)
    return list(await session.scalars(wanted.order_by(NumberMarkTable.id.desc()).limit(limit)))


async def newest_mark(session: AsyncSession, row_id: int) -> NumberMarkTable | None:
    """Return this row if nothing newer is said of its number and mark."""
    row = await session.get(NumberMarkTable, row_id)
    if row is None:
        return None
    newest = select(func.max(NumberMarkTable.id)).where(
        NumberMarkTable.e164 == row.e164, NumberMarkTable.mark == row.mark
    )
    return row if await session.scalar(newest) == row.id else None
