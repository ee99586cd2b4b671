"""Quality in a browser: scored by keyboard, commented by a click on the player, objected to by the agent."""

import asyncio
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user
from hotline.calls.talks import Talk
from hotline.recordings.files import SIDES, side_file
from hotline.recordings.legs import measure
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import expect_recording, settle_recording
from hotline.transcribe.transcript import Side
from tests.fakes.legs import write_leg
from tests.fakes.page_checkers import page_checkers
from tests.fakes.recorded_calls import voice
from tests.fakes.web_desk import CHEAP, PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SECONDS = 60
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(".scroll")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => `${one.tagName} ${one.scrollWidth}`)"""
SAID = (
    (Side.AGENT, 2.0, "您好，锦绣花园物业客服，请问有什么可以帮您？", 0.93),
    (Side.CALLER, 10.0, "你好，我要投诉，楼道三天没人打扫。", 0.88),
    (Side.AGENT, 20.0, "好的，我记下来了。", 0.9),
    (Side.CALLER, 40.0, "你们什么时候来？", 0.86),
)


async def filled(room: WebDesk) -> None:
    """Leave two recorded complaints, one of them written down, and a second supervisor."""
    await add_user(
        room.database, "linjing", Role.SUPERVISOR, None, PASSWORD, display_name="林主管", passwords=Passwords(CHEAP)
    )
    for call_id in ("c-1", "c-2"):
        answered = room.clock.now() - timedelta(minutes=2)
        talk = Talk(agent="8001", leg="x", began=answered, ended=answered + timedelta(seconds=SECONDS))
        call = await room.finished_call(call_id, request="complaint", talks=(talk,))
        for side, seed in zip(SIDES, (1, 2), strict=True):
            sound = voice(SECONDS, seed=seed)
            speaks = (np.arange(len(sound)) // 40000) % 2 == seed - 1  # five seconds each
            path = side_file(room.rooms.recordings_directory, call.recording, side)
            path.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(write_leg, path, np.where(speaks, sound, 0).astype(np.int16))
        measured = measure(*(side_file(room.rooms.recordings_directory, call.recording, side) for side in SIDES))
        async with room.database.begin() as session:
            await expect_recording(session, name=call.recording, call_id=call_id, began=room.clock.now())
        async with room.database.begin() as session:
            await settle_recording(session, call.recording, RecordingState.FINISHED, measured.seconds, measured)
        await room.transcribing(call_id)
        await room.transcribed(call_id, *SAID)


async def signed_in(context: BrowserContext, room: WebDesk, name: str) -> None:
    answer = await context.request.post(
        room.origin + "/sign-in",
        form={"name": name, "password": PASSWORD},
        headers={"Origin": room.origin},
        max_redirects=0,
    )
    assert answer.status == 303


async def clean(page: Page) -> None:
    """Let axe look at the page as it stands; nothing of it is wider than the screen."""
    assert await page.evaluate(TOO_WIDE) == []
    modules = page_checkers()
    if modules is None:
        return
    await page.evaluate((modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    broken = await page.evaluate(
        "async (rules) => (await axe.run(document, rules)).violations"
        ".map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html)])",
        rules,
    )
    assert broken == []


async def test_supervisor_scores_by_keyboard_comments_by_a_click_and_the_agent_sees_and_objects(
    tmp_path: Path, browser: Browser, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await filled(room)
        await signed_in(context, room, "boss")
        await screen.goto(room.origin + "/quality")
        await expect(screen.locator("#quality")).to_have_attribute("data-state", "shown")
        await expect(screen.locator("#progress")).to_contain_text("已评 0 / 应评 2 通")
        await screen.locator("tr[data-call=c-1] [data-do=begin]").click()

        await expect(screen.locator("#review .wave")).to_have_count(2)
        for item, keys in (("post", "5"), ("handover", "n"), ("training", "0"), ("speed", "0"), ("service", "1"),
                           ("procedure", "0"), ("other", "0")):  # fmt: skip
            await expect(screen.locator(f".item[data-key={item}] input")).to_be_focused()
            await screen.keyboard.press(keys)
            await screen.keyboard.press("ArrowDown")
        await expect(screen.locator("#total")).to_have_text("总分 93.3")  # 84 of 90
        await expect(screen.locator(".item[data-key=post]")).to_have_attribute("data-fault", "serious")
        track = screen.locator("#review .track")
        box = await track.bounding_box()
        assert box is not None
        await track.click(position={"x": box["width"] / 3, "y": 20})
        await expect(screen.locator("input[name=comment]")).to_be_focused()
        await screen.keyboard.type("没有复述地点，也没有说何时回复")
        await screen.keyboard.press("Enter")
        comment = screen.locator("#comments li").first
        await expect(comment).to_contain_text("没有复述地点")
        assert abs(float(await comment.get_attribute("data-second") or "0") - SECONDS / 3) < 1
        await screen.get_by_label("评语").fill("先安抚再记录，做得好；记得复述。")
        await expect(screen.locator("#saved")).to_have_text("已保存")
        await clean(screen)
        await screen.evaluate("scrollTo(0, 0)")
        await screen.screenshot(path=pictures / "quality.png", full_page=True)
        await screen.emulate_media(color_scheme="dark")
        await screen.set_viewport_size({"width": 768, "height": 1024})
        await clean(screen)
        await screen.screenshot(path=tmp_path / "dark.png", full_page=True)
        await screen.emulate_media(color_scheme="light")
        await screen.set_viewport_size({"width": 1366, "height": 768})

        await screen.locator("#give").click()

        await expect(screen.locator("#review")).to_have_attribute("data-state", "given")
        await expect(screen.locator("#progress")).to_contain_text("已评 1 / 应评 2 通")
        await the_agent_objects(browser, room, pictures)
        await screen.get_by_role("button", name="关闭").click()
        await screen.locator("[data-tab=reviews]").click()
        await expect(screen.locator("#listed .tag[data-is=objected]")).to_have_count(1)
        await screen.locator("tr[data-reviews] button").click()
        await expect(screen.locator("#review")).to_have_attribute("data-state", "objected")
        await screen.locator(".item[data-key=post] input").press("2")
        await screen.locator("textarea[name=answer]").fill("听了，第 20 秒有简短复述，改为扣 2 分。")
        await screen.get_by_role("button", name="答复异议").click()
        await expect(screen.locator("#review")).to_have_attribute("data-state", "answered")
        await expect(screen.locator("#total")).to_have_text("总分 96.7 （改前 93.3）")
        await expect(screen.locator("#means tbody")).to_contain_text("96.7")
        await clean(screen)


async def the_agent_objects(browser: Browser, room: WebDesk, pictures: Path) -> None:
    """Let the agent read the review in a browser of their own, hear the second, and object."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="zh-CN", reduced_motion="reduce"
    )
    try:
        await signed_in(context, room, "xiaowang")
        page = await context.new_page()
        await page.goto(room.origin + "/agent")
        await expect(page.locator("#reviews-told")).to_have_text("1 份评分未看")
        await page.locator("#reviews-told a").click()
        badge = page.locator("nav [data-badge=reviews]")
        await expect(badge).to_have_text("1")
        await expect(page.locator("#unseen")).to_contain_text("有 1 份评分还没有看")
        await page.get_by_role("button", name="打开").click()
        await expect(page.locator("#review .wave")).to_have_count(2)
        await page.locator("#comments li button").first.click()
        async with asyncio.timeout(15):
            while not await page.evaluate("document.querySelector('#review audio').currentTime >= 19"):
                await page.wait_for_timeout(50)
        await page.locator("#seen").click()
        await expect(page.locator("#review")).to_have_attribute("data-state", "seen")
        await expect(badge).to_be_hidden()
        await page.locator("textarea[name=objection]").fill("第 20 秒我说了“我记下来了”，算是简短复述。")
        await clean(page)
        await page.screenshot(path=pictures / "quality-agent.png", full_page=True)
        await page.get_by_role("button", name="提出异议").click()
        await expect(page.locator("#review")).to_have_attribute("data-state", "objected")
    finally:
        await context.close()


