"""A packed recording, encrypted or not, is written down like any other when it is asked for again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.database import Database
from hotline.recordings.packer import Packer
from hotline.recordings.recording import Form
from hotline.recordings.sealing import read_key
from hotline.recordings.sounds import Sounds
from hotline.settings import RecordingSettings
from hotline.transcribe.backlog_store import ask_again
from hotline.transcribe.engines import Engine
from hotline.transcribe.packable_store import packable
from hotline.transcribe.pool import Pool
from hotline.transcribe.service import MOST_ATTEMPTS, Transcriber
from hotline.transcribe.store import StoredTranscript, TranscriptState, transcript_of
from hotline.transcribe.transcript import Side, Transcript
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.legs import spoken
from tests.fakes.recognisers import LoudnessRecogniser
from tests.fakes.recorded_calls import RecordedCalls

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ENGINE = Engine(name="loudness", model="none", language="zh", directory=Path("/nowhere"), threads=1)


class Room(RecordedCalls):
    """A recorded call, its packer, and a recogniser."""

    def __init__(self, directory: Path, database: Database, pool: Pool) -> None:
        super().__init__(directory / "recordings", database, NOW)
        self.key = directory / "key"
        self.key.write_text("ab" * 32)

        async def nothing(*_: object) -> None:
            return None

        async def read(transcript: Transcript, _call: object) -> Transcript:
            return transcript

        self.transcriber = Transcriber(
            directory=self.directory, database=database, clock=ClockByHand(NOW), engine=ENGINE, pool=pool,
            follow=nothing, tell=nothing, read=read, longest=timedelta(hours=3),
            sounds=Sounds(self.directory, lambda: read_key(self.key)),
        )  # fmt: skip

    async def packed(self, **settings: Any) -> str:
        # A tone, not a level that stands still: Opus takes what no ear hears out of the sound.
        tone = np.sin(np.arange(6 * 8000) * 2 * np.pi * 440 / 8000)
        sound = (spoken((1, True), (3, False), (2, True)) * tone).astype(np.int16)
        name = await self.call("c-1", caller=sound, agent=sound)
        await self.transcriber.transcribe(name)
        assert await Packer(
            directory=self.directory, key_file=self.key, settings=RecordingSettings(**settings),
            database=self.database, ready=partial(packable, begun_by=NOW, waited_since=NOW - timedelta(days=2)),
        ).round()  # fmt: skip
        return name

    async def again(self) -> StoredTranscript | None:
        async with self.database.begin() as session:
            assert await ask_again(session, ["c-1"], NOW) == 1
        assert await self.transcriber.transcribe_most_urgent()
        async with self.database.read() as session:
            return await transcript_of(session, "c-1")


@pytest.fixture
async def room(tmp_path: Path, database: Database) -> AsyncIterator[Room]:
    async with Pool(LoudnessRecogniser, files_per_process=100, timeout=timedelta(seconds=30)) as pool:
        yield Room(tmp_path, database, pool)


@pytest.mark.parametrize("settings", [{}, {"encrypt": True}, {"pack": "opus"}], ids=["flac", "encrypted", "opus"])
async def test_packed_recording_is_heard_again_and_nothing_plain_stays(room: Room, settings: dict[str, Any]) -> None:
    name = await room.packed(**settings)
    files = room.files()

    found = await room.again()

    assert found is not None
    assert found.state is TranscriptState.DONE
    turns = [(turn.side, round(turn.start.total_seconds())) for turn in found.turns]
    assert sorted(turns) == [(Side.AGENT, 0), (Side.AGENT, 4), (Side.CALLER, 0), (Side.CALLER, 4)]
    assert room.files() == files
    assert (await room.recording(name)).form.is_packed


async def test_packed_recording_without_its_key_is_tried_so_often_and_then_left_with_the_reason(room: Room) -> None:
    name = await room.packed(encrypt=True)
    room.key.unlink()

    found = await room.again()
    for _ in range(MOST_ATTEMPTS - 1):
        await room.transcriber.transcribe_most_urgent()
    async with room.database.read() as session:
        last = await transcript_of(session, "c-1")

    assert found is not None
    assert (found.state, found.reason) == (TranscriptState.RUNNING, "recording-key-missing")
    assert last is not None
    assert last.state is TranscriptState.FAILED
    assert (await room.recording(name)).form is Form.FLAC
