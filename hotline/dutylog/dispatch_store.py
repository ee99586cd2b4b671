"""The table of dispatches. Nothing is removed; who sent, accepted and ended each stands beside when."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Boolean, Index, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.dutylog.dispatch import (
    STILL_OPEN,
    Dispatch,
    DispatchDoubled,
    DispatchState,
    DispatchStep,
    DispatchUnknown,
    after,
)
from hotline.dutylog.tables_store import DutyEntryTable

OPEN_STATES = sorted(state.value for state in STILL_OPEN)


class DispatchTable(Base):
    """One dispatch. No foreign key: it outlives nothing, it goes with its entry, in whatever order that is done."""

    __tablename__ = "dispatch"
    __table_args__ = (Index("ix_dispatch_state_is_urgent_accept_by", "state", "is_urgent", "accept_by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[int] = mapped_column(index=True)
    department: Mapped[str] = mapped_column(String(INDEX_TEXT))
    note: Mapped[str] = mapped_column(Text)
    is_urgent: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(20))
    sent_at: Mapped[datetime]
    sent_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    accept_by: Mapped[datetime]
    complete_by: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    accepted_who: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    ended_who: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    result: Mapped[str] = mapped_column(Text, default="")


async def send_dispatch(
    session: AsyncSession,
    *,
    entry: int,
    department: str,
    note: str,
    is_urgent: bool,
    by: str,
    at: datetime,
    accept_by: datetime,
    complete_by: datetime | None,
) -> Dispatch:
    """Give the matter of this entry (its first version) to a department. Raises DispatchDoubled."""
    # Whoever sends locks the entry's row: of two clicks the second sees what the first one wrote.
    await session.scalar(select(DutyEntryTable.number).where(DutyEntryTable.number == entry).with_for_update())
    same = select(DispatchTable.id).where(
        DispatchTable.entry == entry, DispatchTable.department == department, DispatchTable.state.in_(OPEN_STATES)
    )
    if await session.scalar(same.limit(1)) is not None:
        raise DispatchDoubled("this department has the matter already")
    row = DispatchTable(
        entry=entry,
        department=department[:INDEX_TEXT],
        note=note,
        is_urgent=is_urgent,
        state=DispatchState.SENT,
        sent_at=at,
        sent_by=by[:INDEX_TEXT],
        accept_by=accept_by,
        complete_by=complete_by,
    )
    session.add(row)
    await session.flush()
    return _dispatch(row)


async def take_dispatch_step(
    session: AsyncSession, dispatch_id: int, step: DispatchStep, *, by: str, at: datetime, who: str = "", text: str = ""
) -> Dispatch:
    """Write what the department, or the desk, says of a dispatch. Raises DispatchUnknown, DispatchStepRefused."""
    row = await session.get(DispatchTable, dispatch_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise DispatchUnknown(f"there is no dispatch {dispatch_id}")
    row.state = after(DispatchState(row.state), step)
    if step is DispatchStep.ACCEPT:
        row.accepted_at, row.accepted_by, row.accepted_who = at, by[:INDEX_TEXT], who[:INDEX_TEXT]
    else:
        row.ended_at, row.ended_by, row.ended_who, row.result = at, by[:INDEX_TEXT], who[:INDEX_TEXT], text
    await session.flush()
    return _dispatch(row)


async def end_with_matter(
    session: AsyncSession, entry: int, *, is_handled: bool, by: str, at: datetime, text: str
) -> list[Dispatch]:
    """End what is still open of this entry (its first version) because its matter is over; return what was ended.

    `text`, what came of the matter, is the reason. What a department had accepted is completed where the matter was
    handled; what nobody had accepted, or was never owed, is withdrawn.
    """
    await session.scalar(select(DutyEntryTable.number).where(DutyEntryTable.number == entry).with_for_update())
    found = await session.execute(
        select(DispatchTable.id, DispatchTable.state)
        .where(DispatchTable.entry == entry, DispatchTable.state.in_(OPEN_STATES))
        .order_by(DispatchTable.id)
    )
    ended = []
    for one, state in found.tuples().all():
        is_done = is_handled and state == DispatchState.ACCEPTED.value
        step = DispatchStep.COMPLETE if is_done else DispatchStep.WITHDRAW
        ended.append(await take_dispatch_step(session, one, step, by=by, at=at, text=text))
    return ended


async def dispatches_of(session: AsyncSession, entries: Iterable[int]) -> dict[int, list[Dispatch]]:
    """Return the dispatches of these entries (first versions), oldest first."""
    found = await session.scalars(
        select(DispatchTable).where(DispatchTable.entry.in_(set(entries))).order_by(DispatchTable.id)
    )
    by: dict[int, list[Dispatch]] = {}
    for row in found:
        by.setdefault(row.entry, []).append(_dispatch(row))
    return by


async def open_dispatches(session: AsyncSession, *, after_id: int | None = None, limit: int = 50) -> list[Dispatch]:
    """Return what departments have not done yet, oldest first; `after_id` is the last one of the page before."""
    query = select(DispatchTable).where(DispatchTable.state.in_(OPEN_STATES))
    if after_id is not None:
        query = query.where(DispatchTable.id > after_id)
    found = await session.scalars(query.order_by(DispatchTable.id).limit(limit))
    return [_dispatch(row) for row in found]


def _dispatch(row: DispatchTable) -> Dispatch:
    return Dispatch(
        id=row.id,
        entry=row.entry,
        department=row.department,
        note=row.note,
        is_urgent=row.is_urgent,
        state=DispatchState(row.state),
        sent_at=row.sent_at,
        sent_by=row.sent_by,
        accept_by=row.accept_by,
        complete_by=row.complete_by,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        accepted_who=row.accepted_who,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        ended_who=row.ended_who,
        result=row.result,
    )
