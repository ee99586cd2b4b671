"""A number that is no longer its home's is not rung with that home's debt."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete

from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.may_call import Reason
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import NewTarget
from hotline.database import Database
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import ResidentNumberRow, add_home, add_resident
from tests.fakes.dial_floor import DialFloor
from tests.fakes.redis_server import RedisServer

NUMBER = PhoneNumber("+8613800138001")


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


async def leaves_its_home(floor: DialFloor, *, moves: bool) -> None:
    async with floor.database.begin() as session:
        await session.execute(delete(ResidentNumberRow).where(ResidentNumberRow.e164 == NUMBER.e164))
        if moves:
            await add_resident(session, await add_home(session, Home(9, 1, 101)), "李静", numbers=[NUMBER])


@pytest.mark.parametrize("moves", [False, True])
async def test_number_that_left_its_home_since_the_list_is_not_planned(floor: DialFloor, moves: bool) -> None:
    await floor.campaign(await floor.owes(501, "13800138001"))
    await leaves_its_home(floor, moves=moves)

    assert await floor.rings() == []

    (target,) = await floor.targets()
    assert (target.state, target.reasons) == (TargetState.SUPPRESSED, [Reason.NOT_OF_HOME])


async def test_number_that_leaves_its_home_after_planning_is_not_dialled(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138001"))
    (attempt,) = (await floor.ticks()).planned
    await leaves_its_home(floor, moves=True)

    assert not await floor.worker().dial(attempt)

    assert floor.dialler.placed == []
    (row,) = await floor.attempts()
    assert (row.state, row.why) == (AttemptState.WITHDRAWN, Reason.NOT_OF_HOME)


async def test_who_has_no_home_in_the_records_is_still_rung(floor: DialFloor) -> None:
    await floor.campaign(NewTarget(household=NUMBER.e164, e164=NUMBER.e164), kind=CampaignKind.SURVEY)

    assert len(await floor.rings()) == 1
