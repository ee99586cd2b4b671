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
from hotline.calls.rows_store import OWN_SOURCE, CelFamilyTable, rows_of
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
from hotline.live.store import AlertWord, absorb_alert_words, alert_words_of, keep_alert_word
from hotline.recordings.absorbing_store import absorb_recordings
from hotline.recordings.store import expect_recording, recording_of
from hotline.transcribe.transcript import Side
from hotline.web.alerts import Acknowledgement
from hotline.web.store import (
    Access,
    absorb_acknowledgement,
    accesses_of,
    acknowledge,
    acknowledgement_of,
    log_access,
    returns_of,
    standing_alerts,
)
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


async def take_note(database: Database, call_id: str, *, by: str, after_s: int) -> None:
    async with database.begin() as session:
        at = START + timedelta(seconds=after_s)
        await save_call(session, CallRecord(id=call_id, ring_start=START, ended_at=START, is_emergency=True))
        await acknowledge(session, call_id, Acknowledgement(by=by, name=by, at=at))


@pytest.mark.parametrize(
    ("noted", "stays"), [({YOUNG: 60}, YOUNG), ({YOUNG: 60, OLD: 90}, YOUNG), ({YOUNG: 60, OLD: 30}, OLD)]
)
async def test_alert_that_a_person_took_note_of_as_a_part_does_not_stand_again_as_the_whole_call(
    database: Database, noted: dict[str, int], stays: str
) -> None:
    await two_calls(database)
    for call_id, after_s in noted.items():
        await take_note(database, call_id, by=call_id, after_s=after_s)
    async with database.begin() as session:
        await save_call(session, CallRecord(id=OLD, ring_start=START, ended_at=START, is_emergency=True))

    for _ in range(2):
        async with database.begin() as session:
            await absorb_acknowledgement(session, YOUNG, OLD)
            await drop_joined_call(session, YOUNG)

    async with database.read() as session:
        assert [call.id for call in await standing_alerts(session)] == []
        note = await acknowledgement_of(session, OLD)
        assert await acknowledgement_of(session, YOUNG) is None
    assert note is not None
    assert (note.by, note.at) == (stays, START + timedelta(seconds=noted[stays]))


async def test_word_of_danger_heard_in_a_part_is_the_whole_calls_and_stands_once(database: Database) -> None:
    async with database.begin() as session:
        for call_id, word, after_s in ((YOUNG, "着火", 5), (YOUNG, "晕倒", 9), (OLD, "着火", 2)):
            found = AlertWord(call_id=call_id, word=word, side=Side.CALLER, at=START + timedelta(seconds=after_s))
            await keep_alert_word(session, found)

    for _ in range(2):
        async with database.begin() as session:
            await absorb_alert_words(session, YOUNG, OLD)

    async with database.read() as session:
        words = await alert_words_of(session, [YOUNG, OLD])
    assert {call: [(one.word, one.at - START) for one in said] for call, said in words.items()} == {
        OLD: [("着火", timedelta(seconds=2)), ("晕倒", timedelta(seconds=9))]
    }


async def test_call_that_returned_a_part_is_shown_with_the_whole_and_who_looked_at_it_too(database: Database) -> None:
    await two_calls(database)
    async with database.begin() as session:
        session.add(CelFamilyTable(id=YOUNG, call_id=OLD))
        await save_call(session, CallRecord(id="hotline-9.0", ring_start=START, returns=YOUNG))
        await log_access(session, who="wang", what=Access.NUMBER, call_id=YOUNG, at=START)

    async with database.read() as session:
        assert await returns_of(session, OLD) == ["hotline-9.0"]
        assert [who for _, who, *_ in await accesses_of(session, OLD)] == ["wang"]


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
