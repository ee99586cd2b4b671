"""`transcripts list` and `transcripts again`, as somebody at the command line has them; no Redis is running."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hotline.tables  # noqa: F401 -- every table is there
from hotline.__main__ import app
from hotline.calls.store import save_call
from hotline.clock import SystemClock
from hotline.database import Base, Database
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import expect_recording, settle_recording
from hotline.transcribe.store import begin_transcript, fail_transcript
from tests.fakes.call_story import START, CallStory

CALLS = ("failed-1", "waiting-2")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))

    async def make() -> None:
        database, now = Database(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"), SystemClock().now()
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with database.begin() as session:
            for number, call in enumerate(CALLS):
                began = START + timedelta(minutes=number)
                await save_call(session, CallStory(call=call, start=began).rings().lifted().hangs_up(after=9).record)
                await expect_recording(session, name=call, call_id=call, began=began)
        async with database.begin() as session:
            for call in CALLS:
                await settle_recording(session, call, RecordingState.FINISHED, 9.0)
            whose = {"recording": "failed-1", "engine": "whisper", "model": "base"}
            await begin_transcript(session, **whose, call_id="failed-1", at=now)
            await fail_transcript(session, **whose, reason="recogniser-died", at=now, is_final=True)
        await database.close()

    asyncio.run(make())
    return tmp_path


def said(*words: str, fails: bool = False) -> list[str]:
    result = CliRunner().invoke(app, ["transcripts", *words])
    assert result.exit_code == int(fails), result.output
    return result.stdout.strip().splitlines()


def test_the_list_says_what_waits_what_failed_and_why() -> None:
    newest, oldest, summary = said("list")

    assert newest.split() == ["waiting-2", "waiting", "0", "tries", "-"]
    assert oldest.split() == ["failed-1", "failed", "1", "try", "whisper", "recogniser-died"]
    assert summary == "waiting 1 (emergencies 0), running 0; in the last 24 h done 0, failed 1"
    assert said("list", "--state", "failed")[0] == oldest


def test_what_failed_is_asked_for_again() -> None:
    assert said("again") == ["1 is asked for again"]
    assert said("list", "--state", "failed")[-1].startswith("waiting 2 ")
    assert said("again") == ["0 are asked for again"]


def test_a_call_that_was_never_begun_or_is_not_known_is_named_as_nothing_to_do() -> None:
    assert said("again", "nobody-3", fails=True) == ["0 are asked for again"]
    assert said("again", "failed-1") == ["1 is asked for again"]
