"""Read the index newest first. Both databases walk it backwards by id and stop when a page is full.

SQLite's FTS5 does so by itself. PostgreSQL has a word's rows in no order of time: it can walk back over all rows, which
is quick for words that many of them have, or collect every row of the words, which is quick for those that few have.
So the newest rows are walked, and what is not there is collected, a span of time after the other (see `spans`), each
about as long as the page should need: neither way grows with what the index holds.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.search.row import FACT_HOME, FACT_NUMBER, Found, Row, moment_of
from hotline.search.spans import further, spans_back
from hotline.search.store import SearchRowTable

LAST: Final = 2**62
FIRST_MOMENT: Final = 10**12  # microseconds: before it stand the residents, who have no moment
WALKED: Final = 2_000  # rows that PostgreSQL walks back for a page …
WALKED_FOR_ONE: Final = 40  # … or for one row of it, where that is more
RARE: Final = (FACT_NUMBER, FACT_HOME)  # these few rows are collected at once, of whatever time

_SQLITE: Final = text(
    "SELECT rowid FROM search_word WHERE search_word MATCH :words AND rowid >= :first AND rowid < :before"
    " ORDER BY rowid DESC LIMIT :limit"
)
_WALK: Final = text(
    "SELECT id FROM (SELECT id, words FROM search_word WHERE id >= :first AND id < :before"
    " ORDER BY id DESC LIMIT :walked) AS newest WHERE words @@ CAST(CAST(:words AS text) AS tsquery) LIMIT :limit"
)
_REACHED: Final = text(
    "SELECT count(*), min(id), max(id) FROM (SELECT id FROM search_word WHERE id >= :first AND id < :before"
    " ORDER BY id DESC LIMIT :walked) AS newest"
)
# The sums keep PostgreSQL from walking back by the order of ids after all.
_COLLECT: Final = text(
    "SELECT id FROM search_word WHERE words @@ CAST(CAST(:words AS text) AS tsquery)"
    " AND id + 0 >= :first AND id + 0 < :before ORDER BY id + 0 DESC LIMIT :limit"
)
_COLLECT_IN: Final = text(
    "SELECT id FROM search_word WHERE words @@ CAST(CAST(:words AS text) AS tsquery) AND search_spans(id) && :spans"
    " AND id + 0 >= :first AND id + 0 < :before ORDER BY id + 0 DESC LIMIT :limit"
)
_BIG: Final = tuple(bindparam(name, type_=BigInteger) for name in ("first", "before"))
_SPANS: Final = bindparam("spans", type_=ARRAY(BigInteger))
# A plan for any words would be one for none; and these plans take longer to compile than to run.
_PLAIN: Final = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)")


async def newest(
    session: AsyncSession, words: Sequence[str], *, before: int | None = None, first: int = 0, limit: int = 50
) -> list[tuple[int, Row]]:
    """Return rows that have all these words, newest first, each with its place: the next page is before the last one.

    `first` is the lowest place that is looked at. Without words, everything is found.
    """
    bounds = {"first": first, "before": LAST if before is None else before}
    wanted = select(SearchRowTable).order_by(SearchRowTable.id.desc())
    if not words:
        wanted = wanted.where(SearchRowTable.id >= first, SearchRowTable.id < bounds["before"]).limit(limit)
    else:
        wanted = wanted.where(SearchRowTable.id.in_(await _places(session, words, bounds, limit)))
    return [(row.id, _row(row)) for row in await session.scalars(wanted)]


async def _places(session: AsyncSession, words: Sequence[str], bounds: dict[str, int], limit: int) -> list[int]:
    # No word has a quote or a backslash: letters, digits and the signs of facts are all there is.
    if session.get_bind().dialect.name == "sqlite":
        asked = {"words": " AND ".join(f'"{word}"' for word in words), "limit": limit, **bounds}
        return list(await session.scalars(_SQLITE, asked))
    await session.execute(_PLAIN)
    asked = {"words": " & ".join(f"'{word}'" for word in words), "limit": limit, **bounds}
    if any(word.startswith(RARE) for word in words):
        return list(await session.scalars(_COLLECT.bindparams(*_BIG), asked))
    walked = {"walked": max(WALKED, WALKED_FOR_ONE * limit)}
    found = list(await session.scalars(_WALK.bindparams(*_BIG), asked | walked))
    if len(found) == limit:
        return found
    count, low, high = (await session.execute(_REACHED.bindparams(*_BIG), bounds | walked)).one()
    if count < walked["walked"]:
        return found
    return found + await _collected(session, asked, len(found), low, high - low)


async def _collected(session: AsyncSession, asked: dict[str, Any], count: int, before: int, over: int) -> list[int]:
    """Return the rest of a page before this place, of which `count` rows were found over so long a time."""
    first, limit = asked["first"], asked["limit"] - count
    found: list[int] = []
    while len(found) < limit and before > first:
        spans = spans_back(before - 1, further(wanted=limit - len(found), found=count, over=over), first=first)
        window = {"spans": list(spans.keys), "first": max(first, spans.first), "before": before}
        more = await session.scalars(
            _COLLECT_IN.bindparams(*_BIG, _SPANS), asked | window | {"limit": limit - len(found)}
        )
        found += (read := list(more))
        over, before, count = before - spans.first, spans.first, len(read)
    return found


def _row(row: SearchRowTable) -> Row:
    return Row(
        kind=Found(row.kind),
        item=row.item,
        at=moment_of(row.id),
        call_id=row.call_id,
        request=row.request,
        number=row.number,
        home=row.home,
        homes=tuple(row.homes.split()),
        who=row.who,
        names=row.names,
        text=row.text,
    )
