"""The table of messages to other programs, and its queries: one row for each event and receiver, whoever writes it.

Bounded: what was sent goes after some days, and of each receiver's rows only so many are kept and so many may wait.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Index, String, Text, UniqueConstraint, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, insert_on
from hotline.outbox.pauses import Delivered
from hotline.webhooks.event import (
    NEWS_FOR,
    EventKind,
    Receiver,
    ReceiverState,
    WebhookMessage,
    WebhookMessageUnknown,
    WebhookMessageWaits,
)

NAME_TEXT = 40
SUBJECT_TEXT = 120
REASON_TEXT = 80
KEPT_FOR: Final = timedelta(days=7)  # longer than something is news: a row that is gone is never written again
MOST_WAITING: Final = 20_000  # of one receiver; the oldest are given up first
MOST_KEPT: Final = 100_000  # of one receiver
AT_ONCE: Final = 5_000  # rows removed in one transaction
TOO_MANY: Final = "too many wait"


class WebhookMessageTable(Base):
    """One message. `subject` is what it is about: messages of one subject leave in their order."""

    __tablename__ = "webhook_message"
    __table_args__ = (
        UniqueConstraint("receiver", "event", "subject"),
        Index("ix_webhook_message_receiver_state_id", "receiver", "state", "id"),
        Index("ix_webhook_message_receiver_subject_state", "receiver", "subject", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receiver: Mapped[str] = mapped_column(String(NAME_TEXT))
    event: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(SUBJECT_TEXT))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    happened_at: Mapped[datetime]
    written_at: Mapped[datetime] = mapped_column(index=True)
    due: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(REASON_TEXT), default="")
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something to be told to one receiver."""

    receiver: str
    event: EventKind
    subject: str
    body: str
    happened_at: datetime


def write_news(connection: Connection, news: Sequence[News], now: datetime) -> int:
    """Write what is to be sent, in the transaction that it tells of; return how much of it was new."""
    values: list[dict[str, Any]] = [
        {
            "receiver": one.receiver[:NAME_TEXT],
            "event": one.event.value,
            "subject": one.subject[:SUBJECT_TEXT],
            "body": one.body,
            "state": Delivered.WAITING.value,
            "happened_at": one.happened_at,
            "written_at": now,
            "due": now,
            "tries": 0,
            "reason": "",
        }
        for one in news
        if now - one.happened_at < NEWS_FOR
    ]
    written = 0
    for first in range(0, len(values), 100):  # both databases bound how many values a statement may have
        new = insert_on(connection, WebhookMessageTable).values(values[first : first + 100]).on_conflict_do_nothing()
        written += len(connection.execute(new.returning(WebhookMessageTable.id)).all())
    return written


class WebhookOutbox:
    """What is still to be sent to receivers; a way is a receiver's name."""

    async def due(self, session: AsyncSession, way: str, now: datetime, limit: int) -> Sequence[WebhookMessage]:
        """Return what is to be sent now, oldest first: of one subject only the first that is not sent yet."""
        waits = WebhookMessageTable.state == Delivered.WAITING.value
        first = (
            select(func.min(WebhookMessageTable.id))
            .where(WebhookMessageTable.receiver == way, waits)
            .group_by(WebhookMessageTable.subject)
        )
        rows = await session.scalars(
            select(WebhookMessageTable)
            .where(WebhookMessageTable.id.in_(first), WebhookMessageTable.due <= now)
            .order_by(WebhookMessageTable.id)
            .limit(limit)
        )
        return [_message(row) for row in rows]

    async def note(
        self, session: AsyncSession, message_id: int, state: Delivered, *, tries: int, due: datetime, reason: str
    ) -> None:
        """Write what came of a try."""
        done = None if state is Delivered.WAITING else due
        await session.execute(
            update(WebhookMessageTable)
            .where(WebhookMessageTable.id == message_id)
            .values(state=state.value, tries=tries, due=due, reason=reason[:REASON_TEXT], done_at=done)
        )


async def withdraw_or_end(session: AsyncSession, young: str, told: Sequence[News], now: datetime) -> None:
    """A call became part of another: who was told nothing of it hears nothing; who was, hears that it goes on there.

    `told` is that last word for each receiver.
    """
    started = select(WebhookMessageTable.receiver).where(
        WebhookMessageTable.subject == young,
        (WebhookMessageTable.state == Delivered.SENT.value) | (WebhookMessageTable.tries > 0),
    )
    heard = set(await session.scalars(started))
    await session.execute(
        delete(WebhookMessageTable).where(
            WebhookMessageTable.subject == young, WebhookMessageTable.receiver.not_in(heard)
        )
    )
    connection = await session.connection()
    last_words = [one for one in told if one.receiver in heard]
    if last_words:
        await connection.run_sync(write_news, last_words, now)


