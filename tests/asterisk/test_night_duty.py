"""Outside the hours: the closed menu, the duty chain one by one, the message box; and a debt for the morning."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from hotline.alerts.alert import Rule
from hotline.alerts.ring_store import rings_of
from hotline.alerts.store import alert_by_id, raise_alert
from hotline.calls.state import Outcome
from hotline.calls.store import call_by_id
from hotline.clock import SystemClock
from hotline.followups.follow_up import FollowUpKind
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(HOTLINE_ALERTS_DUTY_NUMBERS="13900002222", HOTLINE_ALERTS_DUTY_RULES="backlog")
    await site.set_up()
    site.keep_hours("closed")
    own = site.home / "prompts" / "zh" / "site"
    own.mkdir(parents=True)
    for name in ("alert-backlog", "alert-keys", "alert-noted"):
        shutil.copy(site.settings.sounds_directory / "goodbye.wav", own / f"{name}.wav")
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


async def test_the_desk_then_the_duty_mobile_is_rung_each_for_its_time_and_the_caller_told_before_each(
    site: Site,
) -> None:
    desk, mobile = await site.sign_in_phone("8001"), site.outside()
    await site.on_duty(("desk", "8001", 6), ("mobile", "13900001111", 20))
    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(site.agent_does_not_answer(desk))
        all_three.create_task(site.agent_answers(mobile, Say(site.silence(4), 4), Press("1"), Wait(3), hangs_up=True))
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), number="13900000101", hangs_up=False)
        )
    await site.sign_phone(desk, "8001", lasts=0)

    call = await site.call_of("13900000101", where=ended)
    [first, second] = call.rings
    assert (first.agent, second.agent, call.agent, call.outcome) == ("8001", "mobile", "mobile", Outcome.ANSWERED)
    assert first.ended is not None
    assert (first.ended - first.began).total_seconds() == pytest.approx(6, abs=1)
    assert second.began - first.ended > timedelta(seconds=3), "the caller was told what happens next"
    assert call.oddities == ()


async def test_what_nobody_took_at_night_becomes_a_message_with_its_words_and_a_follow_up_due_after_opening(
    site: Site,
) -> None:
    await site.on_duty(("mobile", "13900001111", 5))
    heard = await site.calls_in(
        Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(46), 46), Press("#"), number="13900000102",
        hangs_up=False, limit=120,
    )  # fmt: skip

    call = await site.call_of("13900000102", where=ended)
    assert (call.outcome, call.human_answer) == (Outcome.MESSAGE_LEFT, None)
    assert call.message_at is not None
    assert call.recording_start is not None
    assert call.message_at >= call.recording_start
    [owed] = await site.owed(call.id)
    assert owed.kind is FollowUpKind.MESSAGE
    assert owed.due is not None
    assert heard


async def test_a_caller_who_hangs_up_at_night_before_anybody_came_is_owed_a_call_back(site: Site) -> None:
    await site.calls_in(Say(site.silence(8), 8), number="13900000103")

    call = await site.call_of("13900000103", where=ended)
    [owed] = await site.owed(call.id)
    assert owed.kind is FollowUpKind.MISSED


async def test_nine_is_heard_while_the_duty_chain_is_rung(site: Site) -> None:
    await site.on_duty(("mobile", "13900001111", 30))
    security = await site.sign_in_phone("8701")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(security, Wait(11), hangs_up=True, limit=120))
        both.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5),
                Press("0"),
                Say(site.silence(22), 22),
                Press("9"),
                number="13900000104",
                hangs_up=False,
                limit=120,
            )
        )
    await site.sign_phone(security, "8701", lasts=0)

    call = await site.call_of("13900000104", where=ended)
    assert (call.is_emergency, call.outcome, call.agent) == (True, Outcome.ANSWERED, "8701")
    assert call.oddities == ()


async def test_duty_telephone_is_called_about_an_alert_and_who_presses_1_took_note(site: Site) -> None:
    duty = site.outside()
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(duty, Say(site.silence(6), 6), Press("1"), limit=60))
        async with site.database.begin() as session:  # not by the rule: it would end it
            alert = await raise_alert(session, Rule.BACKLOG, "by hand", 99, SystemClock().now())
    assert alert is not None

    async def is_noted() -> bool:
        async with site.database.read() as session:
            return (await alert_by_id(session, alert.id)).acknowledged_name == "值班电话"

    await site.eventually(is_noted, limit=30, what="a note by telephone")
    async with site.database.read() as session:
        [ring] = await rings_of(session, alert.id)
        call = await call_by_id(session, ring.channel)
    assert call is None or call.direction == "internal", "it is no resident's call"
