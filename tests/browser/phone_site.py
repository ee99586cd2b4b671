"""`phone_site`: a whole desk whose phones are pages: import this fixture, and `open_phone` to have a clerk at one.

Chromium's microphone is a file that speaks (or `voice=` another); the resident is SIPp, the switch is the real one.

    async def test_…(phone_site, phone_browser):
        page = await open_phone(phone_site, phone_browser, "8001")      # signed in at /agent, the phone is on and ready
        resident = resident_calls(phone_site, seconds=30)               # a task; chooses no key and waits for people
        await page.click("[data-act=answer]")                           # after it rings; see docs/browser-phone.md
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, WebSocketRoute, async_playwright, expect

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.install import browser_parts
from hotline.install.parts import Parts
from hotline.settings import read_settings
from hotline.simulate.scenario import Press, Say
from hotline.simulate.sipp import Heard
from tests.fakes.site import Site

PASSWORD = "three rings and no more"
CALLER = "13800138501"
PEOPLE = {"8001": ("wangmin", Role.AGENT), "8002": ("lijie", Role.AGENT), "8901": ("boss", Role.SUPERVISOR)}
SPEECH = Path(__file__).parents[2] / "hotline" / "simulate" / "speech" / "repair-leak.caller.al"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--disable-sync", "--disable-dev-shm-usage", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone_site() -> AsyncIterator[Site]:
    """A running desk: 8001, 8002 and 8901 are pages; people are rung first, so that a call is soon at a phone."""
    parts = read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.directory
    if not Parts(parts).ready:
        pytest.skip("no private Asterisk: run scripts/setup")
    if not browser_parts.is_there(parts):
        pytest.skip("the page's phone is not there: python -m hotline.install.browser_parts")
    site = Site(HOTLINE_SIP_DESK_PHONES="8701", HOTLINE_ANSWERING_RING_FOR="0", HOTLINE_AGENTS_WRAP_UP_FOR="0")
    await site.set_up()
    for extension, (name, role) in PEOPLE.items():
        await add_user(site.database, name, role, extension, PASSWORD)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def phone_browser() -> AsyncIterator[Browser]:
    """Give a Chromium with a microphone that hums, one for each test: a browser may be killed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium fonts-noto-cjk)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        if browser.is_connected():
            await browser.close()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def line_is_clear(phone_site: Site) -> AsyncIterator[None]:
    """Leave nobody on the line for the next test."""
    yield
    await phone_site.clear_line()


async def open_phone(
    site: Site,
    browser: Browser,
    extension: str,
    *,
    takes_calls: bool = True,
    complaints: list[str] | None = None,
    routes: dict[re.Pattern[str], Callable[[WebSocketRoute], None]] | None = None,
) -> Page:
    """Sign the person of this extension in at /agent, turn the phone on, wait for it, and say that they are ready.

    Who does not take calls is rung by colleagues only. What the page complains of is kept in `complaints`;
    `routes` are sockets that a test leads through its own hands.
    """
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="zh-CN", reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    page = await context.new_page()
    for address, act in (routes or {}).items():
        await page.route_web_socket(address, act)
    if complaints is not None:
        page.on("pageerror", lambda wrong: complaints.append(str(wrong)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None
        )
    await page.goto(site.url("/sign-in"))
    await page.fill("input[name=name]", PEOPLE[extension][0])
    await page.fill("input[name=password]", PASSWORD)
    await page.click("main button")
    await page.wait_for_url(lambda url: "/sign-in" not in url)
    await page.goto(site.url("/agent"))
    await page.click("#phone [data-act=on]")
    await is_ready(page)
    if takes_calls:
        assert (
            await page.evaluate("fetch('/api/v1/agents/me/ready', {method: 'POST'}).then((one) => one.status)") == 200
        )
    return page


async def is_ready(page: Page) -> None:
    """Wait until the phone is signed in and nothing is on it."""
    await expect(page.locator("#phone")).to_have_attribute("data-is", "ready", timeout=20_000)


async def rings(page: Page, *, within: float = 40) -> None:
    """Wait until the phone rings, for so many seconds."""
    await expect(page.locator("#phone")).to_have_attribute("data-is", "ringing", timeout=within * 1000)


async def talks(page: Page) -> None:
    """Wait until the phone is lifted and its talk has begun."""
    await expect(page.locator("#phone")).to_have_attribute("data-is", "talking", timeout=20_000)


def resident_calls(
    site: Site, *, seconds: float, number: str = CALLER, hangs_up: bool = True
) -> "asyncio.Task[list[Heard]]":
    """Have a resident dial the hotline, ask for people (key 0) and speak from then on for so many seconds in all."""
    steps = [Say(site.silence(1.5), 1.5), Press("0"), Say(resident_voice(site, seconds), seconds)]
    return asyncio.get_running_loop().create_task(
        site.calls_in(*steps, number=number, hangs_up=hangs_up, limit=seconds + 60)
    )


def resident_voice(site: Site, seconds: float) -> Path:
    """Return the recorded resident's voice, over and over, so long."""
    path = site.home / f"speech-{seconds:g}.al"
    if not path.exists():
        voice = SPEECH.read_bytes()
        path.write_bytes((voice * (int(seconds * 8000) // len(voice) + 1))[: int(seconds * 8000)])
    return path
