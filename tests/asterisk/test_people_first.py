"""People first: phones ring while the caller hears ringing; the menu takes over before the third ring ends."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hotline.calls.cadence import THREE_RINGS
from hotline.calls.cel import read_page
from hotline.calls.state import Outcome
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.site import Site, ended, lifted_after

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(HOTLINE_ANSWERING_FIRST="people")
    await site.set_up()
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


async def test_an_agent_who_lifts_within_three_rings_is_who_the_caller_hears_and_both_heard_the_notice(
    site: Site,
) -> None:
    phone = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Say(site.silence(8), 8), rings_for=4, hangs_up=True))
        dialling = both.create_task(site.calls_in(number="13900000401", hangs_up=False))
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of("13900000401", where=ended)
    assert (call.outcome, call.agent, call.menu_path, call.oddities) == (Outcome.ANSWERED, "8001", (), ())
    assert 3.5 < lifted_after(dialling.result()) < THREE_RINGS.total_seconds()
    assert call.notice_version
    assert call.human_answer is not None
    assert call.recording_start is not None
    assert call.recording_start <= call.human_answer, "the talk is recorded from its first word"


async def test_when_nobody_lifts_the_menu_takes_over_before_the_third_ring_ends(site: Site) -> None:
    silent = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_does_not_answer(silent))
        dialling = both.create_task(site.calls_in(Say(site.silence(10), 10), number="13900000402"))
    await site.sign_phone(silent, "8001", lasts=0)

    call = await site.call_of("13900000402", where=ended)
    assert lifted_after(dialling.result()) < THREE_RINGS.total_seconds()
    assert (call.rings_heard, len(call.rings)) == (2, 1), "a ring without answer is one, not one a ring"
    assert call.menu_entered_at is not None


async def test_an_agent_who_hangs_up_in_the_notice_does_not_take_the_caller_along(site: Site) -> None:
    phone = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(1), rings_for=2, hangs_up=True))
        both.create_task(site.calls_in(Say(site.silence(16), 16), number="13900000405"))
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of("13900000405", where=ended)
    assert (call.human_answer, call.oddities) == (None, ())
    assert call.menu_entered_at is not None, "the menu takes over"


async def test_with_nobody_signed_in_the_menu_comes_at_once(site: Site) -> None:
    heard = await site.calls_in(Wait(1), Press("0"), number="13900000403")

    assert lifted_after(heard) < 3


async def test_who_refuses_in_the_talk_stops_the_switch_from_recording_even_with_the_service_gone(site: Site) -> None:
    phone = await site.sign_in_phone("8001")
    site.signal("serve", signal.SIGKILL)

    async def recorders_after_the_refusal() -> list[str]:
        """Return what records while the talk goes on, once the refusal is in the switch's log."""

        async def refused() -> bool:
            rows = await asyncio.to_thread(read_page, site.settings.cel_store, 0)
            return any(row.type == "REFUSED" for row in rows.rows[-40:])

        await site.eventually(refused, limit=40, what="the refusal is told")
        listed = await asyncio.to_thread(site.console, "core show channels concise")
        channels = [line.split("!")[0] for line in listed.splitlines() if line.startswith("PJSIP/")]
        shown = [await asyncio.to_thread(site.console, f"mixmonitor list {name}") for name in channels]
        return [text for text in shown if ".wav" in text]

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(site.agent_answers(phone, Say(site.silence(18), 18), rings_for=2, hangs_up=True))
        recorders = all_three.create_task(recorders_after_the_refusal())
        all_three.create_task(
            site.calls_in(Say(site.silence(9), 9), Press("#"), number="13900000404", hangs_up=False, limit=120)
        )
    site.start("serve")
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of("13900000404", where=ended)
    assert (call.outcome, call.recording_refused) == (Outcome.ANSWERED, True)
    assert recorders.result() == []

    async def gone() -> bool:
        return not list(site.settings.recordings_directory.rglob(f"{call.id}*"))

    await site.eventually(gone, limit=20, what="what was recorded before is removed")
