"""Who was spoken with is not called back: the place kept for them is given up, after the commit."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.calls.ledger import CallRecord
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.followups.follow_up import Step
from hotline.followups.places import LONGEST_PLACE, KeptPlaces
from hotline.followups.service import FollowUps
from hotline.followups.store import take_step
from hotline.settings import FollowUpSettings
from tests.fakes.call_story import START, CallStory
from tests.fakes.clock_by_hand import ClockByHand

NUMBER = "+8613800138501"
DIGITS = "13800138501"
MINUTE = timedelta(minutes=1)


class Desk:
    """The ledger's follower and the keeper of places on one database; a switch that notes what it is told."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ClockByHand(START + timedelta(hours=1))
        self.given_up: list[str] = []
        self.is_away = False
        self.follow_ups = FollowUps(settings=FollowUpSettings(), clock=self.clock)
        self.places = self.another_life()

    def another_life(self) -> KeptPlaces:
        return KeptPlaces(
            database=self.database, clock=self.clock, settled=self.follow_ups.settled, forget_place=self._forget
        )

    async def _forget(self, digits: str) -> None:
        if self.is_away:
            raise HotlineError("away")
        self.given_up.append(digits)

    async def shown(self, *calls: CallRecord) -> None:
        for call in calls:
            async with self.database.begin() as session:
                await save_call(session, call)
                await self.follow_ups.follow(session, call)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def arrives(call: str, minutes: float = 0, number: str = NUMBER) -> CallStory:
    return CallStory(call=call, start=START + minutes * MINUTE, number=number).rings().lifted().announced().queues()


def wish(call: str = "a", minutes: float = 0, number: str = NUMBER) -> CallRecord:
    return arrives(call, minutes, number).waits(9).said("CALL_BACK", "").hangs_up().record


def answered(call: str, minutes: float, number: str = NUMBER) -> CallRecord:
    story = arrives(call, minutes, number).agent_rings().agent_answers()
    return story.hangs_up(after=60, talking_to="8001").record


def returning(call: str, of: str) -> CallRecord:
    ours = replace(answered(call, 5, number=""), direction="outbound", returns=of)
    return replace(ours, human_answer=START + 5 * MINUTE + timedelta(seconds=20))


@pytest.mark.parametrize("reached", [answered("b", 5), returning("r", "a")], ids=["called-again", "returned"])
async def test_place_is_given_up_once_when_what_was_owed_closes_by_itself(desk: Desk, reached: CallRecord) -> None:
    await desk.shown(wish())
    await desk.places.look()
    assert desk.given_up == []

    await desk.shown(reached, reached)
    await desk.places.look()
    await desk.places.look()

    assert desk.given_up == [DIGITS]


async def test_who_wishes_again_keeps_the_new_place(desk: Desk) -> None:
    await desk.shown(wish(), answered("b", 5), wish("c", 10))

    await desk.places.look()

    assert desk.given_up == []


async def test_place_of_another_number_is_left_alone(desk: Desk) -> None:
    await desk.shown(wish(), wish("x", 1, "13900139000"), answered("b", 5))

    await desk.places.look()

    assert desk.given_up == [DIGITS]


async def test_switch_that_is_away_is_told_later_and_after_a_restart_of_ours_too(desk: Desk) -> None:
    desk.is_away = True
    await desk.shown(wish(), answered("b", 5))
    await desk.places.look()

    desk.is_away = False
    await desk.places.look()
    await desk.another_life().look()

    assert desk.given_up == [DIGITS, DIGITS], "giving up what is given up does no harm"


async def test_closed_again_after_a_person_reopened_it_is_no_business_of_ours(desk: Desk) -> None:
    await desk.shown(wish(), answered("b", 5))
    async with desk.database.begin() as session:
        await take_step(session, 1, Step.REOPENED, who="boss", at=desk.clock.now())
    await desk.places.look()
    async with desk.database.begin() as session:
        await take_step(session, 1, Step.CLOSED, who="boss", at=desk.clock.now())
    await desk.places.look()

    assert desk.given_up == [], "who closes it by hand gives it up by hand (acts)"


async def test_what_closed_longer_ago_than_a_place_lasts_is_not_looked_at(desk: Desk) -> None:
    await desk.shown(wish(), answered("b", 5))
    desk.clock.turn((LONGEST_PLACE + MINUTE).total_seconds())

    await desk.places.look()

    assert desk.given_up == []


async def test_keeper_looks_as_soon_as_something_was_closed(desk: Desk) -> None:
    running = asyncio.get_running_loop().create_task(desk.places.run())
    try:
        await desk.shown(wish(), answered("b", 5))
        async with asyncio.timeout(10):
            while not desk.given_up:
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert desk.given_up == [DIGITS]
