"""A town of homes that owe, each with a person and a number registered: as many as a campaign is measured with."""

from sqlalchemy import insert

from hotline.campaigns.targets_store import NewTarget, add_targets
from hotline.clock import Clock
from hotline.database import Database
from hotline.residents.resident import Home, Relation, Title
from hotline.residents.store import ArrearsRow, HomeRow, ResidentNumberRow, ResidentRow

AT_ONCE = 20_000
FEN = 123_45


async def list_homes_that_owe(database: Database, campaign: int, count: int, clock: Clock) -> None:
    """Write so many homes down, and put them all on a campaign's list."""
    for start in range(0, count, AT_ONCE):
        places = range(start + 1, min(start + AT_ONCE, count) + 1)
        homes = {
            place: Home(building=1 + place // 4000, unit=1 + place // 1000 % 4, room=1 + place % 1000)
            for place in places
        }
        async with database.begin() as session:
            await session.execute(
                insert(HomeRow),
                [
                    {"id": place, "building": home.building, "unit": home.unit, "room": home.room}
                    for place, home in homes.items()
                ],
            )
            people = {
                "name": "张伟", "title": Title.MR.value, "relation": Relation.OWNER.value, "is_elderly_alone": False,
                "language": "zh",
            }  # fmt: skip
            await session.execute(insert(ResidentRow), [{"id": place, "home_id": place, **people} for place in places])
            await session.execute(
                insert(ResidentNumberRow), [{"resident_id": place, "e164": number_of(place)} for place in places]
            )
            owed = {"months": ["2026-09", "2026-10"], "fen": FEN}
            await session.execute(insert(ArrearsRow), [{"home_id": place, **owed} for place in places])
            new = [
                NewTarget(
                    household=home.label, home_id=place, e164=number_of(place), salutation="张先生", fen=FEN
                )
                for place, home in homes.items()
            ]  # fmt: skip
            await add_targets(session, campaign, new, at=clock.now())


def number_of(place: int) -> str:
    """Return the number of the home with this id."""
    return f"+86139{place:08d}"
