"""The tables behind the numbers of the day and the chain, and the walk along it.

Both are given in the transaction that confirms an entry, under the lock of the chain's one row: no number is missing,
none is double, and nobody is chained to an entry that was given up.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import takewhile

from sqlalchemy import Date, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, Database, insert_into
from hotline.dutylog.chain import Fault, Finding, Head, chain_hash, walk
from hotline.dutylog.draft_store import remove_fields
from hotline.dutylog.entry import DutyEntry, EntryState, LogBook, Source
from hotline.dutylog.tables_store import DutyEntryTable, entry_of_row

PAGE_READ = 1000
THE_CHAIN = 1


class DutyChainTable(Base):
    """The chain's end, one row. What is too old goes from its beginning: `begins_…` is the last that went."""

    __tablename__ = "duty_chain"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    begins_position: Mapped[int]
    begins_hash: Mapped[str] = mapped_column(String(64))


class DutyDayTable(Base):
    """The number given last on one day of one centre."""

    __tablename__ = "duty_day"

    centre: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    last_number: Mapped[int]


async def open_chain(session: AsyncSession, book: LogBook) -> DutyChainTable:
    """Return the chain's end, locked until the transaction ends. Entries from before there was a chain go in first."""
    row = await locked_chain(session)
    if row.position == 0:
        await _chain_old_entries(session, row, book)
    return row


async def number_of_the_day(session: AsyncSession, book: LogBook, at: datetime) -> tuple[date, int]:
    """Return the centre's day of this moment and the next number of it. The chain is locked by whoever asks."""
    day = book.day_of(at)
    fresh = {"centre": book.centre, "day": day, "last_number": 0}
    await session.execute(insert_into(session, DutyDayTable).values(fresh).on_conflict_do_nothing())
    row = await session.get_one(DutyDayTable, (book.centre, day), with_for_update=True, populate_existing=True)
    row.last_number += 1
    await session.flush()
    return day, row.last_number


async def head_of_chain(session: AsyncSession) -> Head:
    """Return the end of the chain, as it is printed on paper."""
    row = await session.get(DutyChainTable, THE_CHAIN, populate_existing=True)
    return Head() if row is None else Head(row.position, row.hash)


async def verify_chain(database: Database, *, printed: str = "") -> Head | Finding:
    """Walk along the whole chain, in pages; return its head, or the first thing that is wrong.

    `printed` is a head that somebody has on paper: the chain must have passed through it.
    """
    async with database.read() as session:
        kept = await session.get(DutyChainTable, THE_CHAIN)
        head = Head(kept.begins_position, kept.begins_hash) if kept else Head()
        end = Head(kept.position, kept.hash) if kept else Head()
        is_printed = printed in {"", head.hash}
        async for entry in _chained(session, head.position):
            gone = walk(head, entry) if entry else Finding(fault=Fault.ALTERED, position=head.position + 1)
            if isinstance(gone, Finding):
                return await _named(session, entry, gone)
            head = gone
            is_printed = is_printed or head.hash == printed
        if head.position < end.position:
            return Finding(fault=Fault.MISSING, position=head.position + 1)
        if head != end or not is_printed:
            return Finding(fault=Fault.REWRITTEN, position=head.position)
        return await _outside(session) or head


async def nothing_owed(_session: AsyncSession, _numbers: list[int]) -> set[int]:
    """Say that no entry's matter is owed any longer."""
    return set()


async def remove_oldest(
    session: AsyncSession,
    before: datetime,
    *,
    limit: int = 500,
    still_owed: Callable[[AsyncSession, list[int]], Awaitable[set[int]]] = nothing_owed,
) -> list[DutyEntry]:
    """Remove entries confirmed before this moment from the chain's beginning, and return them, oldest first.

    The chain then begins behind the last of them; what is not at its beginning stays until it is, and so does all
    behind an entry that `still_owed` names. Whoever calls this keeps the proof of removal.
    """
    chain = await locked_chain(session)
    rows = await session.scalars(
        select(DutyEntryTable)
        .where(DutyEntryTable.chain_position > chain.begins_position)
        .order_by(DutyEntryTable.chain_position)
        .limit(limit)
    )
    old = list(takewhile(lambda entry: entry.written_at < before, map(entry_of_row, rows)))
    stays = await still_owed(session, [entry.number for entry in old]) if old else set()
    gone = list(takewhile(lambda entry: entry.number not in stays, old))
    if gone:
        chain.begins_position, chain.begins_hash = gone[-1].chain_position or 0, gone[-1].chain_hash
        await session.flush()  # the database lets go only what stands before the beginning
        await session.execute(
            delete(DutyEntryTable)
            .where(DutyEntryTable.chain_position <= chain.begins_position)
            .execution_options(synchronize_session=False)
        )
        await remove_fields(session, [entry.number for entry in gone])
    return gone


