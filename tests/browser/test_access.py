"""Every page can be used by everybody: contrast, names, keys and width, by day and night, in both languages.

axe-core looks for what breaks WCAG 2.2 A and AA; the rest is walked as a person does.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import pytest
from playwright.async_api import Browser, Page, expect

from hotline.calls.state import CallState, Outcome
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from hotline.followups.service import FollowUps
from hotline.queues.board import AgentState
from hotline.settings import FollowUpSettings
from hotline.transcribe.transcript import Side
from tests.fakes.agent_desk import agent_desk
from tests.fakes.page_checkers import ABSENT, page_checkers
from tests.fakes.page_libraries import has_libraries
from tests.fakes.web_desk import PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
ASK_AXE = """async (rules) => (await axe.run(document, rules)).violations.map((broken) => ({
  rule: broken.id,
  where: broken.nodes.slice(0, 4).map((node) => `${node.target.join(" ")}: ${node.any[0]?.message ?? ""}`),
}))"""
WATCH_POLICY = """window.policyBroken = [];
addEventListener("securitypolicyviolation", (e) => policyBroken.push(`${e.violatedDirective} ${e.blockedURI}`));"""
TOO_WIDE = """(also) => [document.documentElement, ...document.querySelectorAll(also)]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => `${one.tagName} ${one.scrollWidth}`)"""
REACHABLE = """() => {
  const all = "a[href], button, input:not([type=radio], [type=hidden]), select, textarea, [tabindex]";
  const shown = [...document.querySelectorAll(all)].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0);
  shown.forEach((one, place) => (one.dataset.walked = place));
  document.activeElement.blur();
  return shown.map((one) => one.outerHTML.slice(0, 150));
}"""
WHERE = """() => {
  const here = document.activeElement, style = getComputedStyle(here);
  const isSeen = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
  return here === document.body ? null : [here.dataset.walked ?? "new", isSeen, here.outerHTML.slice(0, 200)];
}"""
SIZES = ((1366, 768), (768, 1024))
ON_A_PHONE = (390, 844)  # there a table may be moved within itself, the page may not
COMPLAINTS: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()
Act = Callable[[Page], Awaitable[None]]


async def as_it_is(_page: Page) -> None:
    """Leave the page as it comes."""


async def form_open(page: Page) -> None:
    await page.locator("#new").click()
    await expect(page.locator("#by-hand form")).to_be_visible()


async def call_filled(page: Page) -> None:
    await expect(page.locator("#talk .bubble").first).to_be_visible()
    await page.locator("#entries button").first.click()


async def found(page: Page) -> None:
    await expect(page.locator("#hits li").first).to_be_visible()


async def read(page: Page) -> None:
    await page.locator(".pick").first.click()
    await expect(page.locator("#to-read form")).to_be_visible()


async def desk_filled(page: Page) -> None:
    await expect(page.locator(".card").first).to_be_visible()
    await expect(page.locator("#entries tr").first).to_be_visible()


async def taken(page: Page) -> None:
    button = page.locator("#hand-over button").first
    await expect(button).to_be_visible()
    if not await page.locator("#hand-over form").count():
        await button.click()
    await expect(page.locator("#hand-over form")).to_be_visible()


async def campaign_made(page: Page) -> None:
    await page.locator("#new").click()
    await expect(page.locator("#making form")).to_be_visible()


async def report_shown(page: Page) -> None:
    await expect(page.locator("#reports")).to_have_attribute("data-state", "shown")
    if has_libraries():
        await expect(page.locator(".picture:not([role=img])")).to_have_count(0)  # each is drawn


async def call_backs_shown(page: Page) -> None:
    await expect(page.locator("#call-backs")).to_have_attribute("data-state", "shown")


async def wall_filled(page: Page) -> None:
    await expect(page.locator("[data-part=debts] li").first).to_be_visible()


PAGES: dict[str, Act] = {
    "/": desk_filled,
    "/wall": wall_filled,
    "/calls": as_it_is,
    "/calls/c-1": call_filled,
    "/duty-log": form_open,
    "/follow-ups": form_open,
    "/search?q=漏水": found,
    "/shift": taken,
    "/campaigns": campaign_made,
    "/reports": report_shown,
    "/reports?tab=service": report_shown,
    "/reports?tab=calls&compare=before": report_shown,
    "/reports?tab=service&compare=before": report_shown,
    "/reports/behind?from=2026-11-01&to=2026-11-30&figure=raised&value=repair": as_it_is,
    "/reading": read,
    "/aftercare": call_backs_shown,
    "/set-password": as_it_is,
    "/no-such-page": as_it_is,
}


@asynccontextmanager
async def busy_desk(home: Path) -> AsyncIterator[WebDesk]:
    """Give a desk on which every kind of thing is to be seen."""
    async with web_desk(home, clock=MorningClock()) as room:
        now = room.clock.now()
        for place, kind in enumerate((Kind.REPAIR, Kind.COMPLAINT, Kind.ENQUIRY, Kind.SPECIAL_HELP)):
            call_id, start = f"old-{place}", now - timedelta(days=1, minutes=9 * place)
            told: dict[str, Any] = {"kind": kind, "home": "3-2-501", "who": "张先生", "agent": "8001"}
            told |= {"matter": "厨房漏水，已经流到客厅", "promised": "两小时内上门", "is_urgent": place == 3}
            await room.finished_call(call_id, start=start)
            await room.draft(call_id, at=start + timedelta(minutes=2), **told)
            if place:
                at = start + timedelta(minutes=3)
                async with room.database.begin() as session:
                    await add_entry(session, call_id=call_id, draft=Draft(**told), written_by="xiaowang", at=at)
        lost = await room.finished_call(
            "lost",
            start=now - timedelta(hours=1),
            outcome=Outcome.ABANDONED_QUEUE,
            human_answer=None,
            agent="",
            rings=(),
        )
        async with room.database.begin() as session:
            await FollowUps(settings=FollowUpSettings(), clock=room.clock).follow(session, lost)
        await room.finished_call()
        await room.recorded()
        await room.transcribing()
        await room.transcribed(
            "c-1",
            (Side.AGENT, 24.5, "您好，请问有什么可以帮您？", 0.9),
            (Side.CALLER, 28.8, "厨房漏水了，三栋二单元五零一。", 0.4),
        )
        await room.goes_on("now", state=CallState.WAITING, queue="service", queued_at=now, switch_answer=now)
        room.agents(a8001=AgentState.READY, a8002=AgentState.TALKING)
        yield room


@asynccontextmanager
async def person(
    browser: Browser,
    room: WebDesk,
    *,
    language: str = "zh",
    scheme: Literal["light", "dark"] = "light",
    who: str = "boss",
) -> AsyncIterator[Page]:
    """Give a page of a browser in which this person is signed in and has chosen the language."""
    context = await browser.new_context(
        viewport={"width": SIZES[0][0], "height": SIZES[0][1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    await context.add_init_script(WATCH_POLICY)
    page = await context.new_page()
    COMPLAINTS[page] = told = []
    page.on("console", lambda said: told.append(said.text) if said.type == "error" or "preload" in said.text else None)
    page.on("pageerror", lambda wrong: told.append(str(wrong)))
    sent = {"name": who, "password": PASSWORD}
    assert (await context.request.post(f"{room.origin}/sign-in", form=sent, headers={"Origin": room.origin})).ok
    await choose(page, room, language)
    yield page
    await context.close()


def said_by(page: Page) -> list[str]:
    """Return what the page's scripts and the browser complained of, so far."""
    return COMPLAINTS[page]


