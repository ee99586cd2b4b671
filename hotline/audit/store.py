"""The table of changes: recorded in the transaction of the change itself, walked along, searched.

The database itself refuses to change or remove a row, whoever asks (`guard_audit`). Nothing is ever pruned: a house
makes some ten changes a day.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Index, String, Text, event, inspect, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.audit.change import Change, Fault, Finding, Head, Kept, as_text, chain_hash, walk
from hotline.database import Base, Database, insert_into

PAGE_READ: Final = 1000
THE_CHAIN: Final = 1


class AuditTable(Base):
    """One change. `was` and `became` are JSON texts as they were hashed; empty: nothing."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_done_by", "done_by", "position"), Index("ix_audit_room", "room", "position"))

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    centre: Mapped[str] = mapped_column(String(8), default="", server_default="")
    done_by: Mapped[str] = mapped_column(String(64))
    room: Mapped[str] = mapped_column(String(40))
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    was: Mapped[str] = mapped_column(Text)
    became: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class AuditHeadTable(Base):
    """The chain's end, one row, locked while a change is recorded."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which changes are looked for; an empty value is anything. `before` is the cursor: only older places."""

    by: str = ""
    room: str = ""
    since: datetime | None = None
    until: datetime | None = None
    word: str = ""
    before: int | None = None


async def record(session: AsyncSession, change: Change) -> int:
    """Write a change down in the transaction that makes it; return its place.

    To be called last in that transaction: changes wait for each other from here to its end.
    """
    row = await _locked_head(session)
    kept = Change(
        by=change.by[:64],
        room=change.room[:40],
        act=change.act[:40],
        subject=change.subject[:200],
        at=change.at,
        before=change.before,
        after=change.after,
        centre=change.centre,
    )
    row.hash, row.position = chain_hash(row.hash, kept), row.position + 1
    session.add(
        AuditTable(
            position=row.position,
            at=kept.at,
            centre=kept.centre,
            done_by=kept.by,
            room=kept.room,
            act=kept.act,
            subject=kept.subject,
            was=as_text(kept.before),
            became=as_text(kept.after),
            hash=row.hash,
        )
    )
    await session.flush()
    return row.position


async def changes(session: AsyncSession, wanted: Wanted, *, limit: int) -> tuple[Kept, ...]:
    """Return the changes that are looked for, newest first."""
    query = select(AuditTable)
    if wanted.by:
        query = query.where(AuditTable.done_by == wanted.by)
    if wanted.room:
        query = query.where(AuditTable.room == wanted.room)
    if wanted.since is not None:
        query = query.where(AuditTable.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditTable.at < wanted.until)
    if wanted.word:
        columns = (AuditTable.subject, AuditTable.act, AuditTable.was, AuditTable.became)
        query = query.where(or_(*(column.icontains(wanted.word, autoescape=True) for column in columns)))
    if wanted.before is not None:
        query = query.where(AuditTable.position < wanted.before)
    rows = await session.scalars(query.order_by(AuditTable.position.desc()).limit(limit))
    return tuple(_kept(row) for row in rows)


async def people_and_rooms(session: AsyncSession) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who ever changed something, and in which rooms."""
    people = await session.scalars(select(AuditTable.done_by).distinct().order_by(AuditTable.done_by))
    rooms = await session.scalars(select(AuditTable.room).distinct().order_by(AuditTable.room))
    return tuple(people), tuple(rooms)


async def head_of_audit(session: AsyncSession) -> Head:
    """Return the end of the chain."""
    row = await session.get(AuditHeadTable, THE_CHAIN, populate_existing=True)
    return Head() if row is None else Head(row.position, row.hash)


async def verify_audit(database: Database, *, printed: str = "") -> Head | Finding:
    """Walk along the whole chain, in pages; return its head, or the first thing that is wrong.

    `printed` is a head that somebody has on paper: the chain must have passed through it.
    """
    async with database.read() as session:
        head, end = Head(), await head_of_audit(session)
        is_printed = printed in {"", head.hash}
        async for kept in _chained(session):
            gone = walk(head, kept) if kept else Finding(fault=Fault.ALTERED, position=head.position + 1)
            if isinstance(gone, Finding):
                return gone
            head = gone
            is_printed = is_printed or head.hash == printed
        if head.position < end.position:
            return Finding(fault=Fault.MISSING, position=head.position + 1)
        return head if head == end and is_printed else Finding(fault=Fault.REWRITTEN, position=head.position)


async def _chained(session: AsyncSession) -> AsyncIterator[Kept | None]:
    """Yield the chain's changes in order; None for a row that cannot be read as one."""
    after = 0
    while True:
        query = select(AuditTable).where(AuditTable.position > after).order_by(AuditTable.position).limit(PAGE_READ)
        rows = (await session.scalars(query)).all()
        for row in rows:
            try:
                yield _kept(row)
            except ValueError:  # what stands in a column is nothing that we wrote
                yield None
        if len(rows) < PAGE_READ:
            return
        after = rows[-1].position
        session.expunge_all()


async def _locked_head(session: AsyncSession) -> AuditHeadTable:
    nothing = Head()
    fresh = {"id": THE_CHAIN, "position": nothing.position, "hash": nothing.hash}
    await session.execute(insert_into(session, AuditHeadTable).values(fresh).on_conflict_do_nothing())
    return await session.get_one(AuditHeadTable, THE_CHAIN, with_for_update=True, populate_existing=True)


def _kept(row: AuditTable) -> Kept:
    change = Change(
        by=row.done_by,
        room=row.room,
        act=row.act,
        subject=row.subject,
        at=row.at,
        before=_values(row.was),
        after=_values(row.became),
        centre=row.centre,
    )
    return Kept(change=change, position=row.position, hash=row.hash)


def _values(written: str) -> dict[str, Any] | None:
    values = json.loads(written) if written else None
    if values is not None and (not isinstance(values, dict) or as_text(values) != written):
        raise ValueError("this is not how a change is written")
    return values


GUARDS: Final[dict[str, tuple[str, ...]]] = {
    "sqlite": (
        """CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'what was audited is not changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS audit_is_not_removed BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'what was audited is not removed'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'what was audited is neither changed nor removed'; END $$""",
        """CREATE OR REPLACE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
        FOR EACH ROW EXECUTE FUNCTION audit_stays()""",
        """CREATE OR REPLACE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()""",
    ),
}


def guard_audit(connection: Connection) -> None:
    """Let the database refuse what would break the chain; may run again at any time. Without the table, nothing."""
    if inspect(connection).has_table("audit"):
        for statement in GUARDS[connection.dialect.name]:
            connection.execute(text(statement))


@event.listens_for(Base.metadata, "after_create")
def _guard_new_tables(_metadata: Any, connection: Connection, **_: Any) -> None:
    guard_audit(connection)
