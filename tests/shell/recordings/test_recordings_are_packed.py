import asyncio
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hotline.database import Database
from hotline.recordings import packer as packer_module
from hotline.recordings.errors import NotPackable
from hotline.recordings.files import packed_file, side_file
from hotline.recordings.legs import fingerprint_of, open_leg
from hotline.recordings.packer import Packer, alone_with
from hotline.recordings.packing import Packed, pack
from hotline.recordings.recording import Form, Recording, RecordingState
from hotline.recordings.sealing import SealedFile
from hotline.recordings.store import note_fingerprint, refuse_recording
from hotline.settings import RecordingSettings
from hotline.transcribe.packable_store import packable
from tests.fakes.legs import write_leg
from tests.fakes.recorded_calls import RecordedCalls, voice

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEY = bytes(range(32))


class Desk(RecordedCalls):
    """Recorded calls and what packs them."""

    def packer(self, **settings: object) -> Packer:
        return Packer(
            directory=self.directory,
            key_file=self.directory.parent / "recordings.key",
            settings=RecordingSettings(**settings),  # type: ignore[arg-type]
            database=self.database,
            ready=partial(packable, begun_by=self.now, waited_since=self.now - timedelta(days=2)),
        )

    async def talk(self, **changes: object) -> str:
        """Leave a recorded call whose words are there."""
        name = await self.call("c-1", **changes)  # type: ignore[arg-type]
        await self.written_down(name)
        return name


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    (tmp_path / "recordings.key").write_text(KEY.hex())
    return Desk(tmp_path / "recordings", database, NOW)


def heard(path: Path) -> np.ndarray:
    with Packed(path) as packed:
        return np.concatenate(list(packed.frames_of()))


async def test_both_sides_become_one_flac_that_holds_every_sample(desk: Desk) -> None:
    name = await desk.talk()
    recorded = desk.samples(name)

    assert await desk.packer().round() == 1

    recording = await desk.recording(name)
    assert (recording.form, recording.is_encrypted, recording.state) == (Form.FLAC, False, RecordingState.FINISHED)
    assert desk.files() == [f"{name}.flac"]
    assert np.array_equal(heard(desk.directory / f"{name}.flac"), recorded)


async def test_packing_twice_is_packing_once(desk: Desk) -> None:
    name = await desk.talk()
    await desk.packer().round()
    first = (desk.directory / f"{name}.flac").stat()

    assert await desk.packer().round() == 0

    assert (desk.directory / f"{name}.flac").stat().st_mtime_ns == first.st_mtime_ns


async def test_recording_waits_until_its_words_are_there(desk: Desk) -> None:
    fresh, running = await desk.call("fresh"), await desk.call("running")
    await desk.written_down(running, is_running=True)

    assert await desk.packer().round() == 0

    await desk.written_down(fresh, fails=True)
    assert await desk.packer().round() == 1
    assert (await desk.recording(fresh)).form is Form.FLAC
    assert (await desk.recording(running)).form is Form.SIDES


async def test_recording_for_which_no_recogniser_came_in_two_days_is_packed_all_the_same(desk: Desk) -> None:
    name = await desk.call("old", days_ago=3)

    assert await desk.packer().round() == 1
    assert (await desk.recording(name)).form is Form.FLAC


async def test_nothing_is_packed_where_the_site_wants_none(desk: Desk) -> None:
    name = await desk.talk()

    assert await desk.packer(pack="none").round() == 0
    assert (await desk.recording(name)).form is Form.SIDES


async def test_shorter_side_is_silent_at_its_end(desk: Desk) -> None:
    caller, agent = voice(3), voice(1.5, seed=2)
    name = await desk.talk(caller=caller, agent=agent)

    await desk.packer().round()

    sound = heard(desk.directory / f"{name}.flac")
    assert np.array_equal(sound[:, 0], caller)
    assert np.array_equal(sound[:12000, 1], agent)
    assert not sound[12000:, 1].any()


async def test_opus_is_far_smaller_and_as_long(desk: Desk) -> None:
    name = await desk.talk(caller=voice(20), agent=voice(20, seed=2))
    wav = side_file(desk.directory, name, "caller").stat().st_size

    await desk.packer(pack="opus").round()

    path = desk.directory / f"{name}.opus"
    assert desk.files() == [f"{name}.opus"]
    assert path.stat().st_size < wav / 3
    with Packed(path) as packed:
        assert packed.frames / packed.rate == pytest.approx(20, abs=0.05)


async def test_encrypted_recording_holds_every_sample_and_nothing_plain_is_left(desk: Desk) -> None:
    name = await desk.talk()
    recorded = desk.samples(name)

    await desk.packer(encrypt=True).round()

    assert desk.files() == [f"{name}.flac.sealed"]
    assert (await desk.recording(name)).is_encrypted
    with SealedFile(desk.directory / f"{name}.flac.sealed", KEY) as file, Packed(file) as packed:
        assert np.array_equal(np.concatenate(list(packed.frames_of())), recorded)


async def test_without_the_key_nothing_is_packed_and_nothing_is_lost(desk: Desk) -> None:
    name = await desk.talk()
    (desk.directory.parent / "recordings.key").unlink()

    assert await desk.packer(encrypt=True).round() == 0

    assert desk.files() == [f"{name}.agent.wav", f"{name}.caller.wav"]


