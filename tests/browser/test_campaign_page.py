"""The page of campaigns: whose turn it is, names instead of accounts, a history that keeps up, a choice that stays."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
LIST = "房号,姓名,月份,金额\n3-2-501,张伟,2026-09至2026-10,123.45\n"


async def test_draft_waits_for_another_supervisor_and_stays_open_in_the_other_language(
    tmp_path: Path, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        root = await room.signed_in("root")
        await signed_in(context, room)
        await screen.goto(room.origin + "/campaigns")
        await screen.get_by_role("button", name="新建外呼任务").click()
        await screen.get_by_label("名称").fill("十一月催缴")
        await screen.get_by_role("button", name="建立").click()
        await expect(screen.locator(".what-first")).to_have_text("名单是空的：先加入名单。")
        await expect(screen.locator(".none-yet").first).to_have_text("暂无")

        await screen.locator("input[type=file]").set_input_files(
            {"name": "欠费.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
        )
        await screen.get_by_role("button", name="导入").click()

        await expect(screen.locator("#past li")).to_contain_text(["陈主管 建立", "陈主管 加入名单 欠费.csv 1 户"])
        await expect(screen.locator(".what-first")).to_contain_text("可由以下主管审批：root")
        await expect(screen.locator("[data-act]")).to_have_text(["停止"])
        await expect(screen.locator("#preview")).to_contain_text("11-21 1 户")
        await expect(screen.locator("#list svg.bar rect")).to_have_count(0)
        await expect(screen.locator("#preview .said").nth(1)).to_contain_text("四角五分。可以在手机上缴费")
        await screen.screenshot(path=pictures / "campaign-draft.png", full_page=True)

        await root.post("/api/v1/campaigns/1/approve")
        await expect(screen.locator("[data-act].primary")).to_have_text("开始")
        await screen.locator("[data-act=start]").click()
        await expect(screen.locator(".campaign-head .campaign-state")).to_have_text("进行中")
        await screen.get_by_role("button", name="English").click()

        await expect(screen.locator(".campaign-head h2")).to_have_text("十一月催缴")
        await expect(screen.locator("#past li").nth(2)).to_contain_text("root approved")
        kind = screen.locator("#list a > span").first
        box = await kind.bounding_box()
        assert box is not None
        assert box["height"] < 30  # one line
        for name, width, height, is_dark in (("desk", 1366, 768, True), ("tablet", 768, 1024, False)):
            await screen.set_viewport_size({"width": width, "height": height})
            await screen.emulate_media(color_scheme="dark" if is_dark else "light")
            assert await screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await screen.screenshot(path=pictures / f"campaign-{name}.png", full_page=True)


async def signed_in(context: BrowserContext, room: WebDesk) -> None:
    answer = await context.request.post(
        room.origin + "/sign-in",
        form={"name": "boss", "password": PASSWORD},
        headers={"Origin": room.origin},
        max_redirects=0,
    )
    assert answer.status == 303
