"""The duty log's entries: drafts drawn, entries confirmed and corrected, pages of them.

Entries are numbered without gaps; a confirmed entry is never changed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import insert_into
from hotline.dutylog.chain_store import append_to_chain, number_of_the_day, open_chain
from hotline.dutylog.draft import Draft
from hotline.dutylog.draft_store import judge_fields, keep_fields
from hotline.dutylog.entry import DutyEntry, EntryState, Kind, LogBook, Source
from hotline.dutylog.tables_store import DutyEntryMovedTable, DutyEntryTable, DutyPageTable, entry_of_row
from hotline.errors import HotlineError

DRAWN_BY_US = "hotline"
ONE_BOOK = LogBook()


class EntryUnknown(HotlineError):
    """There is no entry of that number in the duty log."""

    error_id = "entry-unknown"


class EntryConfirmed(HotlineError):
    """The call's entry is confirmed already; another word on it is a correction."""

    error_id = "entry-confirmed"


class EntryIsDraft(HotlineError):
    """A draft is not corrected, it is confirmed: it may still be redrawn."""

    error_id = "entry-is-draft"


class EntryCorrected(HotlineError):
    """The entry was corrected meanwhile; what is to be said is said of its correction, which the details name."""

    error_id = "entry-corrected"

    def __init__(self, number: int, by: int) -> None:
        super().__init__(f"entry {number} is corrected by entry {by}: correct that one")
        self.details = {"corrected_by": by}


async def keep_draft(session: AsyncSession, call_id: str, draft: Draft, at: datetime) -> int | None:
    """Write or redraw the call's draft; return its number, or None where it is confirmed or nothing changed."""
    row = await _draft_row(session, call_id)
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
        return row.number if await keep_fields(session, row.number, draft.fields) else None
    _write(row, draft)
    await session.flush()
    await keep_fields(session, row.number, draft.fields)
    return row.number


async def add_entry(
    session: AsyncSession,
    *,
    call_id: str | None,
    draft: Draft,
    written_by: str,
    at: datetime,
    corrects: int | None = None,
    source: Source | None = None,
    result: str = "",
    book: LogBook = ONE_BOOK,
) -> DutyEntry:
    """Write a confirmed entry: numbered in the centre's day, chained to the one before it.

    The same call's draft, where there is one, becomes it and keeps its number. Without a `source` an entry of no call
    is a walk-in's. Raises EntryConfirmed where the call has one already (a double click, a second tab).
    """
    row = None
    if call_id is not None and corrects is None:
        row = await _draft_row(session, call_id)
        if row is None and await _is_confirmed(session, call_id):
            raise EntryConfirmed("this call's entry is confirmed: write a correction beside it")
    # The order of locks is everywhere draft, page, chain, day: nobody waits for somebody who waits for them.
    number = await _next_number(session) if row is None else row.number
    chain = await open_chain(session, book)
    if corrects is not None and (newer := await _corrected_by(session, [corrects])):
        raise EntryCorrected(corrects, newer[corrects])
    day, day_number = await number_of_the_day(session, book, at)
    if row is not None:  # before a person's words stand where the draft stood
        await judge_fields(session, number, draft, at)
    with session.no_autoflush:  # one statement writes the whole entry: it is never half confirmed
        if row is None:
            row = DutyEntryTable(number=number, call_id=call_id)
            session.add(row)
        row.state, row.draft_of, row.corrects = EntryState.CONFIRMED, None, corrects
        row.source = source or (Source.CALL if call_id else Source.WALK_IN)
        _write(row, draft)
        row.result, row.written_at, row.written_by = result, at, written_by
        row.centre, row.day, row.day_number = book.centre, day, day_number
        append_to_chain(chain, row)
    await session.flush()
    return entry_of_row(row)


