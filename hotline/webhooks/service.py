"""Run what tells other programs: send, look whose deadline came, keep the table bounded."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.clock import Clock
from hotline.database import Database
from hotline.outbox.pauses import Delivered
from hotline.outbox.sending import Sending, Way
from hotline.settings import CentreSettings, WebhooksSettings
from hotline.webhooks.event import (
    NEWS_FOR,
    EventKind,
    Receiver,
    ReceiverState,
    ReceiverUnknown,
    WebhookMessage,
)
from hotline.webhooks.follow_store import JoinedCalls, news_of_due, tell_receivers
from hotline.webhooks.payload import Teller
from hotline.webhooks.store import (
    WebhookOutbox,
    keep_bounded,
    messages_page,
    send_again,
    send_given_up_again,
    states_of,
    write_news,
)

log = structlog.get_logger()
LOOK_EVERY: Final = 5.0
OVERLAP: Final = timedelta(minutes=1)  # of two looks: a deadline may be set a moment before it comes
BOUND_EVERY: Final = timedelta(minutes=1)
AT_ONCE: Final = 8
ROOM: Final = "webhooks"


def receivers_of(settings: WebhooksSettings) -> tuple[Receiver, ...]:
    """Return who is told, by name."""
    return tuple(
        Receiver(
            name=name,
            url=one.url,
            secret=one.secret.get_secret_value(),
            events=frozenset(EventKind(event) for event in one.events),
            has_full_numbers=one.full_numbers,
            has_words=one.words,
        )
        for name, one in sorted(settings.receivers.items())
    )


class Webhooks:
    """What other programs are told. `follow` begins it; `run` works until cancelled."""

    def __init__(
        self,
        *,
        settings: WebhooksSettings,
        centre: CentreSettings,
        zone: tzinfo,
        database: Database,
        clock: Clock,
        way_to: Callable[[Receiver], Way[WebhookMessage]],
    ) -> None:
        self.receivers = receivers_of(settings)
        self._database, self._clock = database, clock
        self._teller = Teller(centre=centre.code, centre_name=centre.name, zone=zone, area_code=centre.area_code)
        ways: Mapping[str, Way[WebhookMessage]] = {one.name: way_to(one) for one in self.receivers}
        self.sending = Sending(
            "webhooks", WebhookOutbox(), database=database, clock=clock, ways=ways, at_once=AT_ONCE, rests=True
        )
        self._joined = JoinedCalls(self.receivers, self._teller, clock)
        self._due_until: datetime | None = None  # None: not looked yet
        self._bounded_at: datetime | None = None

    def follow(self) -> None:
        """Write messages of what is written through the database from now on; to be called once."""
        tell_receivers(self._database, self.receivers, self._teller, self._clock, self.sending.ring)

    async def absorb(self, session: AsyncSession, young: str, old: str) -> None:
        """Tell that a call turned out to be part of an older one; the ledger calls this."""
        await self._joined.absorb(session, young, old)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.sending.run(), name="webhooks-out")
            tasks.create_task(self._keep_looking(), name="webhooks-due")

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as wrong:
                log.warning("what receivers are to be told could not be read", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Look once whose deadline came, and once a minute whether the table keeps its bounds."""
        now = self._clock.now()
        if any(EventKind.FOLLOW_UP_DUE in one.events for one in self.receivers):
            since = now - NEWS_FOR if self._due_until is None else self._due_until - OVERLAP
            async with self._database.read() as session:
                news = await news_of_due(session, self.receivers, self._teller, since=since, now=now)
            if news:
                async with self._database.begin() as session:
                    written = await (await session.connection()).run_sync(write_news, news, now)
                if written:
                    self.sending.ring()
            self._due_until = now
        if self._bounded_at is None or now - self._bounded_at >= BOUND_EVERY:
            async with self._database.begin() as session:
                await keep_bounded(session, now)
            self._bounded_at = now

    async def states(self) -> list[ReceiverState]:
        """Return how the sending to each receiver stands."""
        async with self._database.read() as session:
            return await states_of(session, self.receivers)

    async def messages(
        self, *, receiver: str = "", state: Delivered | None = None, before: int | None = None, limit: int = 50
    ) -> list[WebhookMessage]:
        """Return messages, newest first."""
        async with self._database.read() as session:
            return await messages_page(session, receiver=receiver, state=state, before=before, limit=limit)

    async def again(self, message_id: int, *, by: str) -> WebhookMessage:
        """Send a message once more, which is audited. Raises WebhookMessageUnknown, WebhookMessageWaits."""
        now = self._clock.now()
        async with self._database.begin() as session:
            message = await send_again(session, message_id, now)
            subject = f"{message.receiver}: {message.event.value} {message.id}"
            await record(session, Change(by=by, room=ROOM, act="sent-again", subject=subject, at=now))
        self.sending.ring()
        return message

    async def all_again(self, receiver: str, *, by: str) -> int:
        """Send once more whatever was given up for a receiver, which is audited. Raises ReceiverUnknown."""
        if receiver not in {one.name for one in self.receivers}:
            raise ReceiverUnknown("no receiver of this name is set")
        now = self._clock.now()
        async with self._database.begin() as session:
            count = await send_given_up_again(session, receiver, now)
            if count:
                change = Change(by=by, room=ROOM, act="sent-again", subject=receiver, at=now, after={"messages": count})
                await record(session, change)
        self.sending.ring()
        return count
