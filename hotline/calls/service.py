"""Keep the ledger level with Asterisk's event log.

One loop: read a page after the cursor, and in one transaction store its rows, fold every touched call anew, let the
rooms above follow (recordings, duty log), move the cursor. Then publish. Killed anywhere, it goes on where it stood.
A room that fails on one call holds no other up: the call is marked, said, and followed again every few seconds.
"""

import asyncio
import json
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Change, Subject
from hotline.calls.cel import CelPage, CelRow, CelUnreadable, read_page, read_source
from hotline.calls.ledger import SHORT_ABANDON, CallRecord, fold
from hotline.calls.rows_store import OWN_SOURCE, cursor_of, keep_page, last_row_of, rows_of_calls
from hotline.calls.said import SWITCH_LOST
from hotline.calls.store import (
    calls_at_hand,
    calls_joined_to,
    count_unfollowed,
    drop_joined_call,
    mark_unfollowed,
    open_calls,
    save_call,
    unfollowed_calls,
)
from hotline.calls.story import HOLD, MARKED, UNHOLD, tell
from hotline.database import Database
from hotline.errors import HotlineError

log = structlog.get_logger()

LOOK_EVERY: Final = 1.0  # seconds between looks when no bell rings: AMI may be away
REST_AFTER_TROUBLE: Final = 2.0
SWEEP_EVERY: Final = 10.0  # seconds between tries of calls that a room above could not take up
SWEEP_AT_MOST: Final = 50
GATHER: Final = 0.1  # seconds between looks when the bell rings on and on: what came meanwhile is one page, not many
LONGEST_GATHER: Final = 1.0
REST: Final = 3.0  # times what the last look took: the switch of a busy machine comes before its page

MARKED_WITHIN: Final = 5.0  # seconds for a mark of people's to be written
MOST_HOLDS: Final = 1_000  # not yet written; a database that is away for long costs the oldest of them

Follower = Callable[[AsyncSession, CallRecord], Awaitable[None]]
Absorber = Callable[[AsyncSession, str, str], Awaitable[None]]
"""(session, young, old): the call `young` turned out to be part of `old`; what hangs on it moves or is withdrawn."""


