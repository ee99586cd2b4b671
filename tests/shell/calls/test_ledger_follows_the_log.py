import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Subject
from hotline.calls.cel import CelUnreadable, read_page
from hotline.calls.ledger import CallRecord
from hotline.calls.rows_store import rows_of
from hotline.calls.service import Ledger
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import call_by_id, calls_page, open_calls
from hotline.database import Database
from tests.fakes.call_story import CALL, START, CallStory
from tests.fakes.cel_file import CelFile


@pytest.fixture
def log_file(tmp_path: Path) -> CelFile:
    return CelFile(tmp_path / "log" / "master.db")


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def ledger(log_file: CelFile, database: Database, bus: Bus) -> Ledger:
    return Ledger(cel_store=log_file.path, database=database, bus=bus, followers=[])


def whole_call(**more: str) -> CallStory:
    story = CallStory(**more).rings().lifted().announced().enters_menu().presses("1").queues()
    return story.agent_rings().agent_answers().hangs_up(after=40, talking_to="8001")


async def ledger_row(database: Database, call: str = CALL) -> CallRecord | None:
    async with database.read() as session:
        return await call_by_id(session, call)


async def test_a_call_in_the_log_is_a_row_in_the_ledger(ledger: Ledger, log_file: CelFile, database: Database) -> None:
    story = whole_call()
    log_file.write(story.rows)

    await ledger.catch_up()

    assert await ledger_row(database) == story.record


async def test_the_same_log_read_twice_changes_nothing(ledger: Ledger, log_file: CelFile, database: Database) -> None:
    log_file.write(whole_call().rows)
    await ledger.catch_up()
    before = await ledger_row(database)

    again = await ledger.catch_up()

    assert again == 0
    assert await ledger_row(database) == before


async def test_a_service_killed_before_its_commit_reads_the_rows_again_and_tells_the_call_once(
    log_file: CelFile, database: Database, bus: Bus
) -> None:
    class Killed(BaseException):
        pass

    async def die(session: AsyncSession, call: CallRecord) -> None:
        raise Killed

    story = whole_call()
    log_file.write(story.rows)
    dying = Ledger(cel_store=log_file.path, database=database, bus=bus, followers=[die])
    with pytest.raises(Killed):
        await dying.catch_up()
    assert await ledger_row(database) is None

    await Ledger(cel_store=log_file.path, database=database, bus=bus, followers=[]).catch_up()

    assert await ledger_row(database) == story.record
    async with database.read() as session:
        assert len(await rows_of(session, CALL)) == len(story.rows)


async def test_a_call_that_ended_while_the_service_was_away_has_its_true_times(
    ledger: Ledger, log_file: CelFile, database: Database, bus: Bus
) -> None:
    story = whole_call()
    log_file.write(story.rows[:9])
    await ledger.catch_up()
    half = await ledger_row(database)
    assert half is not None
    assert half.ended_at is None

    log_file.write(story.rows[9:])
    await Ledger(cel_store=log_file.path, database=database, bus=bus, followers=[]).catch_up()

    assert await ledger_row(database) == story.record


async def test_two_calls_in_one_second_are_two_calls(ledger: Ledger, log_file: CelFile, database: Database) -> None:
    one, other = whole_call(), whole_call(call="hotline-1795251600.1", number="13900139000")
    log_file.write(row for pair in zip(one.rows, other.rows, strict=True) for row in pair)

    await ledger.catch_up()

    assert await ledger_row(database) == one.record
    assert await ledger_row(database, "hotline-1795251600.1") == other.record


async def test_a_long_log_is_read_page_by_page_to_its_end(log_file: CelFile) -> None:
    for number in range(5):
        log_file.write(whole_call(call=f"hotline-{number}.0").rows)

    seen, after = [], 0
    while (page := read_page(log_file.path, after, limit=7)).rows:
        seen += page.rows
        after = page.position

    assert len(seen) == 5 * len(whole_call().rows)
    assert [row.position for row in seen] == sorted({row.position for row in seen})


async def test_the_cursor_of_one_log_is_not_used_on_another(
    ledger: Ledger, log_file: CelFile, database: Database, bus: Bus, tmp_path: Path
) -> None:
    log_file.write(whole_call().rows)
    await ledger.catch_up()
    new = CelFile(tmp_path / "new" / "master.db")
    new.write(whole_call(call="hotline-2.0").rows)

    await Ledger(cel_store=new.path, database=database, bus=bus, followers=[]).catch_up()

    assert await ledger_row(database, "hotline-2.0") is not None


async def test_a_row_that_makes_no_sense_is_passed_over_and_the_rest_is_told(
    ledger: Ledger, log_file: CelFile, database: Database
) -> None:
    with closing(sqlite3.connect(log_file.path)) as log:
        log.execute("INSERT INTO cel (eventtype, eventtime) VALUES ('CHAN_START', 'soon')")
        log.commit()
    story = whole_call()
    log_file.write(story.rows)

    await ledger.catch_up()

    assert await ledger_row(database) == story.record