async def choose(page: Page, room: WebDesk, language: str) -> None:
    """Press the button of the language, in effect."""
    form = {"language": language, "back": "/set-password"}
    sent = await page.context.request.post(f"{room.origin}/language", form=form, headers={"Origin": room.origin})
    assert sent.ok


async def broken_rules(page: Page, axe: str) -> list[str]:
    """Return what axe finds against this page as it stands."""
    await page.evaluate(axe)
    found = await page.evaluate(ASK_AXE, RULES)
    return [f"{one['rule']}: {where}" for one in found for where in one["where"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_page_breaks_a_rule_of_access_or_of_its_own_policy(
    tmp_path: Path, browser: Browser, language: str, scheme: Literal["light", "dark"]
) -> None:
    modules = await asyncio.to_thread(page_checkers)
    if modules is None:
        pytest.skip(ABSENT)
    axe = (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    broken: list[str] = []
    async with busy_desk(tmp_path) as room, person(browser, room, language=language, scheme=scheme) as page:
        for address, act in PAGES.items():
            await page.goto(room.origin + address)
            await act(page)
            broken += [f"{address} {one}" for one in await broken_rules(page, axe)]
            broken += [f"{address} policy: {one}" for one in await page.evaluate("policyBroken")]
        broken += [said for said in said_by(page) if "404 (Not Found)" not in said]  # the page that is not there
        await page.context.clear_cookies()
        await choose(page, room, language)
        await page.goto(f"{room.origin}/sign-in?next=/")
        broken += [f"the door {one}" for one in await broken_rules(page, axe)]

    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_agents_page_breaks_no_rule_from_ring_to_entry(
    tmp_path: Path, browser: Browser, language: str, scheme: Literal["light", "dark"]
) -> None:
    modules = await asyncio.to_thread(page_checkers)
    if modules is None:
        pytest.skip(ABSENT)
    axe = (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    broken: list[str] = []
    async with (
        agent_desk(tmp_path) as desk,
        person(browser, desk.room, language=language, scheme=scheme, who="xiaowang") as page,
    ):

        async def look(at: str) -> None:
            broken.extend(f"{at}: {one}" for one in await broken_rules(page, axe))

        await desk.fill_records()
        await page.goto(f"{desk.room.origin}/agent")
        columns = page.locator("#columns")
        await expect(page.locator("#my-list button").first).to_be_visible()
        await look("idle")
        await page.keyboard.press("F4")
        await look("choosing a reason")
        await page.keyboard.press("Escape")
        await page.keyboard.press("F1")
        await look("the keys")
        await page.keyboard.press("F1")
        await desk.ring()
        await expect(columns).to_have_attribute("data-is", "ringing")
        await expect(page.locator("#pop")).to_contain_text("3-2-501")
        await look("ringing")
        await desk.lift()
        desk.say("我是三栋二单元五零一的，厨房水管漏水了", ago=5)
        await expect(page.locator("#wrap-up form")).to_be_visible()
        await expect(page.locator("#words .bubble").first).to_be_visible()
        await look("talking")
        await desk.hang_up()
        await expect(columns).to_have_attribute("data-is", "wrap-up")
        await page.keyboard.press("Control+Enter")
        await look("wrap-up, something missing")
        broken += [f"policy: {one}" for one in await page.evaluate("policyBroken")]
        broken += said_by(page)

    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("size", [*SIZES, ON_A_PHONE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_page_has_to_be_moved_sideways(
    tmp_path: Path, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    wide: list[str] = []
    also = "html" if size == ON_A_PHONE else ".scroll"
    async with busy_desk(tmp_path) as room, person(browser, room, language=language) as page:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        for address, act in PAGES.items():
            await page.goto(room.origin + address)
            await act(page)
            wide += [f"{address}: {one}" for one in await page.evaluate(TOO_WIDE, also)]

    assert wide == []


async def test_first_tab_leads_past_the_menu_and_no_key_is_caught(tmp_path: Path, browser: Browser) -> None:
    async with busy_desk(tmp_path) as room, person(browser, room) as page:
        await page.goto(f"{room.origin}/calls")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        assert await page.locator(".skip").is_visible()
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"

        for address, act in PAGES.items():
            await page.goto(room.origin + address)
            await act(page)
            await page.wait_for_load_state("networkidle")
            missed = await walk(page)
            assert missed == [], f"on {address} the Tab key does not come to these"


async def walk(page: Page) -> list[str]:
    """Press Tab once round the page; every stop must be seen. Returns what may be pressed and was not come to."""
    to_reach = dict(enumerate(await page.evaluate(REACHABLE)))
    for _ in range(len(to_reach) * 2 + 40):  # a date has several stops inside
        await page.keyboard.press("Tab")
        stop = await page.evaluate(WHERE)
        if stop is None:  # past the last one; the next press begins at the top
            continue
        place, is_seen, html = stop
        assert is_seen, f"nobody sees the focus at {html} of {page.url}"
        if place != "new":
            to_reach.pop(int(place), None)
        if not to_reach:
            break
    return list(to_reach.values())
