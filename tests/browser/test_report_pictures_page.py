"""The pictures above the tables of reports: each stands, and a click opens the list behind its row of the table."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect
from sqlalchemy import select, update

from hotline.aftercare.store import AftercareDrawTable
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from hotline.followups.store import FollowUpTable
from tests.browser.test_reports_page import FIRST, filled, signed_in
from tests.fakes.page_libraries import ABSENT, has_libraries
from tests.fakes.random_service import RandomService
from tests.fakes.web_desk import MorningClock, WebDesk, web_desk

pytestmark = [
    pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.skipif(not has_libraries(), reason=ABSENT),
]  # fmt: skip
DAYS = "from=2026-11-02&to=2026-11-16&range=custom"
PICTURES = {
    "calls": ("trend", "distribution", "heat", "causes"),
    "agents": ("agent-time", "agent-calls"),
    "service": ("kinds", "called-back", "hot-spots", "fees"),
}
# Of a picture and the colour of a bar: what the address of the list behind it says.
OPENED = {
    "calls": {("causes", "accent"): "figure=cause%3A"},
    "agents": {
        ("agent-time", "ringing"): "figure=wrap-up&value=8",
        ("agent-time", "soft"): "figure=paused&value=8",
        ("agent-calls", "accent"): "by=spoke-in&value=8",
    },
    "service": {
        ("kinds", "accent"): "figure=kind%3A",
        ("called-back", "accent"): "figure=called-in-time&value=",
        ("called-back", "ringing"): "figure=not-called-back&value=",
        ("hot-spots", "accent"): "figure=kind%3Arepair&by=building&value=",
        ("fees", "ringing"): "figure=reminded&value=",
    },
}


REPAIR = Draft(
    kind=Kind.REPAIR, is_urgent=False, who="", home="3-2-501", matter="厨房水管漏水", promised="", agent="8001"
)  # fmt: skip


@pytest.fixture
async def room(tmp_path: Path, context: BrowserContext) -> AsyncIterator[WebDesk]:
    """Give a desk with two weeks of calls and of everything else, and a supervisor at it."""
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await filled(room)
        async with room.database.begin() as session:
            await RandomService(Random(3), FIRST, 12).write(session, times=12)
            called = select(FollowUpTable.id).where(FollowUpTable.closed_at.is_not(None))
            in_time = update(AftercareDrawTable).where(AftercareDrawTable.follow_up.in_(called))
            await session.execute(in_time.values(call_by=room.clock.now() + timedelta(days=365)))
        await room.finished_call("pipe", start=FIRST + timedelta(days=1))
        async with room.database.begin() as session:
            await add_entry(session, call_id="pipe", draft=REPAIR, written_by="wang", at=room.clock.now())
        await signed_in(context, room)
        yield room


async def shown(screen: Page, room: WebDesk, tab: str, more: str = "") -> None:
    await screen.goto(f"{room.origin}/reports?{DAYS}&tab={tab}{more}")
    await expect(screen.locator("#reports")).to_have_attribute("data-state", "shown")
    await expect(screen.locator("#freshness")).to_have_attribute("data-is", "live")
    await expect(screen.locator(".picture svg")).to_have_count(len(PICTURES[tab]))
    for kind in PICTURES[tab]:
        await expect(screen.locator(f".picture[data-kind={kind}] svg")).to_be_visible()


@pytest.mark.parametrize("tab", ["calls", "agents", "service"])
async def test_bar_opens_the_list_that_the_table_below_it_opens(
    context: BrowserContext, screen: Page, room: WebDesk, tab: str
) -> None:
    await shown(screen, room, tab)
    addresses = await screen.locator("#shown table a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    for (kind, colour), said in OPENED[tab].items():
        picture = screen.locator(f".picture[data-kind={kind}]")
        opened = await click(context, bars_of(picture, colour))

        assert said in opened, (kind, colour)
        assert opened in addresses, (kind, colour)


async def test_second_bar_of_a_row_opens_what_is_compared_with(
    context: BrowserContext, screen: Page, room: WebDesk
) -> None:
    await shown(screen, room, "service", "&compare=custom&other_from=2026-11-02&other_to=2026-11-08")

    opened = await click(context, bars_of(screen.locator(".picture[data-kind=kinds]"), "soft"))

    assert opened.startswith("/calls?from=2026-11-02&to=2026-11-08&figure=kind%3A")


def bars_of(picture: Locator, colour: str) -> Locator:
    """Return the bars of a colour; the sign of a legend has no edge."""
    return picture.locator(f"path[fill='var(--{colour})'][stroke='var(--panel)']")


async def click(context: BrowserContext, bars: Locator) -> str:
    """Click the middle of the widest of these bars; return what was opened, without the origin."""
    boxes = [box for box in [await bar.bounding_box() for bar in await bars.all()] if box]
    box = max(boxes, key=lambda one: one["width"])
    await bars.first.page.evaluate("y => scrollBy(0, y)", box["y"] - 300)
    place = max(
        [found for found in [await bar.bounding_box() for bar in await bars.all()] if found],
        key=lambda one: one["width"],
    )
    async with context.expect_page() as coming:
        await bars.first.page.keyboard.down("Control")
        await bars.first.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        await bars.first.page.keyboard.up("Control")
    other = await coming.value
    await expect(other.locator("#behind")).to_be_visible()
    await expect(other.locator("#freshness")).to_have_attribute("data-is", "live")  # it has all it asks for
    opened = re.sub(r"^https?://[^/]+", "", other.url)
    await other.close()
    return opened


@pytest.mark.parametrize("tab", ["calls", "agents", "service"])
async def test_pictures_are_as_wide_as_the_page_on_a_phone_by_night_and_on_paper(
    screen: Page, room: WebDesk, tab: str, tmp_path: Path
) -> None:
    for width in (1280, 390):
        await screen.emulate_media(color_scheme="light" if width == 1280 else "dark")
        await screen.set_viewport_size({"width": width, "height": 900})
        await shown(screen, room, tab, "&compare=before" if width == 1280 else "&heat=service_level")
        assert await screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await screen.screenshot(path=tmp_path / f"{tab}-{width}.png", full_page=True)
    await screen.emulate_media(media="print")
    for picture in await screen.locator(".picture svg").all():
        box = await picture.bounding_box()
        assert box is not None
        assert 0 < box["width"] <= 390
        assert box["height"] > box["width"] / 6


async def test_map_of_the_week_tells_calls_or_shares_and_gives_no_colour_to_what_has_no_data(
    context: BrowserContext, screen: Page, room: WebDesk, tmp_path: Path
) -> None:
    await shown(screen, room, "calls")
    client = await room.signed_in("boss")
    told = await (await client.get("/api/v1/reports/calls", params={"from": "2026-11-02", "to": "2026-11-16"})).json()
    heat = screen.locator(".heat .picture")
    cells = heat.locator("path[fill='var(--accent)'], path[fill='var(--ringing)']")
    await expect(cells).to_have_count(len(told["heat"]))
    await expect(heat.locator("path[fill='var(--ringing)']")).to_have_count(0)

    await screen.locator("select[name=heat]").select_option("service_level")

    known = [cell for cell in told["heat"] if cell["service_level"] is not None]
    late = [cell for cell in known if cell["service_level"] < 1]
    assert 0 < len(late) < len(known) < len(told["heat"])
    await expect(cells).to_have_count(len(known))
    await expect(heat.locator("path[fill='var(--ringing)']")).to_have_count(len(late))
    await expect(heat.locator("path[stroke-dasharray]")).to_have_count(7 * 24 - len(known))
    await heat.screenshot(path=tmp_path / "heat.png")
    await screen.reload()
    await expect(screen.locator("select[name=heat]")).to_have_value("service_level")
    await expect(cells).to_have_count(len(known))
    opened = await click(context, heat.locator("path[fill='var(--ringing)']"))
    assert "figure=not-within-limit&by=week-hour&value=" in opened
    await screen.locator(".heat .picture-figures summary").press("Enter")
    addresses = await screen.locator(".heat table a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert opened in addresses

    async with screen.expect_download() as coming:
        await screen.locator(".heat a[download]").first.click()
    rows = (await (await coming.value).path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + len(told["heat"])
