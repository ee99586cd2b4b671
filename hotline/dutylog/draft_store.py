"""The drafted fields of each entry, kept as they were drafted, and what the person who confirmed it made of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Float, String, Text, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.dutylog.draft import Draft
from hotline.dutylog.draft_fields import Certainty, Drafted, DraftField, Origin
from hotline.dutylog.draft_verdicts import Share, Verdict, shares, verdict
from hotline.transcribe.transcript import Side

BETWEEN = "\n"


class DraftFieldTable(Base):
    """One drafted field of one entry. `verdict` is empty until a person confirms the entry."""

    __tablename__ = "draft_field"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # no foreign key: see remove_fields
    field: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(20))
    certainty: Mapped[str] = mapped_column(String(10))
    side: Mapped[str | None] = mapped_column(String(10))
    second: Mapped[float | None] = mapped_column(Float)
    phrase: Mapped[str] = mapped_column(Text)
    offered: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(10), default="", server_default="")
    judged_at: Mapped[datetime | None] = mapped_column(index=True)


async def keep_fields(session: AsyncSession, number: int, fields: Sequence[Drafted]) -> bool:
    """Write what an entry's draft rests on, in place of what it rested on before; return whether that is another."""
    if (await fields_of(session, [number])).get(number, ()) == tuple(fields):
        return False
    await session.execute(delete(DraftFieldTable).where(DraftFieldTable.number == number))
    session.add_all(_row(number, one) for one in fields)
    await session.flush()
    return True


async def remove_fields(session: AsyncSession, numbers: Iterable[int]) -> None:
    """Remove what these entries' drafts rested on: it goes with the entries, whose time is up."""
    await session.execute(delete(DraftFieldTable).where(DraftFieldTable.number.in_(list(numbers))))


async def judge_fields(session: AsyncSession, number: int, confirmed: Draft, at: datetime) -> None:
    """Write what a person made of each drafted field: `confirmed` is the entry in their words."""
    rows = await session.scalars(select(DraftFieldTable).where(DraftFieldTable.number == number))
    for row in rows:
        row.verdict, row.judged_at = verdict(_drafted(row), confirmed).value, at


async def fields_of(session: AsyncSession, numbers: Iterable[int]) -> dict[int, tuple[Drafted, ...]]:
    """Return the drafted fields of these entries, each entry's in the order of `DraftField`."""
    wanted = list(numbers)
    if not wanted:
        return {}
    rows = await session.scalars(select(DraftFieldTable).where(DraftFieldTable.number.in_(wanted)))
    found: dict[int, list[Drafted]] = {}
    for row in rows:
        found.setdefault(row.number, []).append(_drafted(row))
    order = list(DraftField)
    return {number: tuple(sorted(some, key=lambda one: order.index(one.field))) for number, some in found.items()}


async def promised_due(session: AsyncSession, number: int) -> datetime | None:
    """Return by when the agent promised it, as drafted and kept by who confirmed the entry; None where nothing was."""
    row = await session.get(DraftFieldTable, (number, DraftField.DUE.value))
    if row is None or not row.value or row.verdict != Verdict.ACCEPTED:
        return None
    return datetime.fromisoformat(row.value)


async def draft_shares(
    session: AsyncSession, since: datetime | None = None, until: datetime | None = None
) -> tuple[Share, ...]:
    """Return which share of each drafted field was kept, of entries confirmed from `since` to before `until`."""
    query = (
        select(DraftFieldTable.field, DraftFieldTable.verdict, func.count())
        .where(DraftFieldTable.judged_at.is_not(None))
        .group_by(DraftFieldTable.field, DraftFieldTable.verdict)
    )
    if since is not None:
        query = query.where(DraftFieldTable.judged_at >= since)
    if until is not None:
        query = query.where(DraftFieldTable.judged_at < until)
    return shares({(field, said): count for field, said, count in (await session.execute(query)).tuples()})


def _row(number: int, one: Drafted) -> DraftFieldTable:
    return DraftFieldTable(
        number=number,
        field=one.field.value,
        value=one.value,
        origin=one.origin.value,
        certainty=one.certainty.value,
        side=one.side.value if one.side else None,
        second=one.second,
        phrase=one.phrase,
        offered=BETWEEN.join(one.offered),
    )


def _drafted(row: DraftFieldTable) -> Drafted:
    return Drafted(
        field=DraftField(row.field),
        value=row.value,
        origin=Origin(row.origin),
        certainty=Certainty(row.certainty),
        side=Side(row.side) if row.side else None,
        second=row.second,
        phrase=row.phrase,
        offered=tuple(row.offered.split(BETWEEN)) if row.offered else (),
    )
