"""A backlog is worked off by urgency, each recording once, and its progress can be read. On both databases."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import expect_recording, settle_recording
from hotline.transcribe.audio import LegFile
from hotline.transcribe.backlog_store import Backlog, ask_again, asked_for, backlog, claim_most_urgent, untranscribed
from hotline.transcribe.engines import Engine
from hotline.transcribe.errors import RecogniserDied, RecordingMissing
from hotline.transcribe.pool import Pool
from hotline.transcribe.service import Transcriber
from hotline.transcribe.store import transcript_of
from hotline.transcribe.transcript import Side, Transcript, Word, conversation
from tests.fakes.call_story import START, CallStory
from tests.fakes.clock_by_hand import ClockByHand

ENGINE = Engine(name="fake", model="none", language="zh", directory=Path("/nowhere"), threads=1)
LONGEST = timedelta(hours=3)
KINDS = ("emergency", "complaint", "message", "unanswered", "repair")


class Scribe:
    """A pool in name: writes down which file it was given, in which order; some files are too much for it."""

    def __init__(self, *, broken: Iterable[str] = (), missing: Iterable[str] = ()) -> None:
        self.heard: list[str] = []
        self.broken, self.missing = set(broken), set(missing)

    async def transcribe(self, caller: LegFile, _agent: LegFile | None) -> Transcript:
        name = caller.path.name.removesuffix(".caller.wav")
        self.heard.append(name)
        if name in self.broken:
            raise RecogniserDied("it died")
        if name in self.missing:
            raise RecordingMissing(caller.path, "is not there")
        word = Word(text=name, start=timedelta(0), end=timedelta(seconds=1), confidence=1.0)
        return Transcript(turns=conversation([word], []), engine="fake", model="none", version="1")


class Backroom:
    """Recordings that wait, and who writes them down."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.database, self.directory, self.clock = database, directory, ClockByHand(START + timedelta(hours=9))

    async def waits(self, count: int) -> None:
        async with self.database.begin() as session:
            for number in range(count):
                kind = KINDS[number % len(KINDS)]
                call, began = f"{kind}-{number:03}", START + timedelta(minutes=number)
                story = CallStory(call=call, start=began).rings().lifted().announced().queues()
                if kind != "unanswered":
                    story = story.agent_rings().agent_answers().hangs_up(talking_to="8001")
                else:
                    story = story.hangs_up(after=20)
                record = replace(
                    story.record,
                    request=kind if kind in {"complaint", "repair"} else "",
                    is_emergency=kind == "emergency",
                    message_at=began if kind == "message" else None,
                )
                await save_call(session, record)
                await expect_recording(session, name=call, call_id=call, began=began)
        async with self.database.begin() as session:
            for number in range(count):
                await settle_recording(
                    session, f"{KINDS[number % len(KINDS)]}-{number:03}", RecordingState.FINISHED, 6.0
                )

    def worker(self, scribe: Scribe) -> Transcriber:
        async def nothing(*_: object) -> None: ...

        async def as_it_is(transcript: Transcript, _call: object) -> Transcript:
            return transcript

        return Transcriber(
            directory=self.directory, database=self.database, clock=self.clock, engine=ENGINE,
            pool=cast(Pool, scribe), follow=nothing, tell=nothing, read=as_it_is, longest=LONGEST,
        )  # fmt: skip

    async def standing(self) -> Backlog:
        async with self.database.read() as session:
            now = self.clock.now()
            return await backlog(session, stale_before=now - LONGEST, since=now - timedelta(days=1))


@pytest.fixture
def backroom(database: Database, tmp_path: Path) -> Backroom:
    return Backroom(database, tmp_path)


def began(name: str) -> datetime:
    return START + timedelta(minutes=int(name[-3:]))


@pytest.mark.timeout(240)
async def test_backlog_of_500_is_worked_off_emergencies_first_and_each_once(backroom: Backroom) -> None:
    await backroom.waits(500)
    before = await backroom.standing()
    scribe = Scribe()
    workers = [backroom.worker(scribe) for _ in range(3)]

    async def work(worker: Transcriber) -> None:
        while await worker.transcribe_most_urgent():
            pass

    await asyncio.gather(*map(work, workers))

    after = await backroom.standing()
    assert (before.waiting, before.emergencies, before.done) == (500, 100, 0)
    assert (after.waiting, after.running, after.done, after.failed) == (0, 0, 500, 0)
    assert len(scribe.heard) == len(set(scribe.heard)) == 500
    kinds = [name.split("-")[0] for name in scribe.heard]
    # Three at work may finish their claims in any order: at the seams a few stand side by side.
    assert set(kinds[:98]) == {"emergency"}
    assert set(kinds[103:398]) == {"complaint", "message", "unanswered"}
    assert set(kinds[403:]) == {"repair"}
    assert began(scribe.heard[0]) > began(scribe.heard[97]) + timedelta(hours=7)  # the newest first


