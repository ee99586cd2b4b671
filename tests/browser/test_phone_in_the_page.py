"""The phone in the page, on a real switch: it signs in, rings, is lifted, and both sides hear each other."""

import pytest
from playwright.async_api import Browser, Page, expect

from hotline.calls.state import CallState
from hotline.recordings.legs import Measured, measure
from tests.browser.phone_site import (  # noqa: F401  # the fixtures
    CALLER,
    is_ready,
    open_phone,
    phone_browser,
    phone_site,
    resident_calls,
    rings,
    talks,
)
from tests.fakes.site import Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.asterisk, pytest.mark.timeout(180)]


async def sides(site: Site) -> Measured:
    """Return what the newest call's recording holds of both sides."""
    call = await site.call_of(CALLER, where=lambda one: one.state is CallState.ENDED)
    name = site.settings.recordings_directory / call.recording
    return measure(name.with_name(f"{name.name}.caller.wav"), name.with_name(f"{name.name}.agent.wav"))


async def loudest(page: Page, side: str) -> float:
    """Return the highest that the page's own meter has shown since the talk began; speech lies above 0.4."""
    return float(await page.locator(f"#phone-{side}").get_attribute("data-loudest") or 0)


async def test_both_sides_hear_each_other_and_the_recording_has_both(phone_site: Site, phone_browser: Browser):  # noqa: F811
    complaints: list[str] = []
    page = await open_phone(phone_site, phone_browser, "8001", complaints=complaints)
    resident = resident_calls(phone_site, seconds=24)
    await rings(page)
    assert await page.locator("#phone").get_attribute("data-rings") == "true"

    await page.click("#phone [data-act=answer]")
    await talks(page)
    await page.wait_for_timeout(4000)

    assert await page.locator("#phone").get_attribute("data-rings") == "false"
    assert await loudest(page, "mine") > 0.4
    assert await loudest(page, "theirs") > 0.4
    await resident
    await is_ready(page)
    heard = await sides(phone_site)
    assert heard.silent == ()
    assert min(heard.rms_db) > -45
    assert complaints == []
