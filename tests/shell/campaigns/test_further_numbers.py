"""A number that does not exist: the home's next one is rung instead, and nobody dials the dead one again."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from hotline.campaigns.list_files import ListRow
from hotline.campaigns.listing import resolve
from hotline.campaigns.may_call import Reason
from hotline.campaigns.target import TargetState
from hotline.database import Database
from hotline.followups.store import FollowUpTable
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import mark_number, marks_of
from hotline.residents.noted import NumberMark
from hotline.residents.resident import Home
from tests.fakes.dial_floor import DialFloor
from tests.fakes.redis_server import RedisServer

NO_SUCH_NUMBER = 1
FIRST, SECOND, THIRD = "13800138501", "13900139502", "02885551234"


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


async def test_next_number_of_a_home_is_rung_at_once_and_one_at_a_time_until_there_is_none(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, FIRST, further=(THIRD, SECOND)))

    for _ in range(3):
        (attempt,) = await floor.rings()
        assert await floor.rings() == [], "one number of a home at a time"
        for _again in range(2):  # the ledger may show it twice
            await floor.ended(attempt, hangup_cause=NO_SUCH_NUMBER)

    rung = [one.number.national for one in floor.dialler.placed]
    assert rung == [FIRST, SECOND, THIRD], "mobiles come first"
    assert await floor.rings() == []
    (target,) = await floor.targets()
    assert (target.state, target.rung) == (TargetState.GIVEN_UP, 0)


async def test_home_whose_next_number_rang_in_vain_has_had_its_call_of_the_day(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, FIRST, further=(SECOND,)))
    (attempt,) = await floor.rings()
    await floor.ended(attempt, hangup_cause=NO_SUCH_NUMBER)
    (attempt,) = await floor.rings()
    await floor.ended(attempt)
    floor.clock.turn(5 * 3600)

    assert await floor.rings() == []
    (target,) = await floor.targets()
    assert (target.state, target.reasons) == (TargetState.WAITING, [Reason.DAY_CAP])


async def test_number_that_does_not_exist_is_dialled_by_no_campaign_and_owed_to_a_person_until_it_is_corrected(
    floor: DialFloor,
) -> None:
    home = await floor.owes(501, FIRST, further=(SECOND,))
    first = PhoneNumber.parse(FIRST)
    assert first is not None
    await floor.campaign(home)
    (attempt,) = await floor.rings()
    await floor.ended(attempt, hangup_cause=NO_SUCH_NUMBER)
    async with floor.database.read() as session:
        assert await marks_of(session, [first]) == {first: frozenset({NumberMark.INVALID})}
        (owed,) = await session.scalars(select(FollowUpTable))
        assert (owed.home, owed.e164, owed.call_id) == ("3-2-501", first.e164, attempt)
        row = ListRow(line=2, home=Home(building=3, unit=2, room=501), months=("2026-10",), fen=1)
        (listed,) = (await resolve(session, [row])).targets
        assert listed.e164.endswith(SECOND), "the next list takes the number that is there"
    (attempt,) = await floor.rings()
    await floor.ended(attempt, floor.heard(attempt, "CONFIRMED", "KEY 1"))
    floor.clock.turn(8 * 86400)

    await floor.campaign(home, name="december")
    assert await floor.rings() == []
    suppressed = (await floor.targets())[-1]
    assert (suppressed.state, suppressed.reasons) == (TargetState.SUPPRESSED, [Reason.WRONG_NUMBER])

    async with floor.database.begin() as session:
        await mark_number(session, first, NumberMark.INVALID, holds=False, by="chen", at=floor.clock.now())
    await floor.campaign(home, name="december again")
    assert len(await floor.rings()) == 1


@pytest.mark.parametrize("mark", NumberMark)
async def test_number_with_a_mark_is_no_next_number(floor: DialFloor, mark: NumberMark) -> None:
    await floor.campaign(await floor.owes(501, FIRST, further=(SECOND,)))
    second = PhoneNumber.parse(SECOND)
    assert second is not None
    async with floor.database.begin() as session:
        await mark_number(session, second, mark, holds=True, by="chen", at=floor.clock.now())
    (attempt,) = await floor.rings()
    await floor.ended(attempt, hangup_cause=NO_SUCH_NUMBER)

    assert await floor.rings() == []
    (target,) = await floor.targets()
    assert target.state == TargetState.GIVEN_UP