async def test_calls_the_switch_died_with_are_ended_and_living_ones_are_not(
    ledger: Ledger, log_file: CelFile, database: Database
) -> None:
    waiting = CallStory().rings().lifted().announced().queues()
    living = CallStory(call="hotline-9.0", number="13900139000").rings().lifted().announced().queues()
    log_file.write([*waiting.rows, *living.rows])
    ledger.lost({"hotline-9.0"}, START + timedelta(minutes=5))

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(ledger.run())
        while (found := await ledger_row(database)) is None or found.state is not CallState.ENDED:
            await asyncio.sleep(0.01)
        running.cancel()

    assert found.outcome is Outcome.SWITCH_LOST
    async with database.read() as session:
        assert [call.id for call in await open_calls(session)] == ["hotline-9.0"]


async def test_a_call_that_began_after_the_switch_was_asked_is_not_ended(
    ledger: Ledger, log_file: CelFile, database: Database
) -> None:
    log_file.write(CallStory().rings().lifted().rows)
    await ledger.catch_up()

    await ledger._end_lost(set(), START - timedelta(seconds=1))

    async with database.read() as session:
        assert len(await open_calls(session)) == 1


async def test_the_bell_brings_a_change_to_the_pages_without_waiting_for_the_next_look(
    ledger: Ledger, log_file: CelFile, bus: Bus
) -> None:
    with bus.listening() as changes:
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(ledger.run())
            log_file.write(CallStory().rings().rows)
            ledger.ring()
            change = await changes.get()
            running.cancel()

    assert (change.subject, change.id) == (Subject.CALL, CALL)


async def test_a_missing_log_is_said_and_waited_for(ledger: Ledger, log_file: CelFile, database: Database) -> None:
    hidden = log_file.path.with_suffix(".away")
    log_file.path.rename(hidden)
    with pytest.raises(CelUnreadable, match="doctor"):
        await ledger.catch_up()
    hidden.rename(log_file.path)
    log_file.write(whole_call().rows)

    await ledger.catch_up()

    assert await ledger_row(database) is not None


async def test_reading_the_log_never_makes_the_switch_wait(log_file: CelFile) -> None:
    log_file.write(whole_call().rows)
    with closing(sqlite3.connect(f"file:{log_file.path}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM cel").fetchone()

        with closing(sqlite3.connect(log_file.path, timeout=0)) as switch:
            switch.execute("INSERT INTO cel (eventtype) VALUES ('ANSWER')")
            switch.commit()


async def test_the_ledger_is_paged_newest_first_without_gap_or_double(
    ledger: Ledger, log_file: CelFile, database: Database
) -> None:
    for number in range(7):
        log_file.write(whole_call(call=f"hotline-{number}.0", start=START + timedelta(minutes=number // 2)).rows)
    await ledger.catch_up()

    pages, before = [], None
    async with database.read() as session:
        while page := await calls_page(session, before=before, limit=3):
            pages += page
            before = page[-1].id

    assert len({call.id for call in pages}) == len(pages) == 7
    assert [call.ring_start for call in pages] == sorted((call.ring_start for call in pages), reverse=True)


async def test_a_caller_whose_name_is_no_text_stops_nothing_and_is_quoted_nowhere(
    ledger: Ledger, log_file: CelFile, database: Database
) -> None:
    story = whole_call()
    log_file.write(story.rows)
    with closing(sqlite3.connect(log_file.path)) as log:
        log.execute("UPDATE cel SET cidname = CAST(x'ffe5bca0' AS TEXT) WHERE AcctId = 1")
        log.commit()

    await ledger.catch_up()

    found = await ledger_row(database)
    assert found is not None
    assert found.caller_name.endswith("张")


async def test_trouble_with_the_log_is_said_without_a_word_of_any_row(log_file: CelFile) -> None:
    log_file.path.write_bytes(b"13800138501 is no database" * 100)

    with pytest.raises(CelUnreadable) as unreadable:
        read_page(log_file.path, 0)

    assert "13800138501" not in str(unreadable.value)


async def test_a_clock_set_back_does_not_change_the_order_of_a_call(
    ledger: Ledger, log_file: CelFile, database: Database
) -> None:
    story = whole_call()
    late = [replace(row, at=row.at - timedelta(hours=1)) if row.position > 6 else row for row in story.rows]
    log_file.write(late)

    await ledger.catch_up()

    found = await ledger_row(database)
    assert found is not None
    assert (found.outcome, found.oddities) == (Outcome.ANSWERED, ())


async def test_a_snapshot_that_comes_while_another_is_worked_on_is_not_forgotten(
    ledger: Ledger, log_file: CelFile, database: Database
) -> None:
    log_file.write(CallStory().rings().lifted().rows)
    ledger.lost({CALL}, START + timedelta(minutes=1))
    working = ledger._end_lost

    async def another_comes(living: set[str], seen_at: datetime) -> None:
        await working(living, seen_at)
        if CALL in living:
            ledger.lost(set(), START + timedelta(minutes=2))

    ledger._end_lost = another_comes  # type: ignore[method-assign]
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(ledger.run())
        while (found := await ledger_row(database)) is None or found.state is not CallState.ENDED:
            await asyncio.sleep(0.01)
        running.cancel()

    assert found.outcome is Outcome.SWITCH_LOST
