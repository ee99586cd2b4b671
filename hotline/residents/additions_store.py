"""Keep what an agent writes down of residents during a call: a new person, or a further number of somebody known."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from hotline.phone import PhoneNumber
from hotline.residents.additions import MOST_NUMBERS, NewResident, ResidentDoubled, ResidentRefused
from hotline.residents.noted import HomeUnknown
from hotline.residents.resident import Home, Resident
from hotline.residents.store import (
    HomeRow,
    ResidentNumberRow,
    ResidentRow,
    add_home,
    add_resident,
    find_home,
    resident_of,
)


async def keep_resident(session: AsyncSession, new: NewResident, *, adds_home: bool = False) -> Resident:
    """Keep a new person of a known home, or with `adds_home` of one that nobody has written down yet.

    Raises HomeUnknown, ResidentDoubled.
    """
    home = await find_home(session, new.home)
    if home is None:
        if not adds_home:
            raise HomeUnknown("there is no such home: look at the number again, or say that it is a new one")
        home = await add_home(session, new.home)
    known = await session.scalar(
        select(ResidentRow.id).where(ResidentRow.home_id == home.id, ResidentRow.name == new.name)
    )
    if known is not None:
        raise ResidentDoubled(known)
    return await add_resident(
        session,
        home,
        new.name,
        title=new.title,
        relation=new.relation,
        numbers=new.numbers,
        is_elderly_alone=new.is_elderly_alone,
        language=new.language,
    )


async def add_number(session: AsyncSession, resident_id: int, number: PhoneNumber) -> tuple[Home, bool]:
    """Give a known person a further number; return their home and whether it is news.

    Raises HomeUnknown, ResidentRefused.
    """
    row = await session.scalar(
        select(ResidentRow)
        .where(ResidentRow.id == resident_id)
        .options(selectinload(ResidentRow.home), selectinload(ResidentRow.numbers))
        .with_for_update()
    )
    if row is None:
        raise HomeUnknown("there is no resident of this id")
    home = Home(building=row.home.building, unit=row.home.unit, room=row.home.room, id=row.home_id)
    if number.e164 in {known.e164 for known in row.numbers}:
        return home, False
    if len(row.numbers) >= MOST_NUMBERS * 2:
        raise ResidentRefused("number", "this person has as many numbers as are kept")
    row.numbers.append(ResidentNumberRow(resident_id=resident_id, e164=number.e164))
    await session.flush()
    return home, True


async def numbers_of(session: AsyncSession, resident_ids: list[int]) -> dict[int, tuple[PhoneNumber, ...]]:
    """Return the numbers of each of these people, in one order for ever; who has none is left out."""
    found: dict[int, tuple[PhoneNumber, ...]] = {}
    rows = await session.execute(
        select(ResidentNumberRow.resident_id, ResidentNumberRow.e164)
        .where(ResidentNumberRow.resident_id.in_(resident_ids))
        .order_by(ResidentNumberRow.resident_id, ResidentNumberRow.e164)
    )
    for resident_id, e164 in rows.tuples():
        found[resident_id] = (*found.get(resident_id, ()), PhoneNumber(e164))
    return found


async def residents_of(session: AsyncSession, resident_ids: list[int], home: Home | None = None) -> list[Resident]:
    """Return these people in the order asked for, then everybody of `home`, each once. Unknown ids are left out."""
    wanted: ColumnElement[bool] = ResidentRow.id.in_(resident_ids)
    if home is not None:
        here = select(HomeRow.id).where(
            HomeRow.building == home.building, HomeRow.unit == home.unit, HomeRow.room == home.room
        )
        wanted |= ResidentRow.home_id.in_(here)
    rows = await session.scalars(
        select(ResidentRow).where(wanted).options(selectinload(ResidentRow.home)).order_by(ResidentRow.id).limit(100)
    )
    place = {resident_id: at for at, resident_id in enumerate(resident_ids)}
    people = [resident_of(row) for row in rows]
    return sorted(people, key=lambda one: place.get(one.id, len(place)))
