"""The pop on an agent's page: painted with the offer, chosen and added by hand and by keyboard, markup stays text."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from hotline.accounts.account import Role
from hotline.calls.ledger import Ring
from hotline.calls.state import CallState
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.residents.notes_store import add_note
from hotline.residents.resident import Home, MatterKind, Relation, Title
from hotline.residents.store import add_home, add_matter, add_resident, find_home, set_arrears
from tests.fakes.offered import OffersByHand
from tests.fakes.web_desk import CALLER, PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
STRANGER = "13911112222"
LONG = "很长的事项说明" * 40
MARKUP = '<script>document.title="broken"</script><img src=x onerror="document.title=1">'


@pytest.fixture
async def screen(context: BrowserContext) -> AsyncIterator[Page]:
    """Give a page on which no script may fail and the content policy may not be broken."""
    complaints: list[str] = []
    page = await context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.on("pageerror", lambda wrong: complaints.append(str(wrong)) if "imported module" not in str(wrong) else None)
    yield page
    assert complaints == []


async def sign_in(page: Page, room: WebDesk) -> None:
    await page.goto(f"{room.origin}/agent")
    if await page.get_by_label("用户名").count():
        await page.get_by_label("用户名").fill("xiaowang")
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#freshness")).to_have_text("实时")


@asynccontextmanager
async def a_desk(home: Path) -> AsyncIterator[tuple[WebDesk, OffersByHand]]:
    offers = OffersByHand()
    async with web_desk(home, clock=MorningClock(), offers=offers) as room:
        offers.bus = room.bus
        yield room, offers


async def fill_records(room: WebDesk) -> None:
    """Write down of one home all that a pop can show."""
    now = room.clock.now()
    for days, words in ((2, "厨房水管漏水，已派维修"), (9, "咨询停车费"), (30, "楼道灯不亮")):
        await room.finished_call(f"old-{days}", start=now - timedelta(days=days))
        await room.draft(f"old-{days}", matter=words)
    async with room.database.begin() as session:
        home = await find_home(session, Home(3, 2, 501))
        assert home is not None
        await add_resident(
            session, home, "王秀英", title=Title.MS, relation=Relation.FAMILY, is_elderly_alone=True,
            numbers=[PhoneNumber("+8613700137001")], language="yue",
        )  # fmt: skip
        await add_matter(
            session, home, MatterKind.REPAIR, "厨房水管漏水，等配件", opened=now - timedelta(days=2),
            promised=now - timedelta(hours=3),
        )  # fmt: skip
        await add_matter(session, home, MatterKind.COMPLAINT, LONG, opened=now - timedelta(days=1))
        await set_arrears(session, home, ["2026-08", "2026-09", "2026-10"], 123456)
        await add_note(
            session, home.id or 0, "独居老人，请多响几声；听力不好", by="xiaowang", at=now - timedelta(days=40)
        )
        await add_follow_up(
            session, debt=Debt(kind=FollowUpKind.CALL_BACK, at=now - timedelta(hours=20), due=now - timedelta(hours=2)),
            owed_by=Role.AGENT, call_id="old-2", number=CALLER, e164="+8613800138501", home="3-2-501",
            who="张先生", at=now,
        )  # fmt: skip


async def rings(
    room: WebDesk, offers: OffersByHand, number: str = CALLER, call_id: str = "c-1", **more: object
) -> None:
    now = room.clock.now()
    at = [now - timedelta(seconds=s) for s in (20, 18, 9, 1)]
    await room.goes_on(
        call_id, caller_number=number, ring_start=at[0], switch_answer=at[1], menu_path=("1",), request="repair",
        queue="repair", queued_at=at[2], state=CallState.WAITING,
        rings=(Ring(agent="8001", leg="x", began=at[3]),), **more,
    )  # fmt: skip
    offers.ring("8001", call_id, now, number)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_known_stands_there_when_the_phone_rings_and_again_after_a_reload_and_on_a_second_tab(
    tmp_path: Path, pictures: Path, screen: Page, context: BrowserContext, scheme: str
) -> None:
    async with a_desk(tmp_path) as (room, offers):
        await fill_records(room)
        await screen.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await sign_in(screen, room)
        await rings(room, offers)
        pop = screen.locator("#pop")
        await expect(pop.locator(".pop-name")).to_have_text("张先生")
        for text in (
            "3-2-501",
            "138****8501",
            "报修",
            "已逾期",
            "要求回电",
            "厨房水管漏水，等配件",
            "独居老人，请多响几声",
        ):
            await expect(pop).to_contain_text(text)
        await expect(pop.locator("[data-part=calls] li")).to_have_count(3)
        assert CALLER not in await pop.inner_text()
        await screen.screenshot(path=pictures / f"pop-{scheme}.png")
        told = await pop.locator(".pop-view").inner_text()

        await screen.reload()
        await expect(pop.locator(".pop-name")).to_have_text("张先生")
        second = await context.new_page()
        await sign_in(second, room)
        await expect(second.locator("#pop .pop-name")).to_have_text("张先生")

        for page in (screen, second):
            shown = await page.locator("#pop .pop-view").inner_text()
            assert shown == told
        await screen.locator("#pop summary").click()
        await expect(pop).to_contain_text("2026年8月至10月，1234.56 元")
        await pop.locator(".pop-numbers form").first.get_by_role("button").click()
        await expect(pop.locator(".pop-numbers .number").first).to_have_text(CALLER)


async def test_one_of_several_homes_is_chosen_by_keyboard_and_the_other_tab_follows(
    tmp_path: Path, pictures: Path, screen: Page, context: BrowserContext
) -> None:
    async with a_desk(tmp_path) as (room, offers):
        async with room.database.begin() as session:
            other = await add_home(session, Home(7, 1, 902))
            await add_resident(session, other, "李娜", title=Title.MS, numbers=[PhoneNumber("+8613800138501")])
        await sign_in(screen, room)
        second = await context.new_page()
        await sign_in(second, room)
        await rings(room, offers)
        await expect(screen.locator(".pop-choices button")).to_have_count(2)
        await screen.screenshot(path=pictures / "pop-choose.png")
        await screen.locator(".pop-choices button").first.focus()
        await screen.keyboard.press("2")

        for page in (screen, second):
            await expect(page.locator("#pop .pop-name")).to_have_text("李女士")
            await expect(page.locator("#pop .pop-home")).to_have_text("7-1-902")


async def test_unknown_caller_is_looked_for_and_written_down_and_nothing_typed_is_lost_when_the_pop_changes(
    tmp_path: Path, pictures: Path, screen: Page
) -> None:
    async with a_desk(tmp_path) as (room, offers):
        await sign_in(screen, room)
        await rings(room, offers, STRANGER)
        pop = screen.locator("#pop")
        await expect(pop.locator(".pop-name")).to_have_text("未登记的号码")
        await pop.get_by_role("button", name="查找住户").click()
        await screen.keyboard.type("张伟")
        await screen.keyboard.press("Enter")
        await expect(pop.locator(".pop-found-row")).to_contain_text("张伟")
        await screen.screenshot(path=pictures / "pop-unknown.png")
        await pop.get_by_role("button", name="新增住户").click()
        await pop.get_by_label("房号", exact=True).fill("3-2-501")
        await pop.get_by_label("姓名").fill(MARKUP[:40])
        offers.answer("8001", "c-1", room.clock.now())
        await expect(screen.locator("#timers")).to_contain_text("通话")
        await expect(pop.get_by_label("姓名")).to_have_value(MARKUP[:40])
        await pop.get_by_role("button", name="保存，并用于本次来电").click()

        await expect(pop.locator(".pop-home")).to_have_text("3-2-501")
        await pop.locator("summary").click()
        await expect(pop.locator("[data-part=people]")).to_contain_text(MARKUP[:40])
        await pop.get_by_role("button", name="加备注").click()
        await screen.keyboard.type(MARKUP)
        await pop.get_by_role("button", name="保存", exact=True).click()
        await expect(pop.locator("[data-part=notes]")).to_contain_text(MARKUP)
        await screen.screenshot(path=pictures / "pop-markup.png")
        assert await screen.title() not in {"broken", "1"}
        assert await screen.locator("#pop script, #pop img").count() == 0


async def test_form_that_is_opened_while_what_was_done_is_read_stays_with_what_is_typed(
    tmp_path: Path, screen: Page
) -> None:
    go_on = asyncio.Event()

    async def late(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    async with a_desk(tmp_path) as (room, offers):
        await sign_in(screen, room)
        await rings(room, offers, STRANGER)
        pop = screen.locator("#pop")
        await pop.get_by_role("button", name="新增住户").click()
        await pop.get_by_label("房号", exact=True).fill("3-2-501")
        await pop.get_by_label("姓名").fill("赵六")
        await screen.route("**/api/v1/calls/*/pop", late)
        await pop.get_by_role("button", name="保存，并用于本次来电").click()
        await expect(pop.locator(".pop-home")).to_have_text("3-2-501")  # the live socket was first
        await pop.get_by_role("button", name="加备注").click()
        await screen.keyboard.type("别忘了")
        go_on.set()
        await expect(pop.locator(".pop-told")).not_to_be_empty()

        await expect(pop.locator(".pop-tool textarea, .pop-tool input").first).to_have_value("别忘了")
        await screen.unroute_all(behavior="ignoreErrors")


async def test_emergency_of_a_withheld_number_says_so_in_words(tmp_path: Path, pictures: Path, screen: Page) -> None:
    async with a_desk(tmp_path) as (room, offers):
        await sign_in(screen, room)
        await rings(room, offers, "", is_emergency=True)

        await expect(screen.locator("#pop .pop-alarm")).to_have_text("紧急求助")
        await expect(screen.locator("#pop .pop-name")).to_have_text("未显示号码")
        await screen.screenshot(path=pictures / "pop-emergency.png")
