"""The red alert in a real browser: on every page, on two screens, after a reload, until a person takes note by name."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from hotline.alerts.alert import Rule
from hotline.alerts.store import end_alert, raise_alert
from hotline.bus import Change, Subject
from hotline.calls.ledger import Ring
from hotline.calls.state import CallState, Outcome
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def sign_in(page: Page, room: WebDesk, name: str = "xiaowang") -> None:
    await page.goto(f"{room.origin}/sign-in?next=/")
    await page.get_by_label("用户名").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#freshness")).to_have_text("实时")


async def test_emergency_is_red_on_two_screens_turns_amber_and_leaves_when_it_is_over(
    tmp_path: Path, pictures: Path, screen: Page, context: BrowserContext
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room)
        other = await context.new_page()
        await other.goto(f"{room.origin}/duty-log")
        await expect(other.locator("#freshness")).to_have_text("实时")
        start = room.clock.now() - timedelta(seconds=8)
        await room.goes_on(
            ring_start=start, switch_answer=start + timedelta(seconds=1), is_emergency=True, state=CallState.WAITING,
            menu_path=("9",), request="special-help",
        )  # fmt: skip

        for page in (screen, other):
            alert = page.get_by_role("alert")
            await expect(alert).to_contain_text("紧急求助 · 尚无人接听")
            await expect(alert).to_contain_text("3-2-501 张先生")
            await expect(alert).to_contain_text("138****8501")
        before = await screen.get_by_role("timer").inner_text()
        await expect(screen.get_by_role("timer")).not_to_have_text(before)  # it counts
        await screen.screenshot(path=pictures / "alert.png")
        await other.reload()
        await expect(other.get_by_role("alert")).to_contain_text("尚无人接听")
        await room.goes_on(state=CallState.TALKING, human_answer=room.clock.now(), agent="8001")
        for page in (screen, other):
            await expect(page.locator(".alert[data-is=answered]")).to_contain_text("紧急求助 · 已接听")
        await room.goes_on(state=CallState.ENDED, ended_at=room.clock.now(), outcome=Outcome.ANSWERED)
        for page in (screen, other):
            await expect(page.get_by_role("alert")).to_have_count(0)


async def test_unanswered_emergency_stays_red_until_a_person_takes_note_and_both_screens_say_who(
    tmp_path: Path, screen: Page, context: BrowserContext
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room)
        other = await context.new_page()
        await other.goto(f"{room.origin}/calls")
        await room.goes_on(is_emergency=True)
        await room.goes_on(state=CallState.ENDED, ended_at=room.clock.now(), outcome=Outcome.ABANDONED_QUEUE)
        for page in (screen, other):
            await expect(page.get_by_role("alert")).to_contain_text("紧急求助 · 无人接听")

        await screen.get_by_role("button", name="确认知悉").click()

        for page in (screen, other):
            await expect(page.get_by_role("alert")).to_contain_text("王敏 于 09:40")
        await other.reload()
        await expect(other.locator("#freshness")).to_have_text("实时")
        await expect(other.get_by_role("alert")).to_have_count(0)


async def test_an_alert_by_rule_stands_in_a_supervisors_bar_until_it_is_over_and_says_who_took_note(
    tmp_path: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room, "boss")
        async with room.database.begin() as session:
            raised = await raise_alert(session, Rule.NOBODY_READY, "", 2.0, room.clock.now())
        assert raised is not None
        room.bus.publish(Change(Subject.ALERT, str(raised.id)))
        banner = screen.locator("#alerts [data-rule=nobody-ready]")
        await expect(banner).to_contain_text("没有空闲坐席（已登录 2 人）")

        await banner.get_by_role("button", name="确认知悉").click()

        await expect(banner).to_contain_text("陈主管 已知悉")
        await expect(banner.get_by_role("button")).to_have_count(0)
        async with room.database.begin() as session:
            await end_alert(session, Rule.NOBODY_READY, "", room.clock.now())
        room.bus.publish(Change(Subject.ALERT, str(raised.id)))
        await expect(banner).to_have_count(0)


async def test_page_asks_once_for_a_click_before_it_may_sound(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room)
        await room.goes_on(is_emergency=True)
        await screen.get_by_role("button", name="点击开启声音").click()
        await expect(screen.get_by_role("button", name="点击开启声音")).to_have_count(0)

        await room.goes_on("c-2", is_emergency=True)

        await expect(screen.get_by_role("alert")).to_have_count(2)
        await expect(screen.get_by_role("button", name="点击开启声音")).to_have_count(0)
        await screen.get_by_role("link", name="值班记录").click()
        await expect(screen.get_by_role("alert")).to_have_count(2)
        await expect(screen.get_by_role("button", name="点击开启声音")).to_have_count(0)


async def test_late_call_says_in_one_sentence_why_and_shows_each_leg(
    tmp_path: Path, pictures: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        start = room.clock.now() - timedelta(minutes=3)
        at = [start + timedelta(seconds=seconds) for seconds in (1, 8, 11, 26, 38, 44, 100)]
        await room.finished_call(
            start=start, switch_answer=at[0], recording_start=at[1], menu_entered_at=at[1], queued_at=at[2],
            rings=(
                Ring(agent="8001", leg="a", began=at[2], ended=at[3]),
                Ring(agent="8002", leg="b", began=at[4], ended=at[5], was_answered=True),
            ),
            human_answer=at[5], ended_at=at[6], agent="8002", satisfaction=2,
        )  # fmt: skip
        await room.draft()
        await sign_in(screen, room)
        await screen.goto(f"{room.origin}/calls/c-1")

        await expect(screen.locator("#late-because > b")).to_have_text(
            "迟接 44 秒：坐席 8001 振铃 15 秒未接，排队 12 秒无空闲坐席"
        )
        await expect(screen.locator(".legs li")).to_have_count(6)
        await expect(screen.locator(".legs .cause")).to_have_count(2)
        await expect(screen.locator(".entry")).to_contain_text("满意度 2 分")
        await screen.screenshot(path=pictures / "late-call.png")


async def test_call_page_says_what_became_of_notice_look_up_mark_and_return(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        call = await room.finished_call(
            recording="", recording_start=None, recording_refused=True, look_up="late", language="en", incident="7",
            joined_incident=True, satisfaction=5,
        )  # fmt: skip
        await room.goes_on("ours", direction="outbound", returns="c-1", state=CallState.ENDED, ended_at=call.ended_at)
        await sign_in(screen, room)
        await screen.goto(f"{room.origin}/calls/c-1")

        facts = screen.locator("#facts")
        for said in ("未录音：业主不同意", "查询超时", "英语", "报修 · 按键 1", "№7 · 已登记", "5 分 很满意", "已回电"):
            await expect(facts).to_contain_text(said)
        await expect(screen.locator("#recording")).to_contain_text("未录音：业主不同意")


async def test_message_is_played_from_where_it_begins(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        start = room.clock.now() - timedelta(minutes=3)
        await room.finished_call(
            start=start, recording_start=start + timedelta(seconds=9), message_at=start + timedelta(seconds=75),
            human_answer=None, agent="", outcome=Outcome.MESSAGE_LEFT,
        )  # fmt: skip
        await room.recorded()
        await sign_in(screen, room)
        await screen.goto(f"{room.origin}/calls/c-1")

        await expect(screen.locator("#facts")).to_contain_text("录音第 1:06 起")
        await expect(screen.locator("#timeline")).to_contain_text("留言")