async def messages_page(
    session: AsyncSession,
    *,
    receiver: str = "",
    state: Delivered | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[WebhookMessage]:
    """Return messages, newest first; `before` is the last id of the page before this one."""
    query = select(WebhookMessageTable).order_by(WebhookMessageTable.id.desc()).limit(limit)
    if receiver:
        query = query.where(WebhookMessageTable.receiver == receiver)
    if state is not None:
        query = query.where(WebhookMessageTable.state == state.value)
    if before is not None:
        query = query.where(WebhookMessageTable.id < before)
    return [_message(row) for row in await session.scalars(query)]


async def states_of(session: AsyncSession, receivers: Collection[Receiver]) -> list[ReceiverState]:
    """Return how the sending to each of these receivers stands."""
    table = WebhookMessageTable
    counted = {
        (name, state): (count, oldest, newest)
        for name, state, count, oldest, newest in await session.execute(
            select(
                table.receiver, table.state, func.count(), func.min(table.happened_at), func.max(table.done_at)
            ).group_by(table.receiver, table.state)
        )
    }
    states = []
    for receiver in receivers:
        waiting = counted.get((receiver.name, Delivered.WAITING.value), (0, None, None))
        sent = counted.get((receiver.name, Delivered.SENT.value), (0, None, None))
        failed = select(table.reason).where(
            table.receiver == receiver.name, table.state != Delivered.SENT.value, table.reason != ""
        )
        states.append(
            ReceiverState(
                receiver=receiver,
                waiting=waiting[0],
                sent=sent[0],
                given_up=counted.get((receiver.name, Delivered.GIVEN_UP.value), (0, None, None))[0],
                oldest_waiting=waiting[1],
                last_sent=sent[2],
                last_reason=await session.scalar(failed.order_by(table.id.desc()).limit(1)) or "",
            )
        )
    return states


async def waiting_by_receiver(session: AsyncSession) -> dict[str, dict[Delivered, int]]:
    """Return how many messages each receiver has in each state."""
    table = WebhookMessageTable
    counted: dict[str, dict[Delivered, int]] = {}
    for name, state, count in await session.execute(
        select(table.receiver, table.state, func.count()).group_by(table.receiver, table.state)
    ):
        counted.setdefault(name, {})[Delivered(state)] = count
    return counted


async def send_again(session: AsyncSession, message_id: int, now: datetime) -> WebhookMessage:
    """Let a message that was sent or given up be sent once more. Raises WebhookMessageUnknown, WebhookMessageWaits."""
    row = await session.get(WebhookMessageTable, message_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise WebhookMessageUnknown("there is no message of this number (any more)")
    if row.state == Delivered.WAITING.value:
        raise WebhookMessageWaits("the message is not sent yet: it is tried again by itself")
    _begin_again(row, now)
    await session.flush()
    return _message(row)


async def send_given_up_again(session: AsyncSession, receiver: str, now: datetime) -> int:
    """Let everything that was given up for this receiver be sent once more; return how many messages that are."""
    table = WebhookMessageTable
    done = await session.execute(
        update(table)
        .where(table.receiver == receiver, table.state == Delivered.GIVEN_UP.value)
        .values(state=Delivered.WAITING.value, written_at=now, due=now, tries=0, reason="", done_at=None)
        .returning(table.id)
    )
    return len(done.all())


async def keep_bounded(session: AsyncSession, now: datetime) -> int:
    """Give up what waits beyond the bound, remove what was done long ago; return how many rows that were."""
    table, changed = WebhookMessageTable, 0
    old = select(table.id).where(table.written_at < now - KEPT_FOR, table.state != Delivered.WAITING.value)
    changed += await _remove(session, old.limit(AT_ONCE))
    for name, states in (await waiting_by_receiver(session)).items():
        too_many = states.get(Delivered.WAITING, 0) - MOST_WAITING
        if too_many > 0:
            oldest = select(table.id).where(table.receiver == name, table.state == Delivered.WAITING.value)
            ids = (await session.scalars(oldest.order_by(table.id).limit(min(too_many, AT_ONCE)))).all()
            for first in range(0, len(ids), 500):
                await session.execute(
                    update(table)
                    .where(table.id.in_(ids[first : first + 500]))
                    .values(state=Delivered.GIVEN_UP.value, reason=TOO_MANY, done_at=now)
                )
            changed += len(ids)
        if (too_many := sum(states.values()) - MOST_KEPT) > 0:
            oldest = select(table.id).where(table.receiver == name, table.state != Delivered.WAITING.value)
            changed += await _remove(session, oldest.order_by(table.id).limit(min(too_many, AT_ONCE)))
    return changed


async def _remove(session: AsyncSession, wanted: Any) -> int:
    ids = (await session.scalars(wanted)).all()
    for first in range(0, len(ids), 500):
        await session.execute(delete(WebhookMessageTable).where(WebhookMessageTable.id.in_(ids[first : first + 500])))
    return len(ids)


def _begin_again(row: WebhookMessageTable, now: datetime) -> None:
    row.state, row.written_at, row.due, row.done_at = Delivered.WAITING.value, now, now, None
    row.tries, row.reason = 0, ""


def _message(row: WebhookMessageTable) -> WebhookMessage:
    return WebhookMessage(
        id=row.id,
        receiver=row.receiver,
        event=EventKind(row.event),
        subject=row.subject,
        body=row.body,
        state=Delivered(row.state),
        happened_at=row.happened_at,
        written_at=row.written_at,
        due=row.due,
        tries=row.tries,
        reason=row.reason,
        done_at=row.done_at,
    )
