"""A talk outlives the page that is its phone; one that stays away sends the resident to people, before all others."""

import asyncio
import os
import re
import signal
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, WebSocketRoute, expect

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.desk.page_phone import FAMILY, as_switch_reads
from hotline.desk.page_phone_store import page_key_of
from hotline.simulate.scenario import Press, Say
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


def over(call: CallRecord) -> bool:
    return call.state is CallState.ENDED


async def is_heard(page: Page) -> None:
    """Wait until the page hears the resident from now on; its meter lies above 0.4 where somebody speaks."""
    await page.evaluate("document.querySelector('#phone-theirs').dataset.loudest = '0'")
    await page.wait_for_function("() => Number(document.querySelector('#phone-theirs')?.dataset.loudest ?? 0) > 0.1")


async def watch_line(page: Page) -> None:
    """Have the page write down each state of its line from now on: one may be over before anybody looks."""
    await page.evaluate("""() => {
        const phone = document.querySelector('#phone');
        window.lineStates = [];
        new MutationObserver(() => window.lineStates.push(phone.dataset.line))
            .observe(phone, { attributes: true, attributeFilter: ['data-line'] });
    }""")


async def line_was(page: Page, *states: str) -> None:
    """Wait until the line has been in these states, in this order, since it is watched."""
    await page.wait_for_function(
        """(wanted) => {
            const left = [...wanted];
            for (const state of window.lineStates) if (state === left[0]) left.shift();
            return left.length === 0;
        }""",
        arg=list(states),
        timeout=30_000,
    )


