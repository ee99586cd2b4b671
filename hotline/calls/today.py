"""The calls of today, and those that go on, in memory: what figures are counted from without reading a day each time.

Comes after the ledger's commit. A change on the bus names a call, which is then read again and replaces what was
known of it: nothing is added up, so nothing can drift. What no change tells (a lost backlog, midnight) is read whole.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog

from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import calls_page, open_calls, records_of
from hotline.clock import Clock
from hotline.database import Database

log = structlog.get_logger()
BEFORE: Final = timedelta(hours=1)  # of the day before, for what looks back over midnight
WHOLE_EVERY: Final = timedelta(minutes=10)
AT_ONCE: Final = 100  # calls read in one step; others are served between two


class CallsOfToday:
    """The calls since midnight, an hour before it, and all that have not ended. Read them by `read`.

    While nothing follows the bus (`following`), everything is read each time.
    """

    def __init__(self, database: Database, bus: Bus, clock: Clock, midnight: Callable[[], datetime]) -> None:
        self._database, self._bus, self._clock, self._midnight = database, bus, clock, midnight
        self._calls: dict[str, CallRecord] = {}
        self._since: datetime | None = None  # None: nothing is known
        self._whole_at: datetime | None = None
        self._box: asyncio.Queue[Change] | None = None
        self._stale: set[str] = set()  # ids that were named since they were read
        self._reading = asyncio.Lock()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Follow the bus until the block ends."""
        with self._bus.listening() as box:
            self._box, self._since = box, None
            try:
                yield
            finally:
                self._box = None

    async def read(self) -> "Today":
        """Return the calls as the ledger has them now."""
        async with self._reading:
            now, midnight = self._clock.now(), self._midnight()
            self._hear()
            if self._box is None or self._whole_at is None or self._since != midnight - BEFORE:
                await self._read_whole(midnight, now)
            elif now - self._whole_at >= WHOLE_EVERY:
                await self._read_stale()
                known = dict(self._calls)
                await self._read_whole(midnight, now)
                self._compare(known)
            elif self._stale:
                await self._read_stale()
            calls = tuple(self._calls.values())
        return Today(calls, midnight)

    def _hear(self) -> None:
        while self._box is not None and not self._box.empty():
            change = self._box.get_nowait()
            if change.subject is Subject.CALL:
                self._stale.add(change.id)
            elif change.subject is Subject.RESYNC:
                self._since = None

    async def _read_stale(self) -> None:
        named = set(self._stale)
        async with self._database.read() as session:
            found = {call.id: call for call in await records_of(session, named)}
        for call_id in named:
            call = found.get(call_id)  # None: it became part of another call, which is told by itself
            if call is not None and self._belongs(call):
                self._calls[call_id] = call
            else:
                self._calls.pop(call_id, None)
        self._stale -= named

    async def _read_whole(self, midnight: datetime, now: datetime) -> None:
        self._since = None  # until all is read; a failure in between leaves it so
        self._stale.clear()  # whoever is named from here on is read again
        since, before = midnight - BEFORE, None
        async with self._database.read() as session:
            calls = {call.id: call for call in await open_calls(session)}
        while True:
            async with self._database.read() as session:
                found = await calls_page(session, since=since, before=before, limit=AT_ONCE)
            calls |= {call.id: call for call in found}
            if len(found) < AT_ONCE:
                break
            before = found[-1].id
        self._calls, self._since, self._whole_at = calls, since, now

    def _belongs(self, call: CallRecord) -> bool:
        if call.ring_start is None or self._since is None:
            return False
        return call.ring_start >= self._since or call.state is not CallState.ENDED

    def _compare(self, known: dict[str, CallRecord]) -> None:
        self._hear()  # what was named while we read may rightly differ
        differ = {
            call_id for call_id in known.keys() | self._calls.keys() if known.get(call_id) != self._calls.get(call_id)
        }
        if unsaid := differ - self._stale:
            log.error("calls changed and nobody said so", calls=len(unsaid))


class Today:
    """The calls at one moment."""

    def __init__(self, calls: tuple[CallRecord, ...], midnight: datetime) -> None:
        self._calls, self.midnight = calls, midnight

    @property
    def begun(self) -> list[CallRecord]:
        """The calls that began today."""
        return self.begun_since(self.midnight)

    def begun_since(self, since: datetime) -> list[CallRecord]:
        """Return the calls that began at this moment or after it; it lies an hour before midnight at the earliest."""
        return [call for call in self._calls if call.ring_start is not None and call.ring_start >= since]

    @property
    def going_on(self) -> list[CallRecord]:
        """The calls that have not ended, whenever they began."""
        return [call for call in self._calls if call.state is not CallState.ENDED]
