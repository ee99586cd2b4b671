"""Live words in a browser: they come while they are said, late pages have them, the final ones take their place."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from hotline.bus import Change, Subject
from hotline.calls.ledger import Ring
from hotline.calls.state import CallState
from hotline.live.store import AlertWord, keep_alert_word
from hotline.live.talk import LiveTurn
from hotline.transcribe.transcript import Side
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def sign_in(page: Page, room: WebDesk) -> None:
    await page.goto(f"{room.origin}/sign-in?next=/")
    await page.get_by_label("用户名").fill("xiaowang")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#freshness")).to_have_text("实时")


def says(room: WebDesk, side: Side, number: int, text: str, **more: Any) -> None:
    at = room.clock.now()
    room.rooms.talks.take(
        LiveTurn(call_id="c-1", leg=side.value, side=side, number=number, at=at, text=text, is_final=False, **more)
    )
    room.bus.publish(Change(Subject.WORDS, "c-1"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_come_as_they_are_said_and_danger_turns_the_page_red(
    tmp_path: Path, pictures: Path, screen: Page, context: BrowserContext, scheme: Any
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await screen.emulate_media(color_scheme=scheme)
        await sign_in(screen, room)
        start = room.clock.now() - timedelta(seconds=30)
        await room.goes_on(
            ring_start=start, switch_answer=start + timedelta(seconds=1), menu_path=("1",), request="repair",
            queue="repair", queued_at=start + timedelta(seconds=9), human_answer=start + timedelta(seconds=14),
            agent="8001", state=CallState.TALKING, recording="r", recording_start=start + timedelta(seconds=9),
            rings=(Ring(agent="8001", leg="a", began=start + timedelta(seconds=10),
                        ended=start + timedelta(seconds=14), was_answered=True),),
        )  # fmt: skip
        says(room, Side.AGENT, 0, "您好客户服务部请讲")
        says(room, Side.CALLER, 0, "你好我家")
        await expect(screen.locator(".card .said")).to_contain_text("你好我家")

        await screen.locator(".card").click()
        await expect(screen.locator("#talk .bubble.caller p")).to_have_text("你好我家")
        says(room, Side.CALLER, 0, "你好我家厨房着火了")
        await expect(screen.locator("#talk .bubble.caller p")).to_have_text("你好我家厨房着火了")
        async with room.database.begin() as session:
            await keep_alert_word(session, AlertWord(call_id="c-1", word="着火", side=Side.CALLER, at=room.clock.now()))
        room.bus.publish(Change(Subject.ALERT_WORD, "c-1"))
        await expect(screen.get_by_role("alert")).to_contain_text("通话中听到紧急字词")
        await expect(screen.get_by_role("alert")).to_contain_text("着火")
        await screen.screenshot(path=pictures / f"live-words-{scheme}.png")
        late = await context.new_page()
        await late.goto(f"{room.origin}/calls/c-1")
        await expect(late.locator("#talk .bubble")).to_have_count(2)

        says(room, Side.CALLER, 0, "")  # the recogniser took it back
        await expect(screen.locator("#talk .bubble.caller")).to_have_count(0)
        room.rooms.talks.shut("c-1")
        room.bus.publish(Change(Subject.WORDS, "c-1"))
        for page in (screen, late):
            await expect(page.locator("#talk .bubble")).to_have_count(0)
            await expect(page.locator("#talk")).to_contain_text("通话结束后自动转写")


async def test_what_was_written_down_takes_the_place_of_live_words(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room)
        says(room, Side.CALLER, 0, "你好我家漏水")
        await room.finished_call()
        await room.recorded()
        await room.transcribing()
        await room.transcribed("c-1", (Side.CALLER, 1.0, "你好，我家漏水了。", 0.9))
        await screen.goto(f"{room.origin}/calls/c-1")
        await expect(screen.locator("#talk .bubble p").first).not_to_have_text("你好我家漏水")
        await expect(screen.locator("#talk .live-note")).to_have_count(0)
