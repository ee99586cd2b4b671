"""Key 9: every phone at once, then the duty chain beside them, by the outbound number; never a menu again."""

import asyncio
from datetime import timedelta

import pytest

from hotline.calls.state import Outcome
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import entries_of
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.call_capture import NUMBER, desk_phone, lifts, resident
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_nine_in_the_greeting_rings_agents_supervisors_and_security_at_once(site: Site) -> None:
    rung = {extension: await site.sign_in_phone(extension) for extension in ("8001", "8901")}
    security = await site.sign_in_phone("8701")
    async with asyncio.TaskGroup() as all_four:
        for phone in rung.values():
            all_four.create_task(site.agent_does_not_answer(phone))
        all_four.create_task(site.agent_answers(security, Wait(11), rings_for=3, hangs_up=True))
        all_four.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("9"), number="13900000009", hangs_up=False)
        )
    for extension, phone in {**rung, "8701": security}.items():
        await site.sign_phone(phone, extension, lasts=0)

    call = await site.call_of("13900000009", where=ended)
    assert (call.is_emergency, call.outcome, call.agent, call.oddities) == (True, Outcome.ANSWERED, "8701", ())
    assert call.menu_path == (), "nobody in danger is led through a menu"
    assert {ring.agent for ring in call.rings} == {"8001", "8701", "8901"}
    assert max(ring.began for ring in call.rings) - min(ring.began for ring in call.rings) < timedelta(seconds=1)
    assert call.recording, "what is said in danger is recorded from the first word"
    assert call.human_wait is not None
    assert call.human_wait < timedelta(seconds=9)
    async with site.database.read() as session:
        [entry] = await entries_of(session, call.id)
    assert (entry.kind, entry.is_urgent) == (Kind.SPECIAL_HELP, True)


async def test_when_no_phone_of_the_house_lifts_the_duty_mobile_rings_by_the_outbound_number(site: Site) -> None:
    silent, mobile = await site.sign_in_phone("8002"), site.outside()
    await site.on_duty(("mobile", "13900001111", 30))
    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(site.agent_does_not_answer(silent))
        lifting = all_three.create_task(
            site.agent_answers(mobile, Say(site.silence(4), 4), Press("1"), Wait(12), hangs_up=True)
        )
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("9"), number="13900000019", hangs_up=False)
        )
    await site.sign_phone(silent, "8002", lasts=0)

    call = await site.call_of("13900000019", where=ended)
    house, outside = (next(ring for ring in call.rings if ring.agent == who) for who in ("8002", "mobile"))
    assert (call.agent, call.outcome, house.was_answered) == ("mobile", Outcome.ANSWERED, False)
    assert 9.5 <= (outside.began - house.began).total_seconds() <= 12, "the chain joins after ten seconds"
    invite = lifting.result()[0]
    assert f"sip:{site.settings.sip.outbound_number}@" in invite.header("From")
    assert site.settings.sip.hotline_number not in invite.headers, "nobody dials out on the service line"


async def test_a_mobiles_answering_machine_that_presses_nothing_is_not_taken_for_a_human(site: Site) -> None:
    machine, security = site.outside(), site.telephone("agent-8701")
    await site.on_duty(("mobile", "13900001111", 30))

    async def lifts_and_then_only_rings() -> None:
        await site.agent_answers(machine)
        for _ in range(2):  # beside the phones of the house, until 8701 lifts
            await site.agent_does_not_answer(machine)

    async def lifts_when_the_machine_was_passed_over() -> None:
        await site.call_of(
            "13900000029", where=lambda call: any(ring.agent == "mobile" and ring.ended for ring in call.rings)
        )
        await site.sign_phone(security, "8701", lasts=600)
        await site.agent_answers(security, Wait(11), hangs_up=True)

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(lifts_when_the_machine_was_passed_over())
        all_three.create_task(lifts_and_then_only_rings())
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("9"), number="13900000029", hangs_up=False, limit=120)
        )
    await site.sign_phone(security, "8701", lasts=0)

    call = await site.call_of("13900000029", where=ended)
    assert call.agent == "8701"
    assert not any(ring.was_answered for ring in call.rings if ring.agent == "mobile")


async def test_a_mobile_that_lifts_and_hangs_up_stops_nothing_and_who_signs_in_meanwhile_rings(site: Site) -> None:
    mobile, late = site.outside(), site.telephone("agent-8001")
    await site.on_duty(("mobile", "13900001111", 20))

    async def signs_in_after_the_mobile_was_gone() -> None:
        await site.call_of("13900000039", where=lambda call: any(ring.agent == "mobile" for ring in call.rings))
        await site.sign_phone(late, "8001", lasts=600)
        await site.agent_answers(late, Wait(11), hangs_up=True)

    async def lifts_hangs_up_and_then_only_rings() -> None:
        await site.agent_answers(mobile, Wait(0.3), hangs_up=True)
        await site.agent_does_not_answer(mobile)

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(lifts_hangs_up_and_then_only_rings())
        all_three.create_task(signs_in_after_the_mobile_was_gone())
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("9"), number="13900000039", hangs_up=False, limit=120)
        )
    await site.sign_phone(late, "8001", lasts=0)

    call = await site.call_of("13900000039", where=ended)
    assert (call.outcome, call.agent, call.oddities) == (Outcome.ANSWERED, "8001", ())
    assert call.human_wait is not None
    assert call.human_wait < timedelta(seconds=60)


async def test_somebody_who_lifts_and_is_gone_in_a_moment_was_no_help_and_the_phones_ring_again(site: Site) -> None:
    await site.on_duty()
    phone = await site.sign_in_phone("8701")

    async def lifts_twice() -> None:
        await site.agent_answers(phone, Wait(0.5), hangs_up=True)
        await site.agent_answers(phone, Wait(11), hangs_up=True)

    async with asyncio.TaskGroup() as both:
        both.create_task(lifts_twice())
        both.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("9"), number="13900000049", hangs_up=False, limit=120)
        )
    await site.sign_phone(phone, "8701", lasts=0)

    call = await site.call_of("13900000049", where=ended)
    assert (call.agent, [ring.was_answered for ring in call.rings]) == ("8701", [True, True])


async def test_caller_in_danger_who_is_handed_over_in_vain_rings_everybody_again(site: Site) -> None:
    await site.on_duty()
    async with desk_phone(site, "8001") as helper, resident(site, key="9"):
        line = await lifts(helper)
        assert await line.refer("8999") == 202  # nobody there
        await line.hang_up()
        again = await helper.rings()
        again.refuse()

    call = await site.call_of(NUMBER, where=ended)
    assert call.is_emergency
    assert [one.result for one in call.transfers] == ["returned"]
    assert call.queue == "", "who is in danger waits in no queue"
