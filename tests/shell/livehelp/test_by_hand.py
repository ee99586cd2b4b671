"""The night plan and queues by hand, callers moved: written, audited, left with the switch, ended by the hours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.ami.errors import AmiDown, AmiRefused
from hotline.audit.store import Wanted, changes
from hotline.bus import Bus, Subject
from hotline.database import Database
from hotline.livehelp.by_hand import ByHand
from hotline.livehelp.help import CallerNotWaiting, HelpNotMade, PlaceUnknown
from hotline.livehelp.moving import FRONT, Moving
from hotline.livehelp.store import help_steps
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server
from tests.fakes.help_line import HelpLineByHand

__all__ = ["database", "database_server"]


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
    assert await audited(database) == [("chen", "asked-to-move-caller", "call")] * 2


class LineThatGoesOn(HelpLineByHand):
    """Somebody lifts, or the caller overflows, between the first look and the order."""

    def __init__(self, then: tuple[str, str] | None, refuses: Exception | None = None) -> None:
        super().__init__()
        self.then, self.refuses = then, refuses

    async def waits_in(self, call_id: str) -> tuple[str, str] | None:
        found = await super().waits_in(call_id)
        self.waits = self.then
        return found

    async def move(self, channel: str, to: str) -> None:
        if self.refuses is not None:
            raise self.refuses
        await super().move(channel, to)


@pytest.mark.parametrize(
    ("switch", "raises"),
    [
        (LineThatGoesOn(None), CallerNotWaiting),
        (LineThatGoesOn(("PJSIP/carrier-0", "service")), CallerNotWaiting),
        (LineThatGoesOn(("PJSIP/carrier-1", "repair")), CallerNotWaiting),
        (LineThatGoesOn(("PJSIP/carrier-0", "repair"), CallerNotWaiting("hung up")), CallerNotWaiting),
        (LineThatGoesOn(("PJSIP/carrier-0", "repair"), AmiRefused("Redirect", "no")), HelpNotMade),
    ],
    ids=["lifted", "overflowed", "another-channel", "hung-up", "refused"],
)
async def test_caller_who_waits_no_longer_as_the_order_goes_out_is_not_moved_and_nothing_says_so(
    database: Database, switch: LineThatGoesOn, raises: type[Exception]
) -> None:
    switch.waits = ("PJSIP/carrier-0", "repair")  # one switch for each database
    moving = Moving(
        room=switch, database=database, bus=Bus(), clock=ClockByHand(), queues=("service",), agents=("8001",)
    )
    with pytest.raises(raises):
        await moving.move("call", "8001", by="chen")

    assert switch.moved == []
    async with database.read() as session:
        assert await help_steps(session, {"call"}) == ()
    assert await audited(database) == [("chen", "asked-to-move-caller", "call")]


async def test_caller_is_not_moved_where_it_cannot_be_written_down_in_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stuck(Database):
        @asynccontextmanager
        async def begin(self) -> AsyncIterator[AsyncSession]:
            await asyncio.Event().wait()
            async with super().begin() as session:
                yield session

    monkeypatch.setattr("hotline.livehelp.moving.WRITE_WITHIN", 0.05)
    switch, stuck = HelpLineByHand(), Stuck(database.engine.url.render_as_string(hide_password=False))
    moving = Moving(room=switch, database=stuck, bus=Bus(), clock=ClockByHand(), queues=("service",), agents=("8001",))
    try:
        with pytest.raises(HelpNotMade):
            await moving.move("call", "8001", by="chen")
    finally:
        await stuck.close()
    assert switch.moved == []
