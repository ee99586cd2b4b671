"""Derive every call again from the stored rows of the event log, page by page, and say where the ledger differs.

A page is read in one moment, so a ledger that goes on meanwhile is no difference. `rebuild` writes what was derived.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.cel import CelRow, read_page
from hotline.calls.family import join, links
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.rows_store import cursor_of, families_of, linkedids_page, rows_between, rows_of_calls, write_families
from hotline.calls.store import calls_of_ids, calls_without_rows, differences_of, mark_unfollowed, save_call
from hotline.calls.story import tell
from hotline.database import Database

CALLS: Final = 200  # a page
ROWS: Final = 1000
# Fields that hold somebody's number or name: that they differ is said, never how.
PERSONAL: Final = frozenset({"caller_number", "caller_name", "dialled", "transfers", "talks"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one call in which the ledger is not what its rows tell; `what` may also be family or row."""

    call_id: str
    what: str
    stored: object
    derived: object

    def __str__(self) -> str:
        if self.what in PERSONAL:
            return f"{self.call_id}: {self.what} differs"
        return f"{self.call_id}: {self.what} is {self.stored!r}, its rows tell {self.derived!r}"


@dataclass
class Progress:
    """How many calls and rows were looked at."""

    calls: int = 0
    rows: int = 0


async def check_calls(database: Database, progress: Progress, *, short_abandon: timedelta) -> AsyncIterator[Difference]:
    """Yield every difference between the ledger and the stored rows."""
    after = ""
    while True:
        async with database.read() as session:
            page = await linkedids_page(session, after=after, limit=CALLS)
            ids, last = [one for one, call in page.items() if one == call], max(page, default=after)
            told = await rows_of_calls(session, ids)
            for call_id in ids:
                progress.calls += 1
                progress.rows += len(told[call_id])
                for found in await _differences(session, call_id, told[call_id], short_abandon):
                    yield found
            lost = await calls_without_rows(session, after=after, until=last if len(page) == CALLS else None)
            parts = await calls_of_ids(session, [one for one, call in page.items() if one != call])
        for call_id in (*lost, *parts):
            yield Difference(call_id, "call", "a call of its own", page.get(call_id, "none"))
        if len(page) < CALLS:
            return
        after = last


async def rebuild_calls(database: Database, progress: Progress, *, short_abandon: timedelta) -> int:
    """Write every call as its rows tell it; return how many were not so. The running service follows them anew.

    Families come first: a call that is part of another is taken in by the service, with all that hangs on it.
    """
    changed, after = 0, ""
    while True:
        async with database.begin() as session:
            page = await linkedids_page(session, after=after, limit=CALLS)
            for rows in (await rows_of_calls(session, list(page))).values():
                if await _strangers(session, rows):
                    await write_families(session, rows)
            now = {**page, **await families_of(session, page)}
            ids = sorted(set(now.values()))
            told = await rows_of_calls(session, ids)
            for call_id in ids:
                progress.calls += 1
                progress.rows += len(told[call_id])
                if told[call_id] and await save_call(session, _derived(call_id, told[call_id], short_abandon)):
                    await mark_unfollowed(session, call_id)
                    changed += 1
        if len(page) < CALLS:
            return changed
        after = max(page)


async def check_log(database: Database, log: Path, progress: Progress) -> AsyncIterator[Difference]:
    """Yield every row of Asterisk's own file, up to where it was read, that is not stored as it stands there.

    Raises CelUnreadable.
    """
    after = 0
    while True:
        page = await asyncio.to_thread(read_page, log, after, limit=ROWS)
        if page.position == after:
            return
        async with database.read() as session:
            read_to = await cursor_of(session, page.source)
            stored = {row.position: row for row in await rows_between(session, page.source, after, page.position)}
        for row in page.rows:
            if row.position <= read_to:
                progress.rows += 1
                if stored.get(row.position) != row:
                    kept = "missing" if row.position not in stored else "otherwise"
                    yield Difference(row.linkedid, f"row {row.position}", kept, "in the switch's own log")
        after = page.position


async def _differences(
    session: AsyncSession, call_id: str, rows: list[CelRow], short_abandon: timedelta
) -> list[Difference]:
    found = [Difference(call_id, "family", one, "another call") for one in await _strangers(session, rows)]
    values: dict[str, tuple[Any, Any]] = await differences_of(session, _derived(call_id, rows, short_abandon))
    return found + [Difference(call_id, name, stored, derived) for name, (stored, derived) in values.items()]


async def _strangers(session: AsyncSession, rows: list[CelRow]) -> list[str]:
    """Return the ids that these rows join, and the stored families do not."""
    seen = list(links(rows))
    stored = await families_of(session, {name for pair in seen for name in pair})
    if not stored:
        return []  # from before there were families
    derived = join(seen, {})
    return sorted(one for one, call in derived.items() if stored.get(one, "") != call)


def _derived(call_id: str, rows: list[CelRow], short_abandon: timedelta) -> CallRecord:
    return fold(call_id, tell(rows), short_abandon=short_abandon)
