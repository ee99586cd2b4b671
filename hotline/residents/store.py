"""Tables and queries of homes, residents, their numbers, open matters and arrears."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    delete,
    false,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from hotline.database import Base
from hotline.phone import PhoneNumber
from hotline.residents.resident import (
    Arrears,
    Home,
    Household,
    KnownCaller,
    Matter,
    MatterKind,
    MatterState,
    Relation,
    Resident,
    Title,
)

CANDIDATES = 20  # people looked up for one number; more than that is a switchboard, not a resident


class HomeRow(Base):
    """A home."""

    __tablename__ = "home"
    __table_args__ = (UniqueConstraint("building", "unit", "room"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    building: Mapped[int]
    unit: Mapped[int]
    room: Mapped[int]
    greets_by_name: Mapped[bool] = mapped_column(default=False, server_default=false())
    pin_hash: Mapped[str | None] = mapped_column(String(200))  # Argon2id; None: the last four digits of a number do


class ResidentRow(Base):
    """A person of a home."""

    __tablename__ = "resident"
    __table_args__ = (UniqueConstraint("home_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("home.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(4))
    relation: Mapped[str] = mapped_column(String(16))
    is_elderly_alone: Mapped[bool]
    language: Mapped[str] = mapped_column(String(8))
    home: Mapped[HomeRow] = relationship(lazy="raise")
    numbers: Mapped[list["ResidentNumberRow"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class ResidentNumberRow(Base):
    """A number on which a person is reached; the same number may stand beside other people too."""

    __tablename__ = "resident_number"
    __table_args__ = (Index("ix_resident_number_e164", "e164"),)

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), primary_key=True)
    e164: Mapped[str] = mapped_column(String(16), primary_key=True)


class MatterRow(Base):
    """A repair, complaint or order of a home."""

    __tablename__ = "matter"
    __table_args__ = (Index("ix_matter_home_id_state", "home_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("home.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    opened: Mapped[datetime]
    promised: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    finished: Mapped[datetime | None]


class ArrearsRow(Base):
    """What a home owes: one row a home, from the newest list of unpaid fees."""

    __tablename__ = "arrears"
    __table_args__ = (CheckConstraint("fen > 0", name="fen_positive"),)

    home_id: Mapped[int] = mapped_column(ForeignKey("home.id", ondelete="CASCADE"), primary_key=True)
    months: Mapped[list[Any]]  # "2026-01", …
    fen: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the tables of this room hold."""

    homes: int
    residents: int
    numbers: int
    open_matters: int
    arrears: int


async def known_caller(session: AsyncSession, number: PhoneNumber | None) -> KnownCaller | None:
    """Return who uses this number and all that is known of their homes; None when nobody does or none was shown."""
    return None if number is None else (await known_callers(session, [number])).get(number)


async def known_callers(session: AsyncSession, numbers: Collection[PhoneNumber]) -> dict[PhoneNumber, KnownCaller]:
    """Return for each of these numbers who uses it, as `known_caller`; numbers that nobody uses are left out."""
    wanted = {number.e164 for number in numbers if not number.is_internal}
    if not wanted:
        return {}
    # A number that a whole list carries by mistake must not fill the memory: the first few stand for all.
    place = func.row_number().over(partition_by=ResidentNumberRow.e164, order_by=ResidentNumberRow.resident_id)
    first = (
        select(ResidentNumberRow.e164, ResidentNumberRow.resident_id, place.label("place"))
        .where(ResidentNumberRow.e164.in_(wanted))
        .subquery()
    )
    rows = await session.execute(
        select(first.c.e164, ResidentRow)
        .join(ResidentRow, ResidentRow.id == first.c.resident_id)
        .where(first.c.place <= CANDIDATES)
        .options(selectinload(ResidentRow.home))
        .order_by(ResidentRow.id)
    )
    people: dict[str, list[Resident]] = {}
    for e164, row in rows.tuples():
        people.setdefault(e164, []).append(resident_of(row))
    homes = sorted({resident.home for those in people.values() for resident in those})
    of_home = {one.home: one for one in await households(session, homes)} if homes else {}
    return {
        number: KnownCaller(
            number=number,
            residents=tuple(people[number.e164]),
            households=tuple(of_home[home] for home in sorted({one.home for one in people[number.e164]})),
        )
        for number in numbers
        if number.e164 in people
    }


