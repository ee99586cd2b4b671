"""The pages of staff, roster, do-not-call list, retention and audit, as an administrator works through them."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.fakes.page_checkers import page_checkers
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
ASK_AXE = "async (rules) => (await axe.run(document, rules)).violations.map((one) => [one.id, one.nodes[0].html])"
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


async def test_administrator_adds_changes_and_blocks_people_and_the_audit_tells_it(
    tmp_path: Path, context: BrowserContext, pictures: Path
) -> None:
    screen = await context.new_page()  # what is refused is told in the console, too
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await signed_in(context, room)
        await screen.goto(room.origin + "/staff")
        await expect(screen.locator("#staff")).to_have_attribute("data-state", "shown")
        await expect(screen.locator("#people tbody tr")).to_have_count(3)

        await screen.locator("#add [name=name]").fill("xiaoli")
        await screen.locator("#add [name=display_name]").fill("李娜")
        await screen.locator("#add [name=extension]").fill("8002")
        await screen.locator("#add button").click()
        await expect(screen.locator("#told code")).to_have_text(re.compile(r"[\w-]{16}"))
        await expect(screen.locator("tr[data-name=xiaoli]")).to_contain_text("未设密码")

        await screen.locator("tr[data-name=xiaowang] button", has_text="修改").click()
        editing = screen.locator("#people .editing")
        await editing.locator("[name=role]").select_option("supervisor")
        await editing.locator("[name=every]").uncheck()
        await editing.locator("button", has_text="保存").click()
        await expect(editing).to_have_count(0)
        await expect(screen.locator("tr[data-name=xiaowang]")).to_contain_text("主管")

        await screen.locator("tr[data-name=root] button", has_text="停用").click()
        await screen.locator("tr[data-name=root] button", has_text="确认停用").click()
        await expect(screen.locator("#refused")).to_contain_text("最后一位管理员")
        await screen.locator("tr[data-name=boss] button", has_text="停用").click()
        await screen.locator("tr[data-name=boss] button", has_text="确认停用").click()
        await expect(screen.locator("tr[data-name=boss]")).to_have_attribute("data-state", "blocked")

        await screen.locator("#make-token [name=label]").fill("财务系统")
        await screen.locator("#tokens summary").click()
        await screen.locator("#scopes input[value='calls:read']").check()
        await screen.locator("#make-token button").click()
        await expect(screen.locator("#token-told code")).to_be_visible()
        await expect(screen.locator("#token-list tbody tr")).to_contain_text("calls:read")
        await seen_by_all(screen)
        secrets = [screen.locator("#told code"), screen.locator("#token-told code")]  # not even those of a test
        await screen.screenshot(path=pictures / "staff.png", full_page=True, mask=secrets, mask_color="#9aa5a3")

        await screen.goto(room.origin + "/audit?by=root&word=boss")
        await expect(screen.locator("#audit")).to_have_attribute("data-state", "shown")
        await expect(screen.locator("#changes > li")).to_have_count(1)
        await expect(screen.locator("#changes .was")).to_have_text("在用")
        await expect(screen.locator("#changes .is")).to_have_text("已停用")
        await screen.locator("[name=word]").fill("")
        await screen.locator("#asked button").click()
        await expect(screen.locator("#changes > li").nth(3)).to_be_visible()
        await seen_by_all(screen)
        await screen.screenshot(path=pictures / "audit.png")


async def test_roster_and_do_not_call_list_are_kept_by_hand(
    tmp_path: Path, context: BrowserContext, pictures: Path
) -> None:
    screen = await context.new_page()  # an address opened after a click: the sound's warning stands in the console
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await signed_in(context, room)
        await screen.goto(room.origin + "/roster")
        await expect(screen.locator("#roster")).to_have_attribute("data-state", "shown")
        await expect(screen.locator("#days li")).to_have_count(7)
        await fill_turn(screen, name="李娜", number="13800138101", days="2")
        await expect(screen.locator("#turns tbody tr")).to_have_count(2)
        await expect(screen.locator("#turns tbody tr").first).to_contain_text("138****8101")

        await screen.locator("#turns tbody tr").first.locator("button", has_text="修改").click()
        await screen.locator("#turn [name=name]").fill("王强")
        await screen.locator("#turn button.primary").click()
        await expect(screen.locator("#turns tbody tr").first).to_contain_text("王强")
        await expect(screen.locator("#history > li")).to_have_count(2)
        await screen.locator("#turns tbody tr").nth(1).locator("button", has_text="移除").click()
        await screen.locator("#turns button", has_text="确认移除").click()
        await expect(screen.locator("#turns tbody tr")).to_have_count(1)
        await seen_by_all(screen)
        await screen.screenshot(path=pictures / "roster.png", full_page=True)

        await screen.goto(room.origin + "/do-not-call")
        await expect(screen.locator("#list")).to_have_attribute("data-state", "shown")
        for place, mark in (("13800138501", "do-not-call"), ("3-2-501", "hardship")):
            await screen.locator("#put [name=place]").fill(place)
            await screen.locator("#put [name=mark]").select_option(mark)
            await screen.locator("#put [name=reason]").fill("来电要求")
            await screen.locator("#put button").click()
            await expect(screen.locator("#put [name=place]")).to_have_value("")
        await expect(screen.locator("#households tbody tr")).to_contain_text("3-2-501")
        number = screen.locator("#numbers tbody tr")
        await expect(number).to_contain_text("138****8501")
        await seen_by_all(screen)
        await screen.screenshot(path=pictures / "do-not-call.png")
        await number.locator("input").fill("本人同意")
        await number.locator("button").click()
        await expect(screen.locator("#numbers")).to_contain_text("没有记录")
        await screen.locator("#find [name=lifted]").check()
        await expect(screen.locator("#numbers tbody tr")).to_have_attribute("data-lifted", "true")

        await screen.goto(room.origin + "/retention")
        await expect(screen.locator("#retention")).to_contain_text("retention.duty_log")
        await seen_by_all(screen)
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")


async def fill_turn(screen: Page, *, name: str, number: str, days: str) -> None:
    fields = {"from": "2026-11-21T18:00", "until": "2026-11-22T09:00", "name": name, "number": number, "days": days}
    for field, value in fields.items():
        await screen.locator(f"#turn [name={field}]").fill(value)
    await screen.locator("#turn button.primary").click()


async def seen_by_all(screen: Page) -> None:
    """Nothing breaks a rule of access by day or by night, and nothing has to be moved sideways."""
    modules = await asyncio.to_thread(page_checkers)
    if modules is None:
        return
    axe = (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    await screen.evaluate(axe)
    for scheme in ("dark", "light"):
        await screen.emulate_media(color_scheme=scheme)
        assert await screen.evaluate(ASK_AXE, RULES) == [], scheme
    assert not await screen.evaluate(TOO_WIDE)


async def signed_in(context: BrowserContext, room: WebDesk) -> None:
    answer = await context.request.post(
        room.origin + "/sign-in",
        form={"name": "root", "password": PASSWORD},
        headers={"Origin": room.origin},
        max_redirects=0,
    )
    assert answer.status == 303
