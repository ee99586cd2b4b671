"""The page of reports: a month's figures, a chart that opens its calls, the month on paper with the same figures."""

import html
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from playwright.async_api import BrowserContext, Page, expect

from hotline.calls.state import Outcome
from hotline.reports.keeping import ReportKeeping
from hotline.web.rooms import CHINA
from tests.fakes.page_libraries import ABSENT, has_libraries
from tests.fakes.pdf_text import text_of
from tests.fakes.random_calls import random_call
from tests.fakes.random_service import RandomService
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
KINDS = ("trend", "distribution", "heat")
FIRST = datetime(2026, 11, 2, tzinfo=CHINA)


async def test_supervisor_sees_a_month_opens_the_calls_of_a_figure_and_takes_it_away_on_paper(
    tmp_path: Path, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        late = await filled(room)
        await signed_in(context, room)
        await screen.goto(room.origin + "/reports")
        await expect(screen.locator("#reports")).to_have_attribute("data-state", "shown")
        await expect(screen.locator("[data-figure=offered] .value")).to_have_text("40")
        await expect(screen.locator(".picture-figures")).to_have_count(3)
        if has_libraries():
            await expect(screen.locator(".picture svg")).to_have_count(4)
        await screen.screenshot(path=pictures / "reports.png", full_page=True)

        await screen.locator("select[name=by]").select_option("agent")
        await expect(screen.locator("#shown h2 select[name=by]")).to_have_value("agent")
        async with screen.expect_download() as coming:
            await screen.get_by_role("link", name="月报 PDF 2026-11").click()
        paper = text_of((await (await coming.value).path()).read_bytes())
        assert "40（0）" in paper
        assert "数字的含义" in paper

        await screen.locator("[data-figure=late] .value a").click()

        await expect(screen.locator("#behind")).to_contain_text("迟接")
        await expect(screen.locator("tbody tr")).to_have_count(late)
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")  # the page has all it asks for


@pytest.mark.skipif(not has_libraries(), reason=ABSENT)
async def test_charts_say_their_figures_and_open_their_calls_by_mouse_and_by_key(
    tmp_path: Path, context: BrowserContext, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await filled(room)
        await signed_in(context, room)
        await screen.goto(room.origin + "/reports?from=2026-11-01&to=2026-11-21&range=custom&compare=before")
        trend, waits, heat = (screen.locator(f".picture[data-kind={kind}]") for kind in KINDS)
        await expect(trend).to_have_attribute("aria-label", re.compile("每日来电：共 40 通"))
        await expect(waits.locator("svg")).to_contain_text("2026-10-11 — 2026-10-31")  # the second series
        await expect(heat.locator("path[fill='var(--accent)']")).not_to_have_count(0)

        await waits.hover()
        await expect(waits).to_contain_text(re.compile(r"秒：\d+ 通"))

        async with context.expect_page() as coming:
            cell = heat.locator("path[fill='var(--accent)']").first
            await cell.click(force=True, modifiers=["Control"])  # its number lies upon it
        other = await coming.value
        await expect(other.locator("#behind")).to_contain_text(re.compile(r"周. \d\d:00"))
        await other.close()

        await screen.locator(".picture-figures summary").first.press("Enter")
        await screen.locator(".picture-figures[open] tbody a").first.press("Enter")

        await expect(screen.locator("#behind")).to_contain_text("2026-11-0")
        await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")


async def test_without_the_library_there_are_tables_and_a_line_that_says_what_to_do(
    tmp_path: Path, context: BrowserContext, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock(), libraries=None) as room:
        await filled(room)
        await signed_in(context, room)

        await screen.goto(room.origin + "/reports?from=2026-11-01&to=2026-11-21&range=custom")

        await expect(screen.get_by_text("scripts/up")).to_be_visible()
        await expect(screen.locator(".picture:visible")).to_have_count(0)
        await expect(screen.locator(".picture-figures[open] tbody a").first).to_be_visible()


async def test_each_kind_of_report_is_compared_with_the_days_before(
    tmp_path: Path, context: BrowserContext, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await filled(room)
        await signed_in(context, room)
        await screen.goto(room.origin + "/reports?from=2026-11-10&to=2026-11-16&range=custom&compare=1&tab=agents")
        await expect(screen.locator("#reports")).to_have_attribute("data-state", "shown")
        await expect(screen.locator("#note")).to_contain_text("2026-11-03 — 2026-11-09")
        await expect(screen.locator("#shown tbody tr")).to_have_count(3)
        await screen.screenshot(path=tmp_path / "reports-agents.png", full_page=True)

        await screen.locator("[data-tab=service]").click()

        await expect(screen.locator("#shown .value").first).to_contain_text("暂无数据")
        await screen.screenshot(path=tmp_path / "reports-service.png", full_page=True)
        await screen.locator("select[name=compare]").select_option("custom")
        await expect(screen.locator("[name=other_from]")).to_have_value("2026-11-03")
        await screen.locator("[name=other_from]").fill("2026-11-02")
        await screen.locator("[name=other_to]").fill("2026-11-05")
        await screen.locator("#asked button").click()

        await expect(screen.locator("#note")).to_contain_text("2026-11-02 — 2026-11-05")
        await expect(screen.locator("#reports")).to_have_attribute("data-state", "shown")


async def test_every_number_of_agents_and_of_service_opens_a_list_that_adds_up_to_it(
    tmp_path: Path, context: BrowserContext, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await filled(room)
        async with room.database.begin() as session:
            await RandomService(Random(3), FIRST, 12).write(session, times=12)
        await signed_in(context, room)
        opened = 0
        for tab in ("agents", "service"):
            await screen.goto(f"{room.origin}/reports?from=2026-11-02&to=2026-11-16&range=custom&tab={tab}")
            await expect(screen.locator("#reports")).to_have_attribute("data-state", "shown")
            links = await screen.locator("#shown a[href^='/reports/behind']").evaluate_all(
                "all => all.map((one) => [one.textContent, one.getAttribute('href')])"
            )
            for said, address in links:
                found = await count(context, room.origin, address)
                assert found, (said, address)
                if said.isdecimal():
                    assert found == int(said), (said, address)
                    opened += 1
            await screen.screenshot(path=tmp_path / f"reports-{tab}.png", full_page=True)
        await screen.locator("#shown a[href*='figure=raised']").first.click()
        await expect(screen.locator("#behind")).to_contain_text("登记的事项")
        await screen.screenshot(path=tmp_path / "behind.png")

    assert opened > 20


async def count(context: BrowserContext, origin: str, address: str) -> int:
    """Return what a list adds up to, over its pages."""
    found = 0
    while address:
        text = await (await context.request.get(origin + address)).text()
        rows = re.findall(r"<tr data-id=.*?</tr>", text, re.DOTALL)
        if '<th scope="col">次数</th>' in text:
            found += sum(int(re.findall(r'class="number">(\d+)', row)[0]) for row in rows)
        else:
            found += len(rows)
        older = re.search(r'href="([^"]+)" rel="next"', text)
        address = html.unescape(older[1]) if older else ""
    return found


async def filled(room: WebDesk) -> int:
    """Write forty calls of residents in two weeks; return how many of them were answered late."""
    dice = Random(11)
    for number in range(40):
        call = replace(random_call(dice, number, FIRST, 14), direction="inbound")
        if call.ended_at is None:
            ended = Outcome.ANSWERED if call.human_answer else Outcome.MESSAGE_LEFT
            call = replace(call, ended_at=FIRST.replace(day=17), outcome=ended)
        await room.goes_on(call.id, **{name: getattr(call, name) for name in call.__slots__ if name != "id"})
    await ReportKeeping(database=room.database, clock=room.clock, zone=CHINA, area_code="").build()
    client = await room.signed_in("boss")
    told = await (await client.get("/api/v1/reports/calls", params={"from": "2026-11-01", "to": "2026-11-21"})).json()
    late: int = told["total"]["late"]
    assert 0 < late < 40
    return late


async def signed_in(context: BrowserContext, room: WebDesk) -> None:
    answer = await context.request.post(
        room.origin + "/sign-in",
        form={"name": "boss", "password": PASSWORD},
        headers={"Origin": room.origin},
        max_redirects=0,
    )
    assert answer.status == 303
