import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hotline.database import Database
from hotline.recordings.checks import Fault, RecordingCheck
from hotline.recordings.disk import Disk, DiskState, look_at_disk
from hotline.recordings.files import side_file
from hotline.recordings.recording import Form, RecordingState
from hotline.recordings.store import note_originals_gone, note_packed
from hotline.recordings.watch import FIRST_AFTER, RecordingWatch
from hotline.settings import RecordingSettings
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.recorded_calls import RecordedCalls

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Desk(RecordedCalls):
    """Recordings, some of which are not as they should be."""

    def grow_old(self, hours: float = 2) -> None:
        """Let every file be so old."""
        then = (self.now - timedelta(hours=hours)).timestamp()
        for path in self.directory.rglob("*"):
            if path.is_file():
                os.utime(path, (then, then))

    async def found(self, **how: bool) -> list[tuple[Fault, str]]:
        check = RecordingCheck(directory=self.directory, database=self.database, clock=ClockByHand(self.now))
        return [(finding.fault, finding.file) for finding in (await check.run(**how)).findings]


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    return Desk(tmp_path / "recordings", database, NOW)


async def test_recordings_as_they_should_be_give_no_finding(desk: Desk) -> None:
    for number in range(3):
        await desk.call(f"c-{number}")
    await desk.call("empty", state=RecordingState.EMPTY)
    desk.grow_old()

    assert await desk.found(deep=True) == []


async def test_file_that_no_call_knows_is_an_orphan_unless_it_is_of_this_hour(desk: Desk) -> None:
    (desk.directory / "2026").mkdir()
    (desk.directory / "2026" / "unknown.caller.wav").write_bytes(b"RIFF")
    (desk.directory / "holiday.jpg").write_bytes(b"x")
    desk.grow_old()
    (desk.directory / "2026" / "fresh.caller.wav").write_bytes(b"RIFF")
    moment = NOW.timestamp()
    os.utime(desk.directory / "2026" / "fresh.caller.wav", (moment, moment))

    assert sorted(await desk.found()) == [(Fault.ORPHAN, "2026/unknown.caller.wav"), (Fault.ORPHAN, "holiday.jpg")]


async def test_recording_that_was_missing_is_settled_when_its_file_came_back_with_the_disk(desk: Desk) -> None:
    name = await desk.call("c-1", state=RecordingState.MISSING)
    desk.grow_old()

    assert await desk.found() == []
    assert (await desk.recording(name)).state is RecordingState.MISSING
    assert await desk.found(mends=True) == []

    assert (await desk.recording(name)).state is RecordingState.PENDING


async def test_recording_without_its_files_is_missing(desk: Desk) -> None:
    name = await desk.call("c-1")
    side_file(desk.directory, name, "caller").unlink()

    assert await desk.found() == [(Fault.MISSING, f"{name}.caller.wav")]

    side_file(desk.directory, name, "agent").unlink()
    assert await desk.found() == [(Fault.MISSING, f"{name}.caller.wav"), (Fault.MISSING, f"{name}.agent.wav")]


async def test_side_that_never_was_there_is_not_missed(desk: Desk) -> None:
    name = await desk.call("c-1")
    async with desk.database.begin() as session:
        await note_packed(session, name, Form.FLAC, is_encrypted=False, sha256="00")
        await note_originals_gone(session, name)
    (desk.directory / f"{name}.flac").write_bytes(b"fLaC")
    for side in ("caller", "agent"):
        side_file(desk.directory, name, side).unlink()

    assert await desk.found() == []
    assert await desk.found(deep=True) == [(Fault.CHANGED, f"{name}.flac")]


async def test_changed_byte_is_found_by_a_deep_look_only(desk: Desk) -> None:
    name = await desk.call("c-1")
    path = side_file(desk.directory, name, "agent")
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)

    assert await desk.found() == []
    assert await desk.found(deep=True) == [(Fault.CHANGED, f"{name}.caller.wav")]


async def test_unfinished_work_is_a_leftover_and_goes_after_a_day(desk: Desk) -> None:
    name = await desk.call("c-1")
    part, heard = desk.directory / f"{name}.flac.part", desk.directory / ".heard-x" / "caller.wav"
    heard.parent.mkdir()
    for path in (part, heard):
        path.write_bytes(b"x")
    desk.grow_old(hours=2)

    found = sorted(await desk.found(mends=True))

    assert found == [(Fault.LEFTOVER, ".heard-x/caller.wav"), (Fault.LEFTOVER, f"{name}.flac.part")]
    assert part.exists()
    desk.grow_old(hours=25)
    await desk.found(mends=True)
    assert desk.files() == [f"{name}.agent.wav", f"{name}.caller.wav"]


async def test_a_look_without_mending_changes_nothing(desk: Desk) -> None:
    (desk.directory / "x.flac.part").write_bytes(b"x")
    desk.grow_old(hours=100)

    await desk.found(deep=True)

    assert desk.files() == ["x.flac.part"]


@pytest.mark.parametrize(
    ("free_mb", "state"),
    [(5000, DiskState.ROOMY), (4999, DiskState.LOW), (500, DiskState.LOW), (499, DiskState.NEARLY_FULL)],
)
def test_disk_is_low_long_before_it_is_full(tmp_path: Path, free_mb: int, state: DiskState) -> None:
    disk = look_at_disk((tmp_path, tmp_path / "not there"), RecordingSettings(), lambda _: free_mb * 1_000_000)

    assert disk == Disk(state=state, free_mb=free_mb, call_hours=int(free_mb / 115.2))


def test_fullest_disk_counts(tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    free = {tmp_path: 90_000_000_000, tmp_path / "recordings": 1_000_000_000}

    assert look_at_disk(tuple(free), RecordingSettings(), free.__getitem__).free_mb == 1000


async def test_service_looks_at_the_disk_at_once_and_at_all_recordings_when_it_is_due(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    free: dict[str, Any] = {"mb": 9000}
    monkeypatch.setattr(
        "hotline.recordings.watch.look_at_disk",
        lambda places, settings: look_at_disk(places, settings, lambda _: free["mb"] * 1_000_000),
    )
    clock = ClockByHand(NOW)
    watch = RecordingWatch(
        directory=desk.directory, home=desk.directory.parent, settings=RecordingSettings(check_every=24),
        database=desk.database, clock=clock,
    )  # fmt: skip
    (desk.directory / "unknown.caller.wav").write_bytes(b"RIFF")
    desk.grow_old()

    await watch.look()
    assert (watch.disk and watch.disk.state, watch.checked) == (DiskState.ROOMY, None)
    free["mb"] = 3000
    clock.turn(FIRST_AFTER.total_seconds() + 1)
    await watch.look()

    assert watch.disk is not None
    assert watch.disk.state is DiskState.LOW
    assert watch.trouble == "1 orphan: python -m hotline recordings check"
    (desk.directory / "unknown.caller.wav").unlink()
    await watch.look()
    assert watch.trouble, "a day has not passed"
    clock.turn(24 * 3600 + 1)
    await watch.look()
    assert watch.trouble == ""
