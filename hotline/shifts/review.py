"""Reading the log (阅批): complaints every day, the whole log every week, with an opinion and a signature [P 4.9-4.10].

Pure. A reading is of one finished day or week of the centre, by its head; it is signed once and stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from hotline.errors import HotlineError

LOOKS_BACK: Final = timedelta(days=60)  # what nobody has read by then is no longer asked for, but stays unread


class ReviewKind(StrEnum):
    """What is read."""

    COMPLAINTS = "complaints"  # of one day
    WEEK = "week"  # the whole log of one week, from Monday on


class ReviewError(HotlineError):
    """Something is wrong with a reading."""

    error_id: ClassVar[str] = "review-error"


class ReviewTooEarly(ReviewError):
    """The day or the week is not over: what is signed for may not grow afterwards."""

    error_id = "review-too-early"


class ReviewSigned(ReviewError):
    """This day or week has been read and signed already."""

    error_id = "review-signed"


class ReviewDayWrong(ReviewError):
    """A week is named by its Monday."""

    error_id = "review-day-wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One reading: of the day, or of the week that begins on it, how many entries were read, and what was said."""

    kind: ReviewKind
    day: date
    entries: int
    opinion: str
    signed_by: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that waits to be read."""

    kind: ReviewKind
    day: date
    is_late: bool  # a day later than it should have been read


def span(kind: ReviewKind, day: date) -> tuple[date, date]:
    """Return the first day and the day after the last. Raises ReviewDayWrong."""
    if kind is ReviewKind.COMPLAINTS:
        return day, day + timedelta(days=1)
    if day.weekday() != 0:
        raise ReviewDayWrong("a week is named by its Monday")
    return day, day + timedelta(days=7)


def unread(today: date, *, since: date, complaint_days: Iterable[date], signed: Iterable[Review]) -> Iterator[Unread]:
    """Yield what waits to be read, oldest first: days with complaints, and every week since the log began.

    `since` is the day of the log's first entry.
    """
    done = {(review.kind, review.day) for review in signed}
    earliest = max(since, today - LOOKS_BACK)
    found = [
        Unread(kind=ReviewKind.COMPLAINTS, day=day, is_late=today - day > timedelta(days=1))
        for day in set(complaint_days)
        if earliest <= day < today and (ReviewKind.COMPLAINTS, day) not in done
    ]
    monday = earliest - timedelta(days=earliest.weekday())
    while (end := monday + timedelta(days=7)) <= today:
        if (ReviewKind.WEEK, monday) not in done:
            found.append(Unread(kind=ReviewKind.WEEK, day=monday, is_late=today - end > timedelta(days=1)))
        monday = end
    yield from sorted(found, key=lambda one: (span(one.kind, one.day)[1], one.kind))
