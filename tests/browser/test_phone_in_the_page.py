"""The phone in the page, on a real switch: it signs in, rings, is lifted, and both sides hear each other."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.store import entries_of
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.recordings.legs import Measured, measure
from hotline.simulate.scenario import Say, agent
from tests.browser.phone_site import (  # noqa: F401  # the fixtures
    CALLER,
    is_ready,
    line_is_clear,
    open_phone,
    phone_browser,
    phone_site,
    resident_calls,
    resident_voice,
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


async def test_button_pressed_twice_lifts_once_and_mute_is_silence_for_the_resident(
    phone_site: Site,  # noqa: F811
    phone_browser: Browser,  # noqa: F811
):
    page = await open_phone(phone_site, phone_browser, "8001")
    resident = resident_calls(phone_site, seconds=26)
    await rings(page)

    await page.dblclick("#phone [data-act=answer]", delay=5)
    await talks(page)
    await page.click("#phone [data-act=mute]")

    await expect(page.locator("#phone [data-act=mute]")).to_have_attribute("aria-pressed", "true")
    await asyncio.to_thread(phone_site.console, "channel originate PJSIP/8001 application Wait 1")
    await expect(page.locator("#phone [role=alert]")).to_contain_text("您在通话中")
    await expect(page.locator("#phone")).to_have_attribute("data-is", "talking")
    await resident
    await is_ready(page)
    heard = await sides(phone_site)
    later = len(heard.picture.agent) // 2
    assert max(heard.picture.agent[later:]) <= 2  # of 255: silence but for a click
    assert max(heard.picture.caller[later:]) > 10
    call = await phone_site.call_of(CALLER, where=lambda one: one.state is CallState.ENDED)
    assert len(call.talks) == 1
    assert call.oddities == ()


async def test_hold_gives_music_and_the_ledger_the_hold(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page = await open_phone(phone_site, phone_browser, "8001")
    resident = resident_calls(phone_site, seconds=26)
    await rings(page)
    await page.keyboard.press("F3")
    await talks(page)

    await page.keyboard.press("Shift+F3")
    await expect(page.locator("#phone [data-act=hold]")).to_have_attribute("aria-pressed", "true")
    await page.wait_for_timeout(2000)
    await page.keyboard.press("Shift+F3")
    await expect(page.locator("#phone [data-act=hold]")).to_have_attribute("aria-pressed", "false")
    await page.wait_for_timeout(1000)

    await page.keyboard.press("Shift+F8")
    await is_ready(page)
    resident.cancel()
    call = await phone_site.call_of(CALLER, where=lambda one: one.talk_ended is not None)
    assert [1.5 < talk.held.total_seconds() < 5 for talk in call.talks] == [True]


async def test_resident_who_hangs_up_while_it_rings_leaves_a_clear_phone(phone_site: Site, phone_browser: Browser):  # noqa: F811
    page = await open_phone(phone_site, phone_browser, "8001")
    resident = resident_calls(phone_site, seconds=16)  # the greeting and the notice are over after eleven
    await rings(page)

    await resident

    await is_ready(page)
    assert await page.locator("#phone").get_attribute("data-rings") == "false"
    assert await page.locator("#phone [data-act=answer]").count() == 0


async def test_rejected_call_goes_to_the_next_phone_at_once(phone_site: Site, phone_browser: Browser):  # noqa: F811
    first = await open_phone(phone_site, phone_browser, "8001")
    second = await open_phone(phone_site, phone_browser, "8002")
    resident = resident_calls(phone_site, seconds=30)
    rung, other = await first_to_ring(first, second)

    await rung.keyboard.press("Shift+F3")

    await is_ready(rung)
    await rings(other)
    await other.click("#phone [data-act=answer]")
    await talks(other)
    await other.click("#phone [data-act=hang-up]")
    resident.cancel()


async def first_to_ring(one: Page, other: Page) -> tuple[Page, Page]:
    """Return the page that rings, and the one that does not."""
    ringing = "document.querySelector('#phone').dataset.is === 'ringing'"
    async with asyncio.timeout(40):
        while True:
            for rung, waits in ((one, other), (other, one)):
                if await rung.evaluate(ringing):
                    return rung, waits
            await asyncio.sleep(0.1)


async def owes_a_call(site: Site, number: str) -> int:
    now, parsed = site.clock.now(), PhoneNumber.parse(number)
    assert parsed is not None
    debt = Debt(kind=FollowUpKind.CALL_BACK, at=now, due=now + timedelta(hours=1))
    async with site.database.begin() as session:
        one = await add_follow_up(
            session, debt=debt, owed_by=Role.AGENT, call_id="hotline-1.1", number=number, e164=parsed.e164,
            home="", who="", at=now,
        )  # fmt: skip
    return one.id


async def test_click_in_my_list_rings_me_then_the_resident_and_what_was_owed_is_done(
    phone_site: Site,  # noqa: F811
    phone_browser: Browser,  # noqa: F811
):
    number = "13900000555"
    owed = await owes_a_call(phone_site, number)
    page = await open_phone(phone_site, phone_browser, "8001", takes_calls=False)
    row = page.locator(f'#my-list [data-follow-up="{owed}"]')
    speaks = agent([Say(resident_voice(phone_site, 14), 14)], rings_for=1.0, hangs_up=True, patience=90)
    resident = asyncio.get_running_loop().create_task(phone_site.outside().call(speaks, limit=120))

    await row.locator(f'[data-key="dial-{owed}"]').click()
    await rings(page)
    await page.click("#phone [data-act=answer]")
    await talks(page)
    invite = (await resident)[0]
    await is_ready(page)

    async def is_told() -> CallRecord | None:
        return next((call for call in await phone_site.calls_from(number) if call.state is CallState.ENDED), None)

    call = await phone_site.eventually(is_told, limit=40, what="the call is in the ledger")
    assert call is not None
    await expect(row).to_have_count(0, timeout=20_000)
    async with phone_site.database.read() as session:
        assert (await follow_up_by_id(session, owed)).state is FollowUpState.DONE
        [entry] = await entries_of(session, call.id)
    assert phone_site.settings.sip.outbound_number in invite.header("From")
    assert phone_site.settings.sip.hotline_number not in invite.header("From")
    assert (call.direction, call.outcome, call.agent, call.oddities) == ("outbound", Outcome.ANSWERED, "8001", ())
    assert entry.matter.startswith("回电：已接通")
    sound = phone_site.settings.recordings_directory / call.recording
    assert measure(sound.with_name(f"{sound.name}.caller.wav"), sound.with_name(f"{sound.name}.agent.wav")).silent == ()
