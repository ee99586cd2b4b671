"""What campaigns take of the lines, of the clerks and of the database: no more than there is, and fairly."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import event

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.campaigns.attempt import ALIVE, AttemptState, Step
from hotline.campaigns.attempts_store import living_attempts, step_attempt
from hotline.campaigns.campaign import CampaignKind, CampaignStep
from hotline.campaigns.dialling import WAIT_FOR_LINE, Row
from hotline.campaigns.store import take_campaign_step
from hotline.database import Database
from tests.fakes.dial_floor import DialFloor
from tests.fakes.redis_server import RedisServer


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


@pytest.fixture
async def one_line(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url, lines=1)
    yield floor
    await floor.close()


async def test_line_that_becomes_free_is_taken_by_who_waits_before_the_ledger_knows_and_by_nobody_else(
    one_line: DialFloor,
) -> None:
    floor = one_line
    await floor.campaign(*[await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 5)])
    (first,) = await floor.rings()
    (waiting,) = [row.id for row in await floor.attempts() if row.state == AttemptState.PLANNED]
    next_call = asyncio.create_task(floor.worker(patience=WAIT_FOR_LINE).dial(waiting))
    await asyncio.wait({next_call}, timeout=0.3)
    assert not next_call.done()

    await floor.lines.hung_up(first)

    assert await asyncio.wait_for(next_call, 15)
    assert [one.id for one in floor.dialler.placed] == [first, waiting]
    await floor.ticks()  # the ledger has not read the first one's end: its line is not given to it again, nor to others
    assert await floor.lines.take("attempt-1.1", limit=2, per_second=50) is not None
    assert await floor.lines.take("attempt-1.2", limit=2, per_second=50) is None


async def test_line_is_free_for_other_workers_that_did_not_hear_its_call_end_once_the_ledger_tells(
    one_line: DialFloor,
) -> None:
    floor = one_line
    await floor.campaign(*[await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 3)])
    (first,) = await floor.rings()
    await floor.ended(first)
    assert await floor.rings() == [], "the service gives it back, or the lease ends"

    await floor.lines.give_back(first)

    assert len(await floor.rings()) == 1


async def test_second_job_of_an_attempt_does_not_give_away_the_line_that_the_first_dials_on(
    one_line: DialFloor,
) -> None:
    floor = one_line
    await floor.campaign(*[await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 3)])
    attempt, second = (await floor.ticks()).planned
    taken = await floor.worker("first").take_line(attempt)
    assert taken is not None

    assert await floor.worker("second").take_line(attempt) is None
    assert await floor.worker("first").dial_on_line(attempt, taken)

    assert not await floor.worker("second").dial(attempt)
    assert not await floor.worker("second").dial(second), "the line is taken"
    assert [one.id for one in floor.dialler.placed] == [attempt]


async def test_row_of_a_worker_dials_each_attempt_once_and_the_next_when_a_line_is_free(one_line: DialFloor) -> None:
    floor = one_line
    await floor.campaign(*[await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 3)])
    planned = (await floor.ticks()).planned
    row = Row(floor.worker(patience=WAIT_FOR_LINE))
    for attempt in (*planned, *planned, "attempt-1.1"):
        row.put(attempt)

    dialling = asyncio.create_task(row.run())
    await eventually(lambda: len(floor.dialler.placed) == 1)
    await floor.lines.hung_up(floor.dialler.placed[0].id)
    await eventually(lambda: len(floor.dialler.placed) == 2)

    dialling.cancel()
    assert floor.dialler.doubles == []


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.02)


async def test_redis_that_lost_its_data_gives_no_line_before_it_was_told_who_has_one(
    one_line: DialFloor,
) -> None:
    from redis.asyncio import Redis

    floor = one_line
    await floor.campaign(*[await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 3)])
    assert len(await floor.rings()) == 1
    (waiting,) = [row.id for row in await floor.attempts() if row.state == AttemptState.PLANNED]
    async with Redis.from_url(floor.redis_url) as redis:
        await redis.flushall()

    assert not await floor.worker().dial(waiting)
    await floor.ticks()
    assert not await floor.worker().dial(waiting)
    assert len(floor.dialler.placed) == 1


@pytest.fixture
async def two_lines(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url, lines=2)
    yield floor
    await floor.close()


async def test_living_attempts_are_found_by_their_index_however_many_are_over(database: Database) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, words: Any, *_rest: Any) -> None:
        asked.append((statement, words))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    async with database.read() as session:
        await living_attempts(session)
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    ((statement, words),) = [one for one in asked if "FROM attempt" in one[0]]

    async with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            told = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", words)
        else:  # an empty table is read through whatever index there is
            await connection.exec_driver_sql("SET enable_seqscan = off")
            told = await connection.exec_driver_sql(f"EXPLAIN {statement}", words)
        plan = "\n".join(str(row) for row in told)

    assert "attempt_alive" in plan or "_e164_alive" in plan or "_household_alive" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert all(f"'{state.value}'" in statement for state in ALIVE), "the index says what is alive, as the code does"


async def test_attempts_that_nobody_can_tell_of_take_no_line_for_days(two_lines: DialFloor) -> None:
    floor = two_lines
    await floor.campaign(*[await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 4)])
    lost = await floor.rings()
    assert len(lost) == 2
    async with floor.database.begin() as session:
        for attempt in lost:
            assert await step_attempt(session, attempt, AttemptState.DIALLING, Step.LOST_SIGHT)
    for attempt in lost:  # their leases end
        await floor.lines.give_back(attempt)

    await floor.rings()

    assert [row.state for row in await floor.attempts()].count(AttemptState.UNKNOWN) == 2
    assert len(floor.dialler.placed) == 3
    assert floor.dialler.doubles == []


async def two_that_need_clerks(floor: DialFloor) -> None:
    for place, name in enumerate(("first", "second")):
        rooms = [510 + 10 * place + room for room in range(1, 5)]
        homes = [await floor.owes(room, f"1380013{room:04}") for room in rooms]
        await floor.campaign(*homes, kind=CampaignKind.CALL_BACK, name=name)


async def test_two_campaigns_that_need_clerks_ring_no_more_than_there_are(floor: DialFloor) -> None:
    await two_that_need_clerks(floor)
    floor.ready = 3

    first = await floor.rings()
    again = await floor.rings()

    assert (len(first), again) == (3, [])


async def test_clerks_of_a_campaign_that_was_paused_are_still_taken_by_who_is_being_rung(floor: DialFloor) -> None:
    home, other = await floor.owes(511, "13800130511"), await floor.owes(512, "13800130512")
    paused = await floor.campaign(home, kind=CampaignKind.CALL_BACK, name="first")
    floor.ready = 1
    assert len(await floor.rings()) == 1
    async with floor.database.begin() as session:
        await take_campaign_step(
            session, paused.id, CampaignStep.PAUSED, who="wang", at=floor.clock.now(), needs_approval=False
        )
    await floor.campaign(other, kind=CampaignKind.CALL_BACK, name="second")

    assert await floor.rings() == []


async def test_caller_who_waits_for_a_clerk_comes_before_any_campaign(floor: DialFloor) -> None:
    await two_that_need_clerks(floor)
    floor.ready = 2
    waiting = CallRecord(
        id="1795053600.9", state=CallState.WAITING, direction="inbound", caller_number="13900139000", queue="service",
        ring_start=floor.clock.now(), queued_at=floor.clock.now(),
    )  # fmt: skip
    async with floor.database.begin() as session:
        await save_call(session, waiting)

    assert len(await floor.rings()) == 1


async def test_attempt_that_waits_for_a_line_asks_the_database_once_a_second(
    two_lines: DialFloor, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor = two_lines
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned
    asked: list[str] = []
    read = floor.database.read

    def counted() -> Any:
        asked.append("database")
        return read()

    async def no_line(*_words: object, **_named: object) -> None:
        asked.append("line")
        floor.clock.turn(0.1)

    monkeypatch.setattr(floor.database, "read", counted)
    monkeypatch.setattr(floor.lines, "take", no_line)

    assert not await floor.worker(patience=WAIT_FOR_LINE).dial(attempt)

    assert asked.count("line") > 20
    assert asked.count("database") <= 4
