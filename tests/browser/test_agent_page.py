"""An agent's page in a real browser: one screen for the whole job, by hand or by keyboard, on a desk and a tablet."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user
from hotline.agents.offers import PhoneLifted
from hotline.bus import Change, Subject
from hotline.calls.ledger import Ring
from hotline.calls.state import CallState, Outcome
from hotline.queues.board import AgentState
from hotline.transcribe.transcript import Side
from tests.fakes.agent_desk import CUT_OFF, agent_desk
from tests.fakes.web_desk import CHEAP, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
LARGEST_PICTURE = 400_000
PART = """(() => {
  const part = document.activeElement.closest("#my-state, #urgent-keys, #pop, #guide, #wrap-up, #my-list");
  return part ? part.id : "";
})()"""
TABLETS = ((1024, 768), (768, 1024))


async def is_whole(page: Page, *, also: tuple[tuple[int, int], ...] = TABLETS) -> None:
    """Nothing is cut off or scrolls sideways, on the desk's screen and on a tablet held either way."""
    for width, height in (*also, (1366, 768)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.wait_for_function(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        )
        assert await page.evaluate(CUT_OFF) == [], (width, height)


async def test_clerk_does_the_whole_job_on_one_page(tmp_path: Path, pictures: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.fill_records()
        await desk.sign_in(screen)
        await expect(screen.locator("#idle")).to_contain_text("接听")
        await is_whole(screen)
        await screen.keyboard.press("F2")
        await expect(screen.locator(".mine .now")).to_contain_text("就绪")

        await desk.ring()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "ringing")
        await expect(screen.locator("#pop")).to_contain_text("张先生")
        await expect(screen.locator("#pop")).to_be_focused()
        await expect(screen.locator("[role=tab][aria-selected=true]")).to_have_text("报修")
        await is_whole(screen)
        await screen.screenshot(path=pictures / "agent-pop.png")

        await desk.lift()
        desk.say("你好物业服务中心，请问有什么可以帮您？", side=Side.AGENT, ago=9)
        desk.say("我是三动二单元五零一的，厨房水管漏水了", ago=5)
        await expect(screen.locator("#words .bubble")).to_have_count(2)
        await expect(screen.locator(".checks li[data-is=done]")).to_have_count(2, timeout=8_000)
        await expect(screen.locator(".checks li[data-is=done] .by-itself").first).to_have_text("已知： 3-2-501")
        await screen.get_by_label("要带什么").check()
        await is_whole(screen)
        await screen.screenshot(path=pictures / "agent-call.png")

        await desk.hang_up()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "wrap-up")
        await expect(screen.locator(".mine .now")).to_contain_text("话后处理")
        await expect(screen.locator("#wrap-up form")).to_be_visible()
        await is_whole(screen)
        await screen.screenshot(path=pictures / "agent-wrap-up.png")
    for name in ("agent-pop", "agent-call", "agent-wrap-up"):
        assert (pictures / f"{name}.png").stat().st_size < LARGEST_PICTURE


async def test_page_is_whole_in_english_too(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await screen.get_by_role("button", name="English").click()
        await expect(screen.locator("#freshness")).to_have_text("Live")
        await expect(screen.locator("#idle dl")).to_be_visible()
        await is_whole(screen)
        await desk.ring()
        await desk.lift()
        await expect(screen.locator("#wrap-up form")).to_be_visible()
        await is_whole(screen)
        await desk.hang_up()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "wrap-up")
        await is_whole(screen)
        await screen.screenshot(path=tmp_path / "english.png")