class Ledger:
    """Reads Asterisk's event log and keeps one row per call. `ring()` wakes it before its next look.

    Each follower is shown a call; each absorber is told when one call turned out to be part of an older one.
    """

    def __init__(
        self,
        *,
        cel_store: Path,
        database: Database,
        bus: Bus,
        followers: Sequence[Follower],
        absorbers: Sequence[Absorber] = (),
        short_abandon: timedelta = SHORT_ABANDON,
    ) -> None:
        self._cel_store = cel_store
        self._database = database
        self._bus = bus
        self._followers = followers
        self._absorbers = absorbers
        self._short_abandon = short_abandon
        self._holds: deque[CelRow] = deque(maxlen=MOST_HOLDS)
        self._bell, self._wrote = asyncio.Event(), asyncio.Event()
        self._living: tuple[set[str], datetime] | None = None
        self._behind = ""
        self._unfollowed = 0
        self._sweep_due = 0.0  # by the loop's clock: the first look sweeps what an earlier life left
        self._swept_up_to = ""

    @property
    def trouble(self) -> str:
        """Why the ledger is behind, or how many calls a room above could not take up; "" while all is level."""
        if self._behind or not self._unfollowed:
            return self._behind
        return f"{self._unfollowed} call{'s' if self._unfollowed > 1 else ''} not followed"

    @property
    def is_level(self) -> bool:
        """Whether the event log could be read to its end at the last look."""
        return not self._behind

    def ring(self) -> None:
        """Say that something happened at the switch."""
        self._bell.set()

    def lost(self, living: set[str], seen_at: datetime) -> None:
        """Say which calls the switch had when it was asked at `seen_at`; open ones it had not are ended."""
        self._living = (living, seen_at)
        self._bell.set()

    def held(self, *, channel: str, uniqueid: str, linkedid: str, at: datetime, is_over: bool) -> None:
        """Say that a phone put its other side on hold, or took it back: AMI alone tells this."""
        self._holds.append(
            CelRow(
                position=0,
                type=UNHOLD if is_over else HOLD,
                at=at,
                linkedid=linkedid,
                uniqueid=uniqueid,
                channel=channel,
            )
        )
        self._bell.set()

    async def mark_emergency(self, call_id: str, by: str, at: datetime) -> None:
        """Write down that people say a call is an emergency: a row of our own, folded like any other.

        Raises TimeoutError where it could not be written yet; it is tried on.
        """
        said = json.dumps({"extra": by})
        row = CelRow(position=0, type=MARKED, at=at, linkedid=call_id, uniqueid=call_id, channel="", extra=said)
        self._holds.append(row)
        self._bell.set()
        async with asyncio.timeout(MARKED_WITHIN):
            while row in self._holds:
                self._wrote.clear()
                await self._wrote.wait()

    async def run(self) -> None:
        """Follow the log until cancelled. A log or database that cannot be reached is waited for, aloud."""
        took = 0.0
        while True:
            self._bell.clear()
            rest = LOOK_EVERY
            await asyncio.sleep(min(max(GATHER, REST * took), LONGEST_GATHER))
            began = asyncio.get_running_loop().time()
            try:
                await self.catch_up()
                took = asyncio.get_running_loop().time() - began
                await self._write_holds()
                if (seen := self._living) is not None:
                    await self._end_lost(*seen)
                    if self._living is seen:  # a newer snapshot, come meanwhile, is the next look's
                        self._living = None
                if asyncio.get_running_loop().time() >= self._sweep_due:
                    await self._sweep()
                    self._sweep_due = asyncio.get_running_loop().time() + SWEEP_EVERY
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

    async def _write_holds(self) -> None:
        """Write down what AMI told of holds, as rows of our own: folding stays the one way to a call."""
        told = list(self._holds)
        if not told:
            return
        async with self._database.read() as session:
            position = await cursor_of(session, OWN_SOURCE) + 1
        rows = tuple(replace(row, position=position + offset) for offset, row in enumerate(told))
        await self._take(CelPage(OWN_SOURCE, rows, rows[-1].position))
        for row in told:
            if self._holds and self._holds[0] is row:
                self._holds.popleft()
        self._wrote.set()

    async def _end_lost(self, living: set[str], seen_at: datetime) -> None:
        """End the open calls that the switch did not have.

        Asterisk writes no end for calls it died with; the row we write instead is folded like any other.
        """
        async with self._database.read() as session:
            gone = [
                (call.id, await last_row_of(session, call.id))
                for call in await open_calls(session)
                if call.id not in living and call.ring_start is not None and call.ring_start < seen_at
            ]
            position = await cursor_of(session, OWN_SOURCE) + 1
        rows = tuple(_lost(row, id_, position + offset) for offset, (id_, row) in enumerate(gone) if row is not None)
        if rows:
            await self._take(CelPage(OWN_SOURCE, rows, rows[-1].position))
            log.warning("calls were lost with the switch", calls=len(rows))

    async def _take(self, page: CelPage) -> None:
        async with self._database.begin() as session:
            kept = await keep_page(session, page)
            rows = await rows_of_calls(session, kept.calls)
            _held = await calls_at_hand(session, kept.calls)
            grown = set(kept.joined.values())
            unfollowed = [
                call_id
                for call_id in kept.calls
                if not await self._tell(session, call_id, rows[call_id], has_grown=call_id in grown)
            ]
            if unfollowed or self._unfollowed:
                self._unfollowed = await count_unfollowed(session)
        for call_id in (*kept.joined, *kept.calls):
            self._bus.publish(Change(Subject.CALL, call_id))

    async def _sweep(self) -> None:
        """Try again with calls that were not followed, a few at a time, in turn: some may never be."""
        async with self._database.read() as session:
            waiting = await unfollowed_calls(session, after=self._swept_up_to, limit=SWEEP_AT_MOST)
        self._swept_up_to = waiting[-1] if len(waiting) == SWEEP_AT_MOST else ""
        for call_id in waiting:
            async with self._database.begin() as session:
                rows = await rows_of_calls(session, [call_id])
                is_followed = await self._tell(session, call_id, rows[call_id], has_grown=True, is_again=True)
            if is_followed:
                log.info("a call is followed at last", linkedid=call_id)
                self._bus.publish(Change(Subject.CALL, call_id))
        async with self._database.read() as session:
            self._unfollowed = await count_unfollowed(session)

    async def _tell(
        self,
        session: AsyncSession,
        call_id: str,
        rows: Sequence[CelRow],
        *,
        has_grown: bool = False,
        is_again: bool = False,
    ) -> bool:
        """Fold the call, save it and show it to every room above; return whether all of them could take it up.

        Rows that say nothing new of the call are shown to nobody. One that has grown takes in what was a call before.
        """
        call = fold(call_id, tell(rows), short_abandon=self._short_abandon)
        news = await save_call(session, call)
        has_grown = has_grown or "is_unfollowed" in news  # what was not taken in then is tried again, too
        say = log.debug if is_again else log.error
        if has_grown and not await self._absorb_all(session, call_id, say):
            await self._tell_each(session, call, say)
            await mark_unfollowed(session, call_id)
            return False
        if not news and not has_grown:
            return True
        try:
            async with session.begin_nested():
                for follow in self._followers:
                    await follow(session, call)
        except (OperationalError, InterfaceError):
            raise  # the database itself: nothing of this page is kept, and it is read again
        except Exception:  # noqa: BLE001  # an edge: which room it was is found by showing it to each on its own
            return await self._tell_each(session, call, say)
        return True

    async def _absorb_all(self, session: AsyncSession, call_id: str, say: Callable[..., object]) -> bool:
        """Let every room take to this call what hangs on its parts that were calls of their own; False: not all could.

        A part leaves the ledger once all rooms have; its id leads to this call from then on.
        """
        is_whole = True
        for young in await calls_joined_to(session, call_id):
            try:
                async with session.begin_nested():
                    for absorb in self._absorbers:
                        await absorb(session, young, call_id)
                    await drop_joined_call(session, young)
            except (OperationalError, InterfaceError):
                raise
            except Exception as wrong:  # noqa: BLE001  # an edge, as below
                is_whole = False
                _say_unfollowed(say, young, self._absorb_all, wrong)
        return is_whole

    async def _tell_each(self, session: AsyncSession, call: CallRecord, say: Callable[..., object]) -> bool:
        """Show the call to each room by itself, so that the one that fails takes no other's writing with it."""
        is_followed = True
        for follow in self._followers:
            try:
                async with session.begin_nested():
                    await follow(session, call)
            except (OperationalError, InterfaceError):
                raise
            except Exception as wrong:  # noqa: BLE001  # an edge: one room's error is not every caller's
                await mark_unfollowed(session, call.id)  # a database that went away with it says so here
                is_followed = False
                _say_unfollowed(say, call.id, follow, wrong)
        return is_followed

    def _stumbled(self, wrong: Exception) -> None:
        # The text of a database error may carry the values of a row: its type is said, never its words.
        said = str(wrong) if isinstance(wrong, CelUnreadable) else type(wrong).__name__
        if said != self._behind:
            log.error("the ledger is behind", reason=said)
        self._behind = said

    def _recovered(self) -> None:
        if self._behind:
            log.info("the ledger is level again")
        self._behind = ""


def _say_unfollowed(say: Callable[..., object], call_id: str, follow: Callable[..., object], wrong: Exception) -> None:
    # What an error says may hold a caller's words: its kind and its place are told, never its text.
    place = traceback.extract_tb(wrong.__traceback__)[-1]
    say(
        "a call was not followed: it is tried again",
        linkedid=call_id,
        room=getattr(follow, "__qualname__", type(follow).__name__),
        reason=wrong.error_id if isinstance(wrong, HotlineError) else type(wrong).__name__,
        place=f"{Path(place.filename).name}:{place.lineno}",
    )


def _lost(last: CelRow, call_id: str, position: int) -> CelRow:
    return replace(
        last, linkedid=call_id, type=SWITCH_LOST, position=position, application="", data="", peer="", extra=""
    )
