"""In the service: lets talks be heard, keeps what is being said in memory, and says on the bus that it changed.

When the ledger has a human answer, each side is announced to the hearing program (a ticket) and the switch is asked to
stream it there. When the ledger has a refusal, or the recording stops, the streams end at once. When the words are
written down for good, the live ones go.
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.store import call_by_id, open_calls
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.live.legs import LiveLeg, Presence, legs_to_hear
from hotline.live.line import ORDERS, WORDS, LiveLine
from hotline.live.talk import LiveTurn, Talks
from hotline.transcribe.store import TranscriptState, transcript_of

log = structlog.get_logger()

PRESENT_FOR: Final = 3.0  # seconds after a sign of life
ASKED_FOR: Final = 5.0  # seconds in which a stream that was asked for comes, or is asked for anew by the next change
PAUSED_FOR: Final = 2.0  # seconds after the recording stopped in which the ledger says why
KEPT_FOR: Final = timedelta(minutes=30)  # the live words of a talk that nobody writes down for good
MOST_CHANGES: Final = 1000


class Spies(Protocol):
    """The switch, asked to stream what one channel's voice says. Both raise HotlineError when it could not be asked."""

    async def stream(self, channel: str, name: UUID) -> None:
        """Stream the voice that comes in on this channel (its unique id) to the hearing program, under this name."""
        ...

    async def end_stream(self, name: UUID) -> None:
        """End a stream, if it is still there."""
        ...


@dataclass
class _Heard:
    """What is known of one call whose sides were asked for: when each (by channel), under which name."""

    asked_at: dict[str, float] = field(default_factory=dict)
    names: list[UUID] = field(default_factory=list)
    paused_until: float = 0.0