async def correct_entry(
    session: AsyncSession,
    number: int,
    *,
    draft: Draft,
    written_by: str,
    at: datetime,
    result: str = "",
    book: LogBook = ONE_BOOK,
) -> DutyEntry:
    """Write a correction beside an entry, which stays as it is; a correction is corrected in the same way.

    Raises EntryUnknown, EntryIsDraft, and EntryCorrected where somebody was quicker.
    """
    old = await session.get(DutyEntryTable, number)
    if old is None or old.state == EntryState.VOID:
        raise EntryUnknown(f"the duty log has no entry {number}")
    if old.state == EntryState.DRAFT:
        raise EntryIsDraft(f"entry {number} is a draft: confirm it instead")
    return await add_entry(
        session,
        call_id=old.call_id,
        draft=draft,
        written_by=written_by,
        at=at,
        corrects=number,
        source=Source(old.source),
        result=result,
        book=book,
    )


async def move_entries(session: AsyncSession, part: str, call_id: str) -> None:
    """Let what hangs on a call that turned out to be part of another one be found under that one; may run again.

    A draft moves, or is void where the other call has an entry already: its page keeps its number. What a person
    confirmed stays as it was written.
    """
    draft = await session.scalar(select(DutyEntryTable).where(DutyEntryTable.draft_of == part).with_for_update())
    if draft is not None:
        has_one = await session.scalar(select(DutyEntryTable.number).where(DutyEntryTable.draft_of == call_id).limit(1))
        is_void = has_one is not None or await _is_confirmed(session, call_id)
        draft.call_id, draft.draft_of = call_id, None if is_void else call_id
        draft.state = EntryState.VOID if is_void else EntryState.DRAFT
    moved = insert_into(session, DutyEntryMovedTable).values(from_call=part, to_call=call_id).on_conflict_do_nothing()
    await session.execute(moved)
    await session.execute(
        update(DutyEntryMovedTable).where(DutyEntryMovedTable.to_call == part).values(to_call=call_id)
    )
    await session.flush()


async def entries_page(session: AsyncSession, *, before: int | None = None, limit: int = 50) -> list[DutyEntry]:
    """Return entries, newest first; `before` is the last number of the page before this one."""
    query = select(DutyEntryTable).order_by(DutyEntryTable.number.desc()).limit(limit)
    if before is not None:
        query = query.where(DutyEntryTable.number < before)
    return await _entries(session, (await session.scalars(query)).all())


async def entries_between(
    session: AsyncSession, since: datetime, until: datetime, *, after: int = 0, limit: int = 500
) -> list[DutyEntry]:
    """Return what was confirmed from `since` to before `until`, in the order of the chain; `after` is a position."""
    query = (
        select(DutyEntryTable)
        .where(
            DutyEntryTable.chain_position > after, DutyEntryTable.written_at >= since, DutyEntryTable.written_at < until
        )
        .order_by(DutyEntryTable.chain_position)
        .limit(limit)
    )
    return await _entries(session, (await session.scalars(query)).all())


async def entries_of(session: AsyncSession, call_id: str) -> list[DutyEntry]:
    """Return the call's entries, oldest first."""
    return (await entries_of_calls(session, [call_id]))[call_id]


async def entries_of_calls(session: AsyncSession, call_ids: Collection[str]) -> dict[str, list[DutyEntry]]:
    """Return the entries of each of these calls, oldest first."""
    moved = select(DutyEntryMovedTable.from_call).where(DutyEntryMovedTable.to_call.in_(sorted(call_ids)))
    written_under = {*call_ids, *await session.scalars(moved)}  # an entry keeps the id it was written under
    query = select(DutyEntryTable).where(DutyEntryTable.call_id.in_(sorted(written_under)))
    rows = (await session.scalars(query.order_by(DutyEntryTable.number))).all()
    entries: dict[str, list[DutyEntry]] = {call: [] for call in call_ids}
    for row, entry in zip(rows, await _entries(session, rows), strict=True):
        for call in {row.call_id, entry.call_id} & entries.keys():
            entries[call or ""].append(entry)
    return entries


async def entry_by_number(session: AsyncSession, number: int) -> DutyEntry | None:
    """Return the entry, or None where there is none of that number."""
    row = await session.get(DutyEntryTable, number)
    return None if row is None else (await _entries(session, [row]))[0]