async def locked_chain(session: AsyncSession) -> DutyChainTable:
    """Return the chain's row: until this transaction ends nobody else confirms or corrects an entry."""
    nothing = Head()
    fresh = {
        "id": THE_CHAIN, "position": nothing.position, "hash": nothing.hash,
        "begins_position": nothing.position, "begins_hash": nothing.hash,
    }  # fmt: skip
    await session.execute(insert_into(session, DutyChainTable).values(fresh).on_conflict_do_nothing())
    return await session.get_one(DutyChainTable, THE_CHAIN, with_for_update=True, populate_existing=True)


async def _chain_old_entries(session: AsyncSession, chain: DutyChainTable, book: LogBook) -> None:
    """Chain what was confirmed before there was a chain, oldest first; once, because then the chain has a beginning."""
    while True:
        rows = await session.scalars(
            select(DutyEntryTable)
            .where(DutyEntryTable.state == EntryState.CONFIRMED, DutyEntryTable.chain_position.is_(None))
            .order_by(DutyEntryTable.written_at, DutyEntryTable.number)
            .limit(PAGE_READ)
        )
        found = rows.all()
        if not found:
            return
        for row in found:
            day, day_number = await number_of_the_day(session, book, row.written_at)
            row.centre, row.day, row.day_number = book.centre, day, day_number
            row.source = Source.CALL if row.call_id else Source.WALK_IN
            append_to_chain(chain, row)
        await session.flush()


def append_to_chain(chain: DutyChainTable, row: DutyEntryTable) -> None:
    """Give a row whose every other field stands its place behind the end, and move the end."""
    row.chain_hash = chain_hash(chain.hash, entry_of_row(row))
    row.chain_position = chain.position + 1
    chain.position, chain.hash = row.chain_position, row.chain_hash


async def _chained(session: AsyncSession, after: int) -> AsyncIterator[DutyEntry | None]:
    """Yield the chain's entries in order; None for a row that cannot be read as one, or is open to be redrawn."""
    limit = PAGE_READ
    while True:
        query = (
            select(DutyEntryTable)
            .where(DutyEntryTable.chain_position > after)
            .order_by(DutyEntryTable.chain_position)
            .limit(limit)
        )
        try:
            rows = (await session.scalars(query)).all()
            entries = [entry_of_row(row) if row.draft_of is None else None for row in rows]
        except (ValueError, TypeError, LookupError):  # what stands in a column is nothing that we wrote
            if limit == 1:
                yield None
                return
            limit = 1  # one by one, up to the row that it is
            continue
        for entry in entries:
            yield entry
        if len(rows) < limit:
            return
        after = rows[-1].chain_position or 0
        session.expunge_all()  # two years of entries do not stay in memory


async def _named(session: AsyncSession, entry: DutyEntry | None, wrong: Finding) -> Finding:
    """Return the finding; an entry that is intact, but behind another one than it stands behind, is out of order."""
    if entry is None or wrong.fault is not Fault.ALTERED:
        return wrong
    hashes = await session.stream_scalars(select(DutyEntryTable.chain_hash).where(DutyEntryTable.chain_hash != ""))
    async for before in hashes:
        if chain_hash(before, entry) == entry.chain_hash:
            return replace(wrong, fault=Fault.OUT_OF_ORDER)
    return wrong


async def _outside(session: AsyncSession) -> Finding | None:
    """Return an entry that says it is confirmed and has no place in the chain."""
    number = await session.scalar(
        select(DutyEntryTable.number)
        .where(DutyEntryTable.state == EntryState.CONFIRMED, DutyEntryTable.chain_position.is_(None))
        .order_by(DutyEntryTable.number)
        .limit(1)
    )
    return None if number is None else Finding(fault=Fault.OUTSIDE, position=None, number=number)
