"""A carrier that refuses everything is not believed: dialling pauses, no number is marked, nobody is lost."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from hotline.bus import Bus
from hotline.campaigns.attempt import AttemptId, NotPlaced
from hotline.campaigns.campaign import CampaignState
from hotline.campaigns.line_doubt import DialPauseUnknown
from hotline.campaigns.line_doubt_store import DialPauseTable
from hotline.campaigns.may_call import Reason
from hotline.campaigns.pauses import DialPauses
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import NewTarget
from hotline.database import Database
from hotline.followups.follow_up import FollowUpState
from hotline.followups.store import FollowUpTable
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import marks_of
from tests.fakes.dial_floor import DialFloor
from tests.fakes.redis_server import RedisServer

NO_SUCH_NUMBER, BUSY, REFUSED, CONGESTION = 1, 17, 21, 34


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


def number(place: int) -> str:
    return f"139{place:08d}"


async def homes(floor: DialFloor, count: int, first: int = 1) -> list[NewTarget]:
    return [await floor.owes(100 + place, number(place)) for place in range(first, first + count)]


async def marked(floor: DialFloor, *places: int) -> set[int]:
    numbers = {PhoneNumber(f"+86{number(place)}"): place for place in places}
    async with floor.database.read() as session:
        return {numbers[one] for one in await marks_of(session, list(numbers))}


async def pauses_of(floor: DialFloor) -> list[DialPauseTable]:
    async with floor.database.read() as session:
        return list(await session.scalars(select(DialPauseTable).order_by(DialPauseTable.id)))


async def rung_until_paused(floor: DialFloor, *, cause: int = NO_SUCH_NUMBER) -> list[AttemptId]:
    """Ring all that may be rung; the carrier answers everything with this cause."""
    rung: list[AttemptId] = []
    for _ in range(10):
        attempts = await floor.rings()
        for attempt in attempts:
            await floor.ended(attempt, hangup_cause=cause)
        rung += attempts
        floor.clock.turn(1)
    return rung


def decides(floor: DialFloor) -> DialPauses:
    return DialPauses(database=floor.database, bus=Bus(), clock=floor.clock, settings=floor.settings)


async def test_carrier_that_answers_no_such_number_to_everybody_marks_nobody_and_loses_nobody(
    floor: DialFloor,
) -> None:
    await floor.campaign(*await homes(floor, 40), lines=2)

    rung = await rung_until_paused(floor)

    assert 6 <= len(rung) <= 8, "two calls were on their way beside the sixth"
    assert await marked(floor, *range(1, 41)) == set()
    assert {one.state for one in await floor.targets()} == {TargetState.WAITING}
    held = [one for one in await floor.targets() if Reason.LINE_DOUBTED in one.reasons]
    assert len(held) == len(rung)
    (pause,) = await pauses_of(floor)
    assert (pause.mostly, pause.bad, pause.standing) == ("invalid", 6, f"campaign-{held[0].campaign_id}")
    async with floor.database.read() as session:
        owed = (await session.scalars(select(FollowUpTable))).all()
    assert {one.state for one in owed} <= {FollowUpState.CANCELLED}, "nobody corrects numbers that are not wrong"


@pytest.mark.parametrize(("cause", "least"), [(BUSY, 18), (REFUSED, 18), (CONGESTION, 6)])
async def test_carrier_that_refuses_everybody_otherwise_stops_dialling_as_well(
    floor: DialFloor, cause: int, least: int
) -> None:
    await floor.campaign(*await homes(floor, 40), lines=4)

    rung = await rung_until_paused(floor, cause=cause)

    assert least <= len(rung) < 25
    assert len(await pauses_of(floor)) == 1


async def test_switch_that_takes_no_order_gives_no_home_up(floor: DialFloor) -> None:
    await floor.campaign(*await homes(floor, 20), lines=2)
    floor.dialler.before = NotPlaced("the switch refused it")

    for _ in range(30):
        await floor.rings()
        floor.clock.turn(11)

    assert {one.state for one in await floor.targets()} == {TargetState.WAITING}
    assert len(await pauses_of(floor)) == 1


async def test_dead_numbers_of_a_real_list_are_marked_as_ever(floor: DialFloor) -> None:
    await floor.campaign(*await homes(floor, 30), lines=3)
    dead = {1, 2, 3, 4, 5, 11, 12, 18}
    place_of = {f"+86{number(place)}": place for place in range(1, 31)}

    for _ in range(20):
        for attempt in await floor.rings():
            (row,) = [one for one in await floor.attempts() if one.id == attempt]
            await floor.ended(attempt, hangup_cause=NO_SUCH_NUMBER if place_of[row.e164] in dead else 19)

    assert await marked(floor, *range(1, 31)) == dead
    assert await pauses_of(floor) == []


async def test_one_home_is_tried_after_a_while_and_whoever_lifts_lets_dialling_go_on(floor: DialFloor) -> None:
    await floor.campaign(*await homes(floor, 20), lines=2)
    doubted = await rung_until_paused(floor)
    floor.clock.turn(10 * 60)

    (probe,) = await floor.rings()
    assert await floor.rings() == [], "one at a time"
    await floor.ended(probe, hangup_cause=NO_SUCH_NUMBER)
    assert await floor.rings() == []
    floor.clock.turn(10 * 60)
    (probe,) = await floor.rings()
    await floor.ended(probe, floor.heard(probe, "CONFIRMED", "KEY 1"))
    assert [one.how for one in await pauses_of(floor)] == ["line-good"]
    reached = await rung_until_paused(floor, cause=19)

    assert len(reached) == 19, "everybody but who was reached, those in doubt among them"
    assert await marked(floor, *range(1, 21)) == set()
    assert len(doubted) + 1 < 19


@pytest.mark.parametrize("are_dead", [True, False])
async def test_person_says_whether_the_numbers_were_dead(floor: DialFloor, are_dead: bool) -> None:
    made = await floor.campaign(*await homes(floor, 6), lines=1)
    await rung_until_paused(floor)
    (pause,) = await pauses_of(floor)
    assert await floor.rings() == []

    await decides(floor).end(pause.id, are_dead=are_dead, by="chen")
    with pytest.raises(DialPauseUnknown):
        await decides(floor).end(pause.id, are_dead=are_dead, by="wang")

    if are_dead:
        assert await marked(floor, *range(1, 7)) == set(range(1, 7))
        assert await floor.rings() == []
        assert {one.state for one in await floor.targets()} == {TargetState.GIVEN_UP}
        async with floor.database.read() as session:
            owed = (await session.scalars(select(FollowUpTable))).all()
            assert [one.state for one in owed] == [FollowUpState.OPEN] * 6
            await floor.ticks()
        async with floor.database.read() as session:
            assert (await campaign_by_id(session, made.id)).state is CampaignState.FINISHED
    else:
        assert len(await floor.rings()) == 1
        assert await marked(floor, *range(1, 7)) == set()


async def test_number_that_led_to_the_next_one_is_rung_first_again(floor: DialFloor) -> None:
    """A home's first number was refused by a broken line, and its second as well: neither is dead for it."""
    both = [
        await floor.owes(100 + place, number(place), further=(number(50 + place),)) for place in range(1, 6)
    ]  # fmt: skip
    await floor.campaign(*both, lines=1)
    await rung_until_paused(floor)
    (pause,) = await pauses_of(floor)

    await decides(floor).end(pause.id, are_dead=False, by="chen")

    assert {one.e164 for one in await floor.targets()} == {f"+86{number(place)}" for place in range(1, 6)}
    again = {attempt for _ in range(1) for attempt in await rung_until_paused(floor, cause=19)}
    assert len(again) == 5


