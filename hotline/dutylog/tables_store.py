"""The duty log's own table, and the way from its rows to entries.

The database itself refuses to change or remove a row that is in the chain, whoever asks (`guard_chain`).
"""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    inspect,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.dutylog.entry import DutyEntry, EntryState, Kind, Source


class DutyPageTable(Base):
    """The number given last: one row, locked while a number is given: none is missing, none is double."""

    __tablename__ = "duty_page"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class DutyEntryTable(Base):
    """One entry. `draft_of` is the call while this is its draft, and empty from confirmation on."""

    __tablename__ = "duty_entry"
    __table_args__ = (
        UniqueConstraint("centre", "day", "day_number"),
        UniqueConstraint("chain_position"),
        Index("ix_duty_entry_corrects", "corrects"),
        Index("ix_duty_entry_kind_written_at", "kind", "written_at"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str | None] = mapped_column(String(INDEX_TEXT), index=True)
    draft_of: Mapped[str | None] = mapped_column(String(INDEX_TEXT), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    is_urgent: Mapped[bool] = mapped_column(Boolean)
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    home: Mapped[str] = mapped_column(String(INDEX_TEXT))
    matter: Mapped[str] = mapped_column(Text)
    promised: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(String(INDEX_TEXT))
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    corrects: Mapped[int | None]  # no foreign key: the time of what was corrected is up before its correction's
    source: Mapped[str] = mapped_column(String(20), default=Source.CALL, server_default=Source.CALL.value)
    result: Mapped[str] = mapped_column(Text, default="", server_default="")
    centre: Mapped[str] = mapped_column(String(8), default="", server_default="")
    day: Mapped[date | None] = mapped_column(Date)
    day_number: Mapped[int | None]
    chain_position: Mapped[int | None]
    chain_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")


class DutyEntryMovedTable(Base):
    """A call that turned out to be part of another one. Its confirmed entries stay as they were written."""

    __tablename__ = "duty_entry_moved"

    from_call: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    to_call: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)


def entry_of_row(row: DutyEntryTable) -> DutyEntry:
    """Return the entry that a row keeps. Raises ValueError for a row that none of us wrote."""
    return DutyEntry(
        number=row.number,
        state=EntryState(row.state),
        call_id=row.call_id,
        kind=Kind(row.kind),
        is_urgent=row.is_urgent,
        who=row.who,
        home=row.home,
        matter=row.matter,
        promised=row.promised,
        agent=row.agent,
        written_at=row.written_at,
        written_by=row.written_by,
        corrects=row.corrects,
        source=Source(row.source),
        result=row.result,
        centre=row.centre,
        day=row.day,
        day_number=row.day_number,
        chain_position=row.chain_position,
        chain_hash=row.chain_hash,
    )


# A row in the chain may go only when its time is up: then the chain's beginning has been moved behind it first.
GUARDS: Final[dict[str, tuple[str, ...]]] = {
    "sqlite": (
        """CREATE TRIGGER IF NOT EXISTS duty_entry_is_not_changed BEFORE UPDATE ON duty_entry
        WHEN OLD.chain_position IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a confirmed entry of the duty log is not changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS duty_entry_is_not_removed BEFORE DELETE ON duty_entry
        WHEN OLD.chain_position > (SELECT COALESCE(MAX(begins_position), 0) FROM duty_chain)
        BEGIN SELECT RAISE(ABORT, 'a confirmed entry of the duty log is not removed'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION duty_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'TRUNCATE' THEN
            RAISE EXCEPTION 'the duty log is not emptied';
          ELSIF TG_OP = 'UPDATE' AND OLD.chain_position IS NOT NULL THEN
            RAISE EXCEPTION 'a confirmed entry of the duty log is not changed';
          ELSIF TG_OP = 'DELETE' THEN
            IF OLD.chain_position > (SELECT COALESCE(MAX(begins_position), 0) FROM duty_chain) THEN
              RAISE EXCEPTION 'a confirmed entry of the duty log is not removed';
            END IF;
            RETURN OLD;
          END IF;
          RETURN NEW;
        END $$""",
        """CREATE OR REPLACE TRIGGER duty_entry_is_not_changed BEFORE UPDATE OR DELETE ON duty_entry
        FOR EACH ROW EXECUTE FUNCTION duty_entry_stays()""",
        """CREATE OR REPLACE TRIGGER duty_log_is_not_emptied BEFORE TRUNCATE ON duty_entry
        FOR EACH STATEMENT EXECUTE FUNCTION duty_entry_stays()""",
    ),
}


def guard_chain(connection: Connection) -> None:
    """Let the database refuse what would break the chain; may run again at any time, after any migration.

    It does nothing in a database that is not yet, or no longer, of a shape with a chain.
    """
    tables = inspect(connection)
    if not tables.has_table("duty_entry") or not tables.has_table("duty_chain"):
        return
    if "chain_position" in {column["name"] for column in tables.get_columns("duty_entry")}:
        for statement in GUARDS[connection.dialect.name]:
            connection.execute(text(statement))


@event.listens_for(Base.metadata, "after_create")
def _guard_new_tables(_metadata: Any, connection: Connection, **_: Any) -> None:
    guard_chain(connection)
