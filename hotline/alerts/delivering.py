"""Send what is to be said of alerts: each way by itself, in the order of one alert, with growing pauses.

What is to be sent stands in SQL since the alert's own transaction: a restart loses none, a receiver may get one twice.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.alerts.alert import AlertError, Delivery
from hotline.alerts.store import Delivered, due_deliveries, note_delivery
from hotline.clock import Clock
from hotline.database import Database

log = structlog.get_logger()
LOOK_EVERY: Final = 5.0  # for what is due after a pause; what is new rings the bell
SEND_WITHIN: Final = 20.0
PAUSES: Final = tuple(timedelta(seconds=pause) for pause in (5, 15, 60, 300, 900, 1800, 3600))
GIVEN_UP_AFTER: Final = timedelta(hours=24)


class AlertNotSent(AlertError):
    """A way out did not take a message; `reason` says why in a word, and holds nothing that was sent."""

    error_id = "alert-not-sent"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Way(Protocol):
    """A way out."""

    async def send(self, delivery: Delivery) -> None:
        """Send one message. Raises AlertNotSent, OSError, TimeoutError."""
        ...


class Deliveries:
    """`run` sends until cancelled; `ring` says that something new was written."""

    def __init__(self, *, database: Database, clock: Clock, ways: Mapping[str, Way]) -> None:
        self._database, self._clock, self._ways = database, clock, ways
        self._bells = {way: asyncio.Event() for way in ways}

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
            for name in self._ways:
                group.create_task(self._run(name), name=f"alerts-by-{name}")

    async def _run(self, name: str) -> None:
        while True:
            try:
                await self.send_due(name)
            except (SQLAlchemyError, OSError) as wrong:
                log.warning("what is to be sent could not be read", way=name, reason=type(wrong).__name__)
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._bells[name].wait()
            except TimeoutError:
                pass
            self._bells[name].clear()

    async def send_due(self, name: str) -> int:
        """Send what is due on this way; return how many were taken."""
        sent = 0
        while True:
            async with self._database.read() as session:
                due = await due_deliveries(session, name, self._clock.now())
            for one in due:
                sent += await self._send(name, one)
            if not due:
                return sent

    async def _send(self, name: str, one: Delivery) -> bool:
        try:
            async with asyncio.timeout(SEND_WITHIN):
                await self._ways[name].send(one)
        except (AlertNotSent, OSError, TimeoutError) as wrong:
            await self._keep_failure(name, one, wrong)
            return False
        async with self._database.begin() as session:
            await note_delivery(session, one.id, Delivered.SENT, tries=one.tries + 1, due=self._clock.now())
        return True

    async def _keep_failure(self, name: str, one: Delivery, wrong: Exception) -> None:
        now, reason = self._clock.now(), wrong.reason if isinstance(wrong, AlertNotSent) else type(wrong).__name__
        is_over = now - one.written_at >= GIVEN_UP_AFTER
        due = now + PAUSES[min(one.tries, len(PAUSES) - 1)]
        async with self._database.begin() as session:
            state = Delivered.GIVEN_UP if is_over else Delivered.WAITING
            await note_delivery(session, one.id, state, tries=one.tries + 1, due=due, reason=reason)
        say = log.error if is_over else log.warning
        say(
            "an alert was not taken", way=name, alert=one.alert.id, tries=one.tries + 1, reason=reason, given_up=is_over
        )