async def test_fault_that_meets_two_campaigns_stops_all_of_them(floor: DialFloor) -> None:
    await floor.campaign(*await homes(floor, 12), name="一", lines=2)
    await floor.campaign(*await homes(floor, 12, first=20), name="二", lines=2)
    third = await floor.campaign(*await homes(floor, 3, first=40), name="三", lines=1)
    async with floor.database.begin() as session:
        from hotline.campaigns.campaign import CampaignStep
        from hotline.campaigns.store import take_campaign_step

        await take_campaign_step(
            session, third.id, CampaignStep.PAUSED, who="wang", at=floor.clock.now(), needs_approval=False
        )
    await rung_until_paused(floor)

    standing = [one for one in await pauses_of(floor) if one.standing]
    assert [one.standing for one in standing] == ["all"]
    async with floor.database.begin() as session:
        await take_campaign_step(
            session, third.id, CampaignStep.RESUMED, who="wang", at=floor.clock.now(), needs_approval=False
        )
    assert await floor.rings() == [], "nor does one that begins now"
    assert await marked(floor, *range(1, 43)) == set()


async def test_without_the_guard_the_whole_list_would_be_marked(database: Database, redis_server: RedisServer) -> None:
    floor = DialFloor(database, redis_server.url, doubt_dials=0)
    await floor.campaign(*await homes(floor, 12), lines=6)

    await rung_until_paused(floor)
    await floor.close()

    assert await marked(floor, *range(1, 13)) == set(range(1, 13))
