"""When a message that was not taken is tried again, and when no more. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from hotline.errors import HotlineError

PAUSES: Final = tuple(timedelta(seconds=pause) for pause in (5, 15, 60, 300, 900, 1800, 3600))
GIVEN_UP_AFTER: Final = timedelta(hours=24)


class Delivered(StrEnum):
    """How the sending of one message stands."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"


class NotSent(HotlineError):
    """A way out did not take a message; `reason` says why in a word, and holds nothing that was sent."""

    error_id: ClassVar[str] = "message-not-sent"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pause_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row; there was one at least."""
    return PAUSES[min(max(failures, 1), len(PAUSES)) - 1]


def is_given_up(written_at: datetime, now: datetime) -> bool:
    """Say whether a message has been tried for long enough."""
    return now - written_at >= GIVEN_UP_AFTER
