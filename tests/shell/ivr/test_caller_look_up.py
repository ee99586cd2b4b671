"""A caller is looked up in time or led on as unknown, and a stuck database is whole again afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from structlog.testing import capture_logs

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.calls.talks_store import last_talk_with
from hotline.database import Base, Database
from hotline.incidents.incident import IncidentState
from hotline.incidents.store import raise_incident, save_incident
from hotline.ivr.answers import Answers
from hotline.ivr.caller import CallerLookUp
from hotline.ivr.facts import CallerFacts, LookedUp
from hotline.phone import PhoneNumber
from hotline.residents.pin_store import keep_pin
from hotline.residents.resident import Home, MatterKind, Title
from hotline.residents.store import add_home, add_matter, add_resident, set_arrears
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server
from tests.fakes.sqlite_threads import sqlite_threads_are_over

__all__ = ["database", "database_server"]

NUMBER = PhoneNumber("+8613800138501")
WITHIN = 0.3
SLACK = 2.5  # for a busy machine; a look-up that waited for the lock would take 5 s or more


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    async with Answers() as opened:
        yield opened


@pytest.fixture
def look_up(database: Database, clock: ClockByHand, answers: Answers) -> CallerLookUp:
    """Return a look-up with all the time a busy machine needs."""
    return CallerLookUp(database, clock, answers, area_code="0755", within=20)


@pytest.fixture
def hasty(database: Database, clock: ClockByHand, answers: Answers) -> CallerLookUp:
    return CallerLookUp(database, clock, answers, area_code="0755", within=WITHIN)


@pytest.fixture
async def household(database: Database, clock: ClockByHand) -> Home:
    async with database.begin() as session:
        home = await add_home(session, Home(3, 2, 501), greets_by_name=True)
        await add_resident(session, home, "张建华", title=Title.MR, numbers=[NUMBER, PhoneNumber("+8675588888888")])
        await add_matter(session, home, MatterKind.REPAIR, "窗", opened=clock.now() - timedelta(days=1))
        await set_arrears(session, home, ["2026-01"], 5000)
    return home


async def keep_call(
    database: Database, call_id: str, *, at: datetime, number: str = "13800138501", agent: str = "8001",
    direction: str = "inbound",
) -> None:  # fmt: skip
    call = CallRecord(
        id=call_id, state=CallState.ENDED, caller_number=number, ring_start=at, agent=agent,
        human_answer=at if agent else None, direction=direction,
    )  # fmt: skip
    async with database.begin() as session:
        await save_call(session, call)


@pytest.mark.parametrize(
    "written",
    ["13800138501", "+8613800138501", "008613800138501", "8613800138501", "1259313800138501", "0755-88888888",
     "88888888"],
)  # fmt: skip
async def test_resident_is_known_however_the_carrier_writes_the_number(
    look_up: CallerLookUp, household: Home, written: str
) -> None:
    facts = await look_up.look_up(written)

    assert (facts.result, facts.surname, facts.title) == (LookedUp.KNOWN, "张", Title.MR)
    assert (facts.home, facts.building) == (household, 3)
    assert facts.open_matter is not None
    assert facts.arrears is not None
    assert facts.arrears.fen == 5000


@pytest.mark.parametrize("written", ["", "anonymous", "13900000000", "8001", "0000", "x" * 70_000])
async def test_stranger_withheld_number_and_nonsense_are_unknown(
    look_up: CallerLookUp, household: Home, written: str
) -> None:
    assert await look_up.look_up(written) == CallerFacts(result=LookedUp.UNKNOWN)


async def test_number_of_ten_homes_greets_nobody(look_up: CallerLookUp, database: Database) -> None:
    async with database.begin() as session:
        for door in range(101, 111):
            home = await add_home(session, Home(3, 1, door), greets_by_name=True)
            await add_resident(session, home, "张建华", title=Title.MR, numbers=[NUMBER])
            await set_arrears(session, home, ["2026-01"], 5000)

    facts = await look_up.look_up("13800138501")

    assert (facts.result, facts.surname, facts.home, facts.arrears) == (LookedUp.KNOWN, "", None, None)
    assert (len(facts.homes), facts.building) == (10, 3)


async def test_two_calls_from_one_number_at_once_are_both_known(look_up: CallerLookUp, household: Home) -> None:
    both = await asyncio.gather(*(look_up.look_up("13800138501") for _ in range(2)))

    assert [facts.result for facts in both] == [LookedUp.KNOWN] * 2


async def test_caller_who_returns_is_led_to_the_agent_of_the_newest_talk(
    look_up: CallerLookUp, household: Home, database: Database, clock: ClockByHand
) -> None:
    now = clock.now()
    await keep_call(database, "old", at=now - timedelta(days=8), agent="8009")
    await keep_call(database, "talk", at=now - timedelta(days=6), agent="8001", number="+8613800138501")
    await keep_call(database, "newer", at=now - timedelta(days=5), agent="8002", number="013800138501")
    await keep_call(database, "missed", at=now - timedelta(hours=1), agent="")
    await keep_call(database, "ours", at=now - timedelta(hours=1), agent="8003", direction="outbound")
    await keep_call(database, "another", at=now - timedelta(hours=1), agent="8004", number="13900000000")

    facts = await look_up.look_up("13800138501")

    assert facts.case_agent == "8002"


@pytest.mark.parametrize(
    ("state", "told"),
    [(IncidentState.SUSPECTED, False), (IncidentState.CONFIRMED, True), (IncidentState.OVER, False)],
)
async def test_confirmed_incident_of_the_callers_building_is_known_with_the_caller(
    look_up: CallerLookUp, household: Home, database: Database, clock: ClockByHand, state: IncidentState, told: bool
) -> None:
    now = clock.now()
    async with database.begin() as session:
        here = await raise_incident(session, building=3, state=state, since=now, by="rule", at=now)
        assert here is not None
        await save_incident(session, here)  # one that is over is its building's no more
        await raise_incident(session, building=4, state=IncidentState.CONFIRMED, since=now, by="rule", at=now)

    facts = await look_up.look_up("13800138501")

    assert facts.incident == (here if told else None)


async def test_caller_of_two_buildings_is_told_of_no_incident(
    look_up: CallerLookUp, household: Home, database: Database, clock: ClockByHand
) -> None:
    now = clock.now()
    async with database.begin() as session:
        other = await add_home(session, Home(4, 1, 101))
        await add_resident(session, other, "刘芳", numbers=[NUMBER])
        await raise_incident(session, building=3, state=IncidentState.CONFIRMED, since=now, by="rule", at=now)

    assert (await look_up.look_up("13800138501")).incident is None


async def test_pin_of_the_home_is_known_to_be_set_and_not_what_it_is(
    look_up: CallerLookUp, household: Home, database: Database
) -> None:
    assert not (await look_up.look_up("13800138501")).has_pin

    async with database.begin() as session:
        assert await keep_pin(session, household, "the hash")

    facts = await look_up.look_up("13800138501")
    assert facts.has_pin
    assert "the hash" not in repr(facts)


async def test_agent_is_not_sought_for_days_when_nothing_is_open(
    look_up: CallerLookUp, database: Database, clock: ClockByHand
) -> None:
    await keep_call(database, "talk", at=clock.now() - timedelta(hours=25))
    assert (await look_up.look_up("13800138501")).case_agent == ""

    await keep_call(database, "again", at=clock.now() - timedelta(hours=1))
    assert (await look_up.look_up("13800138501")).case_agent == "8001"


async def test_last_talk_is_found_by_the_index_of_numbers_and_times(tmp_path: Path, clock: ClockByHand) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    store = Database(f"sqlite+aiosqlite:///{tmp_path / 'plan.db'}")
    async with store.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    event.listen(
        store.engine.sync_engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3]))
    )  # fmt: skip

    async with store.read() as session:
        assert await last_talk_with(session, NUMBER.written_forms, clock.now()) is None
        statement, values = asked[-1]
        plan = await (await session.connection()).exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [row.detail for row in plan]
    await store.close()

    assert any("ix_call_caller_number_ring_start (caller_number=? AND ring_start>?)" in step for step in steps)


@asynccontextmanager
async def locked(database: Database, path: Path) -> AsyncIterator[None]:
    """Hold the database so that not even a reader gets on."""
    if database.engine.dialect.name == "sqlite":
        other = Database(f"sqlite+aiosqlite:///{path}")
        lock = "PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE", "INSERT INTO home VALUES (99, 9, 9, 9, 0, NULL)"
        await database.engine.dispose()  # the lock needs the file for itself; our readers then meet it at their door
        async with other.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            for statement in lock:
                await raw.driver_connection.execute(statement)
            yield
            await raw.driver_connection.execute("ROLLBACK")
        await other.close()
        return
    async with database.engine.connect() as connection, connection.begin():
        await connection.execute(text("LOCK TABLE resident_number, home IN ACCESS EXCLUSIVE MODE"))
        yield


async def test_locked_database_makes_the_caller_late_in_time_and_is_whole_again_afterwards(
    hasty: CallerLookUp, look_up: CallerLookUp, household: Home, database: Database, answers: Answers, tmp_path: Path
) -> None:
    with capture_logs() as logs:
        async with locked(database, tmp_path / "test.db"):
            began = time.monotonic()
            facts = await asyncio.gather(*(hasty.look_up("13800138501") for _ in range(30)))
            took = time.monotonic() - began

    assert facts == [CallerFacts(result=LookedUp.LATE)] * 30
    assert took < WITHIN + SLACK
    assert "138" not in str(logs)
    async with asyncio.timeout(15):  # SQLite's threads sleep on the lock for up to 5 s
        while answers.under_way:
            await asyncio.sleep(0.01)
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert (await look_up.look_up("13800138501")).home == household
    await sqlite_threads_are_over(database)


async def test_caller_who_hangs_up_during_the_look_up_leaves_nothing_behind(
    look_up: CallerLookUp, household: Home, database: Database, answers: Answers, tmp_path: Path
) -> None:
    async with locked(database, tmp_path / "test.db"):
        caller = asyncio.get_running_loop().create_task(look_up.look_up("13800138501"))
        while not answers.under_way:
            await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller

    async with asyncio.timeout(15):
        while answers.under_way:
            await asyncio.sleep(0.01)
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    await sqlite_threads_are_over(database)


@pytest.fixture(params=["sqlite+aiosqlite:////nowhere/at/all.db", "postgresql+asyncpg://x@127.0.0.1:1/x"])
def gone(request: pytest.FixtureRequest) -> Database:
    return Database(request.param)


async def test_database_that_is_gone_makes_the_look_up_fail_and_the_caller_goes_on(
    gone: Database, clock: ClockByHand, answers: Answers
) -> None:
    with capture_logs() as logs:
        facts = await CallerLookUp(gone, clock, answers, area_code="", within=20).look_up("13800138501")
    await sqlite_threads_are_over(gone)

    assert facts == CallerFacts(result=LookedUp.FAILED)
    assert [each["log_level"] for each in logs] == ["error"]
    assert "138" not in str(logs)


async def test_database_that_takes_the_connection_and_never_answers_makes_the_caller_late(
    clock: ClockByHand, answers: Answers
) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        mute = Database(f"postgresql+asyncpg://x@127.0.0.1:{server.sockets[0].getsockname()[1]}/x")
        began = time.monotonic()
        facts = await CallerLookUp(mute, clock, answers, area_code="", within=WITHIN).look_up("13800138501")
        took = time.monotonic() - began
        async with asyncio.timeout(15):
            while answers.under_way:
                await asyncio.sleep(0.01)
        await mute.close()

    assert facts == CallerFacts(result=LookedUp.LATE)
    assert took < WITHIN + SLACK


async def test_no_more_are_asked_while_too_many_are_late(database: Database, clock: ClockByHand) -> None:
    async with Answers(most=0) as full:
        facts = await CallerLookUp(database, clock, full, area_code="", within=5).look_up("13800138501")

    assert facts.result is LookedUp.LATE
