"""The page of what is owed in a real browser: it fills itself, and what a clerk does is seen by every desk."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from hotline.bus import Change, Subject
from hotline.calls.state import Outcome
from hotline.followups.service import FollowUps
from hotline.settings import FollowUpSettings
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def sign_in(screen: Page, room: WebDesk, name: str = "xiaowang") -> None:
    await screen.goto(f"{room.origin}/sign-in?next=/")
    await screen.get_by_label("用户名").fill(name)
    await screen.get_by_label("密码").fill(PASSWORD)
    await screen.get_by_role("button", name="登录").click()
    await expect(screen.locator("#freshness")).to_have_text("实时")


async def missed(room: WebDesk, call_id: str, *, minutes_ago: float, **changes: Any) -> None:
    """Let nobody have answered this call, as the ledger tells it."""
    start = room.clock.now() - timedelta(minutes=minutes_ago)
    values = {"human_answer": None, "rings": (), "agent": "", "outcome": Outcome.ABANDONED_QUEUE} | changes
    call = await room.finished_call(call_id, start=start, **values)
    async with room.database.begin() as session:
        await FollowUps(settings=FollowUpSettings(), clock=room.clock).follow(session, call)
    room.bus.publish(Change(Subject.CALL, call_id))


async def test_clerk_sees_a_missed_call_come_takes_it_and_writes_what_came_of_it(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room)
        await screen.get_by_role("link", name="跟进").click()
        await expect(screen.locator("#nothing")).to_be_visible()
        await screen.evaluate("window.isTheSamePage = true")

        await missed(room, "c-1", minutes_ago=50)
        await missed(room, "c-2", minutes_ago=5, caller_number="13912345678")

        rows = screen.locator("table.owed tbody")
        await expect(rows).to_have_count(2)
        late, soon = rows.nth(0), rows.nth(1)
        await expect(late).to_have_attribute("data-is", "late")
        await expect(late).to_contain_text("3-2-501 张先生")
        await expect(late.locator(".due-mark")).to_contain_text("逾期 18 分钟")
        await expect(soon).to_contain_text("139****5678")
        await expect(screen.locator("#owed")).to_have_text("1")
        await expect(screen.locator("#owed")).to_have_attribute("data-is", "late")

        await late.get_by_role("button", name="领取").click()
        await expect(late).to_contain_text("王敏")
        await late.get_by_role("button", name="完成").click()
        await late.get_by_label("处理结果").fill("已回电，约好下午上门")
        await late.locator("form").get_by_role("button", name="完成").click()

        await expect(rows).to_have_count(1)
        await expect(screen.locator("#owed")).to_have_attribute("data-is", "open")
        await screen.get_by_role("link", name="已了结").click()
        await expect(rows).to_contain_text(["已回电，约好下午上门"])
        await rows.get_by_role("button", name="重新打开").click()
        await rows.get_by_role("button", name="住户再次来电").click()
        await rows.locator("form").get_by_role("button", name="重新打开").click()
        await expect(rows).to_have_count(0)
        await screen.get_by_role("link", name="待办").click()
        await expect(rows).to_have_count(2)
        assert await screen.evaluate("window.isTheSamePage") is True


async def test_nothing_is_drawn_over_what_a_clerk_is_writing(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await missed(room, "c-1", minutes_ago=10)
        await sign_in(screen, room)
        await screen.goto(f"{room.origin}/follow-ups")
        await screen.get_by_role("button", name="完成").click()
        await screen.get_by_label("处理结果").fill("写到一半")

        await missed(room, "c-2", minutes_ago=5, caller_number="13912345678")

        await expect(screen.locator("table.owed tbody")).to_have_count(2)
        await expect(screen.get_by_label("处理结果")).to_have_value("写到一半")
        await expect(screen.get_by_label("处理结果")).to_be_focused()


async def test_message_is_heard_from_where_it_begins(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        begins = room.clock.now() - timedelta(minutes=10) + timedelta(seconds=9.5)
        await missed(room, "c-1", minutes_ago=10, message_at=begins, outcome=Outcome.MESSAGE_LEFT)
        await room.recorded("c-1")
        await sign_in(screen, room)
        await screen.goto(f"{room.origin}/follow-ups")

        await screen.add_init_script(
            "document.addEventListener('playing', ({target}) => (target.dataset.from ??= target.currentTime), true)"
        )
        await screen.get_by_role("link", name="听留言").click()

        player = screen.locator("#recording audio")  # of both sides
        await expect(player).to_have_attribute("data-from", re.compile(r"^0\.[56789]"))
