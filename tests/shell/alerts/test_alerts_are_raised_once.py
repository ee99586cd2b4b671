"""Alerts in SQL: raised once, through restarts too; ended; acknowledged by one; gaps; and the calls of today."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.alerts.alert import Alert, AlertState, AlertStepRefused, AlertUnknown, Rule
from hotline.alerts.gap import Gap
from hotline.alerts.gaps import Gaps
from hotline.alerts.gaps_store import gaps_since
from hotline.alerts.rules import Facts, Limits
from hotline.alerts.service import Alerts
from hotline.alerts.store import acknowledge_alert, deliveries_of, ended_alerts, standing_alerts
from hotline.bus import RESYNC, Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import calls_page, drop_joined_call, save_call
from hotline.calls.today import BEFORE, CallsOfToday
from hotline.database import Database
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server

__all__ = ["database", "database_server"]
MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


class Desk:
    """Alerts over facts that a test sets."""

    def __init__(self, database: Database) -> None:
        self.database, self.bus, self.clock = database, Bus(), ClockByHand()
        self.facts = Facts()
        self.begin()

    def begin(self) -> None:
        """Start the service (anew)."""

        async def look() -> Facts:
            return self.facts

        self.alerts = Alerts(
            database=self.database, bus=self.bus, clock=self.clock, limits=Limits(), look=look, ways=("webhook", "mail")
        )

    async def sees(self, seconds: float = 1, **facts: object) -> None:
        """Let time pass and look."""
        self.facts = Facts(**facts)  # type: ignore[arg-type]
        self.clock.turn(seconds)
        await self.alerts.look()

    async def stands(self) -> list[Alert]:
        async with self.database.read() as session:
            return await standing_alerts(session)


async def test_an_alert_is_raised_once_with_its_messages_and_ends_once(database: Database) -> None:
    desk = Desk(database)
    with desk.bus.listening() as box:
        for wait in (14, 16, 17, 300):
            await desk.sees(longest_wait=timedelta(seconds=wait))
        (one,) = await desk.stands()
        for _ in range(3):
            await desk.sees(6, longest_wait=timedelta(0))

        assert (one.rule, one.state, one.value) == (Rule.WAIT, AlertState.RAISED, 16)
        assert await desk.stands() == []
        assert [box.get_nowait() for _ in range(box.qsize())] == 2 * [Change(Subject.ALERT, str(one.id))]
        async with database.read() as session:
            told = [(what, way) for what, way, _, _ in await deliveries_of(session, one.id)]
            assert [alert.id for alert in await ended_alerts(session)] == [one.id]
        assert told == [("raised", "webhook"), ("raised", "mail"), ("ended", "webhook"), ("ended", "mail")]


async def test_a_restart_raises_nothing_twice_and_ends_what_became_good_meanwhile(database: Database) -> None:
    desk = Desk(database)
    await desk.sees(link_down=timedelta(seconds=20))
    desk.begin()
    await desk.sees(link_down=timedelta(seconds=30))
    assert len(await desk.stands()) == 1

    desk.begin()
    await desk.sees(link_down=timedelta(0))
    await desk.sees(15, link_down=timedelta(0))

    assert await desk.stands() == []


async def test_two_services_that_look_at_the_same_moment_raise_one_alert(database: Database) -> None:
    one, other = Desk(database), Desk(database)
    await one.sees()
    await other.sees()

    await asyncio.gather(one.sees(turned_away=3), other.sees(turned_away=3))

    assert len(await one.stands()) == 1


async def test_whoever_takes_note_first_stays_and_the_end_comes_all_the_same(database: Database) -> None:
    desk = Desk(database)
    await desk.sees(longest_wait=timedelta(seconds=20))
    (alert,) = await desk.stands()
    async with database.begin() as session:
        noted = await acknowledge_alert(session, alert.id, by="boss", name="陈主管", at=desk.clock.now())
    with pytest.raises(AlertStepRefused):
        async with database.begin() as session:
            await acknowledge_alert(session, alert.id, by="root", name="root", at=desk.clock.now())
    with pytest.raises(AlertUnknown):
        async with database.begin() as session:
            await acknowledge_alert(session, 99, by="root", name="root", at=desk.clock.now())

    await desk.sees(longest_wait=timedelta(0))
    await desk.sees(10, longest_wait=timedelta(0))

    assert (noted.state, noted.acknowledged_name) == (AlertState.ACKNOWLEDGED, "陈主管")
    async with database.read() as session:
        (over,) = await ended_alerts(session)
    assert (over.state, over.acknowledged_name) == (AlertState.ENDED, "陈主管")
    await desk.sees(longest_wait=timedelta(seconds=20))
    (again,) = await desk.stands()
    assert again.id != alert.id


async def test_gaps_of_the_link_and_of_the_service_are_kept_and_short_ones_forgotten(database: Database) -> None:
    clock, down = ClockByHand(), list[datetime]()

    def gaps() -> Gaps:
        return Gaps(database=database, bus=Bus(), clock=clock, link_down_since=lambda: down[-1] if down else None)

    watch, began = gaps(), clock.now()
    await watch.look()
    for length in (2, 30):
        clock.turn(60)
        down.append(clock.now())
        await watch.look()
        clock.turn(length)
        down.clear()
        await watch.look()
    clock.turn(20)
    await watch.look()  # the last beat of this service
    killed = clock.now()
    clock.turn(300)
    await gaps().look()

    async with database.read() as session:
        found = await gaps_since(session, began)
    assert found == [
        Gap(began + timedelta(seconds=122), began + timedelta(seconds=152)),
        Gap(killed, killed + timedelta(seconds=300)),
    ]


async def test_calls_of_today_in_memory_are_those_of_the_ledger_whatever_happens(database: Database) -> None:
    clock, bus, chance = ClockByHand(MIDNIGHT + timedelta(hours=1)), Bus(box=40), random.Random(6)
    days = [0]
    today = CallsOfToday(database, bus, clock, lambda: MIDNIGHT + timedelta(days=days[0]))
    known: dict[str, CallRecord] = {}
    with today.following():
        for turn in range(36):
            for _ in range(chance.randint(0, 4)):
                call_id = f"c-{chance.randint(0, 25)}"
                start = clock.now() - timedelta(minutes=chance.randint(0, 200))
                call = known.get(call_id) or CallRecord(id=call_id, state=CallState.RINGING, ring_start=start)
                if chance.random() < 0.4:
                    call = replace(call, state=CallState.ENDED, ended_at=clock.now(), outcome=Outcome.ABANDONED_QUEUE)
                known[call_id] = call
                async with database.begin() as session:
                    await save_call(session, call)
                bus.publish(Change(Subject.CALL, call_id))
            if turn % 17 == 16:
                gone = chance.choice(sorted(known))
                del known[gone]
                async with database.begin() as session:
                    await drop_joined_call(session, gone)
                bus.publish(Change(Subject.CALL, gone))
            if turn % 13 == 12:
                bus.publish(RESYNC)
            if turn == 24:
                days[0] = 1
                clock.turn(86_400)
            clock.turn(61)

            found = await today.read()

            midnight = MIDNIGHT + timedelta(days=days[0])
            async with database.read() as session:
                begun = await calls_page(session, since=midnight, limit=1000)
            assert {call.id: call for call in found.begun} == {call.id: call for call in begun}
            assert {call.id for call in found.going_on} == {
                call.id for call in known.values() if call.state is not CallState.ENDED
            }
            before = midnight - BEFORE
            assert {call.id for call in found.begun_since(before)} == {
                call.id for call in known.values() if call.ring_start is not None and call.ring_start >= before
            }
