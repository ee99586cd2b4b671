"""A fee reminder from its list to its settled result, and what happens when a part of us dies on the way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hotline.ami.errors import AmiSilent
from hotline.campaigns.attempt import AttemptState, NotPlaced
from hotline.campaigns.may_call import Reason
from hotline.campaigns.target import TargetState
from hotline.database import Database
from tests.fakes.dial_floor import DialFloor
from tests.fakes.redis_server import RedisServer


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


async def test_home_that_owes_is_rung_told_and_done(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))

    (attempt,) = await floor.rings()
    await floor.ended(attempt, floor.heard(attempt, "CONFIRMED", "KEY 1"))

    (errand,) = floor.dialler.placed
    assert (errand.id, errand.home, errand.salutation, errand.fen) == (attempt, "3-2-501", "张先生", 123_45)
    assert errand.months == ("2026-09", "2026-10")  # what is owed now, not what the list said
    (row,), (target,) = await floor.attempts(), await floor.targets()
    assert (row.state, row.outcome, row.said) == (AttemptState.SETTLED, "human", ["is-person", "heard"])
    assert (target.state, target.outcome, target.rung) == (TargetState.DONE, "human", 1)


async def test_job_that_runs_twice_dials_once(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned

    first = await floor.worker().dial(attempt)
    again = await floor.worker().dial(attempt)

    assert (first, again) == (True, False)
    assert len(floor.dialler.placed) == 1


async def test_two_workers_with_the_same_job_dial_once(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned

    took = await asyncio.gather(*(floor.worker(f"worker-{number}").dial(attempt) for number in range(5)))

    assert sorted(took) == [False, False, False, False, True]
    assert len(floor.dialler.placed) == 1


async def test_two_ticks_at_once_plan_a_home_once(floor: DialFloor) -> None:
    await floor.campaign(*[await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 5)])

    ticked = await asyncio.gather(floor.ticks(), floor.ticks(), floor.ticks())

    planned = [attempt for one in ticked for attempt in one.planned]
    assert len(planned) == len(set(planned)) == 4


async def test_home_on_two_lists_is_rung_for_one(floor: DialFloor) -> None:
    target = await floor.owes(501, "13800138501")
    await floor.campaign(target)
    await floor.campaign(target, name="again")

    await floor.rings()

    assert len(floor.dialler.placed) == 1
    assert sorted(one.state for one in await floor.targets()) == [TargetState.IN_HAND, TargetState.WAITING]


async def test_who_paid_between_planning_and_dialling_is_not_rung(floor: DialFloor) -> None:
    from hotline.residents.resident import Home
    from hotline.residents.store import find_home, set_arrears

    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned
    async with floor.database.begin() as session:
        home = await find_home(session, Home(building=3, unit=2, room=501))
        assert home is not None
        await set_arrears(session, home, [], 0)

    assert not await floor.worker().dial(attempt)

    assert floor.dialler.placed == []
    (row,), (target,) = await floor.attempts(), await floor.targets()
    assert (row.state, row.why) == (AttemptState.WITHDRAWN, Reason.PAID)
    assert (target.state, target.reasons) == (TargetState.SUPPRESSED, [Reason.PAID])


async def test_campaign_that_is_stopped_dials_nothing_that_was_planned(floor: DialFloor) -> None:
    from hotline.campaigns.campaign import CampaignStep
    from hotline.campaigns.store import take_campaign_step

    campaign = await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned
    async with floor.database.begin() as session:
        await take_campaign_step(
            session, campaign.id, CampaignStep.STOPPED, who="wang", at=floor.clock.now(), needs_approval=False
        )

    assert not await floor.worker().dial(attempt)
    assert floor.dialler.placed == []


async def test_without_redis_nothing_is_planned_and_nothing_dialled(
    floor: DialFloor, redis_server: RedisServer
) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned
    redis_server.stop()

    assert (await floor.ticks()).planned == ()
    turning = asyncio.create_task(_turn(floor))
    assert not await floor.worker().dial(attempt)
    turning.cancel()

    assert floor.dialler.placed == []
    (row,) = await floor.attempts()
    assert row.state == AttemptState.PLANNED  # it waits, and is asked for again


async def _turn(floor: DialFloor) -> None:
    while True:
        await asyncio.sleep(0.01)
        floor.clock.turn(0.5)


async def test_switch_that_surely_did_not_dial_leaves_the_home_to_be_tried_again(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    floor.dialler.before = NotPlaced("no link")
    await floor.rings()
    floor.dialler.before = None
    floor.clock.turn(11)

    await floor.rings()

    assert len(floor.dialler.placed) == 1
    assert [row.state for row in await floor.attempts()] == [AttemptState.WITHDRAWN, AttemptState.DIALLING]


async def test_switch_that_may_have_dialled_is_not_asked_again(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    floor.dialler.behind = AmiSilent("Originate", 5)
    await floor.rings()
    floor.dialler.behind = None
    floor.clock.turn(600)

    await floor.rings()

    assert len(floor.dialler.placed) == 1
    (row,) = await floor.attempts()
    assert row.state == AttemptState.DIALLING


async def test_busy_line_is_tried_again_after_a_quarter_of_an_hour_and_twice_only(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))

    tried = 0
    for _ in range(6):
        if planned := await floor.rings():
            tried += 1
            await floor.ended(planned[0], hangup_cause=17)
        floor.clock.turn(timedelta(minutes=15).total_seconds())

    assert tried == 3


async def test_call_that_nobody_took_is_not_followed_by_another_on_that_day(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    await floor.ended(attempt)

    floor.clock.turn(timedelta(hours=6).total_seconds())
    assert await floor.rings() == []
    (target,) = await floor.targets()
    assert target.reasons == [Reason.DAY_CAP]
    floor.at(target.not_before)

    assert len(await floor.rings()) == 1


async def test_no_more_lines_are_taken_than_callers_leave(database: Database, redis_server: RedisServer) -> None:
    floor = DialFloor(database, redis_server.url, lines=5, keep_free=2)
    await floor.campaign(*[await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 8)])

    for _ in range(4):
        await floor.rings()

    assert len(floor.dialler.placed) == 3
    await floor.close()


async def test_settled_call_shown_again_changes_nothing(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    call = floor.heard(attempt, "CONFIRMED", "KEY 4")

    for _ in range(3):
        await floor.ended(attempt, call)

    (target,) = await floor.targets()
    assert (target.rung, target.state) == (1, TargetState.DONE)


async def test_outage_of_the_switch_leaves_the_list_as_it_is(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned
    floor.dialler.link = False
    for _ in range(8):
        assert not await floor.worker().dial(attempt)
        assert (await floor.ticks()).planned == ()
        floor.clock.turn(15)
    (row,), (target,) = await floor.attempts(), await floor.targets()
    assert (row.state, target.state, target.ours) == (AttemptState.PLANNED, TargetState.IN_HAND, 0)

    floor.dialler.link = True
    assert await floor.worker().dial(attempt)

    assert len(floor.dialler.placed) == 1


async def test_link_that_breaks_after_every_claim_gives_nobody_up(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    floor.dialler.before = NotPlaced("no link", counts=False)
    for _ in range(8):
        await floor.rings()
        floor.clock.turn(11)
    (target,) = await floor.targets()
    assert (target.state, target.ours) == (TargetState.WAITING, 0)
    floor.dialler.before = None

    assert len(await floor.rings()) == 1


async def test_what_can_never_be_said_is_given_up(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    floor.dialler.before = NotPlaced("what is to be said cannot be")
    for _ in range(8):
        await floor.rings()
        floor.clock.turn(11)

    (target,) = await floor.targets()
    assert (target.state, target.ours) == (TargetState.GIVEN_UP, 6)


async def test_network_that_is_full_for_an_hour_loses_nobody(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    for _ in range(12):
        (attempt,) = await floor.rings()
        await floor.ended(attempt, hangup_cause=34)
        assert await floor.rings() == [], "at once again is no pause"
        floor.clock.turn(timedelta(minutes=5).total_seconds())

    (target,) = await floor.targets()
    assert target.state == TargetState.WAITING