async def test_talk_goes_on_after_a_reload_and_the_ledger_has_one(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page = await open_phone(phone_site, phone_browser, "8001")
    resident = resident_calls(phone_site, seconds=45)
    await rings(page)
    await page.click("#phone [data-act=answer]")
    await talks(page)
    await is_heard(page)

    await page.reload()

    await talks(page)
    await is_heard(page)
    await page.wait_for_function(
        "() => [...document.querySelectorAll('audio')].some((one) => one.srcObject && !one.paused)"
    )
    await resident
    await is_ready(page)
    call = await phone_site.call_of(CALLER, where=over)
    [talk] = call.talks
    assert (talk.agent, talk.how) == ("8001", "answered")
    assert [hold.ended is not None for hold in talk.holds] == [True]
    assert len(call.rings) == 1
    assert call.ended_by_caller, "the reload was no end of the talk"
    assert call.ended_at is not None
    assert talk.ended is not None
    assert call.ended_at - talk.ended < timedelta(seconds=1)
    assert call.oddities == ()


async def test_resident_whose_agent_closed_the_page_goes_to_the_next_first_of_all(
    phone_site: Site,  # noqa: F811
    phone_browser: Browser,  # noqa: F811
):
    page = await open_phone(phone_site, phone_browser, "8001")
    resident = resident_calls(phone_site, seconds=130)
    await rings(page)
    await page.click("#phone [data-act=answer]")
    await talks(page)
    await is_heard(page)  # a page that has lifted is joined a moment later: until then it is a ring and no talk

    await page.context.close()
    other = await open_phone(phone_site, phone_browser, "8002")

    await rings(other, within=90)
    await other.click("#phone [data-act=answer]")
    await talks(other)
    await is_heard(other)
    await other.click("#phone [data-act=hang-up]")
    await is_ready(other)
    resident.cancel()
    call = await phone_site.call_of(CALLER, where=lambda one: one.talk_ended is not None and len(one.talks) == 2)
    assert [talk.agent for talk in call.talks] == ["8001", "8002"]


async def test_resident_whose_agents_browser_was_killed_goes_to_the_next_without_the_service(
    phone_site: Site,  # noqa: F811
    phone_browser: Browser,  # noqa: F811
):
    page = await open_phone(phone_site, phone_browser, "8001")
    resident = resident_calls(phone_site, seconds=70)
    await rings(page)
    await page.click("#phone [data-act=answer]")
    await talks(page)
    phone_site.signal("serve", signal.SIGSTOP)

    try:
        kill_browser(await pid_of(phone_browser))
        await phone_site.eventually(
            lambda: waits_in_queue(phone_site), limit=30, what="the resident waits in the queue again"
        )
    finally:
        phone_site.signal("serve", signal.SIGCONT)
        resident.cancel()


async def waits_in_queue(site: Site) -> bool:
    said = await asyncio.to_thread(site.console, "core show channels concise")
    return any(
        "PJSIP/carrier-" in line and "!Queue!" in line and "!8001!" not in line for line in said.splitlines()
    ) and ("PJSIP/8001-" not in said)


async def pid_of(browser: Browser) -> int:
    session = await browser.new_browser_cdp_session()
    told = await session.send("SystemInfo.getProcessInfo")
    return next(one["id"] for one in told["processInfo"] if one["type"] == "browser")


def kill_browser(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


async def test_network_that_goes_shows_at_once_and_comes_back(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page = await open_phone(phone_site, phone_browser, "8001", takes_calls=False)
    await watch_line(page)

    await page.context.set_offline(True)
    await line_was(page, "lost")
    await page.context.set_offline(False)

    await line_was(page, "lost", "ready")


async def test_page_whose_password_the_switch_does_not_have_yet_signs_in_as_soon_as_it_has(
    phone_site: Site,  # noqa: F811
    phone_browser: Browser,  # noqa: F811
):
    page = await open_phone(phone_site, phone_browser, "8001", takes_calls=False)
    async with phone_site.database.read() as session:
        key = await page_key_of(session, "8001")
    assert key is not None
    own = phone_site.settings.sip.passwords["8001"].get_secret_value()

    def has(password: str) -> None:
        value = as_switch_reads("8001", password).replace('"', '\\"').replace(" ", "")
        assert "success" in phone_site.console(f"database put {FAMILY} 8001 {value}")

    has("another")
    await page.reload()
    await expect(page.locator("#phone")).to_have_attribute("data-line", "refused", timeout=20_000)
    has(key.password(own))

    await is_ready(page)


async def test_line_that_was_cut_in_a_talk_comes_back_and_the_talk_goes_on(phone_site: Site, phone_browser: Browser):  # noqa: F811
    lines: list[WebSocketRoute] = []

    def through_us(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    signalling = re.compile(rf":{phone_site.settings.sip.signalling_port}/ws")
    page = await open_phone(phone_site, phone_browser, "8001", routes={signalling: through_us})
    resident = resident_calls(phone_site, seconds=45)
    await rings(page)
    await page.click("#phone [data-act=answer]")
    await talks(page)
    await watch_line(page)

    await lines[-1].close(code=1012)

    await line_was(page, "lost", "ready")
    await is_heard(page)
    await expect(page.locator("#phone")).to_have_attribute("data-is", "talking")
    await page.click("#phone [data-act=hang-up]")
    await is_ready(page)
    call = await phone_site.call_of(CALLER, where=lambda one: one.talk_ended is not None)
    resident.cancel()
    assert len(lines) > 1
    assert len(call.talks) == 1


async def test_caller_in_danger_whose_helpers_browser_was_killed_is_rung_for_again_and_waits_in_no_queue(
    phone_site: Site,  # noqa: F811
    phone_browser: Browser,  # noqa: F811
):
    page = await open_phone(phone_site, phone_browser, "8001")
    resident = asyncio.get_running_loop().create_task(
        phone_site.calls_in(
            Say(phone_site.silence(1.5), 1.5), Press("9"), Say(phone_site.silence(70), 70), number=CALLER, limit=130
        )
    )
    await rings(page)
    await page.click("#phone [data-act=answer]")
    await talks(page)
    await page.wait_for_timeout(11_000)  # a helper who is gone sooner was none, and everybody rings again anyway

    try:
        kill_browser(await pid_of(phone_browser))
        await phone_site.eventually(
            lambda: is_rung_for_again(phone_site), limit=30, what="every phone is rung again for who is in danger"
        )
    finally:
        resident.cancel()


async def is_rung_for_again(site: Site) -> bool:
    """The helper's line is gone; the caller's is in the emergency, where whoever can be rung is, and in no queue."""
    said = await asyncio.to_thread(site.console, "core show channels concise")
    caller = next((line for line in said.splitlines() if line.startswith("PJSIP/carrier-")), "")
    return "!emergency!" in caller and "PJSIP/8001-" not in said
