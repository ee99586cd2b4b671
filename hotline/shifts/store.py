"""The tables of shifts and readings, and what is counted for a hand-over sheet."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, Date, String, Text, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT, CallTable
from hotline.database import Base
from hotline.dutylog.entry import EntryState, Kind
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.shifts.review import Review, ReviewKind
from hotline.shifts.shift import Sheet, Shift, ShiftState

THE_DESK: Final = 1
_SHEET: Final = TypeAdapter(Sheet)


class ShiftTable(Base):
    """One shift. `open_desk` is filled until it has ended and unique: one person has the desk."""

    __tablename__ = "shift"

    id: Mapped[int] = mapped_column(primary_key=True)
    open_desk: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(20))
    holder: Mapped[str] = mapped_column(String(INDEX_TEXT))
    began: Mapped[datetime]
    remarks: Mapped[str] = mapped_column(Text, default="")
    sheet: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    signed_out_at: Mapped[datetime | None]
    signed_out_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    successor: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    successor_remarks: Mapped[str] = mapped_column(Text, default="")
    ended: Mapped[datetime | None]


class ReviewTable(Base):
    """One signed reading of a day's complaints or a week's log. Rows are added, never changed."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("kind", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    entries: Mapped[int]
    opinion: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    signed_at: Mapped[datetime]


async def open_shift(session: AsyncSession, *, is_to_change: bool = False) -> Shift | None:
    """Return the shift that has not ended; `is_to_change` locks it until the transaction ends."""
    query = select(ShiftTable).where(ShiftTable.open_desk == THE_DESK)
    row = await session.scalar(query.with_for_update() if is_to_change else query)
    return None if row is None else _shift(row)


async def shift_by_id(session: AsyncSession, shift_id: int) -> Shift | None:
    """Return the shift, or None."""
    row = await session.get(ShiftTable, shift_id)
    return None if row is None else _shift(row)


async def shifts_page(session: AsyncSession, *, before: int | None = None, limit: int = 30) -> list[Shift]:
    """Return shifts, newest first; `before` is the id of the last one of the page before this one."""
    query = select(ShiftTable).order_by(ShiftTable.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ShiftTable.id < before)
    return [_shift(row) for row in await session.scalars(query)]


async def last_signed_out(session: AsyncSession, *, before: int) -> datetime | None:
    """Return when the sheet before this shift's was taken down, or None where it is the first."""
    query = select(ShiftTable.signed_out_at).where(ShiftTable.id < before).order_by(ShiftTable.id.desc()).limit(1)
    found: datetime | None = await session.scalar(query)
    return found


async def begin_shift(session: AsyncSession, *, holder: str, at: datetime) -> Shift:
    """Write that this person has the desk from now on; the database refuses a second open shift."""
    row = ShiftTable(open_desk=THE_DESK, state=ShiftState.RUNNING, holder=holder, began=at)
    session.add(row)
    await session.flush()
    return _shift(row)


async def save_shift(session: AsyncSession, shift: Shift) -> None:
    """Write what has become of a shift."""
    row = await session.get_one(ShiftTable, shift.id)
    row.open_desk = None if shift.state is ShiftState.ENDED else THE_DESK
    row.state, row.remarks = shift.state, shift.remarks
    row.sheet = None if shift.sheet is None else _SHEET.dump_python(shift.sheet, mode="json")
    row.signed_out_at, row.signed_out_by = shift.signed_out_at, shift.signed_out_by
    row.successor, row.successor_remarks, row.ended = shift.successor, shift.successor_remarks, shift.ended
    await session.flush()


