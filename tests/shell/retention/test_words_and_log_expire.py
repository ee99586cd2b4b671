from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hotline.accounts.account import Role
from hotline.bus import Change, Subject
from hotline.database import Database
from hotline.dutylog.chain import Head
from hotline.dutylog.chain_store import verify_chain
from hotline.dutylog.deadlines import Deadlines
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import DutyEntry, Kind
from hotline.dutylog.matters_store import keep_matter
from hotline.dutylog.store import add_entry, entries_page
from hotline.followups.follow_up import FollowUpKind, Step
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up, take_step
from hotline.recordings.absorbing_store import absorb_recordings
from hotline.recordings.packer import alone_with
from hotline.recordings.removal import first_break
from hotline.recordings.removal_store import hold_recording, holds_of, removals_after
from hotline.retention.texts import TextRetention
from hotline.search.follow_store import follow_writes
from hotline.search.query import read_query
from hotline.search.service import find
from hotline.settings import RetentionSettings
from hotline.transcribe.backlog_store import untranscribed
from hotline.transcribe.store import TranscriptState, begin_transcript, keep_transcript, transcript_of
from hotline.transcribe.transcript import Side, Transcript, Turn
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.recorded_calls import ENGINE, RecordedCalls

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=800)
SAID = "厨房水管漏水"
DRAFT = Draft(
    kind=Kind.REPAIR, is_urgent=False, who="张先生", home="3-2-501", matter="水管漏水", promised="", agent="8001"
)


class Desk(RecordedCalls):
    def __init__(self, directory: Path, database: Database) -> None:
        super().__init__(directory, database, NOW)
        self.told: list[Change] = []

    def retention(self, **days: int) -> TextRetention:
        async def tell(change: Change) -> None:
            self.told.append(change)

        return TextRetention(
            directory=self.directory, database=self.database, clock=ClockByHand(self.now),
            settings=RetentionSettings(**days), tell=tell,
        )  # fmt: skip

    async def heard(self, call_id: str, *, days_ago: float) -> str:
        """Leave a call whose words are there; return its recording's name."""
        name = await self.call(call_id, days_ago=days_ago)
        turn = Turn(side=Side.CALLER, start=timedelta(0), end=timedelta(seconds=1), text=SAID, confidence=0.9, words=())
        async with self.database.begin() as session:
            await begin_transcript(session, recording=name, call_id=call_id, at=self.now, **ENGINE)
        async with self.database.begin() as session:
            await keep_transcript(session, name, Transcript(turns=(turn,), version="1", **ENGINE), self.now)
        return name

    async def words_of(self, call_id: str) -> tuple[TranscriptState, list[str]]:
        async with self.database.read() as session:
            found = await transcript_of(session, call_id)
        assert found is not None
        return found.state, [turn.text for turn in found.turns]

    async def wrote(self, *, at: datetime, owes: bool = False) -> DutyEntry:
        async with self.database.begin() as session:
            entry = await add_entry(session, call_id=None, draft=DRAFT, written_by="linjing", at=at)
            if owes:
                deadlines = Deadlines()
                assert await keep_matter(session, entry, deadlines=deadlines, number="", area_code="") is not None
        return entry

    async def proofs(self) -> list[Any]:
        async with self.database.read() as session:
            return await removals_after(session, 0)


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    return Desk(tmp_path / "recordings", database)


async def test_words_whose_time_is_over_are_removed_with_a_proof_and_the_young_ones_stay(desk: Desk) -> None:
    name = await desk.heard("old", days_ago=731)
    await desk.heard("young", days_ago=729)

    assert await desk.retention().round() == (1, 0)

    assert await desk.words_of("old") == (TranscriptState.REMOVED, [])
    assert await desk.words_of("young") == (TranscriptState.DONE, [SAID])
    (link,) = await desk.proofs()
    assert (link.removed.kind, link.removed.klass, link.removed.rule) == (
        "transcript", "transcripts", "retention.transcripts = 730 days",
    )  # fmt: skip
    assert link.removed.what.startswith(name)
    assert len(link.removed.sha256) == 64
    assert desk.told == [Change(Subject.CALL, "old")]