class Listening:
    """The service's half of live words."""

    def __init__(self, *, line: LiveLine, spies: Spies, database: Database, bus: Bus, clock: Clock) -> None:
        self._line, self._spies, self._database, self._bus, self._clock = line, spies, database, bus, clock
        self.talks = Talks()
        self._presence = Presence(0)
        self._present_until = 0.0
        self._calls: dict[str, _Heard] = {}
        self._wants_all, self._came_back = asyncio.Event(), asyncio.Event()
        self._stopped: asyncio.Queue[str] = asyncio.Queue(MOST_CHANGES)

    @property
    def is_heard(self) -> bool:
        """Whether the hearing program is there."""
        return self._clock.monotonic() < self._present_until

    def recording_stopped(self, call_id: str) -> None:
        """Stop hearing this call at once, whatever the reason; the ledger says in a moment whether it goes on."""
        if call_id in self._calls and not self._stopped.full():
            self._stopped.put_nowait(call_id)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_calls(), name="live-calls")
            tasks.create_task(self._stop_at_once(), name="live-stops")
            tasks.create_task(self._line.hear(WORDS, self._take, begun=self._begun), name="live-words")
            tasks.create_task(self._ask_for_all(), name="live-again")
            tasks.create_task(self._look_after(), name="live-look-after")
            tasks.create_task(self._take_up(), name="live-take-up")

    async def look_at(self, call_id: str) -> None:
        """Bring what is heard of this call level with what the ledger has of it."""
        if not (self.is_heard or call_id in self._calls or call_id in self.talks):
            return
        try:
            async with self._database.read() as session:
                call = await call_by_id(session, call_id)
                is_over = call is not None and call.ended_at is not None
                transcript = await transcript_of(session, call_id) if is_over and call_id in self.talks else None
        except (SQLAlchemyError, OSError) as wrong:
            log.warning("a call cannot be looked at for live words", reason=type(wrong).__name__)
            return
        if call is None:
            return
        if call.recording_refused:
            await self._refused(call_id)
        elif call.ended_at is None:
            await self._hear(call)
        else:
            self._calls.pop(call_id, None)
            is_done = transcript is not None and transcript.state is TranscriptState.DONE
            if is_done or self._clock.now() - call.ended_at > KEPT_FOR:
                self._forget(call_id)

    async def _hear(self, call: CallRecord) -> None:
        known = self._calls.get(call.id, _Heard())
        now = self._clock.monotonic()
        if not self.is_heard or now < known.paused_until:
            return
        lately = {channel for channel, asked_at in known.asked_at.items() if now - asked_at < ASKED_FOR}
        wanted = [leg for leg in legs_to_hear(call) if leg.channel not in self._presence.heard | lately]
        for leg in wanted[: max(0, self._presence.free - self._asked_lately(now))]:
            self._calls[call.id] = known
            known.asked_at[leg.channel] = now
            await self._ask_for(leg, known)

    def _asked_lately(self, now: float) -> int:
        """Return how many streams were asked for and have not shown yet: they take up what is free."""
        return sum(
            now - asked_at < ASKED_FOR and channel not in self._presence.heard
            for known in self._calls.values()
            for channel, asked_at in known.asked_at.items()
        )

    async def _ask_for(self, leg: LiveLeg, known: _Heard) -> None:
        name = uuid4()
        if not await self._line.expect(name, leg):
            return
        known.names.append(name)
        try:
            await self._spies.stream(leg.channel, name)
        except HotlineError as wrong:
            log.warning("a leg has no live words", linkedid=leg.call_id, side=leg.side.value, reason=wrong.error_id)

    async def _stop(self, call_id: str, *, refused: bool) -> None:
        known = self._calls.get(call_id, _Heard())
        names, known.names = known.names, []
        known.asked_at.clear()
        if call_id in self._calls:
            known.paused_until = self._clock.monotonic() + PAUSED_FOR
        await self._line.say(ORDERS, json.dumps({"stop": call_id, "refused": refused}))
        for name in names:  # should the program be stuck: the switch ends it as well
            with suppress(HotlineError):
                await self._spies.end_stream(name)

    async def _refused(self, call_id: str) -> None:
        if call_id in self._calls:
            await self._stop(call_id, refused=True)
            self._calls.pop(call_id, None)
        if self.talks.shut(call_id):
            self._bus.publish(Change(Subject.WORDS, call_id))

    def _forget(self, call_id: str) -> None:
        if self.talks.forget(call_id):
            self._bus.publish(Change(Subject.WORDS, call_id))

    async def _follow_calls(self) -> None:
        with self._bus.listening() as box:
            while True:
                change = await box.get()
                if change.subject is Subject.CALL:
                    await self.look_at(change.id)

    async def _stop_at_once(self) -> None:
        while True:
            await self._stop(await self._stopped.get(), refused=False)

    async def _look_after(self) -> None:
        """Look again at calls that were paused, and at talks that nobody writes down."""
        while True:
            await asyncio.sleep(PAUSED_FOR)
            for call_id in {*self._calls, *self.talks.calls}:
                await self.look_at(call_id)

    async def _take_up(self) -> None:
        """Look at every open call once the hearing program is there again, or we are."""
        while True:
            await self._came_back.wait()
            self._came_back.clear()
            try:
                async with self._database.read() as session:
                    found = await open_calls(session)
            except (SQLAlchemyError, OSError) as wrong:
                log.warning("open calls cannot be looked at for live words", reason=type(wrong).__name__)
                continue
            for call in found:
                await self.look_at(call.id)

    def _take(self, data: bytes) -> None:
        with suppress(ValueError, TypeError, KeyError):
            said = json.loads(data)
            if "heard" in said:
                self._presence = Presence.from_json(said)
                if not self.is_heard:
                    self._came_back.set()
                self._present_until = self._clock.monotonic() + PRESENT_FOR
            elif self.talks.take(turn := LiveTurn.from_json(said)):
                self._bus.publish(Change(Subject.WORDS, turn.call_id))

    def _begun(self) -> None:
        self._wants_all.set()

    async def _ask_for_all(self) -> None:
        """After a start or a gap, have everything said once more: what was said meanwhile is not here."""
        while True:
            await self._wants_all.wait()
            self._wants_all.clear()
            await self._line.say(ORDERS, json.dumps({"again": True}))
