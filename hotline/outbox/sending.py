"""Send what stands in an outbox: each way out by itself, so that a dead one keeps no other waiting.

What is to be sent stands in SQL since the transaction that it tells of: a restart loses none, a receiver may get one
twice. An outbox gives of each thing only the first message that is not sent yet, so a thing is told in its order.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.database import Database
from hotline.outbox.pauses import Delivered, NotSent, is_given_up, pause_after

log = structlog.get_logger()
LOOK_EVERY: Final = 5.0  # for what is due after a pause; what is new rings the bell
SEND_WITHIN: Final = 20.0
A_PAGE: Final = 20


class Message(Protocol):
    """What every message has. `written_at` is from when its day counts."""

    @property
    def id(self) -> int: ...

    @property
    def tries(self) -> int: ...

    @property
    def written_at(self) -> datetime: ...


M = TypeVar("M", bound=Message)
M_co = TypeVar("M_co", bound=Message, covariant=True)
M_contra = TypeVar("M_contra", bound=Message, contravariant=True)


class Way(Protocol[M_contra]):
    """A way out."""

    async def send(self, message: M_contra, /) -> None:
        """Send one message. Raises NotSent, OSError, TimeoutError."""
        ...


class Outbox(Protocol[M_co]):
    """The queries of one outbox."""

    async def due(self, session: AsyncSession, way: str, now: datetime, limit: int) -> Sequence[M_co]:
        """Return what is to be sent on this way now, oldest first: of one thing only the first not sent yet."""
        ...

    async def note(
        self, session: AsyncSession, message_id: int, state: Delivered, *, tries: int, due: datetime, reason: str
    ) -> None:
        """Write what came of a try."""
        ...


class Sending(Generic[M]):
    """`run` sends until cancelled; `ring` says that something new was written.

    `at_once` messages are on their way together. A way that `rests` is left alone as a whole after a failure, longer
    after each: thousands of messages do not knock at a dead door one by one.
    """

    def __init__(
        self,
        name: str,
        outbox: Outbox[M],
        *,
        database: Database,
        clock: Clock,
        ways: Mapping[str, Way[M]],
        at_once: int = 1,
        rests: bool = False,
    ) -> None:
        self._name, self._outbox, self._database, self._clock = name, outbox, database, clock
        self._ways, self._at_once, self._rests = ways, at_once, rests
        self._bells = {way: asyncio.Event() for way in ways}
        self._failures = dict.fromkeys(ways, 0)  # in a row
        self._rests_until: dict[str, datetime] = {}

    @property
    def ways(self) -> tuple[str, ...]:
        """The names of the ways out that are set up."""
        return tuple(self._ways)

    def ring(self) -> None:
        """Look at once."""
        for bell in self._bells.values():
            bell.set()

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for way in self._ways:
                group.create_task(self._run(way), name=f"{self._name}-by-{way}")

    async def _run(self, way: str) -> None:
        while True:
            try:
                await self.send_due(way)
            except (SQLAlchemyError, OSError) as wrong:
                log.warning("what is to be sent could not be read", way=way, reason=type(wrong).__name__)
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._bells[way].wait()
            except TimeoutError:
                pass
            self._bells[way].clear()

    async def send_due(self, way: str) -> int:
        """Send what is due on this way; return how many were taken."""
        sent = 0
        while not self._is_resting(way):
            async with self._database.read() as session:
                due = await self._outbox.due(session, way, self._clock.now(), A_PAGE)
            if not due:
                break
            for first in range(0, len(due), self._at_once):
                sent += await self._send_some(way, due[first : first + self._at_once])
                if self._is_resting(way):
                    break
        return sent

    def _is_resting(self, way: str) -> bool:
        until = self._rests_until.get(way)
        return until is not None and self._clock.now() < until

    async def _send_some(self, way: str, messages: Sequence[M]) -> int:
        async with asyncio.TaskGroup() as group:
            tries = [group.create_task(self._try(way, one), name=f"{self._name}-{one.id}") for one in messages]
        failed = [(one, try_.result()) for one, try_ in zip(messages, tries, strict=True)]
        now = self._clock.now()
        async with self._database.begin() as session:
            for one, reason in failed:
                is_over = bool(reason) and is_given_up(one.written_at, now)
                state = Delivered.SENT if not reason else Delivered.GIVEN_UP if is_over else Delivered.WAITING
                due = now + pause_after(one.tries + 1) if reason else now
                await self._outbox.note(session, one.id, state, tries=one.tries + 1, due=due, reason=reason)
        for one, reason in failed:
            if reason:
                is_over = is_given_up(one.written_at, now)
                say = log.error if is_over else log.warning
                say(
                    "a message was not taken", of=self._name, way=way, message=one.id, tries=one.tries + 1,
                    reason=reason, given_up=is_over,
                )  # fmt: skip
        taken = sum(not reason for _, reason in failed)
        self._failures[way] = 0 if taken else self._failures[way] + 1
        if self._rests and not taken:
            self._rests_until[way] = now + pause_after(self._failures[way])
        return taken

    async def _try(self, way: str, message: M) -> str:
        """Send it; return "" or why it was not taken."""
        try:
            async with asyncio.timeout(SEND_WITHIN):
                await self._ways[way].send(message)
        except NotSent as wrong:
            return wrong.reason
        except (OSError, TimeoutError) as wrong:
            return type(wrong).__name__
        return ""