async def pages_written(
    session: AsyncSession, since: datetime, until: datetime
) -> tuple[list[tuple[date, int]], dict[str, int]]:
    """Return the first and last page confirmed in this stretch (day, number), and how many entries of each kind."""
    confirmed = (
        DutyEntryTable.state == EntryState.CONFIRMED,
        DutyEntryTable.written_at >= since,
        DutyEntryTable.written_at < until,
    )
    pages = select(DutyEntryTable.day, DutyEntryTable.day_number).where(*confirmed).limit(1)
    ends = [
        (await session.execute(pages.order_by(order))).tuples().first()
        for order in (DutyEntryTable.chain_position, DutyEntryTable.chain_position.desc())
    ]
    counted = await session.execute(
        select(DutyEntryTable.kind, func.count()).where(*confirmed).group_by(DutyEntryTable.kind)
    )
    return [(end[0], end[1]) for end in ends if end is not None and end[0] is not None and end[1] is not None], dict(
        counted.tuples().all()
    )


async def count_calls(session: AsyncSession, since: datetime, until: datetime) -> int:
    """Return how many calls came from outside in this stretch."""
    query = select(func.count()).select_from(CallTable)
    query = query.where(CallTable.direction == "inbound", CallTable.ring_start >= since, CallTable.ring_start < until)
    return await session.scalar(query) or 0


async def count_drafts(session: AsyncSession, since: datetime, until: datetime) -> int:
    """Return how many entries of this stretch nobody has confirmed."""
    query = select(func.count()).select_from(DutyEntryTable)
    query = query.where(
        DutyEntryTable.state == EntryState.DRAFT, DutyEntryTable.written_at >= since, DutyEntryTable.written_at < until
    )
    return await session.scalar(query) or 0


async def complaint_days(session: AsyncSession, since: date) -> list[date]:
    """Return the days from `since` on with at least one confirmed complaint."""
    query = (
        select(DutyEntryTable.day)
        .where(DutyEntryTable.kind == Kind.COMPLAINT, DutyEntryTable.day >= since)
        .distinct()
        .order_by(DutyEntryTable.day)
    )
    return [day for day in await session.scalars(query) if day is not None]


async def first_day(session: AsyncSession) -> date | None:
    """Return the day of the log's first entry, or None where there is none."""
    return await session.scalar(select(func.min(DutyEntryTable.day)))


async def count_entries(session: AsyncSession, first: date, end: date, *, kind: Kind | None = None) -> int:
    """Return how many entries were confirmed from `first` to before `end`."""
    query = select(func.count()).select_from(DutyEntryTable)
    query = query.where(DutyEntryTable.day >= first, DutyEntryTable.day < end)
    return await session.scalar(query if kind is None else query.where(DutyEntryTable.kind == kind)) or 0


async def add_review(session: AsyncSession, review: Review) -> bool:
    """Write a signed reading; False where this day or week has one."""
    same = select(ReviewTable.id).where(ReviewTable.kind == review.kind, ReviewTable.day == review.day)
    if await session.scalar(same) is not None:
        return False
    session.add(
        ReviewTable(
            kind=review.kind,
            day=review.day,
            entries=review.entries,
            opinion=review.opinion,
            signed_by=review.signed_by,
            signed_at=review.signed_at,
        )
    )
    await session.flush()
    return True


async def reviews(session: AsyncSession, *, since: date, limit: int = 200) -> Sequence[Review]:
    """Return signed readings of days from `since` on, newest first."""
    query = select(ReviewTable).where(ReviewTable.day >= since).order_by(ReviewTable.id.desc()).limit(limit)
    return [
        Review(
            kind=ReviewKind(row.kind),
            day=row.day,
            entries=row.entries,
            opinion=row.opinion,
            signed_by=row.signed_by,
            signed_at=row.signed_at,
        )
        for row in await session.scalars(query)
    ]


def _shift(row: ShiftTable) -> Shift:
    return Shift(
        id=row.id,
        state=ShiftState(row.state),
        holder=row.holder,
        began=row.began,
        remarks=row.remarks,
        sheet=None if row.sheet is None else _SHEET.validate_python(row.sheet),
        signed_out_at=row.signed_out_at,
        signed_out_by=row.signed_out_by,
        successor=row.successor,
        successor_remarks=row.successor_remarks,
        ended=row.ended,
    )
