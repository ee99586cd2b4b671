"""The player of a call in a real browser: both sides drawn, any second by click or key, the words move along."""

import asyncio
import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, expect

from hotline.calls.state import CallState, Outcome
from hotline.recordings.disk import Disk, DiskState
from hotline.recordings.files import SIDES, side_file
from hotline.recordings.legs import measure
from hotline.recordings.packer import Packer
from hotline.recordings.recording import RecordingState
from hotline.recordings.sealing import read_key
from hotline.recordings.store import expect_recording, settle_recording
from hotline.settings import RecordingSettings
from hotline.transcribe.packable_store import packable
from hotline.transcribe.transcript import Side
from tests.fakes.legs import write_leg
from tests.fakes.recorded_calls import voice
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SECONDS = 60
FORMS: list[dict[str, Any]] = [
    {"pack": "none"},
    {"pack": "flac"},
    {"pack": "opus"},
    {"pack": "flac", "encrypt": True},
]
SAID = (
    (Side.AGENT, 2.0, "您好，锦绣花园物业客服，请问有什么可以帮您？", 0.93),
    (Side.CALLER, 10.0, "你好，我家厨房水管漏水了。", 0.88),
    (Side.AGENT, 20.0, "请您先把厨房的总阀关上。", 0.9),
    (Side.CALLER, 40.0, "好的，麻烦快一点，谢谢。", 0.86),
)


async def talk(room: WebDesk, *, silent: str = "", **settings: Any) -> None:
    """Leave a call of a minute in which both sides take turns, written down and in the form that a site wants."""
    call = await room.finished_call()
    name, directory = call.recording, room.rooms.recordings_directory
    for side, seed in zip(SIDES, (1, 2), strict=True):
        sound = voice(SECONDS, seed=seed)
        speaks = (np.arange(len(sound)) // 40000) % 2 == seed - 1  # five seconds each
        path = side_file(directory, name, side)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_leg(path, np.where(speaks & (side != silent), sound, 0).astype(np.int16))
    measured = measure(*(side_file(directory, name, side) for side in SIDES))
    async with room.database.begin() as session:
        await expect_recording(session, name=name, call_id="c-1", began=call.recording_start or room.clock.now())
    async with room.database.begin() as session:
        await settle_recording(session, name, RecordingState.FINISHED, measured.seconds, measured)
    await room.transcribing()
    await room.transcribed("c-1", *SAID)
    (room.home / "key").write_text("ab" * 32)
    now = room.clock.now()
    await Packer(
        directory=directory, key_file=room.home / "key", settings=RecordingSettings(**settings),
        database=room.database, ready=partial(packable, begun_by=now, waited_since=now - timedelta(days=2)),
    ).round()  # fmt: skip


async def opened(screen: Page, room: WebDesk, name: str = "xiaowang") -> None:
    await screen.goto(f"{room.origin}/sign-in?next=/")
    await screen.get_by_label("用户名").fill(name)
    await screen.get_by_label("密码").fill(PASSWORD)
    await screen.get_by_role("button", name="登录").click()
    await expect(screen.locator("#freshness")).to_have_text("实时")
    await screen.goto(f"{room.origin}/calls/c-1")


async def at(screen: Page) -> float:
    seconds: float = await screen.evaluate("document.querySelector('audio').currentTime")
    return seconds


async def until(screen: Page, expression: str) -> None:
    """Wait until the page says so; the page's own policy forbids Playwright to wait in there."""
    async with asyncio.timeout(15):
        while not await screen.evaluate(expression):
            await screen.wait_for_timeout(50)


@pytest.mark.parametrize("settings", FORMS, ids=lambda form: "-".join(map(str, form.values())))
async def test_browser_plays_and_seeks_every_form(tmp_path: Path, screen: Page, settings: dict[str, Any]) -> None:
    async with web_desk(tmp_path, clock=MorningClock(), recording_key=lambda: read_key(tmp_path / "key")) as room:
        await talk(room, **settings)
        await opened(screen, room)
        await expect(screen.locator(".wave")).to_have_count(2)

        await screen.locator("[data-start='40'] .when").click()

        await until(screen, "document.querySelector('audio').currentTime > 40.3")
        assert 40 <= await at(screen) < 50
        assert abs(await screen.evaluate("document.querySelector('audio').duration") - SECONDS) < 0.2
        await expect(screen.locator(".bubble.now")).to_have_attribute("data-start", "40")


async def test_clerk_goes_through_the_call_by_click_and_by_key_and_hears_it_faster(
    tmp_path: Path, pictures: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await talk(room)
        await opened(screen, room)
        track = screen.get_by_role("slider", name="播放位置")
        box = await track.bounding_box()
        assert box is not None

        await track.click(position={"x": box["width"] / 2, "y": 10})
        assert await at(screen) == pytest.approx(30, abs=0.5)
        for key, second in (("ArrowRight", 35), ("ArrowLeft", 30), ("PageUp", 60), ("Home", 0), ("PageUp", 30)):
            await track.press(key)
            assert await at(screen) == pytest.approx(second, abs=0.6), key
        await expect(track).to_have_attribute("aria-valuetext", re.compile(r"^第 0:30，共 1:00"))
        await screen.get_by_role("button", name="1.5×").click()
        assert await screen.evaluate("document.querySelector('audio').playbackRate") == 1.5
        await expect(screen.get_by_role("button", name="1.5×")).to_have_attribute("aria-pressed", "true")
        await track.press(" ")
        await until(screen, "!document.querySelector('audio').paused")
        await screen.get_by_role("button", name="暂停").click()
        await until(screen, "document.querySelector('audio').paused")
        await screen.locator("#recording").scroll_into_view_if_needed()
        await screen.screenshot(path=pictures / "player.png")


async def test_sound_is_not_fetched_and_not_logged_before_somebody_plays_it(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await talk(room)
        fetched: list[str] = []
        screen.on("request", lambda request: fetched.append(request.url))

        await opened(screen, room)
        await expect(screen.locator(".wave")).to_have_count(2)

        assert not [url for url in fetched if "side=" in url]


async def test_silent_side_is_said_and_a_supervisor_keeps_the_recording(tmp_path: Path, screen: Page) -> None:
    disk = Disk(state=DiskState.LOW, free_mb=3000, call_hours=26)
    async with web_desk(tmp_path, clock=MorningClock(), disk=lambda: disk) as room:
        await talk(room, silent="agent")
        rang = room.clock.now() - timedelta(minutes=1)
        away = {"state": CallState.ENDED, "outcome": Outcome.TURNED_AWAY, "ring_start": rang, "ended_at": rang}
        await room.goes_on("c-2", **away)
        await opened(screen, room, "boss")

        await expect(screen.locator(".oddity").first).to_have_text("坐席一侧没有听到声音")
        await expect(screen.locator("#notices")).to_contain_text("有来电未能接入 近一小时有 1 位来电人因线路已满")
        await expect(screen.locator("#notices")).to_contain_text("录音磁盘空间偏少 剩余 3.0 GB，约可再录 26 小时通话")
        await screen.get_by_label("原因（如：费用争议）").fill("费用争议")
        await screen.get_by_role("button", name="保留录音").click()

        await expect(screen.get_by_role("button", name="解除保留")).to_be_visible()
        await expect(screen.locator("#recording")).to_contain_text("本录音已标记保留")
        await screen.emulate_media(color_scheme="dark")
        await screen.evaluate("scrollTo(0, 0)")
        await screen.screenshot(path=tmp_path / "held.png", full_page=True)
