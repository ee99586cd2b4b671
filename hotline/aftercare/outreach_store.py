"""The table of newsletters and events, and whom of a home the desk would ask about one."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Date, Index, String, UniqueConstraint, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from hotline.aftercare.occasions import Outreach, OutreachSort
from hotline.aftercare.store import AftercareDrawTable
from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_into
from hotline.followups.follow_up import FollowUpState
from hotline.followups.store import FollowUpTable
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import marks_of
from hotline.residents.resident import Home, Relation
from hotline.residents.store import HomeRow, ResidentRow, home_of, resident_of

TITLE_TEXT: Final = 60
_NEAREST: Final = {Relation.OWNER: 0, Relation.FAMILY: 1, Relation.TENANT: 2}

NotToBeCalled = Callable[[AsyncSession, Collection[str], datetime], Awaitable[set[str]]]
"""Which of these households (homes as 3-2-501, numbers as +86…) want no calls that they did not ask for."""


async def everybody_may_be_called(_session: AsyncSession, _households: Collection[str], _now: datetime) -> set[str]:
    """Return nobody: where no marks of households are kept."""
    return set()


class OutreachTable(Base):
    """One newsletter or event. It is never removed; `finished_at` is empty until every home had its draw."""

    __tablename__ = "outreach"
    __table_args__ = (UniqueConstraint("sort", "day", "title"), Index("ix_outreach_finished_at", "finished_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    sort: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(TITLE_TEXT))
    day: Mapped[date] = mapped_column(Date)
    buildings: Mapped[list[Any]]  # empty: the whole centre
    done_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime]
    homes: Mapped[int]  # that have had their draw
    finished_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A home, and the person of it who is asked; no `number`: nobody there may be called."""

    home: Home
    who: str = field(default="", repr=False)
    number: PhoneNumber | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutreachCount:
    """What came of one so far: homes that can be called, drawn of these, called, in time."""

    sampled: int = 0
    drawn: int = 0
    called: int = 0
    in_time: int = 0


async def add_outreach(
    session: AsyncSession,
    *,
    sort: OutreachSort,
    title: str,
    day: date,
    buildings: Collection[int],
    by: str,
    at: datetime,
) -> tuple[Outreach, bool]:
    """Write one down; return it and whether it is new: of one day and title there is one."""
    written = await session.execute(
        insert_into(session, OutreachTable)
        .values(
            sort=sort.value,
            title=title,
            day=day,
            buildings=sorted(set(buildings)),
            done_by=by[:INDEX_TEXT],
            at=at,
            homes=0,
        )
        .on_conflict_do_nothing()
        .returning(OutreachTable.id)
    )
    is_new = written.first() is not None
    row = await session.scalar(
        select(OutreachTable).where(
            OutreachTable.sort == sort.value, OutreachTable.day == day, OutreachTable.title == title
        )
    )
    if row is None:
        raise LookupError("what was written down a moment ago is not there")
    return outreach_of(row), is_new


async def outreaches_newest(session: AsyncSession, limit: int) -> list[Outreach]:
    """Return newsletters and events, the newest first."""
    rows = await session.scalars(
        select(OutreachTable).order_by(OutreachTable.day.desc(), OutreachTable.id.desc()).limit(limit)
    )
    return [outreach_of(row) for row in rows]


async def unfinished_outreaches(session: AsyncSession) -> list[int]:
    """Return those of which homes wait for their draw, the oldest first."""
    found = await session.scalars(
        select(OutreachTable.id).where(OutreachTable.finished_at.is_(None)).order_by(OutreachTable.id)
    )
    return list(found)


async def locked_outreach(session: AsyncSession, number: int) -> OutreachTable | None:
    """Return one for drawing; whoever else draws of it waits until this transaction ends. None where it is finished."""
    row = await session.get(OutreachTable, number, with_for_update=True, populate_existing=True)
    return row if row is not None and row.finished_at is None else None


async def homes_without_draw(session: AsyncSession, outreach: Outreach, limit: int) -> list[Home]:
    """Return homes of it that have had no draw of it, in order."""
    wanted = select(HomeRow).where(
        ~exists().where(AftercareDrawTable.outreach == outreach.id, AftercareDrawTable.home_id == HomeRow.id)
    )
    if outreach.buildings:
        wanted = wanted.where(HomeRow.building.in_(outreach.buildings))
    rows = await session.scalars(wanted.order_by(HomeRow.building, HomeRow.unit, HomeRow.room).limit(limit))
    return [home_of(row) for row in rows]


async def whom_to_ask(
    session: AsyncSession, homes: Collection[Home], not_to_be_called: NotToBeCalled, now: datetime
) -> list[Asked]:
    """Return each home with who of it is asked: an owner first, by a number that nobody marked.

    A household that wants no calls is asked by none.
    """
    rows = (
        await session.scalars(
            select(ResidentRow)
            .where(ResidentRow.home_id.in_([home.id for home in homes]))
            .options(selectinload(ResidentRow.numbers))
            .order_by(ResidentRow.id)
        )
    ).all()
    numbers = {PhoneNumber(one.e164) for row in rows for one in row.numbers}
    marked = set(await marks_of(session, numbers))
    without = await not_to_be_called(session, {home.label for home in homes} | {one.e164 for one in numbers}, now)
    people: dict[int, list[ResidentRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: _NEAREST[Relation(one.relation)]):
        people[row.home_id].append(row)

    def asked(home: Home) -> Asked:
        for row in () if home.label in without else people.get(home.id or 0, ()):
            for e164 in sorted((one.e164 for one in row.numbers), key=_mobiles_first):
                if PhoneNumber(e164) not in marked and e164 not in without:
                    return Asked(home=home, who=resident_of(row, home).salutation, number=PhoneNumber(e164))
        return Asked(home=home)

    return [asked(home) for home in homes]


async def counts_of_outreaches(session: AsyncSession, numbers: Collection[int]) -> dict[int, OutreachCount]:
    """Return what came of these so far."""
    is_done = FollowUpTable.state == FollowUpState.DONE.value
    rows = await session.execute(
        select(
            AftercareDrawTable.outreach,
            func.count(AftercareDrawTable.place),
            func.count().filter(AftercareDrawTable.is_drawn),
            func.count().filter(is_done),
            func.count().filter(is_done, FollowUpTable.closed_at <= FollowUpTable.due),
        )
        .outerjoin(FollowUpTable, FollowUpTable.id == AftercareDrawTable.follow_up)
        .where(AftercareDrawTable.outreach.in_(set(numbers)))
        .group_by(AftercareDrawTable.outreach)
    )
    return {
        number: OutreachCount(sampled=sampled, drawn=drawn, called=called, in_time=in_time)
        for number, sampled, drawn, called, in_time in rows.tuples()
        if number is not None
    }


def outreach_of(row: OutreachTable) -> Outreach:
    """Return what a row keeps."""
    return Outreach(
        id=row.id,
        sort=OutreachSort(row.sort),
        title=row.title,
        day=row.day,
        buildings=tuple(row.buildings),
        by=row.done_by,
        at=row.at,
        homes=row.homes,
        finished_at=row.finished_at,
    )


def _mobiles_first(e164: str) -> tuple[bool, str]:
    return not PhoneNumber(e164).national.startswith("1"), e164
