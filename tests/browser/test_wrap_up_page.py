"""The wrap-up in a real browser: by keyboard alone, nothing typed is lost, what is missing is said at its field."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from hotline.accounts.account import Role
from hotline.agents.offers import PhoneLifted
from hotline.calls.ledger import Ring
from hotline.calls.state import CallState
from hotline.calls.talks import Talk
from hotline.clock import SystemClock
from hotline.desk.outside_store import claim
from hotline.dutylog.entry import EntryState, Kind
from hotline.dutylog.store import entries_of
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.reading_store import follow_ups_page
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.queues.board import AgentState
from tests.fakes.agent_desk import AgentDesk, agent_desk
from tests.fakes.web_desk import CALLER, PASSWORD, WebDesk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
FORM = "#wrap-up form"


async def talked(desk: AgentDesk, page: Page, **drafted: Any) -> None:
    """Let a repair be told and the talk be over, its draft drawn."""
    await desk.sign_in(page)
    await page.keyboard.press("F2")
    await expect(page.locator(".mine .now")).to_contain_text("就绪")
    await desk.ring()
    await desk.lift()
    await desk.hang_up()
    await desk.room.draft(**drafted)
    await expect(page.locator(FORM)).to_be_visible()
    await expect(page.locator(f"{FORM} [name=home]")).to_have_value(drafted.get("home", "3-2-501"))
    await expect(page.locator("#columns")).to_have_attribute("data-is", "wrap-up")


async def test_draft_that_is_drawn_while_the_form_is_fetched_stands_in_it(tmp_path: Path, screen: Page) -> None:
    asked, told = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        if asked.is_set():
            await route.continue_()
            return
        old = await route.fetch()
        asked.set()
        await told.wait()
        await route.fulfill(response=old)

    def hear(frame: str | bytes) -> None:
        if asked.is_set() and "duty-entry" in str(frame):
            told.set()

    async with agent_desk(tmp_path) as desk:
        screen.on("websocket", lambda socket: socket.on("framereceived", hear))
        await desk.sign_in(screen)
        await screen.route("**/wrap-up", late)
        now = desk.room.clock.now()
        await desk.ring()
        desk.offers.answer("8001", "c-1", now)
        await asked.wait()
        await desk.room.draft()

        await expect(screen.locator(f"{FORM} [name=home]")).to_have_value("3-2-501")
        await screen.unroute_all(behavior="ignoreErrors")


async def entry_of(room: WebDesk) -> Any:
    async with room.database.read() as session:
        return (await entries_of(session, "c-1"))[-1]


async def test_plain_repair_is_wrapped_up_by_keyboard_alone_within_twenty_seconds(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await talked(desk, screen, matter="", promised="")
        await expect(screen.locator(f"{FORM} [name=home]")).to_have_value("3-2-501")
        clock = SystemClock()
        began = clock.monotonic()

        await screen.keyboard.press("F10")  # to what needs a look: nobody said what it is about yet
        await expect(screen.locator(f"{FORM} [name=matter]")).to_be_focused()
        await screen.keyboard.type("厨房水管漏水，带止水阀")
        await screen.keyboard.press("Control+Enter")
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "idle")

        took = clock.monotonic() - began
        entry = await entry_of(desk.room)
        assert took < 20
        assert (entry.state, entry.kind, entry.home, entry.matter) == (
            EntryState.CONFIRMED, Kind.REPAIR, "3-2-501", "厨房水管漏水，带止水阀",
        )  # fmt: skip
        await expect(screen.locator(".mine .now")).to_contain_text("就绪")
        client = await desk.room.signed_in()
        async with client.get(f"/api/v1/duty-log/{entry.number}") as answer:
            assert [one["department"] for one in (await answer.json())["dispatches"]] == ["工程部"]


async def test_what_is_missing_is_said_at_its_field_and_a_digit_chooses_the_kind(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await talked(desk, screen, kind="unknown", home="", who="", matter="", promised="")

        await screen.keyboard.press("F10")
        await screen.keyboard.press("6")
        await expect(screen.locator(f"{FORM} [name=kind]:checked")).to_have_value("special-help")
        await screen.keyboard.press("Control+Enter")

        for name, said in (("home", "请写明位置"), ("who", "请写明是谁"), ("matter", "请写明事项")):
            await expect(screen.locator(f"{FORM} .field.{name} .wanted")).to_contain_text(said)
        await expect(screen.locator(f"{FORM} .refused")).to_contain_text("3")
        await expect(screen.locator(f"{FORM} [name=home]")).to_be_focused()
        assert (await entry_of(desk.room)).state is EntryState.DRAFT


async def test_browser_that_dies_while_typing_loses_nothing_and_the_redrawn_draft_takes_nothing_away(
    tmp_path: Path, screen: Page, browser: Browser
) -> None:
    async with agent_desk(tmp_path) as desk:
        await talked(desk, screen, matter="", home="", promised="")
        await screen.locator(f"{FORM} [name=matter]").fill("楼道灯不亮")
        await screen.locator(f"{FORM} [name=notes]").fill("<b>三楼</b>")
        await expect(screen.locator(f"{FORM} .kept")).to_have_text("已自动保存")
        await screen.context.close()

        await desk.room.draft(matter="楼道登不亮", home="3-2-公区", promised="")  # the words came meanwhile
        context = await browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
        page = await context.new_page()
        await page.goto(f"{desk.room.origin}/agent")
        await page.get_by_label("用户名").fill("xiaowang")
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()

        await expect(page.locator(f"{FORM} [name=matter]")).to_have_value("楼道灯不亮")
        await expect(page.locator(f"{FORM} [name=notes]")).to_have_value("<b>三楼</b>")
        await expect(page.locator(f"{FORM} [name=home]")).to_have_value("3-2-公区")
        await desk.room.draft(matter="x", home="3-3-公区", promised="")
        await expect(page.locator(f"{FORM} [name=home]")).to_have_value("3-3-公区")
        await expect(page.locator(f"{FORM} [name=matter]")).to_have_value("楼道灯不亮")
        await context.close()


async def test_draft_comes_where_the_focus_stands_and_a_refusal_stays_when_the_draft_is_redrawn(
    tmp_path: Path, screen: Page
) -> None:
    async with agent_desk(tmp_path) as desk:
        await talked(desk, screen, kind="unknown", home="", who="", matter="", promised="")
        await screen.locator(f"{FORM} [name=kind]").first.focus()
        await screen.keyboard.press("Control+Enter")
        await expect(screen.locator(f"{FORM} .refused")).to_be_visible()
        await screen.locator(f"{FORM} [name=kind]").first.focus()

        await desk.room.draft(kind="repair", home="", who="张先生", matter="", promised="")

        await expect(screen.locator(f"{FORM} [name=kind]:checked")).to_have_value("repair")
        await expect(screen.locator(f"{FORM} [name=who]")).to_have_value("张先生")
        await expect(screen.locator(f"{FORM} .refused")).to_be_visible()
        await expect(screen.locator(f"{FORM} .field.matter .wanted")).to_be_visible()


async def test_our_own_call_says_whom_it_calls_and_its_form_goes_on_with_what_it_was_made_for(
    tmp_path: Path, screen: Page, pictures: Path
) -> None:
    async with agent_desk(tmp_path) as desk:
        room, now = desk.room, desk.room.clock.now()
        async with room.database.begin() as session:
            owed = await add_follow_up(
                session, debt=Debt(kind=FollowUpKind.MATTER, at=now, due=now), owed_by=Role.AGENT, call_id="old",
                number=CALLER, e164="+8613800138501", home="3-2-501", who="张先生", at=now, text="厨房水管漏水",
            )  # fmt: skip
            made, _ = await claim(
                session, key="click-0001", by="xiaowang", extension="8001", number=PhoneNumber("+8613800138501"),
                follow_up=owed.id, returns="", at=now,
            )  # fmt: skip
        ours = made.channel
        await desk.sign_in(screen)
        await screen.keyboard.press("F2")
        await expect(screen.locator(".mine .now")).to_contain_text("就绪")

        desk.offers.ring("8001", ours, now, is_ours=True)
        desk.phone(AgentState.TALKING)  # so says the switch of a page
        await expect(screen.locator(".timers .phase")).to_have_text("正在呼叫 张先生")
        await expect(screen.locator(".mine .now")).to_contain_text("呼出中")
        await expect(screen.locator("#pop")).to_contain_text("138****8501")
        await expect(screen.locator("#timers .timer")).to_have_count(0)
        desk.offers.call("8001", ours)
        await desk.states.happened(PhoneLifted(extension="8001", call_id=ours, at=now))
        await expect(screen.locator(".mine .now")).to_contain_text("呼叫住户")
        await expect(screen.locator(".timers .phase")).to_have_text("正在呼叫 张先生")
        await screen.screenshot(path=pictures / "own-call.png")

        await room.goes_on(
            ours, direction="outbound", state=CallState.TALKING, human_answer=now, agent="8001", ring_start=now,
            rings=(Ring(agent="8001", leg="x", began=now - timedelta(seconds=50), ended=now, was_answered=True),),
            talks=(Talk(agent="8001", leg="x", began=now),),
        )  # fmt: skip
        await room.draft(ours, kind="repair", matter="去电：已接通。", home="3-2-501", promised="")
        desk.offers.answer("8001", ours, now)
        await desk.states.happened(PhoneLifted(extension="8001", call_id=ours, at=now))
        await expect(screen.locator(".mine .now")).to_contain_text("通话中")
        await expect(screen.locator(f"{FORM} [name=original]:checked")).to_have_value("goes-on")
        await expect(screen.locator(f"{FORM} .original legend")).to_contain_text("厨房水管漏水")
        await expect(screen.locator(f"{FORM} [name=disposition]:checked")).to_have_value("follow-up")
        await expect(screen.locator(f"{FORM} [name=department]")).to_have_value("")
        await expect(screen.locator(f"{FORM} [name=matter]")).to_have_value("去电：已接通。")
        await desk.hang_up(ours)
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "wrap-up")
        await screen.screenshot(path=pictures / "own-call-form.png")
        await screen.keyboard.press("F10")
        await screen.keyboard.press("Control+Enter")
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "idle")

        async with room.database.read() as session:
            assert [one.id for one in await follow_ups_page(session)] == [owed.id]
        await expect(screen.locator("#idle dl")).to_contain_text("外呼1")
        await expect(screen.locator("#idle dl")).to_contain_text("接听0")


async def test_promise_and_settled_at_once_change_what_came_of_it(tmp_path: Path, screen: Page, pictures: Path) -> None:
    async with agent_desk(tmp_path) as desk:
        await talked(desk, screen, kind="enquiry", matter="问停车费", promised="")
        await screen.screenshot(path=pictures / "wrap-up-form.png")
        await screen.get_by_role("button", name="一小时后").click()
        await expect(screen.locator(f"{FORM} [name=disposition]:checked")).to_have_value("promised")
        await screen.locator(f"{FORM} [name=promise_to]").fill("李女士")
        await screen.keyboard.press("Control+Enter")

        await expect(screen.locator("#columns")).to_have_attribute("data-is", "idle")
        async with desk.room.database.read() as session:
            owed = {one.kind: one for one in await follow_ups_page(session)}
        assert owed[FollowUpKind.OTHER].who == "李女士"
        await expect(screen.locator("#my-list li[data-follow-up]")).to_have_count(2)


async def test_my_list_is_live_and_takes_and_closes_in_its_place(tmp_path: Path, screen: Page, pictures: Path) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.room.finished_call("c-7")
        await desk.room.draft("c-7")
        await desk.sign_in(screen)
        await expect(screen.locator("#my-list li[data-is=draft]")).to_contain_text("3-2-501")
        client = await desk.room.signed_in("boss")
        new = {"text": "<i>送</i>合同", "number": "13912345678", "due": "2026-11-21T08:00:00+08:00"}
        async with client.post("/api/v1/follow-ups", json=new) as answer:
            assert answer.status == 201

        row = screen.locator("#my-list li[data-follow-up]")
        await expect(row).to_contain_text("<i>送</i>合同")
        await expect(row).to_have_attribute("data-is", "late")
        await expect(row).to_contain_text("139****5678")
        await screen.screenshot(path=pictures / "my-list.png")
        await row.get_by_role("button", name="领取").click()
        await expect(screen.locator("#my-list h3").filter(has_text="我领取的")).to_be_visible()
        await row.get_by_role("button", name="完成").click()
        await screen.keyboard.type("已送到")
        await screen.keyboard.press("Control+Enter")
        await expect(row).to_have_count(0)


async def test_notes_are_the_first_stop_in_the_talk_and_enter_begins_a_line_in_them(
    tmp_path: Path, screen: Page
) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "talking")
        await expect(screen.locator(f"{FORM} [name=home]")).to_have_value("3-2-501")

        await screen.keyboard.press("F10")
        await expect(screen.locator(f"{FORM} [name=notes]")).to_be_focused()
        await screen.keyboard.type("1点后在家")
        await screen.keyboard.press("Enter")
        await screen.keyboard.type("带止水阀")
        await expect(screen.locator(f"{FORM} [name=notes]")).to_have_value("1点后在家\n带止水阀")
        await screen.keyboard.press("Tab")
        await expect(screen.locator(f"{FORM} [name=kind]:checked")).to_be_focused()
        await screen.keyboard.press("Shift+Tab")
        await screen.keyboard.press("F10")  # from the notes on: to what nobody said yet
        await expect(screen.locator(f"{FORM} [name=matter]")).to_be_focused()
        order = await screen.locator(f"{FORM} .field").evaluate_all("all => all.map((one) => one.offsetTop)")
        assert order[0] == min(order)  # what comes first by Tab stands first, too


async def test_what_was_typed_last_is_left_in_the_tab_for_the_same_person_alone(
    tmp_path: Path, context: BrowserContext
) -> None:
    left = "() => ['typed-last', 'wrapping-up'].map((key) => sessionStorage.getItem(key)).filter(Boolean).join()"
    page = await context.new_page()  # one that may complain: its session runs out
    async with agent_desk(tmp_path) as desk:
        await talked(desk, page, matter="", promised="")
        matter = page.locator(f"{FORM} [name=matter]")

        async def session_runs_out(typed: str) -> None:
            async def refuse(route: Route) -> None:
                await context.clear_cookies()  # in the moment in which it is to be kept: no other question comes before
                answer = await route.fetch(headers={**await route.request.all_headers(), "cookie": ""})
                assert answer.status == 401
                await route.fulfill(response=answer)

            await page.route("**/notes", refuse)
            await matter.fill(await matter.input_value() + typed)
            await expect(page.get_by_label("密码")).to_be_visible()
            await page.unroute_all(behavior="ignoreErrors")  # what the page sent as it left
            assert typed in await page.evaluate(left)

        async def sign_in(name: str) -> None:
            await page.get_by_label("用户名").fill(name)
            await page.get_by_label("密码").fill(PASSWORD)
            await page.get_by_role("button", name="登录").click()
            await expect(page.locator("#my-state")).not_to_be_empty()

        await session_runs_out("厨房漏水")
        await sign_in("xiaowang")
        await expect(matter).to_have_value("厨房漏水")
        await expect(page.locator(f"{FORM} .kept")).to_have_text("已自动保存")

        await session_runs_out("，住户在家")
        await sign_in("boss")
        assert await page.evaluate(left) == ""

        await page.get_by_role("button", name="退出").click()
        await expect(page.get_by_label("密码")).to_be_visible()
        await sign_in("xiaowang")
        await page.goto(f"{desk.room.origin}/agent")
        await expect(matter).to_have_value("厨房漏水")

        async def late(route: Route) -> None:
            answer = await route.fetch(max_redirects=0)
            await refused.wait()  # what was typed last is refused before the door is there
            await route.fulfill(response=answer)

        refused = asyncio.Event()
        page.on("response", lambda answer: refused.set() if answer.status == 401 else None)
        await page.route("**/sign-out", late)
        await matter.fill("厨房漏水，带阀")
        await page.get_by_role("button", name="退出").click()
        await expect(page.get_by_label("密码")).to_be_visible()
        await page.wait_for_function(f"() => !({left})()")


async def test_two_tabs_keep_what_was_typed_in_both(tmp_path: Path, screen: Page, browser: Browser) -> None:
    async with agent_desk(tmp_path) as desk:
        await talked(desk, screen, matter="", promised="")
        state = await screen.context.storage_state()
        context = await browser.new_context(
            locale="zh-CN", viewport={"width": 1366, "height": 768}, storage_state=state
        )
        other = await context.new_page()
        await other.goto(f"{desk.room.origin}/agent")
        await expect(other.locator(f"{FORM} [name=home]")).to_have_value("3-2-501")

        await screen.locator(f"{FORM} [name=matter]").fill("厨房漏水")
        await expect(screen.locator(f"{FORM} .kept")).to_have_text("已自动保存")
        await other.locator(f"{FORM} [name=notes]").fill("业主在家")

        await expect(other.locator(f"{FORM} .kept")).to_have_text("已自动保存")
        await expect(other.locator(f"{FORM} [name=matter]")).to_have_value("厨房漏水")
        client = await desk.room.signed_in()
        async with client.get("/api/v1/calls/c-1/notes") as answer:
            mine = (await answer.json())["mine"]
        assert (mine["text"], mine["form"]["matter"]) == ("业主在家", "厨房漏水")
        await context.close()


async def test_answer_that_is_lost_is_asked_for_again_and_the_act_is_one(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await talked(desk, screen, promised="")
        lost = 0

        async def lose(route: Any) -> None:
            nonlocal lost
            if route.request.method == "POST" and not lost:
                lost += 1
                await route.fetch()  # the service has done it, and nobody hears so
                await route.fulfill(status=200, content_type="application/json", body="")
            else:
                await route.continue_()

        await screen.route("**/wrap-up", lose)
        await screen.locator(f"{FORM} [name=who]").focus()
        await screen.keyboard.press("Control+Enter")
        await expect(screen.locator("#wrap-up :is(.refused:not([hidden]), .wrap-done)")).to_be_visible()
        # The socket may tell first that it is done: then the form says so, and the agent goes on from there.
        # It may be drawn anew at any moment: pressed where it stands now.
        while await screen.locator("#columns").get_attribute("data-is") != "idle":
            await screen.evaluate("document.querySelector('#wrap-up button.primary:enabled')?.click()")
            await screen.wait_for_timeout(100)

        await expect(screen.locator("#columns")).to_have_attribute("data-is", "idle")
        async with desk.room.database.read() as session:
            entries = await entries_of(session, "c-1")
        assert [(entry.state, entry.corrects) for entry in entries] == [(EntryState.CONFIRMED, None)]
        assert lost == 1
