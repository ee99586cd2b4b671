"""The tables of reports: a fact for each call that is over, their sums by day, week and month, and what is behind.

A fact is written in the transaction that writes its call, with a mark that its day's sums are behind. A marked day is
read from its facts, any other from its sums: so what is read is always the sum of the calls. Facts and sums hold
nothing of a person and stay when calls are removed. What was done for residents has sums and marks of its own: its days
change for weeks after their calls are over.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Date, Index, String, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_on
from hotline.reports.fact import Fact
from hotline.reports.tally import Sums, Tally, as_one


class ReportFactTable(Base):
    """One call that is over, as reports count it (`fact.Fact`)."""

    __tablename__ = "report_fact"
    __table_args__ = (
        Index("ix_report_fact_rang_at_call_id", "rang_at", "call_id"),
        Index("ix_report_fact_day", "day"),
    )

    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    rang_at: Mapped[datetime]
    day: Mapped[date] = mapped_column(Date)
    hour: Mapped[int]
    weekday: Mapped[int]
    direction: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(40))
    is_offered: Mapped[bool]
    is_answered: Mapped[bool]
    is_abandoned: Mapped[bool]
    is_short: Mapped[bool]
    is_unreached: Mapped[bool]
    is_within_three_rings: Mapped[bool]
    is_within_limit: Mapped[bool]
    is_emergency: Mapped[bool]
    lift_ms: Mapped[int | None]
    human_ms: Mapped[int | None]
    late: Mapped[str] = mapped_column(String(10))
    cause: Mapped[str] = mapped_column(String(20))
    queue: Mapped[str] = mapped_column(String(INDEX_TEXT))
    menu: Mapped[str] = mapped_column(String(20))
    agent: Mapped[str] = mapped_column(String(INDEX_TEXT))
    building: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    satisfaction: Mapped[int | None]
    marked: Mapped[str] = mapped_column(String(INDEX_TEXT), default="", server_default="")
    talks: Mapped[list[Any]]
    missed: Mapped[list[Any]]


class ReportSumTable(Base):
    """The sums of one day ("2026-11-21"), week ("2026-W47") or month ("2026-11") by one value of one dimension."""

    __tablename__ = "report_sum"

    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    sums: Mapped[dict[str, Any]]


class ReportBehindTable(Base):
    """A day, week or month whose sums are not those of its calls (any more)."""

    __tablename__ = "report_behind"

    span: Mapped[str] = mapped_column(String(10), primary_key=True)


class ServiceSumTable(Base):
    """The counts of what was done for residents, of one day, week or month (`service_counts`)."""

    __tablename__ = "report_service_sum"

    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    counts: Mapped[dict[str, Any]]


class ServiceBehindTable(Base):
    """A day, week or month whose counts are not those of its follow-ups, draws and answers (any more)."""

    __tablename__ = "report_service_behind"

    span: Mapped[str] = mapped_column(String(10), primary_key=True)


class ReportBuiltTable(Base):
    """How far old calls' facts and old entries' matters are built; the time zone of facts and of service's days."""

    __tablename__ = "report_built"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    zone: Mapped[str] = mapped_column(String(INDEX_TEXT))
    after: Mapped[str] = mapped_column(String(INDEX_TEXT))  # the last call, or number of an entry, that was built
    is_done: Mapped[bool]


FACT_COLUMNS: Final = tuple(ReportFactTable.__table__.columns)
PARAMETERS_AT_ONCE: Final = 50
MAP: Final = "week-hour"  # kept as one row
FACTS: Final = 1  # rows of `report_built`
MATTERS: Final = 2
SERVICE: Final = 3
Marks = type[ReportBehindTable] | type[ServiceBehindTable]


def put_facts(connection: Connection, facts: Iterable[Fact]) -> None:
    """Write facts over what was there, and mark the days they stand on and those they stood on before."""
    rows = [_values(fact) for fact in facts]
    if not rows:
        return
    ids = [row["call_id"] for row in rows]
    days = set(connection.scalars(select(ReportFactTable.day).where(ReportFactTable.call_id.in_(ids))))
    for first in range(0, len(rows), PARAMETERS_AT_ONCE):
        adding = insert_on(connection, ReportFactTable).values(rows[first : first + PARAMETERS_AT_ONCE])
        news = {column.name: adding.excluded[column.name] for column in FACT_COLUMNS if column.name != "call_id"}
        connection.execute(adding.on_conflict_do_update(index_elements=["call_id"], set_=news))
    mark_behind(connection, days | {row["day"] for row in rows})


