"""From a settled recording to its stored conversation, with a recogniser that hears loudness (a true fake)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

import hotline.tables  # noqa: F401 -- every table is there
from hotline.bus import Change
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.recordings.files import side_file
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import expect_recording, settle_recording
from hotline.transcribe.backlog_store import untranscribed
from hotline.transcribe.engines import Engine
from hotline.transcribe.pool import Pool
from hotline.transcribe.service import MOST_ATTEMPTS, Transcriber
from hotline.transcribe.store import (
    StoredTranscript,
    TranscriptState,
    begin_transcript,
    release_running,
    transcript_of,
)
from hotline.transcribe.transcript import Side, Transcript
from tests.fakes.call_story import CALL, CallStory
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.legs import spoken, write_leg
from tests.fakes.recognisers import ABORTS, REFUSES, LoudnessRecogniser, never_loads

NAME = f"2026/11/21/{CALL}"
ENGINE = Engine(name="loudness", model="none", language="zh", directory=Path("/nowhere"), threads=1)


class Room:
    """One recorded call whose legs a test lays out."""

    def __init__(self, directory: Path, database: Database, pool: Pool) -> None:
        self.directory, self.database, self.clock = directory, database, ClockByHand()
        self.followed: list[str] = []
        self.told: list[Change] = []
        self.transcriber = Transcriber(
            directory=directory, database=database, clock=self.clock, engine=ENGINE, pool=pool,
            follow=self._follow, tell=self._tell, read=self._read, longest=timedelta(hours=3),
        )  # fmt: skip

    async def _follow(self, _session: object, call_id: str) -> None:
        self.followed.append(call_id)

    async def _read(self, transcript: Transcript, _call: object) -> Transcript:
        return transcript

    async def _tell(self, change: Change) -> None:
        self.told.append(change)

    async def recorded(self, *, begins: int = 0, sides: tuple[str, ...] = ("caller", "agent")) -> None:
        story = (
            CallStory().rings().lifted().announced().queues().agent_rings().agent_answers().hangs_up(talking_to="8001")
        )
        call = story.record
        assert call.recording_start is not None
        async with self.database.begin() as session:
            await save_call(session, call)
            await expect_recording(session, name=NAME, call_id=CALL, began=call.recording_start)
        async with self.database.begin() as session:
            await settle_recording(session, NAME, RecordingState.FINISHED, 6.0)
        for side in sides:
            samples = spoken((1, True), (3, False), (2, True))
            samples[0] = begins or samples[0]
            path = side_file(self.directory, NAME, side)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_leg(path, samples)

    async def transcript(self) -> StoredTranscript | None:
        async with self.database.read() as session:
            return await transcript_of(session, CALL)

    async def wanting(self) -> list[tuple[str, int]]:
        async with self.database.read() as session:
            return await untranscribed(session, stale_before=self.clock.now() - timedelta(hours=3))


@pytest.fixture
async def room(tmp_path: Path, database: Database) -> AsyncIterator[Room]:
    async with Pool(LoudnessRecogniser, files_per_process=100, timeout=timedelta(seconds=30)) as pool:
        yield Room(tmp_path, database, pool)


async def test_a_recording_is_written_down_once_and_its_call_is_followed(room: Room) -> None:
    await room.recorded()
    assert await room.wanting() == [(NAME, 0)]

    await room.transcriber.transcribe(NAME)

    found = await room.transcript()
    assert found is not None
    assert found.state is TranscriptState.DONE
    # The agent answered 2.1 s into the recording: what that leg held before were prompts.
    assert [(turn.side, turn.start.total_seconds()) for turn in found.turns] == [
        (Side.CALLER, 0.0), (Side.CALLER, 4.0), (Side.AGENT, pytest.approx(4.0, abs=0.11)),
    ]  # fmt: skip
    assert room.followed == [CALL]
    assert await room.wanting() == []


async def test_a_job_that_runs_twice_stores_its_words_once(room: Room) -> None:
    await room.recorded()
    await room.transcriber.transcribe(NAME)
    first = await room.transcript()

    await room.transcriber.transcribe(NAME)

    assert await room.transcript() == first
    assert room.followed == [CALL]


async def test_a_recording_whose_worker_died_is_wanted_again_when_a_worker_starts(room: Room) -> None:
    class Killed(BaseException):
        pass

    async def die(_session: object, _call_id: str) -> None:
        raise Killed

    await room.recorded()
    alive, room.transcriber._follow = room.transcriber._follow, die
    with pytest.raises(Killed):
        await room.transcriber.transcribe(NAME)
    assert await room.wanting() == []
    async with room.database.begin() as session:
        await release_running(session, ClockByHand().now())

    assert await room.wanting() == [(NAME, 1)]
    room.transcriber._follow = alive
    await room.transcriber.transcribe(NAME)
    found = await room.transcript()
    assert found is not None
    assert found.state is TranscriptState.DONE


async def test_a_recording_whose_words_cannot_be_kept_now_is_wanted_again(room: Room) -> None:
    async def break_off(_session: object, _call_id: str) -> None:
        raise OperationalError("COMMIT", {}, Exception("the database went away"))

    await room.recorded()
    alive, room.transcriber._follow = room.transcriber._follow, break_off
    with pytest.raises(OperationalError):
        await room.transcriber.transcribe(NAME)
    assert await room.wanting() == [(NAME, 1)]

    room.transcriber._follow = alive
    await room.transcriber.transcribe(NAME)

    found = await room.transcript()
    assert found is not None
    assert (found.state, found.reason) == (TranscriptState.DONE, "")


async def test_a_recording_that_breaks_our_own_code_is_left_after_a_few_tries(room: Room) -> None:
    async def break_always(_session: object, _call_id: str) -> None:
        raise LookupError

    await room.recorded()
    room.transcriber._follow = break_always
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(LookupError):
            await room.transcriber.transcribe(NAME)

    assert await room.wanting() == []
    found = await room.transcript()
    assert found is not None
    assert (found.state, found.reason) == (TranscriptState.FAILED, "unforeseen")


async def test_a_model_that_does_not_load_costs_no_recording_however_often_it_is_tried(room: Room) -> None:
    await room.recorded()
    whole = room.transcriber._pool
    async with Pool(never_loads, files_per_process=100, timeout=timedelta(seconds=30)) as room.transcriber._pool:
        for attempt in range(1, MOST_ATTEMPTS + 2):
            await room.transcriber.transcribe(NAME)
            assert await room.wanting() == [(NAME, attempt)]

    room.transcriber._pool = whole
    await room.transcriber.transcribe(NAME)

    found = await room.transcript()
    assert found is not None
    assert found.state is TranscriptState.DONE


async def test_a_recording_that_kills_the_recogniser_is_tried_a_few_times_and_then_left_with_the_reason(
    room: Room,
) -> None:
    await room.recorded(begins=ABORTS)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        await room.transcriber.transcribe(NAME)
        found = await room.transcript()
        assert found is not None
        assert found.reason == "recogniser-died"
        assert found.state is (TranscriptState.FAILED if attempt == MOST_ATTEMPTS else TranscriptState.RUNNING)
        assert await room.wanting() == ([] if attempt == MOST_ATTEMPTS else [(NAME, attempt)])


async def test_a_recording_the_engine_refuses_is_left_at_once(room: Room) -> None:
    await room.recorded(begins=REFUSES)

    await room.transcriber.transcribe(NAME)

    found = await room.transcript()
    assert found is not None
    assert (found.state, found.reason) == (TranscriptState.FAILED, "recogniser-failed")
    assert room.followed == []


async def test_one_unreadable_leg_is_named_and_the_other_is_written_down(room: Room) -> None:
    await room.recorded(sides=("caller",))

    await room.transcriber.transcribe(NAME)

    found = await room.transcript()
    assert found is not None
    assert (found.state, found.reason) == (TranscriptState.DONE, "agent: recording-missing")
    assert {turn.side for turn in found.turns} == {Side.CALLER}


async def test_a_corrupt_recording_is_left_with_its_reason(room: Room) -> None:
    await room.recorded()
    for side in ("caller", "agent"):
        side_file(room.directory, NAME, side).write_bytes(b"\xff" * 1000)

    await room.transcriber.transcribe(NAME)

    found = await room.transcript()
    assert found is not None
    assert (found.state, found.reason) == (TranscriptState.FAILED, "recording-unreadable")


async def test_a_job_for_a_recording_nobody_knows_does_nothing(room: Room) -> None:
    await room.transcriber.transcribe("no/such/recording")

    assert room.told == []


async def test_a_recording_begun_long_ago_and_never_ended_is_wanted_again(room: Room) -> None:
    await room.recorded()
    async with room.database.begin() as session:
        await begin_transcript(
            session, recording=NAME, call_id=CALL, engine="loudness", model="none", at=room.clock.now()
        )
    assert await room.wanting() == []

    room.clock.turn(timedelta(hours=4).total_seconds())

    assert await room.wanting() == [(NAME, 1)]
