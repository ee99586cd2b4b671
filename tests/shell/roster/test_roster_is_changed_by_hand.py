"""Turns of duty added, changed and taken out by people, with their lines in the audit, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hotline.audit.change import Head
from hotline.audit.store import verify_audit
from hotline.bus import Bus, Subject
from hotline.database import Database
from hotline.roster.acts import RosterActs, TurnRefused, TurnUnknown
from hotline.roster.duty import chain_at
from hotline.roster.files import Telephony
from hotline.roster.store import turns_at
from tests.fakes.clock_by_hand import ClockByHand

NOW = datetime(2026, 11, 22, 1, 40, tzinfo=UTC)  # 09:40 at the centre
NIGHT = {
    "from": "2026-11-22T18:00", "until": "2026-11-23T09:00", "place": "1", "duty": "mobile", "name": "李娜",
    "number": "13800138101", "rings_for": "25",
}  # fmt: skip


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand(NOW)


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def roster(database: Database, bus: Bus, clock: ClockByHand) -> RosterActs:
    telephony = Telephony(area_code="0755", phones=("8001",), own_numbers=("96000",))
    return RosterActs(database=database, bus=bus, clock=clock, zone=ZoneInfo("Asia/Shanghai"), telephony=telephony)


async def on_duty(database: Database, at: datetime) -> list[str]:
    async with database.read() as session:
        return [contact.name for contact in chain_at(await turns_at(session, at), at)]


async def lines(roster: RosterActs) -> list[tuple[str, str]]:
    return [(kept.change.act, kept.change.subject) for kept in await roster.history()]


async def test_added_turns_ring_on_each_of_their_nights_and_the_switch_is_told(
    roster: RosterActs, database: Database, bus: Bus
) -> None:
    with bus.listening() as box:
        numbers = await roster.add(NIGHT, days=3, by="boss")

        assert box.get_nowait().subject is Subject.STAFFING
    assert len(numbers) == 3
    for days in range(3):
        assert await on_duty(database, NOW + timedelta(days=days, hours=12)) == ["李娜"]
    assert await on_duty(database, NOW + timedelta(days=3, hours=12)) == []
    [kept] = await roster.history()
    assert (kept.change.by, kept.change.act, kept.change.before) == ("boss", "added", None)
    assert (kept.change.after or {})["number"] == "138****8101"


async def test_changed_turn_keeps_its_number_where_none_is_written(roster: RosterActs, database: Database) -> None:
    [number] = await roster.add(NIGHT, days=1, by="boss")

    await roster.change(number, {**NIGHT, "name": "王强", "number": ""}, by="root")
    await roster.change(number, {**NIGHT, "name": "王强", "number": ""}, by="root")  # nothing new

    [kept] = await roster.turns(NOW, NOW + timedelta(days=1))
    assert (kept.turn.contact.name, kept.turn.contact.number.national) == ("王强", "13800138101")
    assert await lines(roster) == [("changed", "2026-11-22 18:00 #1"), ("added", "2026-11-22 18:00 #1")]


async def test_turn_that_has_begun_ends_now_and_stays_to_be_read(
    roster: RosterActs, database: Database, clock: ClockByHand
) -> None:
    begun, coming = await roster.add(NIGHT, days=2, by="boss")
    clock.turn(12 * 3600)

    await roster.remove(begun, by="boss")
    await roster.remove(coming, by="boss")

    assert await on_duty(database, clock.now()) == []
    [kept] = await roster.turns(NOW, NOW + timedelta(days=4))
    assert (kept.id, kept.turn.ends) == (begun, clock.now())
    assert [act for act, _ in await lines(roster)] == ["removed", "ended", "added"]


async def test_turn_that_is_over_is_not_changed(roster: RosterActs, clock: ClockByHand) -> None:
    [number] = await roster.add(NIGHT, days=1, by="boss")
    clock.turn(48 * 3600)

    with pytest.raises(TurnUnknown):
        await roster.change(number, NIGHT, by="boss")
    with pytest.raises(TurnUnknown):
        await roster.remove(number, by="boss")
    with pytest.raises(TurnUnknown):
        await roster.remove(4711, by="boss")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"until": "2026-11-22T17:00"}, "until"),
        ({"from": "2026-11-20T18:00", "until": "2026-11-21T09:00"}, "until"),  # over already
        ({"number": "96000"}, "number"),
        ({"number": "8009"}, "number"),
        ({"name": "=1+1"}, "name"),
        ({"place": "10"}, "place"),
        ({"from": "tomorrow"}, "from"),
    ],
)
async def test_turn_that_makes_no_sense_is_refused_by_its_field(
    roster: RosterActs, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(TurnRefused) as refused:
        await roster.add(NIGHT | wrong, days=1, by="boss")

    assert refused.value.details["field"] == field
    assert await lines(roster) == []


async def test_turn_over_another_of_its_place_is_refused_and_leaves_nothing(roster: RosterActs) -> None:
    await roster.add(NIGHT, days=1, by="boss")
    later = {**NIGHT, "from": "2026-11-23T08:00", "until": "2026-11-23T18:00"}

    with pytest.raises(TurnRefused):
        await roster.add(later, days=1, by="boss")
    await roster.add(later | {"place": "2"}, days=1, by="boss")

    assert [kept.turn.place for kept in await roster.turns(NOW, NOW + timedelta(days=3))] == [1, 2]
    assert len(await lines(roster)) == 2


async def test_of_two_supervisors_who_fill_one_place_at_once_the_second_is_told(
    roster: RosterActs, database: Database
) -> None:
    async def add(name: str) -> Any:
        return await roster.add({**NIGHT, "name": name}, days=1, by="boss")

    outcomes = await asyncio.gather(add("李娜"), add("王强"), return_exceptions=True)

    assert sum(isinstance(outcome, TurnRefused) for outcome in outcomes) == 1
    assert len(await roster.turns(NOW, NOW + timedelta(days=3))) == 1
    assert isinstance(await verify_audit(database), Head)


async def test_file_taken_in_has_one_line_and_a_dry_run_none(roster: RosterActs) -> None:
    file = "开始,结束,顺序,岗位,姓名,电话\n2026-11-22 18:00,2026-11-23 09:00,1,值班手机,李娜,13800138101\n".encode()

    dry = await roster.take_in(file, by="boss", dry_run=True)
    assert await lines(roster) == []
    done = await roster.take_in(file, by="boss", dry_run=False)
    again = await roster.take_in(file, by="boss", dry_run=False)

    assert (dry.added, done.added, again.unchanged) == (1, 1, 1)
    [(act, subject)] = await lines(roster)
    assert (act, subject) == ("imported", "2026-11-22 18:00 – 2026-11-23 09:00")
