"""The chain stands where the dialplan finds it: at once, after outages, on every change; over a scripted AMI peer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.ami.client import AmiClient, Rhythm
from hotline.ami.switch import AsteriskSwitch
from hotline.bus import Bus, Change, Subject
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.phone import PhoneNumber
from hotline.roster.duty import DutyContact, DutyTurn
from hotline.roster.service import Roster
from hotline.roster.store import replace_turns
from tests.fakes.ami_peer import AmiPeer, Headers, an_ami_peer, says
from tests.fakes.ami_variants import given, settings_for, until
from tests.fakes.clock_by_hand import ClockByHand

ZONE = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)  # 18:00 at the centre


class DatabaseOfAPeer(dict[str, str]):
    """A scripted switch's own database, with its own words."""

    def __init__(self, peer: AmiPeer) -> None:
        super().__init__()
        peer.answers |= {"DBPut": self.put, "DBDelTree": self.drop}

    def put(self, heard: Headers) -> str:
        self[f"{heard['Family']}/{heard['Key']}"] = heard["Val"]
        return "Response: Success\r\nMessage: Updated database successfully"

    def drop(self, heard: Headers) -> str:
        gone = [key for key in self if f"{key}/".startswith(f"{heard['Family']}/{heard['Key']}/")]
        for key in gone:
            del self[key]
        return "Response: Success\r\nMessage: Key tree deleted successfully" if gone else (
            "Response: Error\r\nMessage: Database entry not found"
        )  # fmt: skip


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    async with an_ami_peer() as peer:
        yield peer


class Scene:
    """The service with its link; `bus` tells of the link as the listener does."""

    def __init__(self, peer: AmiPeer, database: Database) -> None:
        self.database, self.bus, self.clock = database, Bus(), ClockByHand(EVENING + timedelta(hours=1))
        self.client = AmiClient(settings_for(peer.port, answer_within=0.3), SystemClock(), Rhythm(back_off=(0.02,)))
        self.is_open = False
        self.links = 0
        self.asked_at: list[datetime] = []
        self.roster = Roster(
            memory=AsteriskSwitch(self.client), database=database, bus=self.bus, clock=self.clock, zone=ZONE,
            is_open=self.look,
        )  # fmt: skip

    def look(self, now: datetime) -> bool:
        self.asked_at.append(now)
        return self.is_open

    async def tell_of_link(self) -> None:
        """Stand for the listener: say when the link came up or went."""
        async for _ in self.client.events():
            self.bus.publish(Change(Subject.LINK))
            self.links += 1

    async def on_duty(self, *duties: str) -> None:
        """Put these on duty for the night, at the places 1, 2, 3."""
        contacts = [
            DutyContact(place=place, duty=duty, name="李娜", number=PhoneNumber(f"+861380013850{place}"), rings_for=20)
            for place, duty in enumerate(duties, start=1)
        ]
        ends = EVENING + timedelta(hours=15)
        async with self.database.begin() as session:
            turns = [DutyTurn(starts=EVENING, ends=ends, contact=contact) for contact in contacts]
            await replace_turns(session, EVENING, ends, turns)
        self.bus.publish(Change(Subject.STAFFING))


@asynccontextmanager
async def scene(peer: AmiPeer, database: Database) -> AsyncIterator[Scene]:
    made = Scene(peer, database)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in (made.client.run(), made.tell_of_link())]
        try:
            given(await until(lambda: made.links == 1))  # told before the roster listens: one beginning, not two
            tasks.append(group.create_task(made.roster.run()))
            yield made
        finally:
            for task in tasks:
                task.cancel()


async def test_switch_without_a_roster_is_told_the_plan_and_an_empty_chain(peer: AmiPeer, database: Database) -> None:
    held = DatabaseOfAPeer(peer)
    async with scene(peer, database) as desk:
        assert await until(lambda: held == {"duty/count": "0", "hotline/plan": "closed"})
        assert await until(lambda: desk.roster.trouble == "")


async def test_hours_are_asked_in_the_centres_own_time(peer: AmiPeer, database: Database) -> None:
    DatabaseOfAPeer(peer)
    async with scene(peer, database) as desk:
        given(await until(lambda: bool(desk.asked_at)))

    assert desk.asked_at[0].hour == 19


async def test_change_of_the_roster_is_with_the_switch_at_once(peer: AmiPeer, database: Database) -> None:
    held = DatabaseOfAPeer(peer)
    async with scene(peer, database) as desk:
        given(await until(lambda: held.get("duty/count") == "0"))

        await desk.on_duty("desk", "mobile", "manager")

        assert await until(lambda: held.get("duty/count") == "3")
        assert (held["duty/3/name"], held["duty/3/number"], held["duty/3/rings_for"]) == (
            "manager",
            "13800138503",
            "20",
        )

        await desk.on_duty("mobile")

        assert await until(lambda: "duty/3/number" not in held)
        assert (held["duty/count"], held["duty/1/name"]) == ("1", "mobile")


