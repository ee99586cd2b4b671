"""Messages to other programs as pages and programs get them. Pure."""

from datetime import datetime, tzinfo
from typing import Annotated

from pydantic import Field

from hotline.outbox.pauses import Delivered
from hotline.web.shapes import LARGEST_NUMBER, Inlet, Line, Shape
from hotline.web.telling import local
from hotline.webhooks.event import EventKind, ReceiverState, WebhookMessage


class ReceiverOut(Shape):
    """A program that is told, and how the sending to it stands. Its address and secret are nobody's to read here."""

    name: str
    events: tuple[EventKind, ...]
    full_numbers: bool
    words: bool
    waiting: int
    sent: int = Field(description="of the last seven days")
    given_up: int
    oldest_waiting: datetime | None
    last_sent: datetime | None
    last_reason: str = Field(description="why the newest message that failed was not taken")


class ReceiversOut(Shape):
    """The programs that are told."""

    receivers: tuple[ReceiverOut, ...]


class MessageOut(Shape):
    """One message."""

    id: int
    receiver: str
    event: EventKind
    subject: str = Field(description="a call's id, an entry's number, a follow-up with its deadline")
    state: Delivered
    happened_at: datetime
    due: datetime = Field(description="of one that waits: when it is tried next")
    tries: int
    reason: str
    done_at: datetime | None


class MessagesOut(Shape):
    """Messages, newest first."""

    messages: tuple[MessageOut, ...]
    next_cursor: int | None


class MessagesQuery(Inlet):
    """Which messages are looked for."""

    receiver: Annotated[str, Line, Field(max_length=40)] = ""
    state: Delivered | None = None
    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AgainOut(Shape):
    """How many messages are sent once more."""

    messages: int


def receiver_out(state: ReceiverState, zone: tzinfo) -> ReceiverOut:
    """Return a receiver as it goes out."""
    one = state.receiver
    return ReceiverOut(
        name=one.name,
        events=tuple(kind for kind in EventKind if kind in one.events),
        full_numbers=one.has_full_numbers,
        words=one.has_words,
        waiting=state.waiting,
        sent=state.sent,
        given_up=state.given_up,
        oldest_waiting=local(state.oldest_waiting, zone),
        last_sent=local(state.last_sent, zone),
        last_reason=state.last_reason,
    )


def message_out(message: WebhookMessage, zone: tzinfo) -> MessageOut:
    """Return a message as it goes out: not its body, which may hold what this reader may not see."""
    return MessageOut(
        id=message.id,
        receiver=message.receiver,
        event=message.event,
        subject=message.subject,
        state=message.state,
        happened_at=message.happened_at.astimezone(zone),
        due=message.due.astimezone(zone),
        tries=message.tries,
        reason=message.reason,
        done_at=local(message.done_at, zone),
    )
