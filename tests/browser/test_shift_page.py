"""The hand-over and the reading of the log, in a real browser, by the people who do it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def sign_in(screen: Page, room: WebDesk, name: str) -> None:
    await screen.context.clear_cookies()
    await screen.goto(f"{room.origin}/sign-in?next=/")
    await screen.get_by_label("用户名").fill(name)
    await screen.get_by_label("密码").fill(PASSWORD)
    await screen.get_by_role("button", name="登录").click()
    await expect(screen.locator("#freshness")).to_have_text("实时")


async def owes(room: WebDesk, text: str, *, seconds: float) -> None:
    client = await room.signed_in()
    due = (room.clock.now() + timedelta(seconds=seconds)).isoformat()
    answer = await client.post(
        "/api/v1/follow-ups", json={"text": text, "due": due, "home": "1-1-101", "who": "李女士"}
    )
    assert answer.status == 201


async def test_who_took_the_desk_sees_it_though_an_older_answer_comes_later(tmp_path: Path, screen: Page) -> None:
    asked, go_on, told = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        if asked.is_set():
            await route.continue_()
            return
        old = await route.fetch()
        asked.set()
        await go_on.wait()
        await route.fulfill(response=old)
        told.set()

    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room, "xiaowang")
        await screen.get_by_role("link", name="交接班").click()
        take = screen.get_by_role("button", name="我来值班")
        await expect(take).to_be_visible()
        await screen.route("**/api/v1/shifts/current", late)
        await owes(room, "告知电梯何时修好", seconds=3600)  # the page looks again
        await asked.wait()

        await take.click()
        await expect(screen.locator("#whose")).to_contain_text("当班：王敏")
        go_on.set()
        await told.wait()
        await screen.evaluate("() => new Promise((done) => setTimeout(done))")  # the page has read the answer

        await expect(screen.locator("#whose")).to_contain_text("当班：王敏")
        await screen.unroute_all()


async def test_two_people_hand_the_desk_over_and_what_comes_in_between_must_be_read(
    tmp_path: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await owes(room, "告知电梯何时修好", seconds=-1)
        await sign_in(screen, room, "xiaowang")
        await screen.get_by_role("link", name="交接班").click()
        await screen.get_by_role("button", name="我来值班").click()
        await expect(screen.locator("#whose")).to_contain_text("当班：王敏")

        await screen.get_by_role("button", name="确认交班").click()
        await expect(screen.get_by_role("button", name="确认交班")).to_be_visible()  # the browser asks for the word
        await screen.get_by_label("交代一句").fill("已催工程部")
        await screen.get_by_label("交班说明").fill("今夜有雨")
        await screen.get_by_role("button", name="确认交班").click()
        await expect(screen.locator(".note")).to_contain_text("王敏 已于")

        await sign_in(screen, room, "boss")
        await screen.get_by_role("link", name="交接班").click()
        await expect(screen.locator(".open-items li")).to_have_count(1)
        await expect(screen.locator(".word")).to_have_text("“已催工程部”")
        await screen.get_by_label("已阅").check()
        await owes(room, "又来一件", seconds=3600)
        await expect(screen.locator(".open-items li")).to_have_count(2)
        await expect(screen.get_by_text("交班后新增")).to_be_visible()
        await expect(screen.get_by_label("已阅").nth(0)).to_be_checked()  # what was ticked is not lost
        await screen.get_by_label("已阅").nth(1).check()
        await screen.get_by_role("button", name="确认接班").click()

        await expect(screen.locator("#whose")).to_contain_text("当班：陈主管")
        row = screen.locator("#shifts tr")
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text("王敏")
        async with screen.expect_download() as download:
            await row.get_by_role("link", name="交接单 PDF").click()
        assert (await (await download.value).path()).read_bytes().startswith(b"%PDF-")


async def test_supervisor_reads_yesterdays_complaints_says_an_opinion_and_signs(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        complaint = Draft(
            kind=Kind.COMPLAINT, is_urgent=False, who="李女士", home="1-1-101", matter="<b>楼上噪音</b>", promised="",
            agent="8001",
        )  # fmt: skip
        async with room.database.begin() as session:
            at = room.clock.now() - timedelta(days=1)
            await add_entry(session, call_id=None, draft=complaint, written_by="xiaowang", at=at)
        await sign_in(screen, room, "boss")
        await screen.get_by_role("link", name="阅批").click()

        await screen.get_by_role("button", name="2026-11-20 投诉").click()
        await expect(screen.locator(".to-read li")).to_have_count(1)
        await expect(screen.locator(".to-read li")).to_contain_text("<b>楼上噪音</b>")
        await screen.get_by_label("意见").fill("已阅，请客服主管约谈楼上住户")
        await screen.get_by_role("button", name="签字").click()

        await expect(screen.locator("#unread")).to_contain_text("没有待阅的记录")
        await expect(screen.locator("#signed")).to_contain_text("已阅，请客服主管约谈楼上住户")
        await expect(screen.locator("#signed")).to_contain_text("陈主管")
