"""Hours and holidays beside the roster, and the page of retention: changed by form, seen before, asked once more."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from hotline.database import Database
from tests.browser.test_staff_page import seen_by_all, signed_in
from tests.fakes.menu_site import SHIPPED, menu_site
from tests.fakes.web_desk import MorningClock, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]


async def test_hours_and_a_day_of_the_calendar_are_set_and_lead_the_next_call(
    tmp_path: Path, context: BrowserContext, pictures: Path
) -> None:
    screen = await context.new_page()
    clock, database = MorningClock(), Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    menus = menu_site(tmp_path, database, clock).desk
    async with web_desk(tmp_path, clock=clock, menus=menus) as room:
        await signed_in(context, room)
        await screen.goto(room.origin + "/roster")
        hours = screen.locator("#hours")
        await expect(hours).to_have_attribute("data-state", "shown", timeout=15_000)
        await expect(screen.locator("#calendar [data-day]")).to_have_count(30)
        await expect(screen.locator("#save-hours")).to_be_disabled()

        sunday = screen.locator("#week tr[data-field=sun]")
        await sunday.locator("input[type=time]").nth(1).fill("08:00")
        await expect(sunday.locator(".wrong")).to_contain_text("结束早于开始", timeout=15_000)
        await expect(screen.locator("#save-hours")).to_be_disabled()
        await sunday.locator("button", has_text="×").click()
        await expect(screen.locator("#hours-differences")).to_contain_text("周日", timeout=15_000)
        await expect(sunday.locator(".wrong")).to_be_hidden()

        await screen.locator("[data-day='2026-11-25']").click()
        await screen.locator("#day [value=closed]").check()
        await expect(screen.locator("#hours-differences li")).to_have_count(2, timeout=15_000)
        await expect(screen.locator("[data-day='2026-11-25']")).to_have_attribute("data-is", "exception")
        await seen_by_all(screen)
        await screen.screenshot(path=pictures / "hours.png", full_page=True)

        await menus.change_hours(menus.hours.__class__(week=menus.hours.week, holidays=()), in_force=1, by="boss")
        await saved(screen)
        await expect(screen.locator("#hours-conflict")).to_contain_text("boss", timeout=15_000)
        await screen.locator("#keep-written").click()
        await expect(screen.locator("#hours-differences li")).to_have_count(3, timeout=15_000)
        await saved(screen)
        await expect(screen.locator("#hours-told")).to_contain_text("3", timeout=15_000)
        await expect(screen.locator("#hours-none")).to_be_visible()

        text = (tmp_path / "menus.toml").read_text("utf-8")
        assert '2026-11-25 = "closed"' in text
        assert text.split("[entrance]")[1] == SHIPPED.split("[entrance]")[1]
        assert menus.hours.week[6] == ()
    await database.close()


async def test_a_shorter_time_of_keeping_says_what_would_go_and_asks_once_more(
    tmp_path: Path, context: BrowserContext, pictures: Path
) -> None:
    screen = await context.new_page()
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await signed_in(context, room)
        await room.finished_call("old", start=room.clock.now() - timedelta(days=100))
        await room.recorded("old")
        await screen.goto(room.origin + "/retention")
        await expect(screen.locator("#change")).to_have_attribute("data-state", "ready", timeout=15_000)
        row = screen.locator("tr[data-what=calls]")
        await row.locator("button").click()
        await screen.locator("#days [name=days]").fill("30")
        await screen.locator("#days [name=reason]").fill("磁盘不够")
        await screen.locator("#days button.primary").click()
        await expect(screen.locator("#foreseen")).to_contain_text("将删除 1 项", timeout=15_000)
        await expect(screen.locator("#first-gone a")).to_have_attribute("href", "/calls/old")
        await seen_by_all(screen)
        await screen.screenshot(path=pictures / "retention.png", full_page=True)
        await screen.locator("#sure").click()
        await expect(row).to_contain_text("2026-11-22 02:00 起 30 天", timeout=15_000)
        await expect(screen.locator("#change")).to_have_attribute("data-state", "ready", timeout=15_000)

        await row.locator("button").click()
        await screen.locator("#days [name=reason]").fill("不缩短了")
        await screen.locator("#to-file").click()
        await expect(screen.locator("#foreseen")).to_contain_text("找不回来", timeout=15_000)
        await screen.locator("#sure").click()
        await expect(row).to_contain_text("恢复为配置文件的期限", timeout=15_000)
        assert room.rooms.staff is not None
        assert (await room.rooms.staff.retention.now()).calls == 180


async def saved(screen: Page) -> None:
    await screen.locator("#save-hours").click()
    await screen.locator("#hours-save [name=note]").fill("冬季")
    await screen.locator("#hours-save button.primary").click()
