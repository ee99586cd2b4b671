import io
import wave
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hotline.database import Database
from hotline.recordings.errors import KeyMissing, RecordingError
from hotline.recordings.files import side_file
from hotline.recordings.packer import Packer
from hotline.recordings.sealing import read_key
from hotline.recordings.sounds import Sounds
from hotline.settings import RecordingSettings
from hotline.transcribe.packable_store import packable
from tests.fakes.recorded_calls import RecordedCalls, voice

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FORMS: list[dict[str, Any]] = [{"pack": "none"}, {"pack": "flac"}, {"pack": "flac", "encrypt": True}]


class Desk(RecordedCalls):
    """One recorded call, in the form that a site wants."""

    @property
    def sounds(self) -> Sounds:
        return Sounds(self.directory, lambda: read_key(self.directory.parent / "key"))

    async def talk(self, **settings: Any) -> str:
        name = await self.call("c-1", caller=voice(12), agent=voice(12, seed=2))
        await self.written_down(name)
        (self.directory.parent / "key").write_text("ab" * 32)
        await Packer(
            directory=self.directory, key_file=self.directory.parent / "key", settings=RecordingSettings(**settings),
            database=self.database,
            ready=partial(packable, begun_by=self.now, waited_since=self.now - timedelta(days=2)),
        ).round()  # fmt: skip
        return name


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    return Desk(tmp_path / "recordings", database, NOW)


@pytest.mark.parametrize("settings", FORMS)
async def test_one_side_is_a_wav_file_of_every_sample_whatever_the_form(desk: Desk, settings: dict[str, Any]) -> None:
    name = await desk.talk(**settings)

    for side, seed in (("caller", 1), ("agent", 2)):
        sound = desk.sounds.open(await desk.recording(name), side)  # type: ignore[arg-type]
        assert sound is not None
        with wave.open(io.BytesIO(sound.read(0, sound.size))) as file:
            assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (1, 8000, 96000)
            assert np.array_equal(np.frombuffer(file.readframes(96000), "<i2"), voice(12, seed=seed))


@pytest.mark.parametrize("settings", [*FORMS, {"pack": "opus"}])
@pytest.mark.parametrize("side", ["both", "caller"])
async def test_any_stretch_is_the_same_as_in_the_whole(desk: Desk, settings: dict[str, Any], side: str) -> None:
    name = await desk.talk(**settings)
    sound = desk.sounds.open(await desk.recording(name), side)  # type: ignore[arg-type]
    assert sound is not None
    whole = sound.read(0, sound.size)

    assert len(whole) == sound.size
    if settings["pack"] == "opus" and side == "caller":
        return  # a decoder of Opus that begins elsewhere gives other samples
    for start, length in ((0, 10), (40, 10), (45, 3), (65530, 13), (sound.size - 7, 100), (sound.size // 2 + 1, 4097)):
        assert sound.read(start, length) == whole[start : start + length], (start, length)


async def test_two_wav_files_are_given_as_one_with_the_caller_left(desk: Desk) -> None:
    name = await desk.talk(pack="none")
    sound = desk.sounds.open(await desk.recording(name), "both")
    assert sound is not None

    with wave.open(io.BytesIO(sound.read(0, sound.size))) as file:
        assert file.getnchannels() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)

    assert (sound.media, np.array_equal(samples, desk.samples(name))) == ("audio/wav", True)


@pytest.mark.parametrize("settings", FORMS)
async def test_recogniser_is_given_both_sides_as_they_were_recorded_and_nothing_of_them_stays(
    desk: Desk, settings: dict[str, Any]
) -> None:
    name = await desk.talk(**settings)
    before = desk.files()

    async with desk.sounds.sides(await desk.recording(name)) as (caller, agent):
        for path, seed in ((caller, 1), (agent, 2)):
            with wave.open(str(path)) as file:
                assert file.getframerate() == 8000
                assert np.array_equal(np.frombuffer(file.readframes(99999), "<i2"), voice(12, seed=seed))

    assert desk.files() == before


async def test_recogniser_is_given_opus_at_the_telephones_rate(desk: Desk) -> None:
    name = await desk.talk(pack="opus")

    async with desk.sounds.sides(await desk.recording(name)) as (caller, _):
        with wave.open(str(caller)) as file:
            assert file.getframerate() == 8000
            assert file.getnframes() / 8000 == pytest.approx(12, abs=0.05)


async def test_sound_whose_file_is_gone_is_none_and_cannot_be_unpacked(desk: Desk) -> None:
    name = await desk.talk(pack="flac")
    (desk.directory / f"{name}.flac").unlink()
    recording = await desk.recording(name)

    assert desk.sounds.open(recording, "both") is None
    with pytest.raises(RecordingError, match="cannot be read"):
        async with desk.sounds.sides(recording):
            pass
    assert desk.files() == []


async def test_encrypted_sound_without_its_key_says_so(desk: Desk) -> None:
    name = await desk.talk(encrypt=True)
    (desk.directory.parent / "key").unlink()

    with pytest.raises(KeyMissing):
        desk.sounds.open(await desk.recording(name), "both")


async def test_side_that_is_missing_is_silent_beside_the_other(desk: Desk) -> None:
    name = await desk.talk(pack="none")
    side_file(desk.directory, name, "agent").unlink()
    sound = desk.sounds.open(await desk.recording(name), "both")
    assert sound is not None

    samples = np.frombuffer(sound.read(44, sound.size), "<i2").reshape(-1, 2)

    assert np.array_equal(samples[:, 0], voice(12))
    assert not samples[:, 1].any()