async def test_clerk_writes_a_plain_repair_by_keyboard_alone(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        desk.pages.append(screen)
        await screen.goto(f"{desk.room.origin}/agent")
        await screen.keyboard.type("xiaowang")
        await screen.keyboard.press("Tab")
        await screen.keyboard.type(PASSWORD)
        await screen.keyboard.press("Enter")
        await expect(screen.locator("#freshness")).to_have_text("实时")
        await screen.keyboard.press("F2")
        await expect(screen.locator(".mine .now")).to_contain_text("就绪")
        await desk.ring()
        await desk.lift()
        await expect(screen.locator("#wrap-up form")).to_be_visible()
        await expect(screen.locator(".checks li[data-is=done]")).to_have_count(1)  # the home is known
        await screen.keyboard.press("Shift+F7")
        await screen.keyboard.press("Space")
        await expect(screen.locator(".checks li[data-is=done]")).to_have_count(2)
        await desk.hang_up()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "wrap-up")

        await screen.keyboard.press("F10")
        await expect(screen.locator("#wrap-up textarea[name=matter]")).to_be_focused()
        await screen.keyboard.type("厨房水管漏水")
        await screen.keyboard.press("Control+Enter")

        await expect(screen.locator("#columns")).to_have_attribute("data-is", "idle")
        await expect(screen.locator(".mine .now")).to_contain_text("就绪")
        client = await desk.room.signed_in()
        [entry] = (await (await client.get("/api/v1/calls/c-1")).json())["duty_log"]
        assert (entry["state"], entry["home"], entry["matter"]) == ("confirmed", "3-2-501", "厨房水管漏水")
        assert [one["department"] for one in entry["dispatches"]] == ["工程部"]


async def test_state_is_what_the_service_says_and_a_refused_click_says_why(
    tmp_path: Path, context: BrowserContext
) -> None:
    screen = await context.new_page()  # it may complain of what is refused
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        now = screen.locator(".mine .now")
        await screen.get_by_role("button", name="示忙").click()
        await screen.keyboard.press("ArrowDown")
        await screen.keyboard.press("Enter")
        await expect(now).to_contain_text("示忙")
        await expect(now).to_contain_text("休息")
        await expect(now.locator("b")).to_have_text("0:01")

        await screen.keyboard.press("F2")
        await expect(now).to_have_text("就绪0:00")
        await desk.states.pause("8001", "培训", by="boss")  # by the supervisor, elsewhere
        await expect(now).to_contain_text("培训")

        await screen.keyboard.press("F8")
        await expect(screen.locator("#told")).to_have_text("求助只在通话中可用")
        await expect(now).to_contain_text("培训")


async def test_phone_in_the_page_that_rings_is_not_shown_as_talking(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        desk.phone(AgentState.TALKING)  # so says the switch of a page, from its first ring on
        await expect(screen.locator(".mine .now")).to_contain_text("振铃")
        now = desk.room.clock.now()
        desk.offers.answer("8001", "c-1", now)

        await desk.states.happened(PhoneLifted(extension="8001", call_id="c-1", at=now))

        await expect(screen.locator(".mine .now")).to_contain_text("通话中")


async def test_pop_takes_the_focus_only_from_who_types_nothing(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await desk.hang_up()
        field = screen.locator("#wrap-up [name=matter]")
        await field.fill("厨房漏")
        await field.focus()

        await desk.ring("c-2")

        await expect(screen.locator("#columns")).to_have_attribute("data-is", "ringing")
        await expect(screen.locator("#announce")).to_contain_text("来电")
        await expect(screen.locator("#pop")).not_to_be_focused()


async def test_form_stays_after_a_reload_and_through_a_cut_link(
    tmp_path: Path, screen: Page, context: BrowserContext
) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await desk.hang_up()
        field = screen.locator("#wrap-up [name=matter]")
        await field.fill("厨房水管漏水，住户在家")

        desk.room.hub.dismiss()  # the socket is cut: the page comes again
        await expect(screen.locator("#freshness")).to_have_text("已断开，正在重连")
        await expect(screen.locator("#freshness")).to_have_text("实时")
        await expect(field).to_have_value("厨房水管漏水，住户在家")

        async with screen.expect_response(
            lambda answer: answer.url.endswith("/notes") and answer.request.method == "PUT"
        ):
            await field.press_sequentially("！")
        await field.press_sequentially("急")  # nothing waits until this is kept
        await screen.reload()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "wrap-up")
        await expect(field).to_have_value("厨房水管漏水，住户在家！急")
        await context.clear_cookies()


async def test_what_is_on_its_way_to_the_service_when_the_page_goes_stays(tmp_path: Path, screen: Page) -> None:
    on_its_way = asyncio.Event()

    async def lose_the_first(route: Route) -> None:
        if on_its_way.is_set():
            await route.continue_()
        on_its_way.set()

    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await desk.hang_up()
        await screen.route("**/notes", lose_the_first)
        field = screen.locator("#wrap-up [name=matter]")
        await field.fill("厨房水管漏水")
        await on_its_way.wait()

        await screen.reload()

        await expect(field).to_have_value("厨房水管漏水")
        await screen.unroute_all(behavior="ignoreErrors")


async def test_call_that_ended_while_the_link_was_cut_is_written_about_and_does_not_ring_again(
    tmp_path: Path, screen: Page
) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        the_ledgers = screen.locator("#timers small").get_by_text("来电", exact=True)
        await expect(the_ledgers).to_be_visible()
        now = desk.room.clock.now()
        desk.offers.answer("8001", "c-1", now)
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "talking")
        desk.offers.end("8001", "c-1")  # the phone says it at once, the ledger only while nothing is heard
        desk.phone(AgentState.READY)
        await desk.states.talk_over("8001", "c-1", now)
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "wrap-up")
        field = screen.locator("#wrap-up [name=matter]")
        await field.fill("厨房水管漏水")

        desk.room.hub.dismiss()
        rings = (Ring(agent="8001", leg="x", began=now, ended=now, was_answered=True),)
        await desk.room.goes_on("c-1", state=CallState.ENDED, ended_at=now, rings=rings, outcome=Outcome.ANSWERED)
        await expect(screen.locator("#freshness")).to_have_text("已断开，正在重连")
        await expect(screen.locator("#freshness")).to_have_text("实时")

        await screen.keyboard.type("，住户在家")  # the field kept the focus
        await expect(field).to_have_value("厨房水管漏水，住户在家")
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "wrap-up")


