"""Lists that are read newest first, a page at a time: what comes behind the last row that was shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

LONGEST_NUMBER: Final = 18  # digits that a row's number may have in every database


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From when to before when it is asked about, and the moment by which something is overdue."""

    since: datetime
    until: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """At most so many items, from behind the one of this id."""

    limit: int = 50
    before: str | None = None


def number_of(text: str | None) -> int | None:
    """Return the number of a row that a text names; None where no row can have it."""
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        return None
    return int(text)


async def older(session: AsyncSession, at: Any, key: Any, before: str | int | None) -> list[ColumnElement[bool]]:
    """Return the conditions of the rows behind the one of this key, by `at` and then `key`, newest first."""
    if before is None:
        return []
    last = await session.scalar(select(at).where(key == before).limit(1))
    if last is None:
        return [false()]
    return [at <= last, or_(at < last, key < before)]