async def first_versions(session: AsyncSession, numbers: Iterable[int]) -> dict[int, int]:
    """Return for each entry the entry that it, by however many corrections, corrects; itself where it corrects none."""
    first = {number: number for number in numbers}
    while True:
        found = await session.execute(
            select(DutyEntryTable.number, DutyEntryTable.corrects).where(
                DutyEntryTable.number.in_(set(first.values())), DutyEntryTable.corrects.is_not(None)
            )
        )
        older = {number: corrects for number, corrects in found.tuples() if corrects is not None}
        if not older:
            return first
        first = {number: older.get(version, version) for number, version in first.items()}


async def newest_version(session: AsyncSession, number: int) -> DutyEntry | None:
    """Return how the entry stands now: its last correction, or itself; None where there is none of that number."""
    entry = await entry_by_number(session, number)
    while entry is not None and entry.corrected_by is not None:
        entry = await entry_by_number(session, entry.corrected_by)
    return entry


async def _names_of(session: AsyncSession, call_id: str) -> list[str]:
    """Return the call's id and those of the calls that turned out to be part of it."""
    moved = await session.scalars(select(DutyEntryMovedTable.from_call).where(DutyEntryMovedTable.to_call == call_id))
    return [call_id, *moved]


async def _is_confirmed(session: AsyncSession, call_id: str) -> bool:
    confirmed = select(DutyEntryTable.number).where(
        DutyEntryTable.call_id.in_(await _names_of(session, call_id)), DutyEntryTable.state == EntryState.CONFIRMED
    )
    return await session.scalar(confirmed.limit(1)) is not None


async def _draft_row(session: AsyncSession, call_id: str) -> DutyEntryTable | None:
    """Return the call's draft, locked before anything is asked: a person may be confirming it at this moment.

    Where there is none, the page is locked before that is believed: somebody may be writing the first one.
    """
    drafts = (
        select(DutyEntryTable)
        .where(DutyEntryTable.draft_of == call_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = await session.scalar(drafts)
    if row is None:
        await _page(session)
        row = await session.scalar(drafts)
    return row


async def _next_number(session: AsyncSession) -> int:
    page = await _page(session)
    page.last_number += 1
    await session.flush()
    return page.last_number


async def _page(session: AsyncSession) -> DutyPageTable:
    """Return the row with the number given last, locked until the transaction ends."""
    page = await session.get(DutyPageTable, 1, with_for_update=True, populate_existing=True)
    if page is None:
        last = await session.scalar(select(func.max(DutyEntryTable.number))) or 0
        fresh = {"id": 1, "last_number": last}
        await session.execute(insert_into(session, DutyPageTable).values(fresh).on_conflict_do_nothing())
        page = await session.get_one(DutyPageTable, 1, with_for_update=True, populate_existing=True)
    return page


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


def _write(row: DutyEntryTable, draft: Draft) -> None:
    row.kind, row.is_urgent, row.who, row.home = draft.kind, draft.is_urgent, draft.who, draft.home
    row.matter, row.promised, row.agent = draft.matter, draft.promised, draft.agent


async def _corrected_by(session: AsyncSession, numbers: Sequence[int]) -> dict[int, int]:
    """Return the newest correction of each of these entries that has one."""
    found = await session.execute(
        select(DutyEntryTable.corrects, func.max(DutyEntryTable.number))
        .where(DutyEntryTable.corrects.in_(numbers))
        .group_by(DutyEntryTable.corrects)
    )
    return {corrects: newest for corrects, newest in found.tuples() if corrects is not None}


async def _entries(session: AsyncSession, rows: Sequence[DutyEntryTable]) -> list[DutyEntry]:
    """Return the entries, each with its newest correction and the call under which it is found now."""
    by = await _corrected_by(session, [row.number for row in rows])
    calls = {row.call_id for row in rows if row.call_id}
    moved = await session.execute(
        select(DutyEntryMovedTable.from_call, DutyEntryMovedTable.to_call).where(
            DutyEntryMovedTable.from_call.in_(calls)
        )
    )
    now = dict(moved.tuples().all())
    return [
        replace(entry_of_row(row), corrected_by=by.get(row.number), call_id=now.get(row.call_id or "", row.call_id))
        for row in rows
    ]
