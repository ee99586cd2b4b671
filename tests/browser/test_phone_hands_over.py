"""The phone in the page hands over, asks, makes three of them, parks; and one page at a time is the phone."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.phone_site import (  # noqa: F401  # the fixtures
    CALLER,
    is_ready,
    line_is_clear,
    open_phone,
    phone_browser,
    phone_site,
    resident_calls,
    rings,
    talks,
)
from tests.fakes.site import Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.asterisk, pytest.mark.timeout(180)]


async def two_desks(site: Site, browser: Browser) -> tuple[Page, Page]:
    """Return 8001, who talks with a resident, and 8002, whom only colleagues ring."""
    colleague = await open_phone(site, browser, "8002", takes_calls=False)
    page = await open_phone(site, browser, "8001")
    resident_calls(site, seconds=45).add_done_callback(lambda done: done.cancelled() or done.exception())
    await rings(page)
    await page.click("#phone [data-act=answer]")
    await talks(page)
    return page, colleague


async def chooses(page: Page, act: str) -> None:
    """Open whom to hand over to, by the key, and press one of its buttons."""
    await page.keyboard.press("Shift+F4")
    await page.click(f"#phone [data-act={act}]")


async def lifts(page: Page) -> None:
    await rings(page)
    await page.click("#phone [data-act=answer]")
    await talks(page)


async def hears(page: Page) -> None:
    """Wait until the other side is heard, by the page's own meter."""
    async with asyncio.timeout(10):
        while float(await page.locator("#phone-theirs").get_attribute("data-loudest") or 0) < 0.4:
            await asyncio.sleep(0.2)


async def hangs_up(page: Page) -> None:
    await page.click("#phone [data-act=hang-up]")
    await is_ready(page)


async def test_resident_is_handed_over_at_once(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page, colleague = await two_desks(phone_site, phone_browser)

    await chooses(page, "blind-8002")

    await lifts(colleague)
    await is_ready(page)
    await hears(colleague)
    await hangs_up(colleague)
    call = await phone_site.call_of(CALLER, where=lambda one: one.talk_ended is not None and len(one.talks) == 2)
    assert [(one.kind, one.by, one.to, one.result) for one in call.transfers] == [("blind", "8001", "8002", "answered")]


async def test_colleague_is_asked_first_and_then_has_the_resident(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page, colleague = await two_desks(phone_site, phone_browser)
    await chooses(page, "ask-8002")
    await lifts(colleague)
    await page.click("#phone [data-act=swap]")
    await page.click("#phone [data-act=swap]")

    await page.click("#phone [data-act=complete]")

    await is_ready(page)
    await hears(colleague)
    await hangs_up(colleague)
    call = await phone_site.call_of(CALLER, where=lambda one: one.talk_ended is not None and len(one.talks) == 2)
    assert [(one.kind, one.by, one.to) for one in call.transfers] == [("attended", "8001", "8002")]


async def test_agent_who_asked_comes_back_to_the_resident(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page, colleague = await two_desks(phone_site, phone_browser)
    await chooses(page, "ask-8002")
    await lifts(colleague)

    await page.click("#phone [data-act=back]")

    await is_ready(colleague)
    await expect(page.locator("#phone [data-act=hold]")).to_have_attribute("aria-pressed", "false")
    await hears(page)
    await hangs_up(page)


async def test_three_of_them_speak_with_each_other(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page, colleague = await two_desks(phone_site, phone_browser)
    await chooses(page, "invite-8002")
    await lifts(colleague)
    await expect(page.locator("#phone .phone-invited")).to_have_attribute("data-is", "there")

    await page.click("#phone [data-act=three]")

    await hears(colleague)
    await phone_site.call_of(CALLER, where=lambda one: sum(talk.ended is None for talk in one.talks) == 2)
    await hangs_up(page)
    await hangs_up(colleague)


async def test_parked_resident_is_taken_again(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page, _ = await two_desks(phone_site, phone_browser)
    await chooses(page, "park")
    await is_ready(page)

    await page.click("#phone [data-act=unpark]")

    await talks(page)
    await hears(page)
    await hangs_up(page)
    call = await phone_site.call_of(CALLER, where=lambda one: one.talk_ended is not None and len(one.talks) == 2)
    assert {talk.agent for talk in call.talks} == {"8001"}


async def test_second_page_is_no_phone_until_it_takes_it(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page = await open_phone(phone_site, phone_browser, "8001", takes_calls=False)
    second = await page.context.new_page()
    await second.goto(phone_site.url("/agent"))
    await expect(second.locator("#phone")).to_have_attribute("data-is", "elsewhere")

    await second.click("#phone [data-act=take]")

    await is_ready(second)
    await expect(page.locator("#phone")).to_have_attribute("data-is", "elsewhere")
