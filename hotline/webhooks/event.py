"""What other programs can be told of, who is told, and one message. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from hotline.errors import HotlineError
from hotline.outbox.pauses import Delivered


class EventKind(StrEnum):
    """What happened."""

    CALL_STARTED = "call.started"
    CALL_ANSWERED = "call.answered"  # by a human
    CALL_ENDED = "call.ended"
    ENTRY_WRITTEN = "entry.written"  # an entry of the duty log was confirmed
    ENTRY_CORRECTED = "entry.corrected"  # a correction was written beside one
    FOLLOW_UP_DUE = "follow-up.due"  # its deadline came, and it is not done


CALL_EVENTS: Final = frozenset({EventKind.CALL_STARTED, EventKind.CALL_ANSWERED, EventKind.CALL_ENDED})
ENTRY_EVENTS: Final = frozenset({EventKind.ENTRY_WRITTEN, EventKind.ENTRY_CORRECTED})
NEWS_FOR: Final = timedelta(hours=24)
"""What is older when it becomes known is no news: a log that is read again tells nobody of last year's calls."""


class WebhookError(HotlineError):
    """Something is wrong with what was asked of messages to other programs."""

    error_id: ClassVar[str] = "webhook-error"


class ReceiverUnknown(WebhookError):
    """No receiver of this name is set."""

    error_id = "receiver-unknown"


class WebhookMessageUnknown(WebhookError):
    """There is no such message (any more)."""

    error_id = "webhook-message-unknown"


class WebhookMessageWaits(WebhookError):
    """The message is not sent yet: it waits for its next try."""

    error_id = "webhook-message-waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A program that is told. `secret` signs; words and whole numbers are sent only where somebody chose that."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    events: frozenset[EventKind]
    has_full_numbers: bool = False
    has_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessage:
    """One message for one receiver. `written_at` is from when its day of tries counts."""

    id: int
    receiver: str
    event: EventKind
    subject: str
    body: str = field(repr=False)
    state: Delivered
    happened_at: datetime
    written_at: datetime
    due: datetime
    tries: int
    reason: str = ""  # of the last failure
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverState:
    """How the sending to a receiver stands: messages by state, and when it last took one and failed one."""

    receiver: Receiver
    waiting: int = 0
    sent: int = 0
    given_up: int = 0
    oldest_waiting: datetime | None = None
    last_sent: datetime | None = None
    last_reason: str = ""  # of what waits or was given up
