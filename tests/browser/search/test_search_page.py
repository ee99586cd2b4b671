"""The page of the search in a real browser: ask from anywhere, see the hit marked, narrow, go on."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from hotline.transcribe.transcript import Side
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def sign_in(screen: Page, room: WebDesk) -> None:
    await screen.goto(f"{room.origin}/sign-in?next=/")
    await screen.get_by_label("用户名").fill("xiaowang")
    await screen.get_by_label("密码").fill(PASSWORD)
    await screen.get_by_role("button", name="登录").click()
    await expect(screen.locator("#freshness")).to_have_text("实时")


async def calls_with_words(room: WebDesk, count: int) -> None:
    for number in range(count):
        start = room.clock.now() - timedelta(minutes=10 * (number + 1))
        await room.finished_call(f"c-{number}", start=start)
        await room.recorded(f"c-{number}")
        await room.transcribing(f"c-{number}")
        said = "厨房水管漏水，水已经流到客厅了" if number % 2 else "<b>漏水</b>扰民"
        await room.transcribed(f"c-{number}", (Side.CALLER, 3.0, said, 0.9), (Side.AGENT, 9.0, "马上上门", 0.9))


async def test_clerk_searches_from_any_page_and_opens_what_was_found(
    tmp_path: Path, screen: Page, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await calls_with_words(room, 4)
        await sign_in(screen, room)

        await screen.locator(".find input").fill("漏水 3栋2单元501")
        await screen.locator(".find input").press("Enter")

        rows = screen.locator("#hits li")
        await expect(rows).to_have_count(8)  # four talks, four drafts
        await expect(rows.first).to_contain_text("3-2-501 · 张先生")
        await expect(screen.locator("#hits mark").first).to_have_text("漏水")
        await expect(screen.locator("#told")).to_have_text("共 8 条")
        assert await screen.locator("#hits b b").count() == 0  # what a caller says is text
        for scheme in ("light", "dark"):
            await screen.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await screen.screenshot(path=pictures / f"search-{scheme}.png")

        await screen.get_by_label("范围").select_option(label="对话")
        await expect(rows).to_have_count(4)
        await expect(screen).to_have_url(
            f"{room.origin}/search?q=%E6%BC%8F%E6%B0%B4+3%E6%A0%8B2%E5%8D%95%E5%85%83501&what=transcript"
        )

        await rows.first.get_by_role("link").click()
        await expect(screen).to_have_url(f"{room.origin}/calls/c-0")
        await expect(screen.locator("#freshness")).to_have_text("实时")


async def test_page_says_what_to_do_when_nothing_is_asked_or_found(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room)

        await screen.goto(f"{room.origin}/search")
        await expect(screen.locator("#nothing")).to_contain_text("输入关键词")

        await screen.get_by_label("关键词").fill("电梯")
        await screen.get_by_role("button", name="查找").click()
        await expect(screen.locator("#nothing")).to_contain_text("没有找到")


async def test_further_pages_are_added_below(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await calls_with_words(room, 33)
        await sign_in(screen, room)
        await screen.goto(f"{room.origin}/search?q=漏水&what=transcript")
        await expect(screen.locator("#told")).to_have_text("已显示 30 条，后面还有")

        await screen.get_by_role("button", name="更多").click()

        await expect(screen.locator("#hits li")).to_have_count(33)
        await expect(screen.locator("#more")).to_be_hidden()