async def test_sheet_is_changed_when_it_weighs_a_hundred_and_two_are_asked_to_score_blind(
    tmp_path: Path, context: BrowserContext, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await filled(room)
        await signed_in(context, room, "boss")
        await screen.goto(room.origin + "/quality?tab=rules")
        await expect(screen.locator("#sum")).to_have_text("合计 100 / 100")
        weights = screen.locator("#sheet-form input[name=weight]")
        save = screen.get_by_role("button", name="启用新评分表")
        await weights.nth(0).fill("25")
        await expect(screen.locator("#sum")).to_have_text("合计 105 / 100")
        await expect(save).to_be_disabled()
        await weights.nth(3).fill("15")
        await clean(screen)
        await save.click()
        await expect(screen.locator("#listed h2").first).to_contain_text("评分表第 1 版")

        await screen.locator("[data-tab=calibration]").click()
        await expect(screen.locator("#spread")).to_contain_text("暂无数据")
        await screen.locator("select[name=person1]").select_option("linjing")
        await screen.get_by_role("button", name="发起校准").click()

        await expect(screen.locator("[data-calibration]")).to_contain_text("等待")
        badge = screen.locator(".house summary [data-badge=reviews]")
        await expect(badge).to_have_text("1")  # by the socket, on this very page
        await screen.get_by_role("button", name="去评分").click()
        await expect(screen.locator("#give")).to_have_text("提交校准评分")
        await clean(screen)
        await screen.get_by_role("button", name="关闭").click()

        await room.finished_call("c-3", request="complaint", recording="", recording_refused=True)
        await room.draft("c-3", kind="complaint", matter="楼道三天没人打扫")
        await screen.locator("[data-tab=sample]").click()
        refused = screen.locator("tr[data-call=c-3]")
        await expect(refused.locator("[data-is=no-sound]")).to_have_text("无录音：业主不同意")
        await refused.locator("[data-do=begin]").click()
        await expect(screen.locator("#review-entries")).to_contain_text("楼道三天没人打扫")
        await expect(screen.locator("#review-way svg")).to_be_visible()
        await expect(screen.locator("input[name=comment]")).to_be_hidden()  # there is no second to comment on
        await clean(screen)
        await screen.screenshot(path=tmp_path / "unheard.png", full_page=True)
