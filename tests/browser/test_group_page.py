"""The page of a group: two centres, one of them cut off and mended, a danger on top, answer times side by side."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user
from hotline.calls.state import CallState
from hotline.queues.board import AgentState
from tests.fakes.group_desk import GroupDesk, group_desk
from tests.fakes.page_checkers import page_checkers
from tests.fakes.page_libraries import has_libraries
from tests.fakes.web_desk import CHEAP, PASSWORD, WebDesk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
LONG = 30_000
BOTH = re.compile("东苑服务中心.*西苑服务中心")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
ASK_AXE = "async (rules) => (await axe.run(document, rules)).violations.map((one) => [one.id, one.nodes[0].html])"


async def busy(desk: GroupDesk) -> None:
    """Let both centres have calls of today, and the west one a caller in danger."""
    east, west = desk.centres.values()
    for room, waits in ((east, (6, 7, 8, 9, 12)), (west, (9, 40))):
        for place, wait in enumerate(waits):
            start = room.clock.now() - timedelta(minutes=4 + 3 * place)
            await room.finished_call(f"done-{place}", start=start, human_answer=start + timedelta(seconds=wait))
        room.agents(a8001=AgentState.READY, a8002=AgentState.TALKING)
    start = east.clock.now() - timedelta(seconds=14)
    await east.goes_on("w", ring_start=start, switch_answer=start, queued_at=start, state=CallState.WAITING)
    await west.goes_on("danger", is_emergency=True, state=CallState.WAITING)


async def signed_in(context: BrowserContext, room: WebDesk, name: str = "boss") -> None:
    answer = await context.request.post(
        f"{room.origin}/sign-in",
        form={"name": name, "password": PASSWORD},
        headers={"Origin": room.origin},
        max_redirects=0,
    )
    assert answer.status == 303


async def barriers(page: Page) -> list[list[str]]:
    """Return what axe finds against the page as it stands; nothing where there is no npm."""
    modules = await asyncio.to_thread(page_checkers)
    if modules is None:
        return []
    await page.evaluate((modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found: list[list[str]] = await page.evaluate(ASK_AXE, RULES)
    return found


async def test_a_group_sees_its_centres_and_never_a_figure_of_one_that_is_cut_off(
    tmp_path: Path, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with group_desk(tmp_path) as desk:
        await busy(desk)
        await desk.grant("boss", "01", "02")
        await desk.all_heard()
        await signed_in(context, desk.house)
        await screen.goto(f"{desk.house.origin}/group")

        east, west = (screen.locator(f"[data-centre='{key}']") for key in ("01", "02"))
        await expect(east.locator("[data-column=offered]")).to_have_text("6", timeout=LONG)
        await expect(east.locator("[data-column=agents_ready]")).to_have_text("1", timeout=LONG)
        await expect(west.locator("[data-column=offered]")).not_to_have_text("0", timeout=LONG)
        await expect(screen.locator("#dangers .alert")).to_contain_text("西苑服务中心", timeout=LONG)
        await expect(screen.locator("#dangers .alert")).to_contain_text("3-2-501")
        await expect(west.locator("th a")).to_have_attribute("href", desk.centres["02"].origin)
        await expect(screen.locator("#comparison")).to_have_attribute("data-state", "shown", timeout=LONG)
        await expect(screen.locator("#compared tbody tr").last).to_contain_text("40")  # P90 of all: of seven the 7th
        offered = screen.locator("#compared tbody tr").nth(1).locator("td a").first
        await expect(offered).to_have_attribute(
            "href", re.compile(re.escape(desk.centres["02"].origin) + r"/calls\?.*figure=offered")
        )
        await screen.locator("#asked [name=compare]").select_option("before")
        await expect(screen.locator("#note")).to_contain_text("括号内为", timeout=LONG)
        await expect(screen.locator("#compared tbody tr").first).to_contain_text("（0）")
        if has_libraries():
            await expect(screen.locator("#compared .picture")).to_have_attribute("aria-label", BOTH, timeout=LONG)
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live", timeout=LONG)
        assert await barriers(screen) == []
        await screen.emulate_media(color_scheme="dark")
        assert await barriers(screen) == []
        await screen.emulate_media(color_scheme="light")
        await screen.screenshot(path=pictures / "group.png", full_page=True)

        await desk.cables["02"].cut()

        await expect(west).to_have_attribute("data-is", "lost", timeout=LONG)
        await expect(west).to_contain_text("起无数据")
        await expect(west.locator(".number")).to_have_count(0)
        await expect(screen.locator("#centres tfoot")).to_contain_text("听到 1 / 2 个中心")
        await expect(screen.locator("#dangers .alert")).to_have_count(0)
        await screen.get_by_role("button", name="查看").click()
        await expect(screen.locator("#note")).to_contain_text("合计含 1 / 2 个中心", timeout=LONG)
        await expect(screen.locator("#compared tbody tr").nth(1)).to_contain_text("暂无数据")

        await desk.cables["02"].mend()

        await expect(west).to_have_attribute("data-is", "heard", timeout=LONG)
        await expect(screen.locator("#centres tfoot")).to_contain_text("听到 2 / 2 个中心")
        await screen.goto("about:blank")  # before the service goes: a page that comes again in vain complains


async def test_administrator_ticks_what_a_big_screen_sees_and_the_screen_shows_at_once(
    tmp_path: Path, browser: Browser, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with group_desk(tmp_path) as desk:
        await busy(desk)
        await add_user(
            desk.house.database, "screen", Role.WALL, None, PASSWORD, display_name="大厅", passwords=Passwords(CHEAP)
        )
        await desk.all_heard()
        await signed_in(context, desk.house, "root")
        await screen.goto(f"{desk.house.origin}/staff")
        ticks = screen.locator("[data-account=screen] input")
        await expect(ticks).to_have_count(2, timeout=LONG)
        await ticks.nth(1).check()
        await expect(screen.locator("#grants-told")).to_contain_text("大厅", timeout=LONG)
        await expect(ticks.nth(1)).to_be_checked()
        assert await barriers(screen) == []
        await screen.locator("#grants").screenshot(path=pictures / "centre-grants.png")

        television = await browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
        try:
            await signed_in(television, desk.house, "screen")
            wall = await television.new_page()
            await wall.goto(f"{desk.house.origin}/group/wall?sound=on")
            east, west = (wall.locator(f"[data-centre='{key}']") for key in ("01", "02"))
            await expect(west.locator("[data-column=offered]")).to_have_text("3", timeout=LONG)
            await expect(wall.locator("#dangers .alarm")).to_contain_text("西苑服务中心", timeout=LONG)
            await expect(east).to_have_count(0)
            await expect(wall.locator("#freshness")).to_have_attribute("data-is", "live")

            await ticks.nth(0).check()

            await expect(east.locator("[data-column=offered]")).to_have_text("6", timeout=LONG)
            await expect(wall.locator("#together")).to_contain_text("2 / 2", timeout=LONG)
            assert await wall.evaluate("document.documentElement.scrollHeight <= innerHeight")
            assert await barriers(wall) == []
            await wall.screenshot(path=pictures / "group-wall.png")

            await desk.cables["02"].cut()

            await expect(west).to_have_attribute("data-is", "lost", timeout=LONG)
            await expect(wall.locator("#dangers .alarm")).to_have_count(0)
            await expect(wall.locator("#together")).to_contain_text("1 / 2")
        finally:
            await television.close()
        await screen.goto("about:blank")
