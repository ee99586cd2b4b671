"""The duty log's table and queries. Entries are numbered without gaps; a confirmed entry is never changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import DutyEntry, EntryState, Kind
from hotline.errors import HotlineError

DRAWN_BY_US = "hotline"


class EntryUnknown(HotlineError):
    """There is no entry of that number in the duty log."""

    error_id = "entry-unknown"


class EntryConfirmed(HotlineError):
    """The call's entry is confirmed already; another word on it is a correction."""

    error_id = "entry-confirmed"


class EntryIsDraft(HotlineError):
    """A draft is not corrected, it is confirmed: it may still be redrawn."""

    error_id = "entry-is-draft"


class DutyPageTable(Base):
    """The number given last: one row, locked while a number is given: none is missing, none is double."""

    __tablename__ = "duty_page"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class DutyEntryTable(Base):
    """One entry. `draft_of` is the call while this is its draft, and empty from confirmation on."""

    __tablename__ = "duty_entry"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str | None] = mapped_column(String(INDEX_TEXT), index=True)
    draft_of: Mapped[str | None] = mapped_column(String(INDEX_TEXT), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    is_urgent: Mapped[bool] = mapped_column(Boolean)
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    home: Mapped[str] = mapped_column(String(INDEX_TEXT))
    matter: Mapped[str] = mapped_column(Text)
    promised: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(String(INDEX_TEXT))
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    corrects: Mapped[int | None] = mapped_column(ForeignKey("duty_entry.number"))


async def keep_draft(session: AsyncSession, call_id: str, draft: Draft, at: datetime) -> int | None:
    """Write or redraw the call's draft; return its number, or None where it is confirmed or nothing changed."""
    # The draft is locked before anything is asked: a person may be confirming it at this moment.
    row = await session.scalar(select(DutyEntryTable).where(DutyEntryTable.draft_of == call_id).with_for_update())
    if row is None and await _is_confirmed(session, call_id):
        return None
    if row is None:
        row = DutyEntryTable(
            number=await _next_number(session),
            state=EntryState.DRAFT,
            call_id=call_id,
            draft_of=call_id,
            written_at=at,
            written_by=DRAWN_BY_US,
        )
        session.add(row)
    elif _draft(row) == draft:
        return None
    row.kind, row.is_urgent, row.who, row.home = draft.kind, draft.is_urgent, draft.who, draft.home
    row.matter, row.promised, row.agent = draft.matter, draft.promised, draft.agent
    await session.flush()
    return row.number


async def add_entry(
    session: AsyncSession,
    *,
    call_id: str | None,
    draft: Draft,
    written_by: str,
    at: datetime,
    corrects: int | None = None,
) -> DutyEntry:
    """Write a confirmed entry. The same call's draft, where there is one, becomes it and keeps its number.

    Raises EntryConfirmed where the call has one already (a double click, a second tab).
    """
    row = None
    if call_id is not None and corrects is None:
        row = await session.scalar(select(DutyEntryTable).where(DutyEntryTable.draft_of == call_id).with_for_update())
        if row is None and await _is_confirmed(session, call_id):
            raise EntryConfirmed("this call's entry is confirmed: write a correction beside it")
    if row is None:
        row = DutyEntryTable(number=await _next_number(session), call_id=call_id)
        session.add(row)
    row.state, row.draft_of, row.corrects = EntryState.CONFIRMED, None, corrects
    row.kind, row.is_urgent, row.who, row.home = draft.kind, draft.is_urgent, draft.who, draft.home
    row.matter, row.promised, row.agent = draft.matter, draft.promised, draft.agent
    row.written_at, row.written_by = at, written_by
    await session.flush()
    return _entry(row)


async def correct_entry(
    session: AsyncSession, number: int, *, draft: Draft, written_by: str, at: datetime
) -> DutyEntry:
    """Write a correction beside an entry, which stays as it is. Raises EntryUnknown, EntryIsDraft."""
    old = await session.get(DutyEntryTable, number)
    if old is None:
        raise EntryUnknown(f"the duty log has no entry {number}")
    if old.state == EntryState.DRAFT:
        raise EntryIsDraft(f"entry {number} is a draft: confirm it instead")
    return await add_entry(session, call_id=old.call_id, draft=draft, written_by=written_by, at=at, corrects=number)


async def entries_page(session: AsyncSession, *, before: int | None = None, limit: int = 50) -> list[DutyEntry]:
    """Return entries, newest first; `before` is the last number of the page before this one."""
    query = select(DutyEntryTable).order_by(DutyEntryTable.number.desc()).limit(limit)
    if before is not None:
        query = query.where(DutyEntryTable.number < before)
    return await _entries(session, (await session.scalars(query)).all())


async def entries_of(session: AsyncSession, call_id: str) -> list[DutyEntry]:
    """Return the call's entries, oldest first."""
    query = select(DutyEntryTable).where(DutyEntryTable.call_id == call_id).order_by(DutyEntryTable.number)
    return await _entries(session, (await session.scalars(query)).all())


async def entry_by_number(session: AsyncSession, number: int) -> DutyEntry | None:
    """Return the entry, or None where there is none of that number."""
    row = await session.get(DutyEntryTable, number)
    return None if row is None else (await _entries(session, [row]))[0]


async def _is_confirmed(session: AsyncSession, call_id: str) -> bool:
    confirmed = select(DutyEntryTable.number).where(
        DutyEntryTable.call_id == call_id, DutyEntryTable.state == EntryState.CONFIRMED
    )
    return await session.scalar(confirmed.limit(1)) is not None


async def _next_number(session: AsyncSession) -> int:
    page = await session.get(DutyPageTable, 1, with_for_update=True)
    if page is None:
        last = await session.scalar(select(func.max(DutyEntryTable.number))) or 0
        page = DutyPageTable(id=1, last_number=last)
        session.add(page)
    page.last_number += 1
    await session.flush()
    return page.last_number


def _draft(row: DutyEntryTable) -> Draft:
    return Draft(
        kind=Kind(row.kind),
        is_urgent=row.is_urgent,
        who=row.who,
        home=row.home,
        matter=row.matter,
        promised=row.promised,
        agent=row.agent,
    )


async def _entries(session: AsyncSession, rows: Sequence[DutyEntryTable]) -> list[DutyEntry]:
    """Return the entries, each with the number of its newest correction."""
    corrected = await session.execute(
        select(DutyEntryTable.corrects, func.max(DutyEntryTable.number))
        .where(DutyEntryTable.corrects.in_([row.number for row in rows]))
        .group_by(DutyEntryTable.corrects)
    )
    by = dict(corrected.tuples().all())
    return [replace(_entry(row), corrected_by=by.get(row.number)) for row in rows]


def _entry(row: DutyEntryTable) -> DutyEntry:
    return DutyEntry(
        number=row.number,
        state=EntryState(row.state),
        call_id=row.call_id,
        kind=Kind(row.kind),
        is_urgent=row.is_urgent,
        who=row.who,
        home=row.home,
        matter=row.matter,
        promised=row.promised,
        agent=row.agent,
        written_at=row.written_at,
        written_by=row.written_by,
        corrects=row.corrects,
    )
