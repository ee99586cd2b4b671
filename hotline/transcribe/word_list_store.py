"""Read what of a site's word list is its own: its homes, its residents' surnames, and who the caller is."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, surname_of
from hotline.residents.store import HomeRow, ResidentRow, known_caller
from hotline.transcribe.word_list import WordList


async def site_words(session: AsyncSession, caller: PhoneNumber | None, own_words: tuple[str, ...] = ()) -> WordList:
    """Return the word list for a call from this number."""
    homes = await session.execute(select(HomeRow.building, HomeRow.unit, HomeRow.room))
    names = await session.scalars(select(ResidentRow.name).distinct())
    known = await known_caller(session, caller)
    return WordList(
        own_words=own_words,
        homes=frozenset(Home(building, unit, room) for building, unit, room in homes.tuples()),
        surnames=frozenset(surname_of(name) for name in names),
        caller_names=tuple(resident.name for resident in known.residents) if known else (),
        caller_homes=frozenset(household.home for household in known.households) if known else frozenset(),
    )
