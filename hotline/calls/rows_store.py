"""Tables and queries of what the ledger is made from: Asterisk's rows as read, the cursor, and whose rows they are.

Comes before `store`. A page's rows and the cursor are one transaction, and so is what they say of families.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.cel import CelPage, CelRow
from hotline.calls.family import join, links
from hotline.database import Base

OWN_SOURCE = "hotline"  # rows we add ourselves, beside Asterisk's
ID_TEXT = 80  # longest linkedid or unique id kept


class CelSourceTable(Base):
    """How far one event log of Asterisk's has been read."""

    __tablename__ = "cel_source"

    id: Mapped[str] = mapped_column(String(ID_TEXT), primary_key=True)
    position: Mapped[int]


class CelRowTable(Base):
    """One row of the event log, as read."""

    __tablename__ = "cel_row"

    source: Mapped[str] = mapped_column(ForeignKey("cel_source.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    linkedid: Mapped[str] = mapped_column(String(ID_TEXT), index=True)
    at: Mapped[datetime]
    values: Mapped[dict[str, Any]] = mapped_column(JSON)


class CelFamilyTable(Base):
    """Each channel and linkedid that was seen, and the call it belongs to: the oldest linkedid of its family."""

    __tablename__ = "cel_family"

    id: Mapped[str] = mapped_column(String(ID_TEXT), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(ID_TEXT), index=True)


async def cursor_of(session: AsyncSession, source: str) -> int:
    """Return how far this source has been read; 0 for a new one."""
    row = await session.get(CelSourceTable, source)
    return 0 if row is None else row.position


@dataclass(frozen=True, slots=True)
class Kept:
    """What a page touched: the calls, in order, and the younger ones that turned out to be part of an older (which)."""

    calls: tuple[str, ...]
    joined: Mapping[str, str]


async def keep_page(session: AsyncSession, page: CelPage) -> Kept:
    """Store a page's rows, find whose they are and move the cursor.

    A page read twice is kept once: rows at or before the cursor are passed over.
    """
    source = await session.get(CelSourceTable, page.source, with_for_update=True)
    if source is None:
        source = CelSourceTable(id=page.source, position=0)
        session.add(source)
        await session.flush()
    new = [row for row in page.rows if row.position > source.position]
    if new:
        await session.execute(
            insert(CelRowTable),
            [
                {
                    "source": page.source,
                    "position": row.position,
                    "linkedid": row.linkedid[:ID_TEXT],
                    "at": row.at,
                    "values": _values(row),
                }
                for row in new
            ],
        )
    source.position = max(source.position, page.position)
    await session.flush()
    call_of, joined = await _find_families(session, new)
    calls = dict.fromkeys(call_of[row.linkedid[:ID_TEXT]] for row in new)
    return Kept(tuple(calls), joined)


async def _find_families(session: AsyncSession, new: Iterable[CelRow]) -> tuple[dict[str, str], dict[str, str]]:
    seen = dict.fromkeys((one[:ID_TEXT], linkedid[:ID_TEXT]) for one, linkedid in links(new))
    ids = {name for pair in seen for name in pair}
    found = await session.execute(
        select(CelFamilyTable.id, CelFamilyTable.call_id).where(CelFamilyTable.id.in_(sorted(ids)))
    )
    known = dict(found.tuples().all())
    call_of = join(seen, known)
    joined = {call: call_of[call] for call in sorted(set(known.values())) if call_of[call] != call}
    for young, old in joined.items():
        await session.execute(
            update(CelFamilyTable).where(CelFamilyTable.call_id == young).values(call_id=old),
            execution_options={"synchronize_session": False},
        )
    fresh = [{"id": one, "call_id": call_of[one]} for one in sorted(ids - known.keys())]
    if fresh:
        await session.execute(insert(CelFamilyTable), fresh)
    return call_of, joined


async def write_families(session: AsyncSession, rows: Iterable[CelRow]) -> None:
    """Find anew whose these stored rows are."""
    await _find_families(session, rows)


async def families_of(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """Return the call of each of these linkedids and channels that is known."""
    found = await session.execute(
        select(CelFamilyTable.id, CelFamilyTable.call_id).where(
            CelFamilyTable.id.in_(sorted(one[:ID_TEXT] for one in ids))
        )
    )
    return dict(found.tuples().all())


async def linkedids_page(session: AsyncSession, *, after: str, limit: int) -> dict[str, str]:
    """Return linkedids that rows were seen under, by id, beginning behind `after`, each with its call."""
    wanted = select(CelRowTable.linkedid).where(CelRowTable.linkedid > after).distinct()
    found = (await session.scalars(wanted.order_by(CelRowTable.linkedid).limit(limit))).all()
    return {**{one: one for one in found}, **await families_of(session, found)}


async def rows_between(session: AsyncSession, source: str, after: int, until: int) -> list[CelRow]:
    """Return the stored rows of a source behind `after` and up to `until`."""
    found = await session.execute(
        select(CelRowTable.position, CelRowTable.linkedid, CelRowTable.at, CelRowTable.values).where(
            CelRowTable.source == source, CelRowTable.position > after, CelRowTable.position <= until
        )
    )
    return [
        CelRow(position=position, at=at, linkedid=linkedid, **values)
        for position, linkedid, at, values in found.tuples()
    ]


async def call_id_of(session: AsyncSession, one: str) -> str:
    """Return the call that a linkedid or channel belongs to: itself where nothing else is known."""
    return await session.scalar(select(CelFamilyTable.call_id).where(CelFamilyTable.id == one)) or one


async def rows_of(session: AsyncSession, call_id: str) -> list[CelRow]:
    """Return every row of a call and of what became part of it, in the order they were written."""
    return (await rows_of_calls(session, [call_id]))[call_id]


async def rows_of_calls(session: AsyncSession, call_ids: Collection[str]) -> dict[str, list[CelRow]]:
    """Return the rows of several calls, by call, each in the order they were written."""
    members = await session.execute(
        select(CelFamilyTable.id, CelFamilyTable.call_id).where(CelFamilyTable.call_id.in_(sorted(call_ids)))
    )
    # Calls of before there were families are of one linkedid.
    call_of = {**{call_id: call_id for call_id in call_ids}, **dict(members.tuples().all())}
    found = await session.execute(
        select(CelRowTable.position, CelRowTable.linkedid, CelRowTable.at, CelRowTable.values)
        .where(CelRowTable.linkedid.in_(sorted(call_of)))
        # As they were written, not by the clock, which may be set back; our own rows come after the switch's.
        .order_by(CelRowTable.source == OWN_SOURCE, CelRowTable.source, CelRowTable.position)
    )
    rows: dict[str, list[CelRow]] = {call_id: [] for call_id in call_ids}
    for position, linkedid, at, values in found.tuples():
        # written by _values below
        rows[call_of[linkedid]].append(CelRow(position=position, at=at, linkedid=linkedid, **values))
    return rows


async def last_row_of(session: AsyncSession, call_id: str) -> CelRow | None:
    """Return the newest row of a call."""
    rows = await rows_of(session, call_id)
    return rows[-1] if rows else None


def _values(row: CelRow) -> dict[str, Any]:
    names = (
        "type", "uniqueid", "channel", "caller_number", "caller_name", "extension", "context", "application", "data",
        "peer", "extra",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}
