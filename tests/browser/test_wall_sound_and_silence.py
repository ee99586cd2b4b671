"""A wall sounds while somebody in danger waits, says so where it may not, and dims when nothing is heard any more."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, WebSocketRoute, async_playwright, expect

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user
from hotline.calls.state import CallState, Outcome
from hotline.queues.board import AgentState
from tests.browser.conftest import ARGUMENTS
from tests.fakes.web_desk import CHEAP, PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
EAR = Path(__file__).parents[1] / "fakes" / "wall_ear.js"
TELEVISION = "--autoplay-policy=no-user-gesture-required"  # as docs/supervisor.md says to start it
FORBIDDEN = "--autoplay-policy=document-user-activation-required"  # as a browser starts by itself
AUDIBLE = 0.05  # of 1; the tone is a quarter
A_TONE = 5.0  # seconds in which one would have sounded, by the page's own clock of sound


@asynccontextmanager
async def television(policy: str) -> AsyncIterator[Page]:
    """Give a page of a browser that was started so, and in which nobody ever clicks."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium fonts-noto-cjk)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, policy])
        page = await browser.new_page(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
        await page.add_init_script(path=EAR)
        yield page
        await browser.close()


async def signed_in(context: BrowserContext, room: WebDesk) -> None:
    """Sign the television in without a hand."""
    await add_user(room.database, "tv", Role.WALL, None, PASSWORD, display_name="大厅", passwords=Passwords(CHEAP))
    answer = await context.request.post(
        f"{room.origin}/sign-in",
        form={"name": "tv", "password": PASSWORD},
        headers={"Origin": room.origin},
        max_redirects=0,
    )
    assert answer.status == 303


async def becomes(page: Page, what: str, least: float, *, limit: float) -> None:
    """Look until what the page measures is more than so much; it may not be asked to look itself, by its policy."""
    async with asyncio.timeout(limit):
        while (await page.evaluate(what) or 0.0) <= least:
            await asyncio.sleep(0.05)


async def is_heard(page: Page) -> None:
    """Wait until the page makes a sound."""
    await page.evaluate("loudest()")  # what was heard before
    await becomes(page, "loudest()", AUDIBLE, limit=20)


async def stays_silent(page: Page) -> None:
    """Let so much time of sound pass as holds a tone, and hear none."""
    begun = await page.evaluate("soundedFor()")
    await becomes(page, "soundedFor()", begun + 0.5, limit=20)  # the tone that was begun is over
    await page.evaluate("loudest()")
    await becomes(page, "soundedFor()", begun + A_TONE, limit=40)
    assert await page.evaluate("loudest()") <= AUDIBLE


async def test_wall_sounds_while_a_call_in_danger_waits_and_until_a_person_took_note(tmp_path: Path) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room, television(TELEVISION) as wall:
        await signed_in(wall.context, room)
        await wall.goto(f"{room.origin}/wall?sound=on")
        await expect(wall.locator("#freshness")).to_have_text("实时")
        await expect(wall.locator("#sound")).to_be_hidden()

        await room.goes_on(is_emergency=True, state=CallState.WAITING)
        await expect(wall.locator(".alarm[data-is=calling]")).to_have_count(1)
        await is_heard(wall)
        await room.goes_on(state=CallState.ENDED, ended_at=room.clock.now(), outcome=Outcome.ABANDONED_QUEUE)
        await expect(wall.locator(".alarm[data-is=unanswered]")).to_have_count(1)
        await is_heard(wall)  # nobody came: it goes on

        agent = await room.signed_in()
        assert (await agent.post("/api/v1/alerts/c-1/acknowledge", json={})).status == 200
        await expect(wall.locator(".alarm")).to_have_count(0)
        await stays_silent(wall)


async def test_wall_is_silent_once_a_person_speaks_with_the_caller_in_danger(tmp_path: Path) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room, television(TELEVISION) as wall:
        await signed_in(wall.context, room)
        await wall.goto(f"{room.origin}/wall?sound=on")
        await expect(wall.locator("#freshness")).to_have_text("实时")
        await room.goes_on(is_emergency=True, state=CallState.WAITING)
        await is_heard(wall)

        await room.goes_on(state=CallState.TALKING, human_answer=room.clock.now(), agent="8001")
        await expect(wall.locator(".alarm[data-is=answered]")).to_have_count(1)
        await stays_silent(wall)


async def test_wall_says_that_its_browser_lets_it_make_no_sound_until_somebody_touches_it(
    tmp_path: Path, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room, television(FORBIDDEN) as wall:
        await signed_in(wall.context, room)
        await wall.goto(f"{room.origin}/wall?sound=on")
        await expect(wall.locator("#freshness")).to_have_text("实时")
        await room.goes_on(is_emergency=True, state=CallState.WAITING)
        await expect(wall.locator(".alarm[data-is=calling]")).to_have_count(1)

        await expect(wall.locator("#sound")).to_be_visible()
        await expect(wall.locator("#sound")).to_have_text("无声音：点一下屏幕即开启")
        assert await wall.evaluate("soundedFor()") is None
        await wall.screenshot(path=pictures / "wall-no-sound.png")

        await wall.locator("h1").click()

        await is_heard(wall)
        await expect(wall.locator("#sound")).to_be_hidden()


async def test_wall_that_hears_nothing_for_half_a_minute_dims_says_so_and_comes_again(
    tmp_path: Path, screen: Page, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        room.agents(a8001=AgentState.READY)
        await signed_in(screen.context, room)
        is_cut = False

        async def between(socket: WebSocketRoute) -> None:
            if is_cut:  # the service is away
                await socket.close()
                return
            server = socket.connect_to_server()
            server.on_message(lambda message: None if is_cut else socket.send(message))

        await screen.route_web_socket("**/api/v1/live*", between)
        await screen.clock.install()
        await screen.goto(f"{room.origin}/wall")
        freshness, wall = screen.locator("#freshness"), screen.locator("#wall")
        await expect(freshness).to_have_text("实时")
        await expect(wall).to_have_css("opacity", "1")

        is_cut = True  # the line seems to stand, and nothing comes
        await room.goes_on("waits", state=CallState.WAITING)
        await screen.clock.fast_forward(25_000)
        await expect(freshness).to_have_text("实时")
        await screen.clock.fast_forward(6_000)

        await expect(freshness).to_have_text("已断开，正在重连")
        await expect(freshness).to_have_attribute("data-is", "lost")
        await expect(wall).to_have_css("opacity", "0.45")
        await screen.screenshot(path=pictures / "wall-stale.png")

        is_cut = False
        await screen.clock.fast_forward(11_000)

        await expect(freshness).to_have_text("实时")
        await expect(wall).to_have_css("opacity", "1")
        await expect(screen.locator("[data-part=now] .figure-value").nth(1)).to_have_text("1")
