"""A campaign that agents dial, on their page; and what supervisors decide and mark on the page of campaigns."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect
from sqlalchemy import update

from hotline.campaigns.attempt import Outcome
from hotline.campaigns.attempts_store import AttemptTable, plan_attempt
from hotline.campaigns.line_doubt_store import begin_pause, keep_doubtful
from hotline.campaigns.targets_store import targets_page
from tests.browser.test_campaign_page import signed_in
from tests.fakes.agent_desk import CUT_OFF, agent_desk
from tests.fakes.handed import HandedDesk
from tests.fakes.web_desk import MorningClock, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_agent_takes_a_home_puts_it_off_skips_one_and_dials(tmp_path: Path, screen: Page, pictures: Path) -> None:
    async with agent_desk(tmp_path) as desk:
        await desk.fill_records()
        hands = HandedDesk(desk.room)
        await hands.begins()
        await desk.sign_in(screen)
        await screen.keyboard.press("F2")
        await expect(screen.locator(".mine .now")).to_contain_text("就绪")
        card = screen.locator(".campaign-card")
        await expect(card).to_contain_text("待拨 1 户")

        await card.get_by_role("button", name="取一户").click()

        await expect(card.locator(".pop-name")).to_have_text("3-2-501")
        await expect(card.locator(".pop-bill")).to_have_text("2026年9月至10月，680.00 元")
        await expect(card).to_contain_text("缴费方式")
        await expect(card).to_contain_text("听力不好")
        await screen.evaluate("document.activeElement.blur()")
        assert await screen.evaluate(CUT_OFF) == []
        await screen.screenshot(path=pictures / "campaign-card.png")
        await card.get_by_role("button", name="放回").click()
        await expect(card).to_contain_text("待拨 1 户")
        await card.get_by_role("button", name="取一户").click()
        await card.get_by_role("button", name="跳过").click()
        await card.get_by_role("button", name="已当面沟通").click()
        await expect(card.get_by_label("为什么跳过")).to_have_value("已当面沟通")
        await card.locator("form").get_by_role("button", name="取消").click()
        await card.get_by_role("button", name="拨打").click()

        await expect(card.locator(".pop-name")).to_have_count(0)  # the service has taken it
        await expect(card).to_contain_text("正在呼叫您的话机")
        assert [errand.extension for errand in hands.line.asked] == ["8001"]
        channel = hands.line.asked[0].channel
        await desk.room.goes_on(channel, direction="outbound", returns="")
        await screen.emulate_media(color_scheme="dark")
        await screen.screenshot(path=pictures / "campaign-card-dark.png")


async def test_supervisor_decides_what_nobody_can_tell_and_keeps_marks(
    tmp_path: Path, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        campaign = await HandedDesk(room).begins(by_agent=False)
        now = room.clock.now()
        async with room.database.begin() as session:
            (target,) = await targets_page(session, campaign)
            await plan_attempt(
                session, "attempt-1.1", campaign_id=campaign, target_id=target.id, household=target.household,
                e164=target.e164, at=now,
            )  # fmt: skip
            values = {"claimed_at": now, "state": "unknown", "worker": "w-1", "why": "no-witness"}
            await session.execute(update(AttemptTable).values(**values))
        await room.finished_call("c-9", start=now + timedelta(seconds=1))
        await signed_in(context, room)
        await screen.goto(f"{room.origin}/campaigns#undecided")

        await expect(screen.locator("#undecided h2")).to_have_text("是否响过铃无法确认（1）")
        await expect(screen.locator("#undecided li").first).to_contain_text("3-2-501")
        await expect(screen.locator("#undecided .evidence a")).to_contain_text("来电")
        await screen.locator("#marks summary").click()
        marks = screen.locator("#marks")
        await marks.get_by_label("房号 3-2-501 或电话号码").fill("3-2-501")
        await marks.get_by_role("button", name="查找").click()
        await marks.locator("select").select_option("138****8501 wrong-number")
        await marks.locator("input[name=reason]").fill("接听者不是业主")
        await marks.get_by_role("button", name="加上标记").click()
        await expect(marks.locator(".marks li")).to_contain_text("陈主管")
        await marks.locator("select").select_option("home hardship")
        await marks.locator("input[name=reason]").fill("低保户")
        await marks.get_by_role("button", name="加上标记").click()
        await expect(marks.locator(".marks li")).to_have_count(2)
        await screen.screenshot(path=pictures / "campaign-marks.png", full_page=True)

        first = marks.locator(".marks li", has_text="困难户")
        await first.get_by_label("原因（必填）").fill("已脱困")
        await first.get_by_role("button", name="取消标记").click()
        await expect(marks.locator(".marks li")).to_have_count(1)
        await screen.locator("#undecided").get_by_role("button", name="没有响过").click()

        await expect(screen.locator("#undecided")).to_be_hidden()
        assert await screen.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_supervisor_reads_why_dialling_pauses_and_lets_it_go_on(
    tmp_path: Path, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        campaign = await HandedDesk(room).begins(by_agent=False)
        now = room.clock.now()
        async with room.database.begin() as session:
            await plan_attempt(
                session, "attempt-1.1", campaign_id=campaign, target_id=1, household="3-2-501", e164="+8613800138501",
                at=now,
            )  # fmt: skip
            await session.execute(update(AttemptTable).values(outcome="invalid", ended_at=now))
            pause = await begin_pause(
                session, campaign=campaign, at=now, mostly=Outcome.INVALID, bad=6, of=6, probe_due=now
            )
            assert pause is not None
            await keep_doubtful(session, pause.id, "attempt-1.1", 1, at=now)
        await signed_in(context, room)
        await screen.goto(f"{room.origin}/campaigns")
        box = screen.locator("#pauses")

        await expect(box).to_contain_text("最近 6 个号码中 6 个未能接通，多为“空号”")
        await box.locator("summary").click()
        await expect(box).to_contain_text("3-2-501 138****8501 空号")
        await screen.screenshot(path=pictures / "dial-pause.png")
        await screen.emulate_media(color_scheme="dark")
        await screen.screenshot(path=pictures / "dial-pause-dark.png")
        await box.get_by_role("button", name="线路问题，已解决").click()

        await expect(box).to_be_hidden()
