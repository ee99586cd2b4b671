"""A supervisor changes a menu on the page, and the next caller meets it: a real page, a real call."""

import pytest
from playwright.async_api import Browser, expect

from hotline.calls.ledger import CallRecord
from hotline.simulate.scenario import Press, Say
from tests.browser.phone_site import PASSWORD, phone_browser, phone_site
from tests.fakes.site import Site, ended

__all__ = ["phone_browser", "phone_site"]
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.asterisk, pytest.mark.timeout(180)]
COMPLAINTS = '2 = { label = "投诉", prompt = "chosen-complaint", to = "queue:complaint"'
SAYS_GOODBYE = '2 = { label = "投诉", prompt = "chosen-complaint", to = "goodbye"'


async def test_menu_that_is_activated_on_the_page_is_what_the_next_caller_meets_and_taken_back_as_well(
    phone_site: Site, phone_browser: Browser
) -> None:
    context = await phone_browser.new_context(locale="zh-CN", reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(phone_site.url("/sign-in?next=/menus"))
    await page.fill("input[name=name]", "boss")
    await page.fill("input[name=password]", PASSWORD)
    await page.click("main button")
    await expect(page.locator("#menus")).to_have_attribute("data-state", "shown", timeout=20_000)
    text = page.locator("#text")

    await text.fill((await text.input_value()).replace(COMPLAINTS, SAYS_GOODBYE))
    await page.locator("#save").click()
    await expect(page.locator("#draft-state")).to_have_attribute("data-is", "saved")
    await page.locator("#activate").click()
    await page.locator("[name=note]").fill("今天不接投诉")
    await page.get_by_role("button", name="立即启用").click()
    await expect(page.locator("#in-force")).to_contain_text("版本 2")
    changed = await presses_two(phone_site, "13900000601", hangs_up=False)

    await page.locator("[data-back='1']").click()
    await expect(page.locator("#in-force")).to_contain_text("版本 3")
    taken_back = await presses_two(phone_site, "13900000602", hangs_up=True)
    await context.close()

    assert (changed.menu_path, changed.queue) == (("2",), "")
    assert (taken_back.menu_path, taken_back.queue) == (("2",), "service"), "nobody has the skill: everybody's queue"


async def presses_two(site: Site, number: str, *, hangs_up: bool) -> CallRecord:
    """Have a resident choose key 2, who hangs up some seconds later or is hung up on; return their call."""
    waits = (Say(site.silence(15), 15),) if hangs_up else ()
    await site.calls_in(Say(site.silence(1.5), 1.5), Press("2"), *waits, number=number, hangs_up=hangs_up)
    return await site.call_of(number, where=ended)