async def test_help_key_tells_the_supervisor_without_a_sound_and_says_who_comes(
    tmp_path: Path, screen: Page, context: BrowserContext
) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "talking")
        await screen.keyboard.press("F8")
        await expect(screen.get_by_role("button", name="已通知主管")).to_be_visible()

        browser = context.browser
        assert browser is not None
        other = await browser.new_page(locale="zh-CN")
        await other.goto(f"{desk.room.origin}/sign-in")
        await other.get_by_label("用户名").fill("boss")
        await other.get_by_label("密码").fill(PASSWORD)
        await other.get_by_role("button", name="登录").click()
        await expect(other.locator(".help-wish")).to_contain_text("王敏 请主管支援")
        await other.get_by_role("button", name="我来").click()

        await expect(screen.get_by_role("button", name="陈主管 来了")).to_be_visible()
        await other.close()


async def test_emergency_wants_two_steps_within_two_seconds_and_no_dialogue(tmp_path: Path, screen: Page) -> None:
    marked: list[str] = []

    async def mark(call_id: str, _by: str, _at: object) -> None:
        marked.append(call_id)

    async with agent_desk(tmp_path, mark_emergency=mark) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "talking")

        await screen.keyboard.press("F9")
        await expect(screen.get_by_role("button", name="再按一次")).to_be_visible()
        await expect(screen.get_by_role("button", name="再按一次")).to_have_count(0, timeout=4_000)
        assert marked == []
        await screen.keyboard.press("F9")
        await screen.keyboard.press("F9")

        await expect(screen.get_by_role("button", name="已发出紧急")).to_be_visible()
        assert marked == ["c-1"]
        await expect(screen.locator("#alerts")).to_contain_text("张先生")
        await is_whole(screen, also=())


async def test_emergency_key_may_be_held_instead(tmp_path: Path, screen: Page) -> None:
    marked: list[str] = []

    async def mark(call_id: str, _by: str, _at: object) -> None:
        marked.append(call_id)

    async with agent_desk(tmp_path, mark_emergency=mark) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "talking")
        button = screen.locator(".emergency")

        await button.hover()
        await screen.mouse.down()
        await expect(button).to_contain_text("已发出紧急")
        await screen.mouse.up()

        assert marked == ["c-1"]
        await expect(button).not_to_contain_text("再按一次")


