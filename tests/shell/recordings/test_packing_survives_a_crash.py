"""The packer is killed before each of its lines in turn: nothing is lost, and the next round ends what was begun."""

import asyncio
import os
import shutil
import sys
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from hotline.database import Base, Database
from hotline.recordings.packer import Packer
from hotline.recordings.recording import Form
from hotline.recordings.sealing import read_key
from hotline.recordings.sounds import Sounds
from hotline.settings import RecordingSettings
from hotline.transcribe.packable_store import packable
from tests.fakes.recorded_calls import RecordedCalls, voice

NOW: Final = datetime(2026, 11, 22, 9, tzinfo=UTC)
TRACED: Final = ("recordings/packer.py", "recordings/files.py")
WORK: Final = {"_pack", "_write", "_remove_originals", "remove_files"}  # where files and rows are changed
KILLED: Final = 9
pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]


def a_round(home: Path, kill_at: int | None) -> None:
    """Run one round in this process, which dies before the `kill_at`th line of the packer's own files."""
    seen = 0

    def trace(frame: Any, event: str, _argument: object) -> Any:
        nonlocal seen
        if not frame.f_code.co_filename.endswith(TRACED) or frame.f_code.co_name not in WORK:
            return None
        if event == "line":
            seen += 1
            if seen == kill_at:
                os._exit(KILLED)
        return trace

    async def work() -> None:
        database = Database(f"sqlite+aiosqlite:///{home / 'test.db'}")
        await Packer(
            directory=home / "recordings", key_file=home / "key", settings=RecordingSettings(encrypt=True),
            database=database, ready=partial(packable, begun_by=NOW, waited_since=NOW - timedelta(days=2)),
        ).round()  # fmt: skip
        await database.close()

    if kill_at is not None:
        threading.settrace(trace)
        sys.settrace(trace)
    asyncio.run(work())


def in_a_child(home: Path, kill_at: int | None) -> int:
    """Return how a process that runs one round ended."""
    child = os.fork()
    if child == 0:
        try:
            a_round(home, kill_at)
        except BaseException:  # noqa: BLE001 -- a child of pytest must not go on as one
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


async def prepared(home: Path) -> tuple[str, np.ndarray]:
    (home / "key").write_text("ab" * 32)
    database = Database(f"sqlite+aiosqlite:///{home / 'test.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    calls = RecordedCalls(home / "recordings", database, NOW)
    name = await calls.call("c-1", caller=voice(0.5), agent=voice(0.5, seed=2))
    await calls.written_down(name)
    await database.close()
    return name, calls.samples(name)


async def look(home: Path, name: str) -> tuple[Form, np.ndarray, list[str]]:
    """Return the recording's form, its sound as a listener is given it now, and the files there are."""
    database = Database(f"sqlite+aiosqlite:///{home / 'test.db'}")
    calls = RecordedCalls(home / "recordings", database, NOW)
    recording = await calls.recording(name)
    sounds = Sounds(home / "recordings", lambda: read_key(home / "key"))
    found = [sounds.open(recording, side) for side in ("caller", "agent")]  # type: ignore[arg-type]
    assert all(found), "the sound is not there"
    sides = [np.frombuffer(sound.read(44, sound.size), "<i2") for sound in found if sound]
    await database.close()
    return recording.form, np.stack(sides, axis=1), calls.files()


def test_packer_may_be_killed_before_any_line_and_nothing_is_lost_or_left(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    name, recorded = asyncio.run(prepared(template))
    deaths, forms = 0, set()
    for line in range(1, 1000):
        home = tmp_path / "home"
        shutil.copytree(template, home)
        ended = in_a_child(home, line)
        form, sound, _ = asyncio.run(look(home, name))
        assert np.array_equal(sound, recorded), f"killed at line {line}"
        forms.add(form)

        assert in_a_child(home, None) == 0
        form, sound, files = asyncio.run(look(home, name))
        assert (form, files) == (Form.FLAC, [f"{name}.flac.sealed"]), f"killed at line {line}"
        assert np.array_equal(sound, recorded), f"killed at line {line}"
        shutil.rmtree(home)
        if ended == 0:
            break
        assert ended == KILLED
        deaths += 1

    assert deaths > 30
    assert forms == {Form.SIDES, Form.FLAC}
