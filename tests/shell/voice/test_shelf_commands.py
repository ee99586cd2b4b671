"""`python -m hotline prompt …`, as a supervisor types it; and the service's look for phoned-in recordings."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotline.voice.commands import prompt
from hotline.voice.errors import NoVoice, OwnRecordingRefused, SoundUnknown
from hotline.voice.own import OwnRecordings
from hotline.voice.phoned import IncomingRecordings
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.voice_shelf import shelf_in, write_sound


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)
    return tmp_path


def typed(*words: str) -> Result:
    result = CliRunner().invoke(prompt, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def listed(prompt_id: str) -> str:
    return next(line for line in typed("list").output.splitlines() if f" {prompt_id} " in line)


def test_list_says_what_wins_how_long_it_is_and_what_it_says(tmp_path: Path) -> None:
    before = listed("goodbye")
    typed("put", "goodbye", str(write_sound(tmp_path / "mine.wav", 4)))

    assert "rendered" in before
    assert "再见" in before
    assert "4.3 s  own, " in listed("goodbye")


def test_removed_and_undone_at_the_command_line(tmp_path: Path) -> None:
    typed("put", "goodbye", str(write_sound(tmp_path / "mine.wav", 4)))
    typed("remove", "goodbye")
    removed = listed("goodbye")
    typed("undo", "goodbye")

    assert "rendered" in removed
    assert "own" in listed("goodbye")


def test_what_cannot_be_done_is_an_error_with_a_name(tmp_path: Path) -> None:
    with pytest.raises(OwnRecordingRefused):
        typed("put", "goodbye", str(tmp_path / "nowhere.wav"))
    with pytest.raises(SoundUnknown):
        typed("put", "godbye", str(write_sound(tmp_path / "mine.wav", 4)))
    with pytest.raises(NoVoice, match="none"):
        typed("say", "您好", "-o", str(tmp_path / "out.wav"))
    with pytest.raises(NoVoice, match=r"is not kokoro-js"):
        typed("voice", "--package", str(write_sound(tmp_path / "kokoro.tgz", 1)))

    assert not (tmp_path / "voices").exists()


async def test_service_takes_in_what_was_phoned_in(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path, zh=("greeting",))
    recorded = write_sound(tmp_path / "prompts/incoming/zh/greeting.wav", 2)
    recorded.with_suffix(".done").touch()
    looking = asyncio.create_task(IncomingRecordings(tmp_path, OwnRecordings(shelf, ClockByHand())).run())

    async with asyncio.timeout(10):
        while recorded.with_suffix(".done").exists():
            await asyncio.sleep(0.01)

    assert shelf.is_own("greeting")
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking


def test_two_who_record_at_one_time_lose_nothing(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path, zh=("greeting",))
    file = write_sound(tmp_path / "mine.wav", 1)
    wrong: list[Exception] = []

    def record() -> None:
        try:
            for _ in range(5):
                OwnRecordings(shelf, ClockByHand()).put("greeting", file, by="both")
        except OSError as error:
            wrong.append(error)

    both = [threading.Thread(target=record) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)

    assert wrong == []
    assert len(list((tmp_path / "prompts/zh").glob("greeting.?.wav"))) == 5
