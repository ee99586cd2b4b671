"""What the next sweeps would remove if something were kept for other days: how much, and the first of it.

Counted as the sweeps judge it, held recordings and open matters left out; of very much, only that it is more.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from hotline.campaigns.retention_store import ended_campaigns, idle_campaigns
from hotline.database import Database
from hotline.old_rows import OLD_ROWS
from hotline.retention.over_store import entries_over, recordings_over, words_over
from hotline.retention.rows_store import count_rows
from hotline.retention.rules import Klass

SHOWN: Final = 5
RECORDINGS: Final = frozenset(klass.value for klass in Klass)


@dataclass(frozen=True, slots=True)
class First:
    """One of the first to go: its moment, where it has one, and the call or the number it has."""

    at: datetime | None
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What would go; `is_more`: that many, and more."""

    count: int
    is_more: bool
    first: tuple[First, ...]


async def foretell(database: Database, what: str, days: int, at: datetime) -> Foretold:
    """Return what a sweep at this moment would remove of one kind."""
    before = at - timedelta(days=days)
    async with database.read() as session:
        if what in RECORDINGS:
            found, is_more = await recordings_over(session, Klass(what), days, at)
            return _told([First(when, call) for when, call in found], is_more=is_more)
        if what == "transcripts":
            found, is_more = await words_over(session, before)
            return _told([First(when, call) for when, call in found], is_more=is_more)
        if what == "duty_log":
            count, entries = await entries_over(session, before, limit=SHOWN)
            return Foretold(count=count, is_more=False, first=tuple(First(when, page) for when, page in entries))
        if what in CAMPAIGNS:
            numbers = await CAMPAIGNS[what](session, before)
            return _told([First(None, str(number)) for number in numbers], is_more=False)
        counted = [await count_rows(session, rows, before) for rows in OLD_ROWS.get(what, ())]
    moments = sorted(moment for _, some in counted for moment in some)
    return Foretold(count=sum(count for count, _ in counted), is_more=False, first=tuple(map(First, moments[:SHOWN])))


CAMPAIGNS: Final[dict[str, Callable[..., Awaitable[Any]]]] = {
    "campaigns": ended_campaigns,
    "idle_campaigns": idle_campaigns,
}


def _told(found: list[First], *, is_more: bool) -> Foretold:
    return Foretold(count=len(found), is_more=is_more, first=tuple(found[:SHOWN]))
