"""The pages of menus and prompts: a menu is written, put right, activated; two write at once; a prompt is sent in."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.fakes.menu_room import menu_room
from tests.fakes.menu_site import SHIPPED, versioned
from tests.fakes.page_checkers import page_checkers
from tests.fakes.voice_shelf import write_sound
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
ASK_AXE = "async (rules) => (await axe.run(document, rules)).violations.map((one) => [one.id, one.nodes[0].html])"


async def test_a_menu_is_written_put_right_activated_and_two_who_write_at_once_lose_nothing(
    tmp_path: Path, context: BrowserContext, pictures: Path
) -> None:
    screen = await context.new_page()  # a refused save is told in the console, too
    async with menu_room(tmp_path, MorningClock()) as room:
        await signed_in(context, room)
        await screen.goto(room.origin + "/menus")
        await expect(screen.locator("#menus")).to_have_attribute("data-state", "shown")
        await expect(screen.locator("#picture svg")).to_be_visible()
        await expect(screen.locator("#draft-state")).to_have_attribute("data-is", "same")
        text = screen.locator("#text")

        winter = versioned("冬季", ('label = "投诉"', 'label = "意见与投诉"'))
        await text.fill(winter.replace("waits = 4", "waits = 99"))
        line = SHIPPED[: SHIPPED.index("waits = 4")].count("\n") + 1
        await expect(screen.locator("#problems li")).to_have_text([f"第 {line} 行 menus.main.waits 不能大于 30"])
        await expect(screen.locator("#lines b")).to_have_text(str(line))
        await expect(screen.locator("#activate")).to_be_disabled()
        await text.fill(winter)
        await expect(screen.locator("#draft-state")).to_have_attribute("data-is", "typed")
        await expect(screen.locator("#problems li")).to_have_count(0)

        root = await room.signed_in("root")
        first = {"text": versioned("春季"), "edition": 0, "base": 1}
        assert (await root.put("/api/v1/menus/draft", json=first)).status == 200
        await screen.locator("#save").click()
        await expect(screen.locator("#conflict")).to_be_visible()
        await expect(screen.locator("#conflict-who")).to_contain_text("root")
        await expect(screen.locator("#conflict-rows [data-kind=out]").first).to_contain_text("春季")
        await expect(text).to_have_value(winter)
        await screen.locator("#keep-mine").click()
        await expect(screen.locator("#draft-state")).to_have_attribute("data-is", "saved")
        await expect(screen.locator("#conflict")).to_be_hidden()

        await screen.locator("[data-shows=draft]").click()
        await expect(screen.locator("#picture")).to_contain_text("意见与投诉")
        await screen.screenshot(path=pictures / "menus.png")
        await seen_by_all(screen)
        await screen.locator("#activate").click()
        await screen.locator("[name=note]").fill("入冬")
        await screen.get_by_role("button", name="立即启用").click()
        await expect(screen.locator("#in-force")).to_contain_text("版本 2（冬季）")
        await expect(screen.locator("[data-version='2']")).to_contain_text("入冬")
        assert (tmp_path / "menus.toml").read_text("utf-8") == winter

        await screen.locator("[data-back='1']").click()
        await expect(screen.locator("#in-force")).to_contain_text("版本 3（2026-11-22）")
        assert (tmp_path / "menus.toml").read_text("utf-8") == SHIPPED
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")
        await screen.goto("about:blank")  # it asks again every few seconds, and the room closes now


async def test_a_prompt_is_found_old_sent_in_and_taken_back(
    tmp_path: Path, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with menu_room(tmp_path, MorningClock()) as room:
        await signed_in(context, room)
        await screen.goto(room.origin + "/prompts")
        await expect(screen.locator("[data-prompt]")).to_have_count(2)
        await screen.get_by_role("button", name="打开 greeting").click()
        await expect(screen.locator("#phone")).to_contain_text("*77001")

        await screen.locator("#text").fill("新年好，这里是物业服务中心。")
        await screen.locator("#save").click()
        await expect(screen.locator("#one-fit")).to_have_text("文字已改")
        await screen.locator("#upload input").set_input_files(write_sound(tmp_path / "new.wav", 2))
        await screen.locator("#upload button").click()
        await expect(screen.locator("#one-fit")).to_have_text("相符")
        await expect(screen.locator("#one-made")).to_contain_text("陈主管")
        await screen.screenshot(path=pictures / "prompts.png")
        await seen_by_all(screen)

        await screen.locator("#notice-form [name=buildings]").fill("3")
        await screen.locator("#notice-form [name=text]").fill("明天上午停水。")
        await screen.locator("#notice-form [name=begins]").fill("2026-12-01T09:00")
        await screen.locator("#notice-form [name=ends]").fill("2026-12-01T12:00")
        await screen.get_by_role("button", name="发布").click()
        await expect(screen.locator("#notice-list tbody tr")).to_contain_text("12-01 09:00")
        await screen.get_by_role("button", name="提前结束").click()
        await expect(screen.locator("#notice-list tbody tr")).to_contain_text("已结束")

        await screen.locator("#back-rendered").click()
        await expect(screen.locator("#one-fit")).to_have_text("文字已改")
        await expect(screen.locator("#former li")).to_have_count(1)
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")
        await screen.goto("about:blank")  # it asks again every few seconds, and the room closes now


async def seen_by_all(screen: Page) -> None:
    """Hold the page to account as it stands, by day and by night."""
    modules = page_checkers()
    if modules is None:
        return
    await screen.evaluate((modules / "axe-core" / "axe.min.js").read_text("utf-8"))
    for scheme in ("light", "dark"):
        await screen.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await screen.evaluate(ASK_AXE, RULES) == []


async def signed_in(context: BrowserContext, room: WebDesk) -> None:
    answer = await context.request.post(
        room.origin + "/sign-in",
        form={"name": "boss", "password": PASSWORD},
        headers={"Origin": room.origin},
        max_redirects=0,
    )
    assert answer.status == 303
