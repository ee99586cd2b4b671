"""The night plan and queues by hand, callers moved: written, audited, left with the switch, ended by the hours."""

from datetime import datetime

import pytest

from hotline.ami.errors import AmiDown
from hotline.audit.store import Wanted, changes
from hotline.bus import Bus, Subject
from hotline.database import Database
from hotline.livehelp.by_hand import ByHand
from hotline.livehelp.help import CallerNotWaiting, HelpNotMade, PlaceUnknown
from hotline.livehelp.moving import FRONT, Moving
from hotline.livehelp.store import help_steps
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server, database_url
from tests.fakes.help_line import HelpLineByHand

__all__ = ["database", "database_server", "database_url"]


class House:
    """What the hours say."""

    is_open = True

    def scheduled(self, _now: datetime) -> bool:
        return self.is_open


def by_hand(database: Database, switch: HelpLineByHand, house: House, bus: Bus | None = None) -> ByHand:
    return ByHand(
        memory=switch, database=database, bus=bus or Bus(), clock=ClockByHand(), queues=("repair", "service"),
        scheduled=house.scheduled,
    )  # fmt: skip


async def audited(database: Database) -> list[tuple[str, str, str]]:
    async with database.read() as session:
        found = await changes(session, Wanted(room="live-help"), limit=50)
    return [(one.change.by, one.change.act, one.change.subject) for one in found][::-1]


async def test_house_closed_by_hand_is_closed_until_its_hours_close_it(database: Database) -> None:
    house, now = House(), ClockByHand().now()
    plan = by_hand(database, HelpLineByHand(), house)
    await plan.set_plan("closed", by="chen")
    await plan.set_plan("closed", by="sun")  # so it is already
    assert not plan.is_open(now)
    assert plan.now["plan"].by == "chen"

    house.is_open = False
    await plan.look()
    house.is_open = True  # the next morning

    assert plan.is_open(now)
    assert await audited(database) == [("chen", "switched-by-hand", "plan"), ("", "ended-with-the-hours", "plan")]


async def test_plan_by_hand_outlives_a_restart_and_is_taken_back(database: Database) -> None:
    house, now = House(), ClockByHand().now()
    house.is_open = False
    await by_hand(database, HelpLineByHand(), house).set_plan("open", by="chen")
    bus = Bus()
    plan = by_hand(database, HelpLineByHand(), house, bus)
    with bus.listening() as box:
        await plan.look()
        told = await box.get()
    assert plan.is_open(now)
    assert told.subject is Subject.STAFFING, "the roster may have left the hours' plan with the switch before"

    await plan.set_plan("", by="chen")

    assert not plan.is_open(now)
    assert plan.now == {}


async def test_closed_queue_stands_with_the_switch_whatever_was_away(database: Database) -> None:
    switch = HelpLineByHand(fails=AmiDown())
    rows = by_hand(database, switch, House())
    await rows.set_queue("repair", is_closed=True, by="chen")
    await rows.look()
    assert rows.trouble == "ami-down"

    switch.fails = None
    await rows.look()
    assert switch.held == {("closed", "repair"): "yes"}
    assert rows.trouble == ""

    again = by_hand(database, switch, House())  # another service
    await again.set_queue("repair", is_closed=False, by="sun")
    await again.look()
    assert switch.held == {}
    with pytest.raises(PlaceUnknown):
        await again.set_queue("nowhere", is_closed=True, by="sun")


async def test_waiting_caller_is_moved_once_and_it_is_kept_on_the_call(database: Database) -> None:
    switch = HelpLineByHand()
    moving = Moving(
        room=switch, database=database, bus=Bus(), clock=ClockByHand(), queues=("repair", "service"), agents=("8001",)
    )
    await moving.move("call", FRONT, by="chen")
    for place in (FRONT, "repair"):  # there already
        with pytest.raises(CallerNotWaiting):
            await moving.move("call", place, by="chen")
    await moving.move("call", "8001", by="chen")
    with pytest.raises(CallerNotWaiting):
        await moving.move("another", "service", by="chen")
    with pytest.raises(PlaceUnknown):
        await moving.move("call", "8002", by="chen")
    switch.fails = AmiDown()
    with pytest.raises(HelpNotMade):
        await moving.move("call", "service", by="chen")

    assert switch.moved == [("PJSIP/carrier-0", "front"), ("PJSIP/carrier-0", "8001")]
    async with database.read() as session:
        assert [(step.what, step.to) for step in await help_steps(session, {"call"})] == [
            ("moved", "front"),
            ("moved", "8001"),
        ]
    assert await audited(database) == [("chen", "moved-caller", "call")] * 2
