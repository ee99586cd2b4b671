"""What hung on a call that turned out to be part of another is found under that one, once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.accounts.account import Role
from hotline.bus import Bus
from hotline.calls import service as service_module
from hotline.calls.ledger import CallRecord
from hotline.calls.rows_store import OWN_SOURCE, rows_of
from hotline.calls.service import Ledger
from hotline.calls.store import call_by_id, drop_joined_call, save_call
from hotline.database import Database
from hotline.followups.absorbing_store import Absorber
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.reading_store import follow_ups_page
from hotline.followups.rules import Debt
from hotline.followups.store import FollowUpCallTable, add_follow_up
from hotline.incidents.absorbing_store import absorb_incident_calls
from hotline.incidents.rules import Place
from hotline.incidents.store import keep_call, kept_call
from hotline.recordings.absorbing_store import absorb_recordings
from hotline.recordings.store import expect_recording, recording_of
from tests.fakes.call_story import CALL, START, CallStory
from tests.fakes.cel_file import CelFile
from tests.fakes.clock_by_hand import ClockByHand

YOUNG, OLD = "hotline-2.0", "hotline-1.0"


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand(START)


async def two_calls(database: Database) -> None:
    async with database.begin() as session:
        for call_id in (OLD, YOUNG):
            await save_call(session, CallRecord(id=call_id, ring_start=START))


async def test_recording_of_a_part_is_the_whole_calls(database: Database, tmp_path: Path) -> None:
    await two_calls(database)
    async with database.begin() as session:
        await expect_recording(session, name="young", call_id=YOUNG, began=START)

    for _ in range(2):
        async with database.begin() as session:
            await absorb_recordings(session, YOUNG, OLD)
            await drop_joined_call(session, YOUNG)

    async with database.read() as session:
        found = await recording_of(session, OLD, tmp_path)
    assert found is not None
    assert found.call_id == OLD


async def owe(database: Database, call_id: str, kind: FollowUpKind) -> None:
    async with database.begin() as session:
        await add_follow_up(
            session, debt=Debt(kind=kind, at=START, due=START + timedelta(hours=1)), owed_by=Role.AGENT,
            call_id=call_id, number="13800138501", e164="+8613800138501", home="", who="", at=START,
        )  # fmt: skip


async def test_debt_of_a_part_is_owed_for_the_whole_call_and_once(database: Database, clock: ClockByHand) -> None:
    await owe(database, YOUNG, FollowUpKind.MESSAGE)
    await owe(database, YOUNG, FollowUpKind.MISSED)
    await owe(database, OLD, FollowUpKind.MISSED)

    for _ in range(2):
        async with database.begin() as session:
            await Absorber(clock).absorb(session, YOUNG, OLD)

    async with database.read() as session:
        owed = {(one.kind, one.state): one.call_id for one in await follow_ups_page(session)}
        covered = set(await session.scalars(select(FollowUpCallTable.call_id)))
    assert covered == {OLD}
    assert owed[FollowUpKind.MESSAGE, FollowUpState.OPEN] == OLD
    assert owed[FollowUpKind.MISSED, FollowUpState.OPEN] == OLD
    assert (FollowUpKind.MISSED, FollowUpState.CANCELLED) in owed


async def test_call_that_became_part_of_another_counts_once_in_the_building(database: Database) -> None:
    place = Place(building=3, home="3-2-501")
    async with database.begin() as session:
        await keep_call(session, YOUNG, place=place, at=START, is_registered=True)
        await keep_call(session, OLD, place=place, at=START)

    for _ in range(2):
        async with database.begin() as session:
            await absorb_incident_calls(session, YOUNG, OLD)

    async with database.read() as session:
        whole = await kept_call(session, OLD)
        assert await kept_call(session, YOUNG) is None
    assert whole is not None
    assert whole.is_registered


async def test_hold_that_ami_tells_is_a_row_of_our_own_and_stands_in_the_call(
    database: Database, tmp_path: Path
) -> None:
    story = CallStory().rings().lifted().announced().queues().agent_rings().agent_answers()
    leg, began = story._legs["8001"], story.now
    log = CelFile(tmp_path / "log" / "master.db")
    log.write(story.rows)
    ledger = Ledger(cel_store=log.path, database=database, bus=Bus(), followers=[])
    await ledger.catch_up()
    for after, is_over in ((5, False), (12, True)):
        at = began + timedelta(seconds=after)
        ledger.held(channel="PJSIP/8001-0000000a", uniqueid=leg, linkedid=CALL, at=at, is_over=is_over)
    await ledger._write_holds()
    await ledger._write_holds()
    log.write(story.hangs_up(after=30, talking_to="8001").rows[len(story.rows) - 4 :])
    await ledger.catch_up()

    async with database.read() as session:
        call = await call_by_id(session, CALL)
        own = [row.type for row in await rows_of(session, CALL)][-2:]
    assert call is not None
    assert (call.held_time, own, OWN_SOURCE) == (timedelta(seconds=7), ["HOLD", "UNHOLD"], "hotline")


async def test_emergency_that_people_mark_is_in_the_ledger_when_they_are_told_so(
    database: Database, tmp_path: Path
) -> None:
    story = CallStory().rings().lifted().announced().queues().agent_rings().agent_answers()
    log = CelFile(tmp_path / "log" / "master.db")
    log.write(story.rows)
    ledger = Ledger(cel_store=log.path, database=database, bus=Bus(), followers=[])
    async with asyncio.TaskGroup() as group:
        running = group.create_task(ledger.run())
        await ledger.mark_emergency(CALL, "xiaowang", story.now + timedelta(seconds=5))
        running.cancel()

    async with database.read() as session:
        call = await call_by_id(session, CALL)
    assert call is not None
    assert (call.is_emergency, call.oddities) == (True, ())


async def test_mark_that_cannot_be_written_yet_is_kept_and_said_to_be_late(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "MARKED_WITHIN", 0.05)
    story = CallStory().rings().lifted().announced().queues().agent_rings().agent_answers()
    log = CelFile(tmp_path / "log" / "master.db")
    log.write(story.rows)
    ledger = Ledger(cel_store=log.path, database=database, bus=Bus(), followers=[])

    with pytest.raises(TimeoutError):
        await ledger.mark_emergency(CALL, "xiaowang", story.now)
    await ledger.catch_up()
    await ledger._write_holds()

    async with database.read() as session:
        call = await call_by_id(session, CALL)
    assert call is not None
    assert call.is_emergency
