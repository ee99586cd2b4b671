"""Keep the ledger level with Asterisk's event log.

One loop: read a page after the cursor, and in one transaction store its rows, fold every touched call anew, let the
rooms above follow (recordings, duty log), move the cursor. Then publish. Killed anywhere, it goes on where it stood.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Change, Subject
from hotline.calls.cel import CelPage, CelRow, CelUnreadable, read_page, read_source
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.store import OWN_SOURCE, cursor_of, keep_page, last_row_of, open_calls, rows_of, save_call
from hotline.calls.story import SWITCH_LOST, tell
from hotline.database import Database

log = structlog.get_logger()

LOOK_EVERY: Final = 1.0  # seconds between looks when no bell rings: AMI may be away
REST_AFTER_TROUBLE: Final = 2.0
GATHER: Final = 0.1  # seconds between looks when the bell rings on and on: what came meanwhile is one page, not many

Follower = Callable[[AsyncSession, CallRecord], Awaitable[None]]


class Ledger:
    """Reads Asterisk's event log and keeps one row per call. `ring()` wakes it before its next look."""

    def __init__(self, *, cel_store: Path, database: Database, bus: Bus, followers: Sequence[Follower]) -> None:
        self._cel_store = cel_store
        self._database = database
        self._bus = bus
        self._followers = followers
        self._bell = asyncio.Event()
        self._living: tuple[set[str], datetime] | None = None
        self.trouble: str = ""  # why the ledger is behind; "" while it is level

    def ring(self) -> None:
        """Say that something happened at the switch."""
        self._bell.set()

    def lost(self, living: set[str], seen_at: datetime) -> None:
        """Say which calls the switch had when it was asked at `seen_at`; open ones it had not are ended."""
        self._living = (living, seen_at)
        self._bell.set()

    async def run(self) -> None:
        """Follow the log until cancelled. A log or database that cannot be reached is waited for, aloud."""
        while True:
            self._bell.clear()
            rest = LOOK_EVERY
            await asyncio.sleep(GATHER)
            try:
                await self.catch_up()
                if (seen := self._living) is not None:
                    await self._end_lost(*seen)
                    if self._living is seen:  # a newer snapshot, come meanwhile, is the next look's
                        self._living = None
                self._recovered()
            except (CelUnreadable, SQLAlchemyError, OSError) as wrong:
                self._stumbled(wrong)
                rest = REST_AFTER_TROUBLE
            try:
                async with asyncio.timeout(rest):
                    await self._bell.wait()
            except TimeoutError:
                pass

    async def catch_up(self) -> int:
        """Read all there is; return how many rows were new to us."""
        total = 0
        while True:
            source = await asyncio.to_thread(read_source, self._cel_store)
            async with self._database.read() as session:
                after = await cursor_of(session, source)
            page = await asyncio.to_thread(read_page, self._cel_store, after)
            if page.source != source or page.position == after:
                return total
            if page.unreadable:
                log.warning("rows of the event log made no sense and were passed over", rows=page.unreadable)
            await self._take(page)
            total += len(page.rows)

    async def _end_lost(self, living: set[str], seen_at: datetime) -> None:
        """End the open calls that the switch did not have.

        Asterisk writes no end for calls it died with; the row we write instead is folded like any other.
        """
        async with self._database.read() as session:
            gone = [
                await last_row_of(session, call.id)
                for call in await open_calls(session)
                if call.id not in living and call.ring_start is not None and call.ring_start < seen_at
            ]
            position = await cursor_of(session, OWN_SOURCE) + 1
        rows = tuple(_lost(row, position + offset) for offset, row in enumerate(gone) if row is not None)
        if rows:
            await self._take(CelPage(OWN_SOURCE, rows, rows[-1].position))
            log.warning("calls were lost with the switch", calls=len(rows))

    async def _take(self, page: CelPage) -> None:
        async with self._database.begin() as session:
            touched = await keep_page(session, page)
            for call_id in touched:
                call = fold(call_id, tell(await rows_of(session, call_id)))
                await save_call(session, call)
                for follow in self._followers:
                    await follow(session, call)
        for call_id in touched:
            self._bus.publish(Change(Subject.CALL, call_id))

    def _stumbled(self, wrong: Exception) -> None:
        # The text of a database error may carry the values of a row: its type is said, never its words.
        said = str(wrong) if isinstance(wrong, CelUnreadable) else type(wrong).__name__
        if said != self.trouble:
            log.error("the ledger is behind", reason=said)
        self.trouble = said

    def _recovered(self) -> None:
        if self.trouble:
            log.info("the ledger is level again")
        self.trouble = ""


def _lost(last: CelRow, position: int) -> CelRow:
    return replace(last, type=SWITCH_LOST, position=position, application="", data="", peer="", extra="")