async def test_words_that_were_removed_are_not_found_and_not_written_down_again(desk: Desk, database: Database) -> None:
    follow_writes(database, area_code="")
    await desk.heard("old", days_ago=731)
    async with database.read() as session:
        assert len((await find(session, read_query("漏水", area_code=""))).hits) == 1

    await desk.retention().round()

    async with database.read() as session:
        assert (await find(session, read_query("漏水", area_code=""))).hits == ()
        assert await untranscribed(session, stale_before=NOW) == []


async def test_words_stay_while_the_recording_is_held_or_the_matter_is_open(desk: Desk) -> None:
    name = await desk.heard("held", days_ago=900)
    await desk.heard("owed", days_ago=900)
    async with desk.database.begin() as session:
        await hold_recording(session, name, is_held=True, who="boss", reason="dispute", at=NOW)
        debt = Debt(kind=FollowUpKind.CALL_BACK, at=NOW, due=NOW)
        owed = await add_follow_up(
            session, debt=debt, owed_by=Role.AGENT, call_id="owed", number="", e164="", home="", who="", at=NOW
        )

    assert await desk.retention().round() == (0, 0)

    async with desk.database.begin() as session:
        await take_step(session, owed.id, Step.CLOSED, who="boss", at=NOW, text="done")
        await hold_recording(session, name, is_held=False, who="boss", reason="over", at=NOW)
    assert await desk.retention().round() == (2, 0)


async def test_oldest_entries_of_the_log_go_and_its_chain_holds_behind_them(desk: Desk) -> None:
    gone = [await desk.wrote(at=LONG_AGO + timedelta(minutes=minute)) for minute in range(3)]
    young = await desk.wrote(at=NOW)

    assert await desk.retention().round() == (0, 3)

    assert await verify_chain(desk.database) == Head(4, young.chain_hash)
    async with desk.database.read() as session:
        assert [entry.number for entry in await entries_page(session)] == [young.number]
    links = await desk.proofs()
    assert [link.removed.sha256 for link in links] == [entry.chain_hash for entry in gone]
    assert first_break(links) is None
    assert await desk.retention().round() == (0, 0)


async def test_entry_whose_matter_is_open_stays_and_all_behind_it_does_too(desk: Desk) -> None:
    await desk.wrote(at=LONG_AGO)
    await desk.wrote(at=LONG_AGO + timedelta(minutes=1), owes=True)
    await desk.wrote(at=LONG_AGO + timedelta(minutes=2))

    assert await desk.retention().round() == (0, 1)
    assert await desk.retention().round() == (0, 0)


async def test_round_removes_no_more_than_it_may(desk: Desk) -> None:
    for number in range(3):
        await desk.heard(f"c-{number}", days_ago=800 + number)
        await desk.wrote(at=LONG_AGO + timedelta(minutes=number))

    assert [await desk.retention().round(limit=2) for _ in range(3)] == [(2, 2), (1, 1), (0, 0)]


async def test_nothing_is_removed_while_another_process_keeps_order(desk: Desk) -> None:
    await desk.heard("old", days_ago=900)

    async with alone_with(desk.directory):
        assert await desk.retention().round() == (0, 0)


def test_log_is_kept_for_two_years_at_least() -> None:
    with pytest.raises(ValidationError):
        RetentionSettings(duty_log=729)


async def test_recording_that_joins_a_held_call_is_held_by_the_same_word(desk: Desk) -> None:
    name, joins = await desk.call("old", days_ago=2), await desk.call("young", days_ago=1)
    async with desk.database.begin() as session:
        await hold_recording(session, name, is_held=True, who="boss", reason="dispute", at=NOW)

    for _ in range(2):
        async with desk.database.begin() as session:
            await absorb_recordings(session, "young", "old")

    async with desk.database.read() as session:
        assert await holds_of(session, joins) == [(NOW, "boss", True, "dispute")]
        assert len(await holds_of(session, name)) == 1
    assert (await desk.recording(joins)).is_held
