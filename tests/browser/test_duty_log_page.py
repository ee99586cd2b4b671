"""The page of the duty log in a real browser: written by hand, given to a department, settled, corrected."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from hotline.dutylog.dispatch import DispatchStep
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind, Source
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def opens_the_log(screen: Page, room: WebDesk) -> None:
    await screen.goto(f"{room.origin}/sign-in?next=/")
    await screen.get_by_label("用户名").fill("xiaowang")
    await screen.get_by_label("密码").fill(PASSWORD)
    await screen.get_by_role("button", name="登录").click()
    await expect(screen.locator("#freshness")).to_have_text("实时")
    await screen.get_by_role("link", name="值班记录", exact=True).click()
    await screen.wait_for_url("**/duty-log")
    await expect(screen.locator("#freshness")).to_have_text("实时")


async def test_clerk_writes_a_walk_in_down_gives_it_to_a_department_and_settles_it(
    tmp_path: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await opens_the_log(screen, room)
        await screen.get_by_role("button", name="登记来访").click()
        form = screen.locator("#by-hand form")
        await form.get_by_label("来源").select_option("letter")
        await form.get_by_label("类别").select_option("repair")
        await form.get_by_label("房号").fill("3-2-501")
        await form.get_by_label("来人 / 署名").fill("𠮷田太太 🙂")
        await form.get_by_label("事项").fill("楼道灯不亮")
        await form.get_by_role("button", name="确认保存").click()

        row = screen.locator("table.duty tbody").first
        await expect(row).to_contain_text("20261121-001")
        await expect(row).to_contain_text("𠮷田太太 🙂")
        await expect(row).to_contain_text("来信")
        await expect(row.locator(".due-mark")).to_contain_text("还有")

        await row.get_by_role("button", name="派工").click()
        await row.get_by_label("部门").select_option("工程部")
        await row.locator("textarea").fill("带梯子")
        await row.locator("form").get_by_role("button", name="派工").click()
        await expect(row.locator(".dispatch")).to_contain_text("待接单")
        await row.get_by_role("button", name="接单").click()
        await row.get_by_label("部门经办人").fill("王师傅")
        await row.locator("form").get_by_role("button", name="接单").click()
        await expect(row.locator(".dispatch")).to_contain_text("王师傅")
        await row.get_by_role("button", name="完工").click()
        await row.get_by_label("完成情况").fill("换了灯泡")
        await row.locator("form").get_by_role("button", name="完工").click()
        await expect(row.locator(".dispatch")).to_contain_text("已完工")

        await row.get_by_role("button", name="办结").click()
        await row.get_by_role("button", name="已处理完毕").click()
        await row.locator("form").get_by_role("button", name="办结").click()
        await expect(row).to_contain_text("已办结")

        await row.get_by_role("button", name="写更正").click()
        await row.get_by_label("房号").fill("3-2-502")
        await row.locator("form").get_by_role("button", name="确认保存").click()
        rows = screen.locator("table.duty tbody")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("更正 №1")
        await expect(rows.first.locator(".dispatch")).to_contain_text("已完工")
        await expect(rows.last).to_contain_text("已被 №2 更正")
        await expect(rows.last.get_by_role("button")).to_have_count(0)


async def test_another_desks_work_is_seen_and_does_not_disturb_who_writes(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await room.rooms.duty_log.confirm(draft("水管漏水"), by="boss")
        await opens_the_log(screen, room)
        await screen.get_by_role("button", name="办结").click()
        await screen.get_by_label("处理结果").fill("写到一半")

        await room.rooms.duty_log.confirm(draft("门禁坏了"), by="boss")
        await expect(screen.locator("table.duty tbody")).to_have_count(2)
        await expect(screen.get_by_label("处理结果")).to_have_value("写到一半")
        await expect(screen.get_by_label("处理结果")).to_be_focused()


def draft(matter: str, kind: Kind = Kind.REPAIR, *, is_urgent: bool = False, home: str = "3-2-501") -> Draft:
    return Draft(
        kind=kind, is_urgent=is_urgent, who="张先生", home=home, matter=matter, promised="两小时内上门", agent="8001"
    )


async def test_the_page_as_it_looks(tmp_path: Path, screen: Page, pictures: Path) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await room.finished_call()
        log = room.rooms.duty_log
        old = await log.confirm(
            draft("厨房水管漏水，地上都是水，楼下已经渗了", is_urgent=True), by="xiaowang", call_id="c-1"
        )
        sent = await log.send(old.number, department="工程部", by="xiaowang", note="带扳手和角阀")
        await log.step(sent.id, DispatchStep.ACCEPT, by="xiaowang", who="王师傅")
        enquiry = await log.confirm(draft("物业费怎么交，可以用微信吗", Kind.ENQUIRY, home="5-1-302"), by="boss")
        await log.settle(enquiry.number, by="boss", result="已答复，住户无异议")
        wrong = await log.confirm(draft("楼道灯不亮", home="1-1-101"), by="xiaowang", source=Source.PATROL)
        await log.correct(wrong.number, draft("楼道灯不亮，三楼到四楼", home="1-1-301"), by="boss")
        await log.confirm(draft("楼上半夜装修", Kind.COMPLAINT, home="2-3-1201"), by="boss", source=Source.LETTER)
        await room.finished_call("c-2", start=room.clock.now() - timedelta(minutes=1))
        await room.draft("c-2", matter="电梯里有异味")
        await opens_the_log(screen, room)
        await expect(screen.locator(".dispatch")).to_contain_text("王师傅")
        await expect(screen.locator('tbody[data-number="1"] .due-mark')).to_contain_text(re.compile(r"还有 5\d 分钟"))

        await screen.screenshot(path=pictures / "duty-log.png")
        await screen.emulate_media(color_scheme="dark")
        await screen.screenshot(path=pictures / "duty-log-dark.png")
        await screen.emulate_media(color_scheme="light")
        await screen.get_by_role("button", name="登记来访").click()
        await screen.screenshot(path=pictures / "duty-log-by-hand.png")
        wide = await screen.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        table = await screen.evaluate("(b => b.scrollWidth <= b.clientWidth)(document.querySelector('.scroll'))")
        assert (wide, table) == (True, True)