@pytest.mark.parametrize("fault", ["rates", "no-sound", "garbage"])
async def test_what_the_switch_did_not_write_stays_as_it_is_and_is_not_tried_again(desk: Desk, fault: str) -> None:
    name = await desk.talk()
    path = side_file(desk.directory, name, "agent")
    if fault == "rates":
        write_leg(path, voice(1), rate=16000)
    else:
        for side in ("caller", "agent"):
            side_file(desk.directory, name, side).write_bytes(b"\xff" * 5000 if fault == "garbage" else b"")

    assert await desk.packer().round() == 0

    assert (await desk.recording(name)).form is Form.KEPT
    assert desk.files() == [f"{name}.agent.wav", f"{name}.caller.wav"]


@pytest.mark.parametrize("encrypt", [False, True])
@pytest.mark.parametrize("away", [["caller"], ["agent"], ["caller", "agent"]], ids="+".join)
async def test_recording_whose_files_are_away_is_packed_once_they_are_back(
    desk: Desk, away: list[str], encrypt: bool
) -> None:
    name = await desk.talk()
    recorded = desk.samples(name)
    kept = {path: path.read_bytes() for path in (side_file(desk.directory, name, side) for side in away)}
    for path in kept:
        path.unlink()
    packer = desk.packer(encrypt=encrypt)

    assert await packer.round() == 0

    assert (await desk.recording(name)).form is Form.SIDES
    for path, content in kept.items():
        path.write_bytes(content)
    assert np.array_equal(desk.samples(name), recorded)
    assert await packer.round() == 1
    assert (await desk.recording(name)).form is Form.FLAC


async def test_recordings_that_are_away_do_not_keep_others_from_being_packed(desk: Desk) -> None:
    lost = await desk.call("lost", days_ago=3)
    for side in ("caller", "agent"):
        side_file(desk.directory, lost, side).unlink()
    await desk.talk()

    assert await desk.packer().round(limit=1) == 1

    assert (await desk.recording(lost)).form is Form.SIDES


async def test_side_that_was_never_there_is_packed_as_silence(desk: Desk) -> None:
    name = await desk.talk()
    path = side_file(desk.directory, name, "agent")
    path.unlink()
    settled = fingerprint_of([side_file(desk.directory, name, "caller"), path])
    async with desk.database.begin() as session:
        await note_fingerprint(session, name, settled)

    assert await desk.packer().round() == 1


def test_flac_that_is_not_the_recorded_sound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = open_leg(write_leg(tmp_path / "c.wav", voice(1)))
    agent = open_leg(write_leg(tmp_path / "a.wav", voice(1, seed=2)))
    true = Packed.frames_of

    def one_sample_off(self: Packed, first: int = 0, last: int | None = None) -> object:
        for block in true(self, first, last):
            changed = block.copy()
            changed[0, 1] ^= 1
            yield changed

    monkeypatch.setattr(Packed, "frames_of", one_sample_off)

    with pytest.raises(NotPackable):
        pack(caller, agent, tmp_path / "x.flac", Form.FLAC)


async def test_recording_refused_while_it_is_packed_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    name = await desk.talk()
    true = packer_module.Packer._write

    def refused_meanwhile(self: Packer, recording: Recording, key: bytes | None) -> str:
        done = true(self, recording, key)
        asyncio.run_coroutine_threadsafe(refuse(), loop).result(5)
        return done

    async def refuse() -> None:
        async with desk.database.begin() as session:
            await refuse_recording(session, name)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(packer_module.Packer, "_write", refused_meanwhile)

    assert await desk.packer().round() == 0
    assert desk.files() == []


async def test_words_asked_for_again_while_it_is_packed_keep_their_wav_files(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await desk.call("c-1", days_ago=3)
    true = packer_module.Packer._write

    def asked_meanwhile(self: Packer, recording: Recording, key: bytes | None) -> str:
        done = true(self, recording, key)
        asyncio.run_coroutine_threadsafe(desk.written_down(name, is_running=True), loop).result(5)
        return done

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(packer_module.Packer, "_write", asked_meanwhile)

    assert await desk.packer().round() == 0
    assert desk.files() == [f"{name}.agent.wav", f"{name}.caller.wav"]
    assert (await desk.recording(name)).form is Form.SIDES


async def test_two_processes_never_pack_at_once(desk: Desk) -> None:
    await desk.talk()

    async with alone_with(desk.directory) as is_alone:
        assert is_alone
        assert await desk.packer().round() == 0

    assert await desk.packer().round() == 1


async def test_full_disk_ends_the_round_and_leaves_the_recording_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await desk.talk()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(packer_module, "pack", full)
    assert await desk.packer().round() == 0
    assert desk.files() == [f"{name}.agent.wav", f"{name}.caller.wav"]

    monkeypatch.undo()
    assert await desk.packer().round() == 1


async def test_originals_are_kept_where_the_packed_file_was_damaged_before_they_went(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await desk.talk()
    recording = await desk.recording(name)

    async def not_now(*_: object) -> None:
        return None

    with monkeypatch.context() as patched:
        patched.setattr(Packer, "_remove_originals", not_now)
        await desk.packer().round()
    path = packed_file(desk.directory, name, Form.FLAC, is_encrypted=False)
    path.write_bytes(path.read_bytes()[:-50])

    await desk.packer().round()

    assert side_file(desk.directory, recording.name, "caller").is_file()


async def test_call_of_a_moment_ago_is_left_as_the_switch_wrote_it(desk: Desk) -> None:
    name = await desk.talk(days_ago=-0.01)

    assert await desk.packer().round() == 0
    assert (await desk.recording(name)).form is Form.SIDES
