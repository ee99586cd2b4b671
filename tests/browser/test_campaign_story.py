"""The whole life of a fee campaign in a browser: from the workbook of finance to the chart of results, with residents
whom SIPp plays pressing keys."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
import xlsxwriter
from playwright.async_api import Page, expect

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.install.parts import Parts
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident
from hotline.settings import read_settings
from hotline.simulate.scenario import Press, Say, agent
from tests.fakes.played import shorten_prompts
from tests.fakes.residents import short_hello
from tests.fakes.site import Site

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"), pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(180),
]  # fmt: skip
PASSWORD = "three rings and no more"
SHORT = ("out-ask", "out-owner", "out-ask-keys", "out-fee-keys", "out-heard", "arrears-how")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    if not Parts(read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.directory).ready:
        pytest.skip("no private Asterisk: run scripts/setup")
    ahead = 12 - datetime.now(UTC).hour  # midday at the centre, whatever the time of day a test runs at
    site = Site(
        HOTLINE_CENTRE_TIME_ZONE=f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT",
        HOTLINE_OUTBOUND_WINDOWS="08:00-22:00",
        HOTLINE_OUTBOUND_REMINDER_DAYS=str(datetime.now(UTC).day % 28 + 1),  # not today
        HOTLINE_OUTBOUND_HOLIDAY_WINDOWS="08:00-22:00",
    )
    await site.set_up()
    shorten_prompts(site, *SHORT)
    for name in ("chen", "wang"):
        await add_user(site.database, name, Role.SUPERVISOR, None, PASSWORD)
    async with site.database.begin() as session:
        home = await add_home(session, Home(building=3, unit=2, room=501))
        await add_resident(session, home, "张伟", title=Title.MR, numbers=[PhoneNumber("+8613800138501")])
    site.start("redis", "asterisk", "serve", "worker")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


def workbook(path: Path) -> Path:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    rows = (
        ("房号", "姓名", "月份", "金额"), ("3-2-501", "张伟", "2026-09至2026-10", 123.45),
        ("9-9-901", "某某", "2026-09", 5),
        ("3-2-501", "张伟", "2026-09", -1),
    )  # fmt: skip
    for line, row in enumerate(rows):
        sheet.write_row(line, 0, row)
    book.close()
    path.write_bytes(content.getvalue())
    return path


async def signed_in(page: Page, site: Site, name: str) -> None:
    await page.goto(site.url("/sign-in?next=/campaigns"))
    await page.get_by_label("用户名").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.goto(site.url("/campaigns"))
    await expect(page.locator("#freshness")).to_have_text("实时")


@pytest.mark.asyncio(loop_scope="module")
async def test_fee_campaign_from_the_workbook_to_the_chart(site: Site, tmp_path: Path, pictures: Path) -> None:
    import shutil

    from playwright.async_api import async_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium fonts-noto-cjk)")
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        pages = []
        for name in ("wang", "chen"):
            context = await browser.new_context(
                viewport={"width": 1366, "height": 768}, locale="zh-CN", reduced_motion="reduce"
            )
            page = await context.new_page()
            page.set_default_timeout(15_000)
            page.on("pageerror", lambda wrong: complaints.append(str(wrong)))
            await signed_in(page, site, name)
            pages.append(page)
        mine, second = pages

        await mine.get_by_role("button", name="新建外呼任务").click()
        await mine.get_by_label("名称").fill("十一月催缴")
        await mine.get_by_role("button", name="建立").click()
        await expect(mine.locator(".campaign-head h2")).to_have_text("十一月催缴")
        await mine.locator("input[type=file]").set_input_files(workbook(tmp_path / "欠费.xlsx"))
        await mine.get_by_role("button", name="先检查").click()
        await expect(mine.locator(".bad-rows li")).to_have_count(2)
        await expect(mine.locator("#one")).to_contain_text("检查结果（未写入）：可呼叫 1 户")
        await mine.get_by_role("button", name="导入").click()
        await expect(mine.locator("#list li")).to_contain_text("0 / 1")
        await expect(mine.locator("#preview")).to_contain_text("现在可呼叫 1 户")
        await expect(mine.locator("#preview .said").first).to_contain_text("三栋二单元五零一室的张先生")
        await expect(mine.locator("#preview .said").nth(1)).to_contain_text("一百二十三元四角五分")
        await expect(mine.locator(".what-first")).to_contain_text("可由以下主管审批：chen")
        await expect(mine.locator("[data-act]")).to_have_text(["停止"])
        await expect(mine.locator("#past li")).to_contain_text(["建立", "加入名单 欠费.xlsx 1 户"])

        await second.reload()
        await second.get_by_role("link", name="十一月催缴").click()
        await expect(second.locator("[data-act].primary")).to_have_text("审批")
        await second.locator("[data-act=approve]").click()
        await expect(second.locator(".campaign-head .campaign-state")).to_have_text("已审批")
        resident = site.outside()
        lifts = agent(
            (short_hello(site), Press("1"), Say(site.silence(1.0), 1.0), Press("1")), rings_for=0.5, hangs_up=False,
            patience=80,
        )  # fmt: skip
        listening = asyncio.create_task(resident.call(lifts, limit=90))
        await expect(mine.locator(".campaign-head .campaign-state")).to_have_text("已审批")
        await mine.locator("[data-act=start]").click()

        await expect(mine.locator(".campaign-head .campaign-state")).to_have_text("已完成", timeout=90_000)
        await listening
        await expect(mine.locator("#list li")).to_contain_text("1 / 1")
        await expect(mine.locator("#figures .tally").last).to_contain_text("本人接听")
        await expect(mine.locator("#attempts tbody tr")).to_contain_text("确认本人、知道了")
        await expect(mine.locator("#attempts tbody tr")).to_contain_text("138****8501")
        await mine.screenshot(path=pictures / "campaign.png")
        await browser.close()
    assert complaints == []