async def test_an_emergency_that_comes_later_is_written_down_next(backroom: Backroom) -> None:
    await backroom.waits(10)
    scribe = Scribe()
    worker = backroom.worker(scribe)
    for _ in range(4):
        await worker.transcribe_most_urgent()
    async with backroom.database.begin() as session:
        story = CallStory(call="emergency-999", start=START).rings().lifted().announced().queues().hangs_up(after=9)
        await save_call(session, replace(story.record, is_emergency=True))
        await expect_recording(session, name="emergency-999", call_id="emergency-999", began=START)
    async with backroom.database.begin() as session:
        await settle_recording(session, "emergency-999", RecordingState.FINISHED, 6.0)

    await worker.transcribe_most_urgent()

    assert scribe.heard[4] == "emergency-999"


async def test_a_recording_that_kills_the_recogniser_holds_no_other_up(backroom: Backroom) -> None:
    await backroom.waits(5)
    scribe = Scribe(broken=["emergency-000"])
    worker = backroom.worker(scribe)

    for _ in range(20):
        await worker.transcribe_most_urgent()

    standing = await backroom.standing()
    assert (standing.waiting, standing.done, standing.failed) == (0, 4, 1)
    assert scribe.heard.count("emergency-000") == 3


async def test_one_recording_is_never_claimed_by_two(backroom: Backroom) -> None:
    await backroom.waits(2)
    now = backroom.clock.now()

    async def claim() -> str:
        async with backroom.database.begin() as session:
            found = await claim_most_urgent(session, engine="fake", model="none", at=now, stale_before=now - LONGEST)
        return found.recording if found else ""

    claimed = await asyncio.gather(*(claim() for _ in range(4)))

    assert sorted(claimed) == ["", "", "complaint-001", "emergency-000"]


async def test_a_claim_whose_worker_died_is_free_after_the_longest_job(backroom: Backroom) -> None:
    await backroom.waits(1)
    now = backroom.clock.now()
    async with backroom.database.begin() as session:
        await claim_most_urgent(session, engine="fake", model="none", at=now, stale_before=now - LONGEST)

    async with backroom.database.read() as session:
        soon = await untranscribed(session, stale_before=now)
        late = await untranscribed(session, stale_before=now + LONGEST)

    assert (soon, late) == ([], [("emergency-000", 1)])


async def test_a_failed_one_is_asked_for_again_and_a_done_one_only_by_name(backroom: Backroom) -> None:
    await backroom.waits(2)
    scribe = Scribe(missing=["emergency-000"])
    worker = backroom.worker(scribe)
    while await worker.transcribe_most_urgent():
        pass
    async with backroom.database.begin() as session:
        failed = await asked_for(session, state="failed")
        count = await ask_again(session, [], backroom.clock.now())
        waiting = await asked_for(session, state="waiting")
    scribe.missing.clear()
    while await worker.transcribe_most_urgent():
        pass

    assert [(one.call_id, one.reason) for one in failed] == [("emergency-000", "recording-missing")]
    assert (count, [one.call_id for one in waiting]) == (1, ["emergency-000"])
    assert scribe.heard == ["emergency-000", "complaint-001", "emergency-000"]
    async with backroom.database.begin() as session:
        assert await ask_again(session, ["complaint-001"], backroom.clock.now()) == 1
        kept = await transcript_of(session, "complaint-001")
    assert kept is not None
    assert [turn.side for turn in kept.turns] == [Side.CALLER]  # its words stay until the new ones are there


async def test_recordings_older_than_a_week_are_found_once_nothing_newer_waits(backroom: Backroom) -> None:
    await backroom.waits(1)
    backroom.clock.turn(30 * 86400)
    scribe = Scribe()

    assert await backroom.worker(scribe).transcribe_most_urgent()
    assert scribe.heard == ["emergency-000"]
