"""The page of call-backs: the table, a newsletter written down, the share set; and the days of a paid service."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import add_home, add_resident
from tests.browser.test_staff_page import seen_by_all
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]


async def signed_in(context: BrowserContext, room: WebDesk, name: str) -> None:
    answer = await context.request.post(
        room.origin + "/sign-in",
        form={"name": name, "password": PASSWORD},
        headers={"Origin": room.origin},
        max_redirects=0,
    )
    assert answer.status == 303


async def has_homes(room: WebDesk, building: int, how_many: int) -> None:
    async with room.database.begin() as session:
        for number in range(1, how_many + 1):
            home = await add_home(session, Home(building, 1, number))
            await add_resident(session, home, f"王{number}", numbers=[PhoneNumber(f"+86139{building:04}{number:04}")])


async def test_supervisor_writes_down_a_newsletter_and_sets_the_share(
    tmp_path: Path, context: BrowserContext, pictures: Path
) -> None:
    screen = await context.new_page()
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await has_homes(room, 5, 20)
        await signed_in(context, room, "boss")
        await screen.goto(room.origin + "/aftercare")
        await expect(screen.locator("#call-backs")).to_have_attribute("data-state", "shown", timeout=15_000)
        await expect(screen.locator("#table tbody tr")).to_have_count(9)
        await expect(screen.locator("#no-outreaches")).to_be_visible()

        await screen.locator("#outreach [name=title]").fill("十一月简报")
        await screen.locator("#outreach button").click()
        await expect(screen.locator("#outreach [name=buildings]:invalid")).to_be_focused()  # nothing is not everybody
        for nonsense in ("8-5", "，", "3,8-5"):
            await screen.locator("#outreach [name=buildings]").fill(nonsense)
            await screen.locator("#outreach button").click()
            await expect(screen.locator("#outreach-refused")).to_contain_text("从小到大", timeout=15_000)
            await screen.locator("#outreach-refused").evaluate("told => { told.hidden = true; }")
        await screen.locator("#outreach [name=buildings]").fill("5")
        await screen.locator("#outreach button").click()
        await expect(screen.locator("#outreach-told")).to_contain_text("抽中 2 户", timeout=15_000)
        row = screen.locator("#table tr[data-after=newsletter-event]")
        await expect(row.locator("a").nth(1)).to_have_text("2")
        await expect(screen.locator("#outreach-list tbody tr")).to_have_count(1)

        await screen.locator("#share [name=percent]").fill("20")
        await screen.locator("#share [name=reason]").fill("多听意见")
        await screen.locator("#share button.primary").click()
        await expect(screen.locator("#share-told")).to_contain_text("20%", timeout=15_000)
        await expect(screen.locator("#table tr[data-after=enquiry]")).to_contain_text("20%")
        await seen_by_all(screen)
        await screen.screenshot(path=pictures / "call-back-rules.png", full_page=True)

        await screen.locator("#outreach [name=title]").fill("十一月简报")
        await screen.get_by_label("全部楼栋").check()
        await screen.locator("#outreach button").click()
        await expect(screen.locator("#outreach-refused")).to_contain_text("范围不同", timeout=15_000)

        await row.locator("a").nth(1).click()
        await expect(screen.locator("#behind-page tbody tr")).to_have_count(2, timeout=15_000)
        await expect(screen.locator("#behind-page")).to_contain_text("简报/活动")


async def test_agent_writes_down_the_days_of_a_paid_service(tmp_path: Path, context: BrowserContext) -> None:
    screen = await context.new_page()
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        client = await room.signed_in()
        entry = {"kind": "paid-service", "matter": "全年家政保洁", "home": "3-2-501", "who": "张先生"}
        await client.post("/api/v1/duty-log", json=entry)
        await signed_in(context, room, "xiaowang")
        await screen.goto(room.origin + "/follow-ups")
        row = screen.locator("tbody[data-kind=matter]")
        await row.locator("button", has_text="服务日期").click(timeout=15_000)
        await row.locator("[name=first]").fill("2026-12-31")
        await row.locator("[name=last]").fill("2026-12-01")
        await row.locator(".service-days button.primary").click()
        await expect(screen.locator("#refused")).to_contain_text("结束日期早于开始日期", timeout=15_000)

        await row.locator("[name=first]").fill("2026-12-01")
        await row.locator("[name=last]").fill("2027-11-30")
        await row.locator(".service-days button.primary").click()

        await expect(row.locator(".service")).to_contain_text("中期回访 2027-06-01 起", timeout=15_000)
        await expect(row.locator(".service")).to_contain_text("期满回访 2027-12-01 起")
        await expect(screen.locator("#refused")).to_be_hidden()
