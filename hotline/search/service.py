"""Answer what somebody looks for: read the index, hold what it found against the question, cut it into pages.

`rebuild` makes the index anew from the tables it is about, a page at a time, while the desk goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database
from hotline.search import follow_store
from hotline.search.hits import Piece, holds, quoted, weight
from hotline.search.query import Query
from hotline.search.reading_store import FIRST_MOMENT, LAST, newest
from hotline.search.row import Found, Row, place_of
from hotline.search.store import is_index_whole, note_index

MOST_RESIDENTS: Final = 5  # shown before everything else
WEIGHED: Final = 100  # newest hits among which the best are sought
LOOKS: Final = 6  # times the index is asked for one page, where pairs agree and words do not
# SQLite's waiting writers look again every tenth of a second: without a gap of that length they might never get in.
GIVE_WAY_S: Final = 0.11
POLITE: Final = 50  # times that a rebuild comes back rather than queue for the index, so that nobody queues behind it
Order = Literal["newest", "best"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found, and the part of its text that says so."""

    row: Row
    quote: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPage:
    """Some hits; `next_cursor` begins the next page, 0 at the end. `weighed`: among how many the best were sought."""

    hits: tuple[Hit, ...]
    next_cursor: int
    weighed: int | None = None


async def find(
    session: AsyncSession, query: Query, *, order: Order = "newest", cursor: int = 0, limit: int = 50
) -> HitPage:
    """Return a page of what answers the query; `cursor` is the last page's, 0 for the first.

    Residents who answer come first, before the first page's hits.
    """
    if query.is_empty:
        return HitPage(hits=(), next_cursor=0)
    if query.kind is Found.RESIDENT:
        found, more = await _holding(session, query, before=cursor or None, first=0, limit=limit)
        return _page(found, query, found[-1][0] if more else 0)
    people = [] if cursor or query.kind or not query.words else await _residents(session, query)
    first = max(FIRST_MOMENT, place_of(query.since) if query.since else 0)
    until = place_of(query.until) if query.until else None
    if order == "best":
        found, _ = await _holding(session, query, before=until, first=first, limit=WEIGHED)
        # sorted() keeps the newest first among those that weigh the same.
        ranked = sorted(found, key=lambda hit: -weight(hit[1], query))
        end = cursor + limit
        page = _page(people + ranked[cursor:end], query, end if end < len(ranked) else 0)
        return HitPage(hits=page.hits, next_cursor=page.next_cursor, weighed=len(ranked))
    before = min(place for place in (cursor or None, until, LAST) if place is not None)
    found, more = await _holding(session, query, before=before, first=first, limit=limit)
    return _page(people + found, query, found[-1][0] if more else 0)


async def rebuild(database: Database, *, area_code: str, tell: Callable[[Found, int], None]) -> int:
    """Make the index anew; `tell` is called as it grows with the kind and how many of it there are so far.

    What is written meanwhile is indexed by its own transaction, and stands. Several may run at once: the last to end
    has seen to everything. Run again after an interruption.
    """
    async with database.begin() as session:
        await note_index(session, is_whole=False)
    total, gone, is_more = 0, None, True
    while is_more:
        async with _page_of_rebuild(database) as session:
            gone = await session.run_sync(follow_store.empty_page, gone)
        is_more = gone is not None
    for kind in follow_store.every_kind():
        after, count, is_more = None, 0, True
        while is_more:
            async with _page_of_rebuild(database) as session:
                after, indexed = await session.run_sync(follow_store.rebuild_page, kind, after, area_code=area_code)
            count, is_more = count + indexed, after is not None
            tell(kind, count)
        total += count
    async with database.begin() as session:
        await note_index(session, is_whole=True)
    return total


async def index_old(database: Database, *, area_code: str) -> int:
    """Index what was written before there was an index; return how much. Nothing is done where a whole one is."""
    async with database.read() as session:
        if await is_index_whole(session):
            return 0
    return await rebuild(database, area_code=area_code, tell=lambda _kind, _count: None)


@asynccontextmanager
async def _page_of_rebuild(database: Database) -> AsyncIterator[AsyncSession]:
    """Open a transaction that has the index to itself. The desk goes first."""
    if database.engine.dialect.name == "sqlite":
        await asyncio.sleep(GIVE_WAY_S)
    for look in range(POLITE + 1):
        async with database.begin() as session:
            if await session.run_sync(follow_store.may_rebuild, may_wait=look == POLITE):
                yield session
                return
        await asyncio.sleep(GIVE_WAY_S)


async def _residents(session: AsyncSession, query: Query) -> list[tuple[int, Row]]:
    found = await newest(session, query.words, before=FIRST_MOMENT, limit=MOST_RESIDENTS)
    return [hit for hit in found if holds(hit[1], query)]


async def _holding(
    session: AsyncSession, query: Query, *, before: int | None, first: int, limit: int
) -> tuple[list[tuple[int, Row]], bool]:
    """Return rows that truly answer, newest first, and whether there may be more."""
    found: list[tuple[int, Row]] = []
    for _ in range(LOOKS):
        read = await newest(session, query.words, before=before, first=first, limit=limit + 1)
        found += [hit for hit in read if holds(hit[1], query)]
        if len(found) > limit:
            return found[:limit], True
        if len(read) <= limit:
            return found, False
        before = read[-1][0]
    return found, bool(found)


def _page(found: list[tuple[int, Row]], query: Query, next_cursor: int) -> HitPage:
    runs = (*query.runs, *query.names)
    return HitPage(hits=tuple(Hit(row=row, quote=quoted(row.text, runs)) for _, row in found), next_cursor=next_cursor)