def take_fact_away(connection: Connection, call_id: str) -> None:
    """Remove the fact of a call that turned out to be part of another one."""
    days = connection.scalars(select(ReportFactTable.day).where(ReportFactTable.call_id == call_id)).all()
    connection.execute(delete(ReportFactTable).where(ReportFactTable.call_id == call_id))
    mark_behind(connection, days)


def mark_behind(connection: Connection, days: Iterable[date | str], marks: Marks = ReportBehindTable) -> None:
    """Mark the sums of these days (or weeks, months) as behind.

    The row is written also where it is there: whoever brings the sums up to date then waits for this transaction.
    """
    for span in sorted({str(day) for day in days}):
        adding = insert_on(connection, marks).values(span=span)
        connection.execute(adding.on_conflict_do_update(index_elements=["span"], set_={"span": adding.excluded.span}))


async def days_behind(
    session: AsyncSession, first: date | None = None, last: date | None = None, marks: Marks = ReportBehindTable
) -> list[date]:
    """Return the marked days, oldest first; of this stretch, where one is given."""
    wanted = select(marks.span).order_by(marks.span)
    if first is not None:
        wanted = wanted.where(marks.span >= first.isoformat())
    if last is not None:
        wanted = wanted.where(marks.span <= last.isoformat())
    spans = await session.scalars(wanted)
    return [date.fromisoformat(span) for span in spans if len(span) == len("2026-11-21")]


async def longer_behind(session: AsyncSession, marks: Marks = ReportBehindTable) -> list[str]:
    """Return the marked months ("2026-11") and weeks ("2026-W47"), oldest first."""
    spans = await session.scalars(select(marks.span).order_by(marks.span))
    return [span for span in spans if len(span) < len("2026-11-21")]


async def built(session: AsyncSession, what: int = FACTS) -> ReportBuiltTable | None:
    """Return how far the facts of old calls (or the matters of old entries) are; None where nobody has begun."""
    return await session.get(ReportBuiltTable, what, populate_existing=True)


async def add_sums(session: AsyncSession, span: str, sums: Sums) -> None:
    """Write a span's sums in place of what was there."""
    await session.execute(delete(ReportSumTable).where(ReportSumTable.span == span))
    rows = [
        {"span": span, "dimension": dimension, "value": value, "sums": tally.packed()}
        for dimension, tallies in sums.items()
        for value, tally in (tallies if dimension != MAP else {"": as_one(tallies)}).items()
    ]
    if rows:
        await session.execute(insert(ReportSumTable), rows)


async def sums_of(session: AsyncSession, span: str, dimension: str) -> dict[str, Tally]:
    """Return the sums of a span as they are kept, by value."""
    rows = await session.execute(
        select(ReportSumTable.value, ReportSumTable.sums).where(
            ReportSumTable.span == span, ReportSumTable.dimension == dimension
        )
    )
    found: dict[str, Tally] = {}
    for value, sums in rows.tuples():
        found.setdefault(value, Tally()).add_packed([sums])
    return found


async def take_mark(session: AsyncSession, span: str, marks: Marks = ReportBehindTable) -> bool:
    """Take a span's mark away; False where somebody did so before. Who writes a mark now waits for this transaction."""
    found = await session.execute(delete(marks).where(marks.span == span))
    return bool(getattr(found, "rowcount", 0))


def _values(fact: Fact) -> dict[str, Any]:
    return {
        **{column.name: getattr(fact, column.name) for column in FACT_COLUMNS},
        "queue": fact.queue[:INDEX_TEXT],
        "menu": fact.menu[:20],
        "agent": fact.agent[:INDEX_TEXT],
        "marked": fact.marked[:INDEX_TEXT],
        "talks": [list(talk) for talk in fact.talks],
        "missed": list(fact.missed),
    }