async def households(session: AsyncSession, homes: Iterable[Home]) -> tuple[Household, ...]:
    """Return these stored homes with their people, open matters and arrears, in the order given."""
    wanted = {home.id: home for home in homes}
    people, matters, owed, rows = defaultdict(list), defaultdict(list), {}, {}
    for person in await session.scalars(
        select(ResidentRow)
        .where(ResidentRow.home_id.in_(wanted))
        .options(selectinload(ResidentRow.home))
        .order_by(ResidentRow.id)
    ):
        people[person.home_id].append(resident_of(person))
        rows[person.home_id] = person.home
    for matter in await session.scalars(
        select(MatterRow)
        .where(MatterRow.home_id.in_(wanted), MatterRow.state == MatterState.OPEN)
        .order_by(func.coalesce(MatterRow.promised, MatterRow.opened), MatterRow.id)
    ):
        matters[matter.home_id].append(_matter(matter, wanted[matter.home_id]))
    for debt in await session.scalars(select(ArrearsRow).where(ArrearsRow.home_id.in_(wanted))):
        owed[debt.home_id] = Arrears(home=wanted[debt.home_id], months=tuple(debt.months), fen=debt.fen)
    return tuple(
        Household(
            home=home,
            residents=tuple(people[home.id]),
            open_matters=tuple(matters[home.id]),
            arrears=owed.get(home.id),
            greets_by_name=home.id in rows and rows[home.id].greets_by_name,
            has_pin=home.id in rows and rows[home.id].pin_hash is not None,
        )
        for home in wanted.values()
        if home.id is not None
    )


async def find_home(session: AsyncSession, home: Home) -> Home | None:
    """Return the stored home with this building, unit and room, or None."""
    row = await session.scalar(
        select(HomeRow).where(HomeRow.building == home.building, HomeRow.unit == home.unit, HomeRow.room == home.room)
    )
    return None if row is None else home_of(row)


async def add_home(session: AsyncSession, home: Home, *, greets_by_name: bool = False) -> Home:
    """Store a new home and return it with its id."""
    row = HomeRow(building=home.building, unit=home.unit, room=home.room, greets_by_name=greets_by_name)
    session.add(row)
    await session.flush()
    return home_of(row)


async def add_resident(
    session: AsyncSession,
    home: Home,
    name: str,
    *,
    title: Title = Title.UNKNOWN,
    relation: Relation = Relation.OWNER,
    numbers: Iterable[PhoneNumber] = (),
    is_elderly_alone: bool = False,
    language: str = "zh",
) -> Resident:
    """Store a new person of a stored home, with their numbers."""
    row = ResidentRow(
        home_id=home.id,
        name=name,
        title=title,
        relation=relation,
        is_elderly_alone=is_elderly_alone,
        language=language,
        numbers=[ResidentNumberRow(e164=e164) for e164 in sorted({number.e164 for number in numbers})],
    )
    session.add(row)
    await session.flush()
    return resident_of(row, home)


async def add_matter(
    session: AsyncSession,
    home: Home,
    kind: MatterKind,
    text: str,
    *,
    opened: datetime,
    promised: datetime | None = None,
    finished: datetime | None = None,
) -> Matter:
    """Store a new matter of a stored home: open, or finished when a moment is given for that."""
    state = MatterState.OPEN if finished is None else MatterState.FINISHED
    row = MatterRow(
        home_id=home.id, kind=kind, text=text, opened=opened, promised=promised, state=state, finished=finished
    )
    session.add(row)
    await session.flush()
    return _matter(row, home)


async def matters_of(session: AsyncSession, home: Home, *, limit: int = 50) -> tuple[Matter, ...]:
    """Return a stored home's matters, open and finished, the newest first."""
    rows = await session.scalars(
        select(MatterRow)
        .where(MatterRow.home_id == home.id)
        .order_by(MatterRow.opened.desc(), MatterRow.id.desc())
        .limit(limit)
    )
    return tuple(_matter(row, home) for row in rows)


async def set_arrears(session: AsyncSession, home: Home, months: Iterable[str], fen: int) -> None:
    """Store what a stored home owes, in place of what was known before; nothing owed (0 fen) leaves no row."""
    await session.execute(delete(ArrearsRow).where(ArrearsRow.home_id == home.id))
    if fen:
        session.add(ArrearsRow(home_id=home.id, months=sorted(set(months)), fen=fen))
        await session.flush()


async def counts(session: AsyncSession) -> Counts:
    """Return how much the tables of this room hold."""

    async def number_of(query: Any) -> int:
        return await session.scalar(query) or 0

    return Counts(
        homes=await number_of(select(func.count()).select_from(HomeRow)),
        residents=await number_of(select(func.count()).select_from(ResidentRow)),
        numbers=await number_of(select(func.count()).select_from(ResidentNumberRow)),
        open_matters=await number_of(
            select(func.count()).select_from(MatterRow).where(MatterRow.state == MatterState.OPEN)
        ),
        arrears=await number_of(select(func.count()).select_from(ArrearsRow)),
    )


def home_of(row: HomeRow) -> Home:
    """Return the home that a row keeps."""
    return Home(building=row.building, unit=row.unit, room=row.room, id=row.id)


def resident_of(row: ResidentRow, home: Home | None = None) -> Resident:
    """Return the person that a row keeps; without `home` its own must have been loaded."""
    return Resident(
        id=row.id,
        home=home or home_of(row.home),
        name=row.name,
        title=Title(row.title),
        relation=Relation(row.relation),
        is_elderly_alone=row.is_elderly_alone,
        language=row.language,
    )


def _matter(row: MatterRow, home: Home) -> Matter:
    return Matter(
        id=row.id,
        home=home,
        kind=MatterKind(row.kind),
        text=row.text,
        opened=row.opened,
        promised=row.promised,
        state=MatterState(row.state),
        finished=row.finished,
    )
