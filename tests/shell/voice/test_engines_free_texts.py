"""Free texts are spoken in a process of their own and kept; whatever the engine does costs one text."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.settings import REPOSITORY, VoiceSettings
from hotline.voice.errors import NoVoice, TextRefused, VoiceFailed, VoiceTooSlow
from hotline.voice.free_texts import FreeTexts
from hotline.voice.sound import telephone_seconds
from hotline.voice.studio import MOST_WAITING, Studio
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.synthesiser_process import COMMAND, humming
from tests.fakes.voice_shelf import write_sound

NOTICE = "三栋因管道抢修停水。"


def free_texts(home: Path, *, within: float = 30, largest: int = 10**9, voice: Path | None = None) -> FreeTexts:
    studio = Studio(COMMAND, within=timedelta(seconds=within))
    return FreeTexts(
        VoiceSettings(piper_model=voice), home, ClockByHand(), choose=humming, studio=studio, largest=largest
    )


def said(home: Path) -> list[str]:
    """Return the processes that spoke, a line for each clause."""
    return (home / "said").read_text().splitlines() if (home / "said").exists() else []


async def until_said(home: Path) -> int:
    """Wait until the engine is at work; return its process."""
    async with asyncio.timeout(20):
        while not said(home):
            await asyncio.sleep(0.02)
    return int(said(home)[0].split()[0])


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_text_becomes_a_sound_that_asterisk_plays(tmp_path: Path) -> None:
    sound = await free_texts(tmp_path).sound_of(NOTICE)

    assert telephone_seconds(Path(f"{sound.name}.wav")) == sound.seconds
    assert sound.seconds == pytest.approx(0.1 * len(NOTICE) + 0.3, abs=0.05)


async def test_text_is_spoken_once_however_often_and_by_whomever_it_is_asked_for(tmp_path: Path) -> None:
    texts = free_texts(tmp_path)
    sounds = await asyncio.gather(*(texts.sound_of(words) for words in (NOTICE, NOTICE, f"  {NOTICE}\n\x07")))
    later = await free_texts(tmp_path).sound_of(NOTICE)

    assert {*sounds, later} == {later}
    assert len(said(tmp_path)) == 1


async def test_another_voice_speaks_the_text_anew(tmp_path: Path) -> None:
    one = await free_texts(tmp_path).sound_of(NOTICE)
    other = await free_texts(tmp_path, voice=Path("other.onnx")).sound_of(NOTICE)

    assert one.name != other.name


@pytest.mark.parametrize("words", ["", " \n\t", "……！？", "\x00\x1b", "字" * 501])
async def test_text_that_cannot_be_said_is_refused_before_an_engine_hears_it(tmp_path: Path, words: str) -> None:
    with pytest.raises(TextRefused):
        await free_texts(tmp_path).sound_of(words)

    assert said(tmp_path) == []


@pytest.mark.parametrize(
    ("word", "why"),
    [("崩溃", "ended by itself"), ("吃光", "more memory"), ("出错", "RuntimeError"), ("无声", "no sound")],
)
async def test_engine_that_fails_is_named_and_the_next_text_is_spoken(tmp_path: Path, word: str, why: str) -> None:
    texts = free_texts(tmp_path)

    with pytest.raises(VoiceFailed, match=why) as failed:
        await texts.sound_of(f"这里{word}")

    assert word not in str(failed.value)
    assert (await texts.sound_of(NOTICE)).seconds > 1
    assert len(list((tmp_path / "voice-cache").iterdir())) == 1


async def test_engine_that_hangs_is_ended_in_time(tmp_path: Path) -> None:
    with pytest.raises(VoiceTooSlow):
        await free_texts(tmp_path, within=3).sound_of("这里卡住")

    assert not is_alive(int(said(tmp_path)[0].split()[0]))


async def test_cancelled_text_leaves_no_process(tmp_path: Path) -> None:
    asking = asyncio.create_task(free_texts(tmp_path).sound_of("这里卡住"))
    process = await until_said(tmp_path)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert not is_alive(process)


async def test_killed_engine_costs_one_text(tmp_path: Path) -> None:
    texts = free_texts(tmp_path)
    asking = asyncio.create_task(texts.sound_of("这里卡住"))
    os.kill(await until_said(tmp_path), signal.SIGKILL)

    with pytest.raises(VoiceFailed, match="ended by itself"):
        await asking
    assert (await texts.sound_of(NOTICE)).seconds > 1


async def test_what_a_library_prints_is_not_in_the_sound(tmp_path: Path) -> None:
    sound = await free_texts(tmp_path).sound_of("请打印通知")

    assert sound.seconds > 0


async def test_language_that_the_voice_does_not_speak_is_no_voice(tmp_path: Path) -> None:
    with pytest.raises(NoVoice, match="Mandarin only"):
        await free_texts(tmp_path).sound_of("Good morning", "en")


async def test_more_texts_than_the_bound_are_refused_not_queued(tmp_path: Path) -> None:
    texts = free_texts(tmp_path)
    hanging = [asyncio.create_task(texts.sound_of(f"卡住{number}号")) for number in range(MOST_WAITING)]
    await until_said(tmp_path)

    with pytest.raises(VoiceFailed, match="wait to be spoken"):
        await texts.sound_of(NOTICE)

    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_cache_lets_go_of_what_was_not_used_for_the_longest_time(tmp_path: Path) -> None:
    old, used = (write_sound(tmp_path / f"voice-cache/{name}.wav", 1) for name in ("old", "used"))
    os.utime(old, (1, 1))
    os.utime(used, (2, 2))
    sound = await free_texts(tmp_path, largest=45_000).sound_of(NOTICE)

    assert not old.exists()
    assert used.exists()
    assert Path(f"{sound.name}.wav").exists()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (VoiceSettings(), "voice.engine is none"),
        (VoiceSettings(engine="kokoro"), "kokoro"),
        (VoiceSettings(engine="piper"), "piper"),
        (VoiceSettings(engine="piper", piper_model=Path("/nowhere/zh.onnx")), "piper"),
    ],
)
async def test_without_an_engine_or_its_voice_it_is_said_what_to_do(
    tmp_path: Path, settings: VoiceSettings, why: str
) -> None:
    texts = FreeTexts(settings, tmp_path, ClockByHand())

    with pytest.raises(NoVoice, match=why):
        await texts.sound_of(NOTICE)


async def test_engine_ends_with_the_process_that_asked(tmp_path: Path) -> None:
    asking = await asyncio.create_subprocess_exec(sys.executable, "-c", _ASKS, str(tmp_path), cwd=REPOSITORY)
    process = await until_said(tmp_path)
    asking.kill()
    await asking.wait()

    async with asyncio.timeout(10):
        while is_running(process):
            await asyncio.sleep(0.02)


_ASKS = """
import asyncio, sys
from pathlib import Path
from hotline.voice.studio import Studio
from hotline.settings import VoiceSettings
from tests.fakes.synthesiser_process import COMMAND, humming
asyncio.run(Studio(COMMAND).speak(humming(VoiceSettings(), Path(sys.argv[1])), "这里卡住", "zh"))
"""


def is_running(process: int) -> bool:
    """Tell whether a process that is nobody's child any more still does something."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
