"""Recordings as the switch leaves them, with rows and files, for whatever comes after their end."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.recordings.files import SIDES, side_file
from hotline.recordings.legs import measure
from hotline.recordings.recording import Recording, RecordingState
from hotline.recordings.store import expect_recording, recording_by_name, settle_recording
from hotline.transcribe.store import begin_transcript, fail_transcript, keep_transcript
from hotline.transcribe.transcript import Transcript
from tests.fakes.legs import write_leg

ENGINE: Final = {"engine": "vosk", "model": "small-cn"}


def voice(seconds: float, *, seed: int = 1, rate: int = 8000) -> NDArray[np.int16]:
    """Return something as hard to pack as a voice: noise that rises and falls."""
    samples = round(seconds * rate)
    rises = 3000 * (1.1 + np.sin(np.arange(samples) * 4 / rate))
    return np.asarray(np.random.default_rng(seed).normal(0, 0.5, samples) * rises, dtype=np.int16)


class RecordedCalls:
    """Calls that are over and recorded. `directory` is the recordings directory."""

    def __init__(self, directory: Path, database: Database, now: datetime) -> None:
        self.directory = directory
        self.database = database
        self.now = now
        directory.mkdir(parents=True, exist_ok=True)

    async def call(
        self,
        call_id: str,
        *,
        days_ago: float = 0.0,
        caller: NDArray[np.int16] | None = None,
        agent: NDArray[np.int16] | None = None,
        state: RecordingState = RecordingState.FINISHED,
        **changes: Any,
    ) -> str:
        """Leave a recorded call and return its recording's name."""
        began = self.now - timedelta(days=days_ago)
        name = f"{began:%Y/%m/%d}/{call_id}"
        values: dict[str, Any] = {
            "state": CallState.ENDED, "caller_number": "13800138501", "ring_start": began, "recording": name,
            "recording_start": began, "human_answer": began, "ended_at": began + timedelta(minutes=1),
        }  # fmt: skip
        paths = [side_file(self.directory, name, side) for side in SIDES]
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        for path, samples, seed in zip(paths, (caller, agent), (1, 2), strict=True):
            write_leg(path, voice(2.0, seed=seed) if samples is None else samples)
        measured = measure(*paths)
        async with self.database.begin() as session:
            await save_call(session, CallRecord(id=call_id, **(values | changes)))
        async with self.database.begin() as session:
            await expect_recording(session, name=name, call_id=call_id, began=began)
        async with self.database.begin() as session:
            await settle_recording(session, name, state, measured.seconds, measured)
        return name

    async def written_down(self, name: str, *, fails: bool = False, is_running: bool = False) -> None:
        """Let a recogniser have had its turn."""
        async with self.database.begin() as session:
            await begin_transcript(session, recording=name, call_id=name.rpartition("/")[2], at=self.now, **ENGINE)
            if is_running:
                return
            if fails:
                await fail_transcript(session, recording=name, reason="x", at=self.now, is_final=True, **ENGINE)
            else:
                transcript = Transcript(turns=(), version="1", **ENGINE)
                assert await keep_transcript(session, name, transcript, self.now)

    async def recording(self, name: str) -> Recording:
        async with self.database.read() as session:
            found = await recording_by_name(session, name, self.directory)
        assert found is not None
        return found

    def files(self) -> list[str]:
        """Return every file below the recordings directory, but the lock."""
        found = (path for path in self.directory.rglob("*") if path.is_file() and path.name != ".lock")
        return sorted(str(path.relative_to(self.directory)) for path in found)

    def samples(self, name: str) -> NDArray[np.int16]:
        """Return what the switch's files hold, both sides together; they must be of equal length."""
        sides = [side_file(self.directory, name, side).read_bytes()[44:] for side in SIDES]
        return np.stack([np.frombuffer(side, dtype="<i2") for side in sides], axis=1)
