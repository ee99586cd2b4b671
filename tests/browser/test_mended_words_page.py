"""Mended words on a call's page: marked, and what was heard is said on pointing; how far the backlog is."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from hotline.bus import Change, Subject
from hotline.residents.resident import Home
from hotline.transcribe.readable import Wishes, readable
from hotline.transcribe.store import keep_transcript
from hotline.transcribe.transcript import Side, Transcript, Turn, Word, turn_of
from hotline.transcribe.word_list import WordList
from tests.fakes.web_desk import PASSWORD, WebDesk, web_desk

SITE = WordList(homes=frozenset({Home(3, 2, 501)}))


async def sign_in(screen: Page, room: WebDesk, name: str = "xiaowang") -> None:
    await screen.goto(f"{room.origin}/sign-in?next=/")
    await screen.get_by_label("用户名").fill(name)
    await screen.get_by_label("密码").fill(PASSWORD)
    await screen.get_by_role("button", name="登录").click()
    await expect(screen.locator("#freshness")).to_have_text("实时")


def heard(side: Side, second: float, text: str, confidence: float = 0.9) -> Turn:
    moments = [timedelta(seconds=second + 0.2 * place) for place in range(len(text) + 1)]
    return turn_of(
        side,
        [
            Word(text=letter, start=moments[place], end=moments[place + 1], confidence=confidence)
            for place, letter in enumerate(text)
        ],
    )


async def written_down(room: WebDesk) -> None:
    turns = [
        heard(Side.AGENT, 30, "请问您住在哪一栋？"),
        heard(Side.CALLER, 33, "三动二单圆五零一是，我家厨房水管路水了。"),
        heard(Side.AGENT, 40, "您的电话是一三八零零一三八零零？"),
    ]
    transcript = Transcript(turns=readable(turns, SITE, Wishes()), engine="vosk", model="small-cn", version="1")
    async with room.database.begin() as session:
        assert await keep_transcript(session, room.calls["c-1"].recording, transcript, room.clock.now())
    room.bus.publish(Change(Subject.CALL, "c-1"))


@pytest.mark.parametrize("light", ["light", "dark"])
async def test_a_mended_word_is_marked_and_says_what_was_heard(
    tmp_path: Path, pictures: Path, screen: Page, light: str
) -> None:
    await screen.emulate_media(color_scheme="dark" if light == "dark" else "light")
    async with web_desk(tmp_path) as room:
        await room.finished_call()
        await room.recorded()
        await sign_in(screen, room)
        await room.transcribing()
        await written_down(room)
        await screen.goto(f"{room.origin}/calls/c-1")

        await expect(screen.locator(".bubble.caller p")).to_have_text("3栋2单元501室，我家厨房水管漏水了。")
        mended = screen.locator(".bubble.caller .mended")
        await expect(mended).to_have_text(["栋", "单元", "室", "漏水"])
        await expect(mended.last).to_have_attribute("title", "按读音更正，原识别为“路水”")
        await expect(screen.locator(".bubble.agent .doubted")).to_have_text("1380013800")
        await mended.last.focus()
        await screen.screenshot(path=pictures / f"mended-words-{light}.png")


async def test_the_list_of_calls_says_how_many_wait_to_be_written_down(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path) as room:
        await room.finished_call()
        await room.recorded()
        await sign_in(screen, room)

        await screen.goto(f"{room.origin}/calls")
        await expect(screen.locator("#backlog")).to_have_text("待转写 1，已完成 0")

        await room.transcribing()
        await written_down(room)
        await expect(screen.locator("#backlog")).to_have_text("", timeout=15_000)