async def test_keys_are_listed_and_everything_is_reached_by_tab(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await screen.keyboard.press("?")
        keys = screen.locator("#shortcuts")
        for key in ("F1", "F2", "F4", "F6", "F7", "F8", "F9", "F10"):
            await expect(keys.locator("kbd", has_text=key).first).to_be_visible()
        await screen.keyboard.press("Escape")
        await expect(keys).to_be_hidden()
        await desk.ring()
        await desk.lift()
        await desk.hang_up()
        await expect(screen.locator("#wrap-up form")).to_be_visible()

        await screen.locator("body").focus()
        await screen.evaluate("document.activeElement.blur()")
        reached: list[str] = []
        for _ in range(150):
            await screen.keyboard.press("Tab")
            here = await screen.evaluate(PART)
            reached.append(here)
        for part in ("my-state", "urgent-keys", "pop", "guide", "wrap-up"):
            assert part in reached, part


async def test_supervisor_changes_phrases_on_the_page_and_the_second_is_told(
    tmp_path: Path, context: BrowserContext
) -> None:
    screen = await context.new_page()  # it may complain of what is refused
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen, "boss")
        other = await context.new_page()
        await other.goto(f"{desk.room.origin}/agent")
        for page in (screen, other):
            await page.get_by_role("tab", name="结束").click()
            await page.get_by_role("button", name="修改用语").click()
        await screen.get_by_label("用语，每行一句").fill("请问还有其他事吗？\n<b>再见</b>，{nobody}")
        await screen.get_by_role("button", name="保存").click()
        await expect(screen.locator(".guide-edit .refused")).to_contain_text("'{nobody}' is no gap")
        await screen.get_by_label("用语，每行一句").fill("请问还有其他事吗？\n<b>再见</b>")
        await screen.get_by_role("button", name="保存").click()

        await expect(screen.locator(".phrases li")).to_have_text(["请问还有其他事吗？", "<b>再见</b>"])
        await other.get_by_role("button", name="保存").click()
        await expect(other.locator(".guide-edit .refused")).to_contain_text("用语已被他人修改")


