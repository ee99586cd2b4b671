"""Two ranges of reports beside one another: each figure of the other range in brackets, and it opens its own list."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from hotline.calls.ledger import Ring
from hotline.calls.talks import Talk
from hotline.reports.keeping import ReportKeeping
from hotline.web.rooms import CHINA
from tests.browser.test_reports_page import count, signed_in
from tests.fakes.random_service import RandomService
from tests.fakes.web_desk import MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
COMPARED: Final = "from=2026-11-10&to=2026-11-16&range=custom&compare=custom&other_from=2026-11-03&other_to=2026-11-09"
OTHER_DAYS: Final = "from=2026-11-03&to=2026-11-09"
# Of each call the day, the hour, who answered, and after how many seconds. The first three are of the later range.
CALLS: Final = ((10, 9, "8001", 5), (11, 9, "8001", 6), (12, 9, "8001", 40), (3, 9, "8001", 4), (4, 14, "8002", 60))


@pytest.mark.parametrize("width", [1280, 390])
async def test_answering_shows_both_ranges_and_a_figure_in_brackets_opens_the_calls_of_the_other(
    tmp_path: Path, context: BrowserContext, screen: Page, width: int
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await known(room)
        await signed_in(context, room)
        await screen.set_viewport_size({"width": width, "height": 800})
        await shown(screen, room, "calls")

        offered = screen.locator("[data-figure=offered] .value")
        await expect(offered).to_have_text("3（2）")
        await expect(screen.locator("[data-figure=three_rings] .value .change")).to_have_count(0)
        await expect(screen.locator("[data-figure=service_level] .value")).to_have_text("66.6%（50.0%） ↑好转")
        await expect(screen.locator("[data-figure=p50] .value .change")).to_have_attribute("data-is", "worse")
        assert (await cells(panel(screen, "按钟点")))["09:00"][:3] == ["3（1）", "3（1）", "0（0）"]
        assert (await cells(panel(screen, "按钟点")))["14:00"][:4] == [
            "0（1）",
            "0（1）",
            "0（0）",
            "暂无数据（100%）",
        ]
        assert await cells(panel(screen, "通话结果")) == {"人工已接": ["3（2）"]}
        assert list((await cells(panel(screen, "迟接原因"))).values()) == [["1（1）"]]
        assert await screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await screen.screenshot(path=tmp_path / f"compared-calls-{width}.png", full_page=True)

        await screen.reload()
        await expect(offered).to_have_text("3（2）")
        await panel(screen, "按钟点").locator("tr", has_text="14:00").locator(".other-range a").first.click()

        await expect(screen.locator("tbody tr")).to_have_count(1)
        assert OTHER_DAYS in screen.url
        assert "value=14" in screen.url
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")


async def test_days_lie_beside_one_another_as_they_follow(
    tmp_path: Path, context: BrowserContext, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await known(room)
        await signed_in(context, room)

        await shown(screen, room, "calls&by=day")

        by_day = await cells(panel(screen, "按日期"))
        assert {day: row[0] for day, row in by_day.items()} == {
            "2026-11-10（2026-11-03）": "1（1）",
            "2026-11-11（2026-11-04）": "1（1）",
            "2026-11-12（2026-11-05）": "1（0）",
        }
        await panel(screen, "按日期").locator("tbody tr").nth(1).locator(".other-range a").first.click()
        await expect(screen.locator("tbody tr")).to_have_count(1)
        assert "from=2026-11-04&to=2026-11-04" in screen.url
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")


async def test_agents_of_either_range_have_every_column_of_both(
    tmp_path: Path, context: BrowserContext, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await known(room)
        await signed_in(context, room)
        await screen.set_viewport_size({"width": 1280, "height": 800})
        await shown(screen, room, "agents")

        agents = await cells(panel(screen, "坐席"))
        assert agents["8001 王敏"][0] == "3（1）"
        assert agents["8002"][0] == "0（1）"
        assert agents["8002"][-1] == "暂无数据（60 秒）"
        for name, row in agents.items():
            assert all("（" in cell for cell in row), (name, row)
        assert await bracketed_lists_add_up(screen, context, room) >= 3
        assert await screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await screen.screenshot(path=tmp_path / "compared-agents.png", full_page=True)

        await screen.locator("tr", has_text="8002").locator(".other-range a[href^='/calls']").first.click()

        await expect(screen.locator("tbody tr")).to_have_count(1)
        assert OTHER_DAYS in screen.url
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")


async def test_service_shows_both_ranges_and_a_figure_in_brackets_opens_what_it_counts_in_the_other(
    tmp_path: Path, context: BrowserContext, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await known(room)
        await signed_in(context, room)
        await screen.set_viewport_size({"width": 1280, "height": 800})
        await shown(screen, room, "service")

        for title in ("事项处理", "回访（按回访规定）", "按时情况", "外呼任务"):
            rows = await cells(panel(screen, title))
            assert rows, title
            for name, row in rows.items():
                assert all("（" in cell and "）" in cell for cell in row), (title, name, row)
        shares = panel(screen, "回访满意率").locator(".value")
        await expect(shares).to_contain_text("暂无数据（")  # nobody was asked in the later range
        await expect(shares.locator(".change")).to_have_count(0)
        assert await bracketed_lists_add_up(screen, context, room) > 10
        assert await screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await screen.screenshot(path=tmp_path / "compared-service.png", full_page=True)

        raised = panel(screen, "事项处理").locator(".other-range a[href*='figure=raised']").first
        n = int(await raised.inner_text())
        await raised.click()

        await expect(screen.locator("#behind")).to_contain_text("2026-11-03 — 2026-11-09")
        await expect(screen.locator("tbody tr")).to_have_count(n)
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")


async def known(room: WebDesk) -> None:
    """Write three calls of the later range and two of the earlier, and of the earlier everything else of service."""
    for number, (day, hour, agent, wait) in enumerate(CALLS):
        start = datetime(2026, 11, day, hour, tzinfo=CHINA)
        queued, human = start + timedelta(seconds=2), start + timedelta(seconds=wait)
        rings = (Ring(agent=agent, leg="x", began=queued, ended=human, was_answered=True),)
        await room.finished_call(
            f"c-{number}",
            start=start,
            queued_at=queued,
            human_answer=human,
            rings=rings,
            agent=agent,
            talks=(Talk(agent=agent, leg="x", began=human, ended=start + timedelta(seconds=95)),),
        )
    async with room.database.begin() as session:
        await RandomService(Random(3), datetime(2026, 11, 3, tzinfo=CHINA), 6).write(session, times=12)
    await ReportKeeping(database=room.database, clock=room.clock, zone=CHINA, area_code="").build()


async def shown(screen: Page, room: WebDesk, tab: str) -> None:
    await screen.goto(f"{room.origin}/reports?{COMPARED}&tab={tab}")
    await expect(screen.locator("#reports")).to_have_attribute("data-state", "shown")


def panel(screen: Page, title: str) -> Locator:
    """Return the part of the page below this heading."""
    return screen.locator("#shown .panel").filter(has=screen.locator("h2", has_text=title)).first


async def cells(place: Locator) -> dict[str, list[str]]:
    """Return the cells of each row of a table, by the row's name; without the words of what became better."""
    rows: list[list[str]] = await place.locator(":scope > .scroll tbody tr").evaluate_all(
        """rows => rows.map((row) => [...row.cells].map((cell) => {
            const copy = cell.cloneNode(true);
            copy.querySelectorAll(".change").forEach((one) => one.remove());
            return copy.textContent.trim();
        }))"""
    )
    return {row[0]: row[1:] for row in rows}


async def bracketed_lists_add_up(screen: Page, context: BrowserContext, room: WebDesk) -> int:
    """Open each list behind a number in brackets; return how many there were."""
    links = await screen.locator(".other-range a[href^='/reports/behind']").evaluate_all(
        "all => all.map((one) => [one.textContent, one.getAttribute('href')])"
    )
    numbers = [(int(said), address) for said, address in links if said.isdecimal()]
    for said, address in links:
        assert OTHER_DAYS in address, (said, address)
    for n, address in numbers:
        assert await count(context, room.origin, address) == n, address
    return len(numbers)
