"""The index: one row for each thing that can be found, its words beside it. Here it is written; see `reading_store`.

A row's id is its moment in microseconds (the next free one where two share it): order, period and page are all one
number, and both databases walk it backwards and stop when a page is full.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Integer, String, Text, UniqueConstraint, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_into, insert_on
from hotline.search import index_store
from hotline.search.row import Found, Row

TRIES: Final = 1000
CLOSE: Final = 3_600_000_000  # microseconds
__all__ = [
    "SearchIndexTable",
    "SearchRowTable",
    "add_rows",
    "already_there",
    "are_close",
    "clear",
    "forget",
    "index_store",
    "put",
    "put_close",
]


class SearchRowTable(Base):
    """One thing that can be found. Its words are in `search_word` (see `index_store`)."""

    __tablename__ = "search_row"
    __table_args__ = (UniqueConstraint("kind", "item"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(16))
    item: Mapped[str] = mapped_column(String(INDEX_TEXT))
    call_id: Mapped[str | None] = mapped_column(String(INDEX_TEXT))
    request: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(INDEX_TEXT))
    home: Mapped[str] = mapped_column(String(INDEX_TEXT))
    homes: Mapped[str] = mapped_column(Text)  # with gaps between
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    names: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


class SearchIndexTable(Base):
    """Whether the index is whole, one row: making it anew may have been interrupted."""

    __tablename__ = "search_index"

    id: Mapped[int] = mapped_column(primary_key=True)
    is_whole: Mapped[bool]


async def is_index_whole(session: AsyncSession) -> bool:
    """Tell whether everything that was written before is in the index."""
    row = await session.get(SearchIndexTable, 1, populate_existing=True)
    return row is not None and row.is_whole


async def note_index(session: AsyncSession, *, is_whole: bool) -> None:
    """Write down that the index is whole, or that it is being made anew."""
    insert = insert_into(session, SearchIndexTable).values(id=1, is_whole=is_whole)
    await session.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"is_whole": is_whole}))


_COLUMNS: Final = tuple(column.name for column in SearchRowTable.__table__.columns)
_ADD: Final = text(
    f"INSERT INTO search_row ({', '.join(_COLUMNS)}) "  # noqa: S608 -- the names of our own columns
    f"VALUES ({', '.join(f':{name}' for name in _COLUMNS)}) ON CONFLICT DO NOTHING"
)
_ADD_WORDS: Final = {
    "sqlite": text("INSERT INTO search_word (rowid, words) VALUES (:id, :words)"),
    "postgresql": text(
        "INSERT INTO search_word (id, words)"
        " VALUES (:id, array_to_tsvector(string_to_array(CAST(:words AS text), ' ')))"
    ),
}


def put(connection: Connection, row: Row) -> bool:
    """Write a row over what the index has of the thing; return whether that says anything new."""
    old = connection.execute(
        select(SearchRowTable).where(SearchRowTable.kind == row.kind.value, SearchRowTable.item == row.item)
    ).one_or_none()
    values = values_of(row)
    if old is not None:
        if _says(old, row):
            return False
        connection.execute(delete(SearchRowTable).where(SearchRowTable.id == old.id))
    for place in range(row.place, row.place + TRIES):  # another thing of the same microsecond
        added = connection.execute(_ADD, {"id": place, **values}).rowcount
        # Or it is the same thing, which somebody has indexed since we looked: what is written last stands.
        if not added and forget(connection, row.kind, row.item):
            added = connection.execute(_ADD, {"id": place, **values}).rowcount
        if added:
            connection.execute(_ADD_WORDS[connection.dialect.name], {"id": place, "words": " ".join(row.words)})
            return True
    return False


def put_close(connection: Connection, kind: Found, rows: Sequence[Row]) -> None:
    """Do the same for many things of one kind that are close (`are_close`), in a few statements."""
    items = [row.item for row in rows]
    wanted = select(SearchRowTable).where(SearchRowTable.kind == kind.value, SearchRowTable.item.in_(items))
    old = {one.item: one for one in connection.execute(wanted)}
    new = [row for row in rows if row.item not in old or not _says(old[row.item], row)]
    stale = [old[row.item].id for row in new if row.item in old]
    if stale:
        connection.execute(delete(SearchRowTable).where(SearchRowTable.id.in_(stale)))
    # Somebody may have indexed one of them since we looked: what is written last stands.
    if add_rows(connection, new) < len(new):
        for row in new:
            put(connection, row)


def forget(connection: Connection, kind: Found, item: str) -> bool:
    """Take a thing out of the index; return whether it was there."""
    thing = SearchRowTable.kind == kind.value, SearchRowTable.item == item
    return bool(connection.execute(delete(SearchRowTable).where(*thing)).rowcount)


def are_close(rows: Sequence[Row]) -> bool:
    """Tell whether there are several, all of one hour: they are added at once by a look at all that lies between."""
    places = [row.place for row in rows]
    return len(places) > 1 and max(places) - min(places) < CLOSE


def add_rows(connection: Connection, rows: Sequence[Row]) -> int:
    """Write rows of which the index has none yet, many at once; return how many. One that it has stays as it is."""
    taken: set[int] = set()
    wanted = sorted(row.place for row in rows)
    if wanted:
        between = SearchRowTable.id.between(wanted[0], wanted[-1] + TRIES)
        taken = set(connection.scalars(select(SearchRowTable.id).where(between)))
    values, words = [], []
    for row in rows:
        place = row.place
        while place in taken:
            place += 1
        taken.add(place)
        values.append({"id": place, **values_of(row)})
        words.append({"id": place, "words": " ".join(row.words)})
    if not values:
        return 0
    new = insert_on(connection, SearchRowTable).on_conflict_do_nothing().returning(SearchRowTable.id)
    added = set(connection.scalars(new, values))
    if added:
        connection.execute(_ADD_WORDS[connection.dialect.name], [one for one in words if one["id"] in added])
    return len(added)


def already_there(connection: Connection, kind: Found, items: Sequence[str]) -> set[str]:
    """Return which of these things the index has."""
    wanted = SearchRowTable.kind == kind.value, SearchRowTable.item.in_(items)
    return set(connection.scalars(select(SearchRowTable.item).where(*wanted)))


def clear(connection: Connection, after: int, limit: int) -> int | None:
    """Take the next rows of the index above `after` away; return the last one's id, None at the end."""
    next_ones = select(SearchRowTable.id).where(SearchRowTable.id > after).order_by(SearchRowTable.id).limit(limit)
    ids = connection.scalars(next_ones).all()
    if ids:
        connection.execute(delete(SearchRowTable).where(SearchRowTable.id.in_(ids)))
    return ids[-1] if len(ids) == limit else None


def _says(kept: Any, row: Row) -> bool:
    """Tell whether what the index has of a thing is what this row says."""
    values = values_of(row)
    return {name: getattr(kept, name) for name in values} == values and 0 <= kept.id - row.place < TRIES


def values_of(row: Row) -> dict[str, Any]:
    """Return the columns of a row but for its id."""
    return {
        "kind": row.kind.value,
        "item": row.item,
        "call_id": row.call_id,
        "request": row.request[:20],
        "number": row.number[:INDEX_TEXT],
        "home": row.home[:INDEX_TEXT],
        "homes": " ".join(row.homes),
        "who": row.who[:INDEX_TEXT],
        "names": row.names,
        "text": row.text,
    }
