"""Read the index newest first. Both databases walk it backwards by id and stop when a page is full.

SQLite's FTS5 does so by itself. PostgreSQL must choose between walking back and collecting everything that has the
words, and chooses badly: it takes words that always stand together for a coincidence. So the way is chosen here.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.search.row import FACT_HOME, FACT_NUMBER, Found, Row, moment_of
from hotline.search.store import SearchRowTable

LAST: Final = 2**62
FIRST_MOMENT: Final = 10**12  # microseconds: before it stand the residents, who have no moment
# Rows that PostgreSQL walks back for a page. Words too rare for that are collected: at five million calls (eight
# million rows) those that stand in fewer than 15 of 10,000, which are some ten thousand rows.
WALKED: Final = 20_000
WALKED_FOR_ONE: Final = 400
RARE: Final = (FACT_NUMBER, FACT_HOME)

_SQLITE: Final = text(
    "SELECT rowid FROM search_word WHERE search_word MATCH :words AND rowid >= :first AND rowid < :before"
    " ORDER BY rowid DESC LIMIT :limit"
)
_WALK: Final = text(
    "SELECT id FROM (SELECT id, words FROM search_word WHERE id >= :first AND id < :before"
    " ORDER BY id DESC LIMIT :walked) AS newest WHERE words @@ CAST(CAST(:words AS text) AS tsquery) LIMIT :limit"
)
_BEYOND: Final = text(
    "SELECT id FROM search_word WHERE id >= :first AND id < :before ORDER BY id DESC OFFSET :walked LIMIT 1"
)
# The sum keeps PostgreSQL from walking back by the order of ids after all.
_COLLECT: Final = text(
    "SELECT id FROM search_word WHERE words @@ CAST(CAST(:words AS text) AS tsquery)"
    " AND id >= :first AND id < :before ORDER BY id + 0 DESC LIMIT :limit"
)
_BIG: Final = tuple(bindparam(name, type_=BigInteger) for name in ("first", "before"))
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
    found: list[int] = []
    if not any(word.startswith(RARE) for word in words):
        walked = {"walked": max(WALKED, WALKED_FOR_ONE * limit)}
        found = list(await session.scalars(_WALK.bindparams(*_BIG), asked | walked))
        if len(found) == limit:
            return found
        beyond: int | None = await session.scalar(_BEYOND.bindparams(*_BIG), bounds | walked)
        if beyond is None:
            return found
        asked |= {"before": beyond + 1, "limit": limit - len(found)}
    return found + list(await session.scalars(_COLLECT.bindparams(*_BIG), asked))


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
