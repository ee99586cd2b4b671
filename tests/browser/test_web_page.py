"""The duty desk in a real browser: a call walks through its states before the eyes of a clerk, without reload."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from hotline.calls.ledger import Ring
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from hotline.queues.board import AgentState
from hotline.transcribe.transcript import Side
from tests.fakes.agent_desk import agent_desk
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
LARGEST_PICTURE = 300_000

CONVERSATION = (
    (Side.AGENT, 24.5, "您好，锦绣花园物业客服，请问有什么可以帮您？", 0.93),
    (Side.CALLER, 28.8, "你好，我家厨房水管漏水了，水都流到客厅了。", 0.88),
    (Side.AGENT, 33.6, "请您先把厨房的总阀关上。请问您是三栋二单元五零一吗？", 0.9),
    (Side.CALLER, 39.7, "对，三杠二杠五零一。", 0.41),
    (Side.AGENT, 43.2, "好的张先生，工程师傅三十分钟内上门，带好接头和扳手。", 0.91),
    (Side.CALLER, 49.4, "行，麻烦快一点，谢谢。", 0.86),
    (Side.AGENT, 52.6, "不客气，我们马上安排，再见。", 0.95),
)


async def sign_in(screen: Page, room: WebDesk, name: str = "xiaowang") -> None:
    await screen.goto(f"{room.origin}/sign-in?next=/")
    await screen.get_by_label("用户名").fill(name)
    await screen.get_by_label("密码").fill(PASSWORD)
    await screen.get_by_role("button", name="登录").click()
    await expect(screen.locator("#freshness")).to_have_text("实时")


async def yesterdays_work(room: WebDesk) -> None:
    """Give the desk a morning behind it."""
    now = room.clock.now()
    said = (
        ("repair", "6-1-1102", "李女士", "卫生间的灯不亮了，换过灯泡也没用", "今天下午三点前电工上门", False),
        ("enquiry", "2-3-301", "王先生", "问三季度物业费怎么交，能不能用手机", "已告知缴费方式", False),
        ("complaint", "8-2-702", "赵女士", "楼上装修中午还在打电钻，影响孩子午睡", "马上派人制止，一小时内答复", False),
        ("special-help", "5-1-1503", "孙先生", "两个人困在电梯里，五栋一单元", "五分钟内到场", True),
        ("paid-service", "1-2-604", "周女士", "想预约周六上午的油烟机清洗", "周六九点上门，费用一百二十元", False),
    )
    for place, (kind, home, who, matter, promised, is_urgent) in enumerate(said):
        call_id, start = f"old-{place}", now - timedelta(minutes=9 * (len(said) - place))
        human = start + timedelta(seconds=24 + 3 * place)
        await room.finished_call(call_id, start=start, human_answer=human, caller_number=f"1390013{8500 + place}")
        values: dict[str, Any] = {
            "kind": Kind(kind), "home": home, "who": who, "matter": matter, "promised": promised,
            "is_urgent": is_urgent, "agent": "8001",
        }  # fmt: skip
        await room.draft(call_id, at=start + timedelta(minutes=2), **values)
        if place < 3:
            async with room.database.begin() as session:
                await add_entry(
                    session,
                    call_id=call_id,
                    draft=Draft(**values),
                    written_by="xiaowang",
                    at=start + timedelta(minutes=3),
                )
    late = now - timedelta(minutes=2)
    await room.finished_call(
        "old-late", start=late, switch_answer=late + timedelta(seconds=12), recording_start=None, queued_at=None,
        agent="", human_answer=None, rings=(), outcome=Outcome.ABANDONED_ANNOUNCEMENT, caller_number="",
    )  # fmt: skip


async def test_clerk_sees_a_call_walk_from_ring_to_duty_log_without_reload(
    tmp_path: Path, pictures: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await yesterdays_work(room)
        room.agents(a8001=AgentState.READY, a8002=AgentState.TALKING)
        await sign_in(screen, room)
        await screen.evaluate("window.isTheSamePage = true")
        card = screen.locator(".card[data-id='c-1']")
        here = card.locator(".here > span")
        start = room.clock.now() - timedelta(seconds=20)
        at = [start + timedelta(seconds=seconds) for seconds in (1.2, 6, 9, 14, 19.5)]

        await room.goes_on(
            "c-2", state=CallState.IN_MENU, caller_number="13912345678",
            ring_start=start, switch_answer=at[0], recording_start=at[1],
        )  # fmt: skip
        await room.goes_on(ring_start=start)
        await expect(here).to_have_text("振铃")
        await expect(screen.locator("#announce")).to_contain_text("3-2-501 张先生")
        await expect(card.locator(".number")).to_have_text("138****8501")
        await room.goes_on(state=CallState.ANSWERED, switch_answer=at[0], recording="2026/c-1", recording_start=at[1])
        await expect(here).to_have_text("已接")
        await expect(card.locator(".timer").first).to_contain_text("1.2 秒")
        await room.goes_on(state=CallState.IN_MENU)
        await expect(here).to_have_text("菜单")
        await room.goes_on(menu_path=("1",), request="repair")
        await expect(card.locator(".here small")).to_have_text("报修")
        ring = Ring(agent="8001", leg="a", began=at[3])
        await room.goes_on(state=CallState.WAITING, queue="service", queued_at=at[2], rings=(ring,))
        await expect(here).to_have_text("排队")
        await expect(card).to_contain_text("正在呼叫坐席 8001")
        ring = Ring(agent="8001", leg="a", began=at[3], ended=at[4], was_answered=True)
        await room.goes_on(state=CallState.TALKING, agent="8001", human_answer=at[4], rings=(ring,))
        room.agents(a8001=AgentState.TALKING, a8002=AgentState.TALKING)
        await expect(here).to_have_text("通话")
        await expect(card.locator(".timer").nth(1)).to_contain_text("19.5 秒")
        await screen.wait_for_timeout(300)  # the picture, not the test, wants the fonts settled
        await screen.screenshot(path=pictures / "duty-desk.png")

        await room.goes_on(
            state=CallState.ENDED,
            ended_at=at[4] + timedelta(seconds=41),
            ended_by_caller=True,
            outcome=Outcome.ANSWERED,
        )
        await expect(card.locator(".tag")).to_have_text("人工已接")
        await room.recorded()
        await room.transcribing()
        await room.transcribed("c-1", *CONVERSATION)
        row = screen.locator("#entries tr").first
        await expect(row).to_contain_text("厨房水管漏水")
        await expect(row).to_contain_text("草稿")
        assert await screen.evaluate("window.isTheSamePage")
    assert (pictures / "duty-desk.png").stat().st_size < LARGEST_PICTURE


async def test_supervisor_sets_an_agents_state_in_its_row_by_keyboard_and_the_agent_is_told_who_did(
    tmp_path: Path, screen: Page, browser: Browser
) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await screen.keyboard.press("F2")
        await expect(screen.locator(".mine .now")).to_have_attribute("data-is", "ready")
        other = await (await browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})).new_page()
        await desk.sign_in(other, "boss")
        await other.goto(desk.room.origin)
        row = other.locator('#agents [data-extension="8001"]')
        await expect(row.locator(".state")).to_contain_text("空闲")

        await row.get_by_role("button", name="调整 王敏 的状态").focus()
        await other.keyboard.press("Enter")
        await expect(row.get_by_role("button", name="设为就绪")).to_be_focused()
        await row.get_by_role("button", name="培训").press("Enter")

        await expect(row.locator(".state")).to_contain_text("示忙 培训 · 陈主管")
        await expect(row.get_by_role("button")).to_be_focused()  # closed again, and the focus stays in the row
        await expect(screen.locator(".mine .now")).to_contain_text("培训")
        await expect(screen.locator(".mine .now .by")).to_have_text("· 陈主管")
        await row.get_by_role("button").press("Enter")
        desk.room.agents(a8001=AgentState.READY, a8002=AgentState.TALKING)  # the board is drawn anew meanwhile
        await expect(other.locator('#agents [data-extension="8002"] .state')).to_contain_text("通话中")
        await expect(row.get_by_role("button", name="设为就绪")).to_be_focused()
        await other.keyboard.press("Escape")
        await expect(row.get_by_role("button")).to_have_count(1)
        await row.get_by_role("button").press("Enter")
        await row.get_by_role("button", name="签出队列").press("Enter")
        await expect(screen.locator(".mine .now")).to_have_attribute("data-is", "signed-out")
        await other.context.close()


async def test_agent_sees_the_others_and_sets_nobody(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await screen.goto(desk.room.origin)
        await expect(screen.locator('#agents [data-extension="8002"] .state')).to_contain_text("空闲")
        await expect(screen.locator("#agents button")).to_have_count(0)


async def test_transcript_appears_by_itself_and_the_draft_is_confirmed(
    tmp_path: Path, pictures: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        start = room.clock.now() - timedelta(seconds=80)
        at = [start + timedelta(seconds=seconds) for seconds in (1.2, 7, 15, 30.6, 72)]
        await room.finished_call(
            start=start, switch_answer=at[0], recording_start=at[1],
            queued_at=at[2], human_answer=at[3], ended_at=at[4],
            rings=(
                Ring(agent="8002", leg="b", began=at[2], ended=at[2] + timedelta(seconds=9)),
                Ring(agent="8001", leg="a", began=at[2] + timedelta(seconds=9.5), ended=at[3], was_answered=True),
            ),
        )  # fmt: skip
        await room.recorded()
        await sign_in(screen, room)
        await screen.goto(f"{room.origin}/calls/c-1")
        await expect(screen.locator("#talk")).to_contain_text("等待转写…")
        await room.transcribing()
        await expect(screen.locator("#talk")).to_contain_text("正在转写…")

        await room.transcribed("c-1", *CONVERSATION)

        await expect(screen.locator(".bubble")).to_have_count(len(CONVERSATION))
        await expect(screen.locator(".bubble.unsure")).to_have_count(1)
        await expect(screen.locator("#timeline svg .part")).to_have_count(5)
        await expect(screen.locator("audio")).to_have_count(1)
        await screen.wait_for_timeout(300)
        await screen.screenshot(path=pictures / "call.png")
        await screen.get_by_role("button", name="显示号码").click()
        played = "async () => { const one = document.querySelector('audio'); await one.play(); return one.duration; }"
        assert await screen.evaluate(played) == 1
        await expect(screen.locator("h1")).to_contain_text("13800138501")
        await screen.get_by_role("button", name="核对并确认").click()
        await screen.get_by_label("承诺").fill("三十分钟内上门")
        await screen.get_by_role("button", name="确认保存").click()
        await expect(screen.locator(".entry")).to_contain_text("已确认")
        await expect(screen.locator(".entry")).to_contain_text("三十分钟内上门")
    assert (pictures / "call.png").stat().st_size < LARGEST_PICTURE


async def test_desk_says_that_it_is_cut_off_and_catches_up_when_the_service_is_back(
    tmp_path: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await sign_in(screen, room)
        room.hub.dismiss()
        await expect(screen.locator("#freshness")).to_have_text("已断开，正在重连")
        await room.goes_on()

        await expect(screen.locator("#freshness")).to_have_text("实时")
        await expect(screen.locator(".card")).to_have_count(1)


async def test_wait_is_said_alike_everywhere_and_never_shorter_than_it_was(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        start = room.clock.now() - timedelta(minutes=3)
        lift, human = start + timedelta(seconds=11.04), start + timedelta(seconds=17.881)
        await room.finished_call(
            start=start,
            switch_answer=lift,
            recording_start=lift,
            menu_entered_at=lift,
            human_answer=human,
            rings=(Ring(agent="8001", leg="x", began=start + timedelta(seconds=15), ended=human, was_answered=True),),
        )
        await sign_in(screen, room)
        await expect(screen.locator("#figures")).to_contain_text("17.9 秒")

        await screen.goto(f"{room.origin}/calls/c-1")
        for place in ("#late-because", "#timeline", "#facts"):  # 11.04 s are more than three rings
            await expect(screen.locator(place)).to_contain_text("11.1 秒")
        await expect(screen.locator("#facts")).to_contain_text("17.9 秒")
