"""A supervisor helps by the telephone of their own desk page: who hears whom, by a tone of each on all three legs.

The resident and the agent have telephones that hum; the supervisor is Chromium with a microphone that hums.
"""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.install import browser_parts
from hotline.install.parts import Parts
from hotline.settings import read_settings
from tests.browser.phone_site import ARGUMENTS, PASSWORD, is_ready, talks
from tests.fakes.call_capture import desk_phone, first, resident
from tests.fakes.desk_phone import Line
from tests.fakes.legs import write_leg
from tests.fakes.played import shorten_prompts
from tests.fakes.site import Site, ended

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.asterisk, pytest.mark.timeout(180)]
RESIDENT, AGENT, SUPERVISOR, SECOND = 400, 1000, 1700, 2300  # what each of them hums, in Hz
AT_ONCE = 7_000  # ms; the switch itself would notice after 10 s of silence
EAR = Path(__file__).parents[1] / "fakes" / "page_ear.js"
PEOPLE = (
    ("li", Role.AGENT, "8001", "李洁"),
    ("chen", Role.SUPERVISOR, "8901", "陈主管"),  # the telephone is the page
    ("sun", Role.SUPERVISOR, "8902", "孙主管"),  # the telephone stands on the desk
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    parts = read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.directory
    if not Parts(parts).ready:
        pytest.skip("no private Asterisk: run scripts/setup")
    if not browser_parts.is_there(parts):
        pytest.skip("the page's phone is not there: python -m hotline.install.browser_parts")
    site = Site(HOTLINE_SIP_SUPERVISORS="8901,8902", HOTLINE_SIP_DESK_PHONES="8001,8002,8902,8701")
    await site.set_up()
    shorten_prompts(site, "greeting", "recording-notice", "menu", "english-key", "satisfaction", "still-waiting")
    for name, role, extension, shown in PEOPLE:
        await add_user(site.database, name, role, extension, PASSWORD, display_name=shown)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def browser(site: Site) -> AsyncIterator[Browser]:
    """Give a Chromium whose microphone hums, one for each test: a browser may be killed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium fonts-noto-cjk)")
    wave = 10_000 * np.sin(2 * np.pi * SUPERVISOR * np.arange(48_000 * 2) / 48_000)
    voice = write_leg(site.home / "supervisor.wav", wave.astype(np.int16), rate=48_000)
    own = [f"--use-file-for-fake-audio-capture={voice}", "--autoplay-policy=no-user-gesture-required"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *own])
        yield browser
        if browser.is_connected():
            await browser.close()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def clear(site: Site) -> AsyncIterator[None]:
    yield
    await site.clear_line()


@dataclass
class Desk:
    """A supervisor's desk page."""

    page: Page

    @property
    def row(self) -> Locator:
        """The row of the agent who talks."""
        return self.page.locator('#agents li[data-extension="8001"]')

    @property
    def phone(self) -> Locator:
        return self.page.locator("#phone")

    def button(self, name: str) -> Locator:
        return self.row.get_by_role("button", name=name, exact=True)

    async def shows(self, name: str, told: str) -> None:
        """Wait until this button is the pressed one, and the row says what it is."""
        await expect(self.row).to_contain_text(told)
        await expect(self.button(name)).to_have_attribute("aria-pressed", "true")
        await expect(self.row.locator('.sides [aria-pressed="true"]')).to_have_count(1)
        await expect(self.phone.locator(".phone-who")).to_have_text(f"{name} 李洁 8001")


async def open_desk(site: Site, browser: Browser, name: str) -> Desk:
    """Sign in, and come out at the duty desk."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="zh-CN", reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    await context.add_init_script(path=EAR)
    page = await context.new_page()
    await page.goto(site.url("/sign-in?next=/"))
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("main button")
    await expect(page.locator("#freshness")).to_have_text("实时")
    return Desk(page)


async def open_desk_with_phone(site: Site, browser: Browser) -> Desk:
    """Sign in the supervisor whose telephone is the page, and turn it on there."""
    desk = await open_desk(site, browser, "chen")
    await desk.page.click("#phone [data-act=on]")
    await is_ready(desk.page)
    return desk


@asynccontextmanager
async def talk_of_two(site: Site, number: str) -> AsyncIterator[tuple[Line, Line]]:
    """Give the lines of resident and agent, who hear each other's tone; the agent has clicked ready."""
    origin = site.url("")
    async with (
        desk_phone(site, "8001") as phone,
        ClientSession(origin, headers={"Origin": origin}, cookie_jar=CookieJar(unsafe=True)) as li,
    ):
        signed = await li.post("/sign-in", data={"name": "li", "password": PASSWORD}, allow_redirects=False)
        assert signed.status == 303
        assert (await li.post("/api/v1/agents/me/ready", json={})).status == 200
        async with resident(site, number=number) as caller:
            talk = await first(phone)
            hums(caller, RESIDENT)
            hums(talk, AGENT)
            await so_it_is(site, "they talk", (caller, {AGENT}, set()), (talk, {RESIDENT}, set()))
            yield caller, talk


def hums(line: Line, hertz: int) -> None:
    assert line.sound is not None
    line.sound.hum(hertz)


async def hears(leg: Line | Desk, hertz: int) -> bool | None:
    if isinstance(leg, Line):
        return None if leg.sound is None else leg.sound.hears(hertz)
    heard: bool | None = await leg.page.evaluate("(hertz) => window.hears(hertz)", hertz)
    return heard


async def so_it_is(site: Site, what: str, *wanted: tuple[Line | Desk, set[int], set[int]]) -> None:
    """Wait until each leg hears these tones and none of those."""
    seen: dict[str, bool | None] = {}

    async def is_so() -> bool:
        seen.clear()
        for place, (leg, yes, no) in enumerate(wanted):
            for hertz in yes | no:
                seen[f"leg {place}, {hertz} Hz, {'wanted' if hertz in yes else 'not'}"] = await hears(leg, hertz)
        return all(was is name.endswith("wanted") for name, was in seen.items())

    try:
        await site.eventually(is_so, limit=25, what=what)
    except AssertionError as late:
        raise AssertionError(f"{seen}\n{late}") from None


async def over(line: Line) -> None:
    async with asyncio.timeout(25):
        await line.over.wait()


async def speaks(desk: Desk) -> None:
    """Wait until the page's microphone gives its tone, so that who does not hear it now hears nothing of it."""
    await desk.page.wait_for_function(
        "() => Number(document.querySelector('#phone-mine')?.dataset.loudest ?? 0) > 0.4", timeout=15_000
    )


async def test_supervisor_listens_whispers_and_steps_in_by_the_phone_of_the_desk_page(
    site: Site, browser: Browser, pictures: Path
) -> None:
    desk = await open_desk(site, browser, "chen")
    async with talk_of_two(site, "13800138541") as (caller, talk):
        await desk.button("旁听").press("Enter")
        await expect(desk.row).to_contain_text("您的话机没有登录")
        await expect(desk.phone.locator("[data-act=on]")).to_be_focused()
        await desk.page.keyboard.press("Enter")
        await is_ready(desk.page)
        await desk.button("旁听").press("Enter")

        await talks(desk.page)  # nobody lifted it
        await desk.shows("旁听", "您正在旁听")
        await expect(desk.button("旁听")).to_be_focused()
        await expect(desk.phone.locator("[data-act=transfer], [data-act=hold]")).to_have_count(0)
        await speaks(desk)
        await so_it_is(
            site,
            "who listens hears both and is heard by nobody",
            (desk, {RESIDENT, AGENT}, set()),
            (talk, {RESIDENT}, {SUPERVISOR}),
            (caller, {AGENT}, {SUPERVISOR}),
        )
        await desk.page.screenshot(path=pictures / "live-help-desk.png")

        await desk.page.keyboard.press("F3")
        await expect(desk.phone.locator("[data-act=mute]")).to_have_attribute("aria-pressed", "true")
        await desk.button("耳语").press("Enter")
        await desk.shows("耳语", "您正在耳语")
        await so_it_is(
            site,
            "who muted themselves listening is heard by nobody whispering",
            (desk, {RESIDENT, AGENT}, set()),
            (talk, {RESIDENT}, {SUPERVISOR}),
            (caller, {AGENT}, {SUPERVISOR}),
        )
        await desk.page.keyboard.press("F3")
        await so_it_is(
            site,
            "the agent alone hears who whispers",
            (desk, {RESIDENT, AGENT}, set()),
            (talk, {RESIDENT, SUPERVISOR}, set()),
            (caller, {AGENT}, {SUPERVISOR}),
        )

        await desk.button("插话").click()
        await desk.shows("插话", "您正在插话")
        await so_it_is(
            site,
            "both hear who steps in",
            (desk, {RESIDENT, AGENT}, set()),
            (talk, {RESIDENT, SUPERVISOR}, set()),
            (caller, {AGENT, SUPERVISOR}, set()),
        )

        await desk.button("旁听").click()
        await desk.shows("旁听", "您正在旁听")
        await desk.page.keyboard.press("Shift+F6")
        await desk.phone.locator(".keypad button", has_text="5").click()
        await desk.shows("耳语", "您正在耳语")  # by a key of the page's telephone
        async with desk.page.context.expect_page() as beside:
            await desk.page.click("#open-calls a.card")
        await (await beside.value).close()  # and the page that is the telephone stayed

        await desk.button("退出协助").click()
        await is_ready(desk.page)
        await expect(desk.button("退出协助")).to_have_count(0)
        await so_it_is(
            site, "they talk on by themselves", (talk, {RESIDENT}, {SUPERVISOR}), (caller, {AGENT}, {SUPERVISOR})
        )
    call = await site.call_of("13800138541", where=ended)
    assert [(one.agent, one.how) for one in call.talks] == [("8001", "answered"), ("8901", "stepped-in")]
    assert call.oddities == ()


async def test_taken_over_the_two_speak_alone_and_a_browser_that_dies_sends_the_resident_to_people(
    site: Site, browser: Browser
) -> None:
    desk = await open_desk_with_phone(site, browser)
    async with talk_of_two(site, "13800138542") as (caller, talk):
        await desk.button("接管").click()

        await talks(desk.page)
        await expect(desk.row).to_contain_text("您已接管此通话")
        await over(talk)
        await expect(desk.row).to_have_attribute("data-is", "wrap-up")
        await expect(desk.phone.locator(".phone-who")).to_have_text("接管 李洁 8001")
        await so_it_is(
            site,
            "supervisor and resident hear each other",
            (desk, {RESIDENT}, {AGENT}),
            (caller, {SUPERVISOR}, {AGENT}),
        )

        await kill(browser)
        await site.eventually(lambda: waits_in_queue(site), limit=40, what="the resident waits for people")
        assert not caller.over.is_set()
    call = await site.call_of("13800138542", where=ended)
    assert [(one.agent, one.how) for one in call.talks] == [("8001", "answered"), ("8901", "taken-over")]
    assert call.oddities == ()


async def test_page_that_is_reloaded_or_closed_leaves_the_side_at_once_and_keeps_who_was_taken_over(
    site: Site, browser: Browser
) -> None:
    desk = await open_desk_with_phone(site, browser)
    other = await open_desk(site, browser, "sun")
    await expect(other.phone).to_have_text(re.compile("话机在桌上 *8902"))
    async with desk_phone(site, "8902") as suns, talk_of_two(site, "13800138543") as (caller, talk):
        await other.button("耳语").click()
        side = await suns.rings()
        assert side.invite is not None
        assert not side.lifted.is_set()  # a telephone on the desk is lifted by hand
        side.lift()
        hums(side, SECOND)
        await expect(other.row).to_contain_text("您正在耳语")
        await desk.button("旁听").click()
        await talks(desk.page)
        await expect(desk.row).to_contain_text("您正在旁听")
        await expect(other.row).to_contain_text("陈主管 正在旁听")

        await desk.page.reload()
        await expect(other.row).not_to_contain_text("陈主管", timeout=AT_ONCE)
        await is_ready(desk.page)
        await so_it_is(
            site,
            "the talk and the other supervisor's side are as they were",
            (side, {RESIDENT, AGENT}, set()),
            (talk, {RESIDENT, SECOND}, {SUPERVISOR}),
            (caller, {AGENT}, {SUPERVISOR, SECOND}),
        )
        await desk.button("插话").click()
        await talks(desk.page)
        await so_it_is(site, "stepped in again", (talk, {RESIDENT, SUPERVISOR}, set()), (caller, {SUPERVISOR}, set()))
        await expect(other.row).to_contain_text("陈主管 正在插话")

        await desk.page.close()
        await expect(other.row).not_to_contain_text("陈主管", timeout=AT_ONCE)
        await so_it_is(site, "they talk on", (talk, {RESIDENT, SECOND}, {SUPERVISOR}), (caller, {AGENT}, {SUPERVISOR}))
        await other.button("退出协助").click()
        await over(side)

        desk.page = await desk.page.context.new_page()
        await desk.page.goto(site.url("/"))
        await desk.page.click("#phone [data-act=on]")
        await is_ready(desk.page)
        await desk.button("接管").click()
        await talks(desk.page)
        await expect(desk.row).to_contain_text("您已接管此通话")
        await so_it_is(site, "taken over", (desk, {RESIDENT}, {AGENT}), (caller, {SUPERVISOR}, {AGENT}))
        await desk.page.reload()
        await talks(desk.page)
        await so_it_is(site, "they talk again", (desk, {RESIDENT}, {AGENT}), (caller, {SUPERVISOR}, {AGENT}))
        await desk.page.keyboard.press("Shift+F8")
        await is_ready(desk.page)
    call = await site.call_of("13800138543", where=ended)
    assert [(one.agent, one.how) for one in call.talks] == [
        ("8001", "answered"), ("8901", "stepped-in"), ("8901", "taken-over"),
    ]  # fmt: skip
    assert call.oddities == ()


async def waits_in_queue(site: Site) -> bool:
    said = await asyncio.to_thread(site.console, "core show channels concise")
    return (
        any("PJSIP/carrier-" in line and "!Queue!" in line for line in said.splitlines()) and "PJSIP/8901-" not in said
    )


async def kill(browser: Browser) -> None:
    """End this test's own browser without a word."""
    session = await browser.new_browser_cdp_session()
    told = await session.send("SystemInfo.getProcessInfo")
    os.kill(next(one["id"] for one in told["processInfo"] if one["type"] == "browser"), signal.SIGKILL)