async def test_phrases_follow_the_kind_that_the_agent_puts_into_the_form(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await expect(screen.locator("[role=tab][aria-selected=true]")).to_have_text("报修")

        await screen.locator("#wrap-up").get_by_text("特别求助").click()

        await expect(screen.locator("[role=tab][aria-selected=true]")).to_have_text("特别求助")
        await expect(screen.locator(".checks b").first).to_have_text("地点")


async def test_where_and_what_are_asked_before_anybody_knows_the_kind(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await desk.ring(menu_path=("0",), request="", queue="service")
        await desk.lift(kind="unknown")
        await expect(screen.locator("[role=tab][aria-selected=true]")).to_have_text("开头")
        await expect(screen.locator(".checks b")).to_have_text(["地点", "事项"])
        await expect(screen.locator("#pop")).to_contain_text("按了 0（人工）")
        await screen.keyboard.press("Shift+F7")
        assert await screen.evaluate("document.activeElement.closest('.checks') !== null")
        await is_whole(screen)
        await screen.screenshot(path=tmp_path / "no-kind.png")

        desk.say("我家厨房水管漏水了", ago=5)

        await expect(screen.locator("[role=tab][aria-selected=true]")).to_have_text("报修", timeout=8_000)
        await screen.get_by_role("tab", name="来电人激动").click()
        await expect(screen.locator(".checks b").nth(1)).to_have_text("现象")  # what must be asked stays


async def test_talk_shows_the_note_without_scrolling_and_its_times_in_a_row(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.fill_records()
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        note = screen.locator("#wrap-up textarea[name=notes]")
        await expect(note).to_be_visible()
        box, pane = await note.bounding_box(), await screen.locator("#wrap-up").bounding_box()
        assert box is not None
        assert pane is not None
        assert pane["y"] <= box["y"]
        assert box["y"] + box["height"] <= pane["y"] + pane["height"]
        tops = await screen.locator(".soon .chip").evaluate_all("all => all.map(one => one.offsetTop)")
        assert len(tops) == 4
        assert len(set(tops)) == 1


async def test_phone_is_turned_on_before_an_agent_is_ready(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await expect(screen.locator(".mine .now")).to_have_attribute("data-is", "paused")
        await screen.evaluate("""() => {
            const on = document.createElement("button");
            on.dataset.act = "on";
            on.addEventListener("click", () => on.remove());
            document.getElementById("phone").replaceChildren(on);
        }""")

        await screen.keyboard.press("F2")

        await expect(screen.locator("#told")).to_contain_text("请先启用电话。")
        await expect(screen.locator(".mine .now")).to_have_attribute("data-is", "paused")
        await screen.locator("#told").get_by_role("button", name="启用电话").click()
        await expect(screen.locator("#told")).to_be_hidden()
        await screen.keyboard.press("F2")
        await expect(screen.locator(".mine .now")).to_have_attribute("data-is", "ready")


async def test_words_that_cannot_come_are_said_so_and_the_transcript_stands_in_the_wrap_up(
    tmp_path: Path, screen: Page
) -> None:
    async with agent_desk(tmp_path, is_listening=lambda: False) as desk:
        await desk.sign_in(screen)
        await desk.ring()
        await desk.lift()
        await expect(screen.locator("#words")).to_contain_text("实时文字未启用")
        await desk.hang_up()
        await expect(screen.locator("#columns")).to_have_attribute("data-is", "wrap-up")

        await desk.room.recorded("c-1")
        await desk.room.transcribing("c-1")
        await desk.room.transcribed("c-1", (Side.CALLER, 2.0, "厨房水管漏水了", 0.9))

        await expect(screen.locator("#words .bubble.caller p")).to_have_text("厨房水管漏水了")
        await is_whole(screen)
        await screen.screenshot(path=tmp_path / "wrap-up-words.png")


async def test_call_whose_form_is_open_is_no_row_of_the_list_until_it_is_put_off(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        help_key = screen.get_by_role("button", name="求助主管")
        await expect(help_key).to_be_disabled()
        await desk.ring()
        await desk.lift()
        await expect(help_key).to_be_enabled()
        await desk.hang_up()
        await expect(screen.locator("#wrap-up form")).to_be_visible()
        await expect(screen.locator("#my-list .counts")).to_contain_text("待确认 0")
        async with screen.expect_response(lambda answer: answer.url.endswith("/api/v1/my-list")):
            desk.room.bus.publish(Change(Subject.CALL, "c-1"))
        await expect(screen.locator("#my-list li[data-is=draft]")).to_have_count(0)

        await screen.get_by_role("button", name="稍后填写").click()

        await expect(screen.locator("#my-list li[data-is=draft]")).to_have_count(1)
        await expect(screen.locator("#my-list .counts")).to_contain_text("待确认 1")


async def test_supervisors_phone_has_no_state_of_an_agent(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen, "boss")
        await expect(screen.locator("#my-state")).to_have_text("此分机不是坐席")


async def test_agent_has_no_key_to_change_phrases(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await expect(screen.locator(".phrases li")).to_have_count(4)
        await expect(screen.get_by_role("button", name="修改用语")).to_have_count(0)


async def test_new_person_sets_a_password_and_comes_out_at_the_page(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        made_up = await add_user(desk.room.database, "xiaoli", Role.AGENT, "8002", passwords=Passwords(CHEAP))
        await screen.goto(f"{desk.room.origin}/calls")
        await screen.get_by_label("用户名").fill("xiaoli")
        await screen.get_by_label("密码").fill(made_up)
        await screen.get_by_role("button", name="登录").click()
        await expect(screen.get_by_role("heading", name="设置密码")).to_be_visible()
        await screen.get_by_label("新密码").fill("我自己的密码一二三")
        await screen.get_by_label("再输入一次").fill("我自己的密码一二三")
        await screen.keyboard.press("Enter")

        await expect(screen).to_have_url(f"{desk.room.origin}/calls")
        await expect(screen.locator("#freshness")).to_have_text("实时")


@pytest.mark.alone
async def test_page_with_no_call_is_there_within_a_second(tmp_path: Path, screen: Page) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.sign_in(screen)
        await screen.reload()
        await expect(screen.locator("#idle dl")).to_be_visible()
        await expect(screen.locator("#my-list .counts")).not_to_be_empty()
        loaded = await screen.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")

        assert loaded < 1_000