async def test_switch_that_lost_its_database_is_told_all_again_after_a_new_link(
    peer: AmiPeer, database: Database
) -> None:
    held = DatabaseOfAPeer(peer)
    async with scene(peer, database) as desk:
        await desk.on_duty("mobile")
        given(await until(lambda: held.get("duty/count") == "1" and desk.roster.trouble == ""))
        held.clear()

        peer.drop()

        assert await until(lambda: held.get("duty/1/number") == "13800138501" and held.get("hotline/plan") == "closed")


async def test_plan_turns_and_only_the_plan_is_told(peer: AmiPeer, database: Database) -> None:
    held = DatabaseOfAPeer(peer)
    async with scene(peer, database) as desk:
        await desk.on_duty("mobile")
        given(await until(lambda: held.get("duty/count") == "1" and desk.roster.trouble == ""))
        before = len(peer.names())

        desk.is_open = True
        desk.bus.publish(Change(Subject.STAFFING))

        assert await until(lambda: held["hotline/plan"] == "open")
        assert peer.names()[before:] == ["DBPut"]


async def test_refusal_is_told_as_trouble_and_ends_with_the_next_that_is_taken(
    peer: AmiPeer, database: Database
) -> None:
    held = DatabaseOfAPeer(peer)
    peer.answers["DBPut"] = says("Response: Error", "Message: Permission denied")
    async with scene(peer, database) as desk:
        assert await until(lambda: desk.roster.trouble == "plan: ami-refused, duty chain: ami-refused")

        peer.answers["DBPut"] = held.put
        desk.bus.publish(Change(Subject.STAFFING))

        assert await until(lambda: desk.roster.trouble == "")
        assert held["duty/count"] == "0"


async def test_chain_that_was_told_in_part_is_told_whole_later(peer: AmiPeer, database: Database) -> None:
    held = DatabaseOfAPeer(peer)
    async with scene(peer, database) as desk:
        given(await until(lambda: desk.roster.trouble == ""))
        told: list[str] = []

        def once(heard: Headers) -> str:
            told.append(heard["Key"])
            return held.put(heard) if len(told) < 3 else "Response: Error\r\nMessage: Failed to update entry"

        peer.answers["DBPut"] = once
        await desk.on_duty("mobile", "manager")
        given(await until(lambda: desk.roster.trouble == "duty chain: ami-refused"))
        assert held["duty/count"] == "0"

        peer.answers["DBPut"] = held.put
        desk.bus.publish(Change(Subject.STAFFING))

        assert await until(lambda: held["duty/count"] == "2")
        assert held["duty/2/number"] == "13800138502"


async def test_database_that_cannot_be_read_leaves_the_last_chain_standing(peer: AmiPeer, database: Database) -> None:
    held = DatabaseOfAPeer(peer)
    async with scene(peer, database) as desk:
        await desk.on_duty("mobile")
        given(await until(lambda: held.get("duty/count") == "1" and desk.roster.trouble == ""))
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE duty_turn")

        desk.bus.publish(Change(Subject.STAFFING))

        assert await until(lambda: desk.roster.trouble != "")
        assert (held["duty/count"], held["duty/1/number"]) == ("1", "13800138501")


async def test_desk_closes_while_the_database_is_away(peer: AmiPeer, database: Database) -> None:
    held = DatabaseOfAPeer(peer)
    async with scene(peer, database) as desk:
        desk.is_open = True
        await desk.on_duty("mobile")
        # The first round may have read the roster before it was written: the chain itself must have arrived.
        given(await until(lambda: held.get("hotline/plan") == "open" and held.get("duty/count") == "1"))
        given(await until(lambda: desk.roster.trouble == ""))
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE duty_turn")

        desk.is_open = False
        desk.bus.publish(Change(Subject.STAFFING))

        assert await until(lambda: held["hotline/plan"] == "closed")
        assert await until(lambda: desk.roster.trouble.startswith("duty chain: "))
        assert (held["duty/count"], held["duty/1/number"]) == ("1", "13800138501")


async def test_plan_that_the_switch_does_not_take_is_no_trouble_of_the_chain(peer: AmiPeer, database: Database) -> None:
    held = DatabaseOfAPeer(peer)

    def no_plan(heard: Headers) -> str:
        return "Response: Error\r\nMessage: No" if heard["Family"] == "hotline" else held.put(heard)

    peer.answers["DBPut"] = no_plan
    async with scene(peer, database) as desk:
        await desk.on_duty("mobile")

        assert await until(lambda: held.get("duty/count") == "1" and desk.roster.trouble == "plan: ami-refused")
