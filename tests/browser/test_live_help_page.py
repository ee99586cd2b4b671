"""A supervisor's acts on their desk, and what the agent is shown of them; who hears whom: tests/asterisk."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from hotline.calls.state import CallState
from hotline.livehelp.help import Mode
from tests.fakes.agent_desk import agent_desk
from tests.fakes.help_line import HelpLineByHand, help_room
from tests.fakes.web_desk import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_supervisor_comes_to_a_side_and_the_agent_sees_it(
    tmp_path: Path, pictures: Path, screen: Page, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    try:
        boss = await context.new_page()
        async with agent_desk(tmp_path) as desk:
            line = HelpLineByHand()
            sides = help_room(desk.room, line).sides
            await desk.sign_in(screen)
            await desk.ring()
            await desk.lift()
            start = desk.room.clock.now()
            await desk.room.goes_on(
                "call", ring_start=start, switch_answer=start, queued_at=start, queue="repair",
                state=CallState.WAITING,
            )  # fmt: skip
            await boss.goto(f"{desk.room.origin}/sign-in?next=/")
            await boss.get_by_label("用户名").fill("boss")
            await boss.get_by_label("密码").fill(PASSWORD)
            await boss.get_by_role("button", name="登录").click()
            await expect(boss.locator("#freshness")).to_have_text("实时")

            row = boss.locator('#agents li[data-extension="8001"]')
            await row.get_by_role("button", name="旁听").click()
            await expect(row).to_contain_text("正在呼叫您的话机")
            line.lives = {line.asked[0].channel: Mode.LISTEN}
            await sides.look()
            await expect(row).to_contain_text("您正在旁听")
            await expect(row.get_by_role("button", name="旁听")).to_have_attribute("aria-pressed", "true")
            await expect(screen.locator("#listeners")).to_have_text("主管正在旁听（陈主管）")

            await row.get_by_role("button", name="耳语").click()
            await expect(row).to_contain_text("您正在耳语")
            await expect(screen.locator("#listeners")).to_contain_text("住户听不到")
            assert [mode for _, mode in line.turned] == [Mode.WHISPER]

            await boss.get_by_label("移到").select_option("front")
            await boss.get_by_role("button", name="移动").click()
            await expect(boss.locator("#announce")).to_have_text("已移动")
            assert line.moved == [("PJSIP/carrier-0", "front")]
            await boss.get_by_role("button", name="报修组 开放").click()
            assert ("closed", "repair") not in line.held, "one slip of the hand sends nobody elsewhere"
            await boss.get_by_role("button", name="确认关闭报修组").click()
            await expect(boss.get_by_role("button", name="报修组 已关闭")).to_have_attribute("aria-pressed", "true")
            await boss.get_by_role("button", name="现在转夜间").click()
            await boss.get_by_role("button", name="确认现在转夜间").click()
            await expect(boss.locator("#by-hand")).to_contain_text("夜间值班")
            await expect(boss.get_by_role("button", name="恢复按时间表")).to_be_visible()
            assert await boss.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await boss.screenshot(path=pictures / "live-help.png", full_page=True)

            line.lives = {}
            await sides.look()
            await expect(screen.locator("#listeners")).to_be_hidden()
            await expect(row.get_by_role("button", name="接管")).to_be_visible()
            await screen.goto(f"{desk.room.origin}/")
            await expect(screen.locator('#agents li[data-extension="8001"]')).to_be_visible()
            await expect(screen.get_by_role("button", name="旁听")).to_have_count(0)
    finally:
        await context.close()


async def test_supervisor_helps_by_keyboard_alone_and_keeps_their_place(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        line = HelpLineByHand()
        sides = help_room(desk.room, line).sides
        await desk.ring()
        await desk.lift()
        await screen.goto(f"{desk.room.origin}/sign-in?next=/")
        await screen.get_by_label("用户名").fill("boss")
        await screen.get_by_label("密码").fill(PASSWORD)
        await screen.keyboard.press("Enter")
        row = screen.locator('#agents li[data-extension="8001"]')
        listens, whispers = row.get_by_role("button", name="旁听"), row.get_by_role("button", name="耳语")

        await listens.press("Enter")
        await expect(row).to_contain_text("正在呼叫您的话机")
        await expect(listens).to_be_focused()
        await screen.keyboard.press("Enter")  # it rings already: said, and nothing asked again
        await expect(listens).to_have_attribute("aria-disabled", "true")
        line.lives = {line.asked[0].channel: Mode.LISTEN}
        await sides.look()
        await expect(row).to_contain_text("您正在旁听")
        await expect(listens).to_be_focused()

        await screen.keyboard.press("Tab")
        await expect(whispers).to_be_focused()
        await screen.keyboard.press("Enter")
        await expect(row).to_contain_text("您正在耳语")
        await expect(whispers).to_be_focused()
        for name in ("插话", "接管", "退出协助"):
            await screen.keyboard.press("Tab")
            await expect(row.get_by_role("button", name=name)).to_be_focused()
        await screen.keyboard.press("Enter")
        async with asyncio.timeout(15):
            while not line.ended:
                await asyncio.sleep(0.05)
        line.lives = {}
        await sides.look()
        await expect(row.get_by_role("button", name="退出协助")).to_have_count(0)
        await expect(listens).to_be_focused()
    assert len(line.asked) == 1
    assert line.ended == [line.asked[0].channel]
