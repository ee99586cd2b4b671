"""What is known of all homes as plain values, read a piece at a time; and lines put in, a few at a time.

A desk that answers calls goes on meanwhile: between two pieces others are served, between two batches others write.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, Final

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.imports.plan import Fate, Known, KnownPerson
from hotline.residents.directory_store import Directory, is_one_of
from hotline.residents.resident import Home
from hotline.residents.store import ArrearsRow, HomeRow, ResidentNumberRow, ResidentRow

A_PIECE: Final = 1000


async def read_known(session: AsyncSession) -> Known:
    """Return the whole directory as values."""
    homes: dict[Home, bool] = {}
    by_id: dict[int, Home] = {}
    query = select(HomeRow.id, HomeRow.building, HomeRow.unit, HomeRow.room, HomeRow.greets_by_name)
    async for id_, building, unit, room, greets in _rows(session, query):
        by_id[id_] = home = Home(building, unit, room)
        homes[home] = greets
    numbers: dict[int, list[str]] = {}
    async for resident, e164 in _rows(session, select(ResidentNumberRow.resident_id, ResidentNumberRow.e164)):
        numbers.setdefault(resident, []).append(e164)
    person = ResidentRow
    people: dict[tuple[Home, str], KnownPerson] = {}
    of_people = select(
        person.id, person.home_id, person.name, person.title, person.relation, person.is_elderly_alone, person.language
    )
    async for id_, home_id, name, title, relation, is_elderly, language in _rows(session, of_people):
        known = KnownPerson(title, relation, is_elderly, language, frozenset(numbers.get(id_, ())))
        people[by_id[home_id], name] = known
    arrears: dict[Home, tuple[tuple[str, ...], int]] = {}
    async for home_id, months, fen in _rows(session, select(ArrearsRow.home_id, ArrearsRow.months, ArrearsRow.fen)):
        arrears[by_id[home_id]] = (tuple(months), fen)
    return Known(homes=homes, people=people, arrears=arrears)


async def put_lines(session: AsyncSession, fates: Sequence[Fate]) -> None:
    """Put these lines in; one that is in already changes nothing."""
    directory = await Directory.load(session, {fate.said.home for fate in fates})
    for fate in fates:
        name = getattr(fate.said, "name", "")
        # Somebody was removed since it was looked at: nobody is made up from a number or a debt.
        if not hasattr(fate.said, "title") and name and not directory.has(fate.said.home, name):
            continue
        directory.put(fate.said)
    await directory.number_new()
    await session.flush()


async def forget_arrears(session: AsyncSession, homes: Collection[Home]) -> None:
    """Forget what these homes owe."""
    of_them = select(HomeRow.id).where(is_one_of(homes))
    await session.execute(delete(ArrearsRow).where(ArrearsRow.home_id.in_(of_them)))


async def _rows(session: AsyncSession, query: Select[Any]) -> AsyncIterator[Any]:
    result = await session.execute(query)
    for piece in result.partitions(A_PIECE):
        for row in piece:
            yield row
        await asyncio.sleep(0)
