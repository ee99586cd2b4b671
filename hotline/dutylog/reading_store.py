"""Entries with what hangs on them: what is owed, and what departments were given. Nothing is changed here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import CallTable
from hotline.dutylog.dispatch import Dispatch
from hotline.dutylog.dispatch_store import dispatches_of
from hotline.dutylog.draft_fields import Drafted
from hotline.dutylog.draft_store import fields_of
from hotline.dutylog.entry import DutyEntry, EntryState, page_name
from hotline.dutylog.matters_store import matters_of
from hotline.dutylog.store import first_versions
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.followups.follow_up import FollowUp


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeEntry:
    """An entry, what is owed for its matter, and its dispatches; the last two hang on the newest version alone."""

    entry: DutyEntry
    matter: FollowUp | None = None
    dispatches: tuple[Dispatch, ...] = ()
    happened_at: datetime | None = None  # when its call rang; None: no call, and only the writing has a time
    drafted: tuple[Drafted, ...] = ()  # what a draft rests on; nothing once it is confirmed


async def in_full(session: AsyncSession, entries: Sequence[DutyEntry]) -> list[WholeEntry]:
    """Return these entries with what hangs on them; an entry that was corrected leaves that to its correction."""
    newest = [entry.number for entry in entries if entry.chain_position and entry.corrected_by is None]
    first = await first_versions(session, newest)
    matters, dispatches = await matters_of(session, first.values()), await dispatches_of(session, first.values())
    rang = await happened_at(session, entries)
    drafted = await fields_of(session, [entry.number for entry in entries if entry.state is EntryState.DRAFT])
    return [
        WholeEntry(
            entry=entry,
            matter=matters.get(first.get(entry.number, 0)),
            dispatches=tuple(dispatches.get(first.get(entry.number, 0), ())),
            happened_at=rang.get(entry.number),
            drafted=drafted.get(entry.number, ()),
        )
        for entry in entries
    ]


async def pages_of(session: AsyncSession, numbers: Iterable[int]) -> dict[int | None, str]:
    """Return the page (20261122-007) of each of these entries."""
    wanted = select(DutyEntryTable.number, DutyEntryTable.day, DutyEntryTable.day_number)
    found = await session.execute(wanted.where(DutyEntryTable.number.in_(set(numbers))))
    return {number: page_name(day, place) for number, day, place in found.tuples()}


async def happened_at(session: AsyncSession, entries: Sequence[DutyEntry]) -> dict[int, datetime]:
    """Return when the call of each entry rang: an entry is confirmed minutes, sometimes days, after it."""
    calls = {entry.call_id for entry in entries if entry.call_id}
    if not calls:
        return {}
    began = func.coalesce(CallTable.ring_start, CallTable.ended_at)
    found = await session.execute(select(CallTable.id, began).where(CallTable.id.in_(calls)))
    at = {call: moment for call, moment in found.tuples() if moment is not None}
    return {entry.number: at[entry.call_id] for entry in entries if entry.call_id in at}
