"""Somebody always answers, and the ledger stays true, when the service is absent, hangs or is killed."""

import asyncio
import signal

import pytest

from hotline.calls.cadence import THREE_RINGS
from hotline.calls.state import CallState, Outcome
from hotline.simulate.scenario import Say, Wait, caller
from tests.fakes.ear import Ear, an_ear, with_ear
from tests.fakes.site import Site, ended, free_tcp_port, lifted_after


async def test_with_no_service_at_all_the_switch_answers_announces_and_reaches_a_human(bare: Site) -> None:
    bare.start("asterisk")
    await bare.switch_ready()
    phone = await bare.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(bare.agent_answers(phone, Say(bare.silence(2), 2), hangs_up=True))
        dialling = both.create_task(bare.calls_in(hangs_up=False))
    assert lifted_after(dialling.result()) < THREE_RINGS.total_seconds()

    bare.start("redis", "serve")

    call = await bare.call_of("13800138501", where=ended)
    assert (call.outcome, call.without_service, call.agent) == (Outcome.ANSWERED, "absent", "8001")
    assert call.notice_version
    assert call.recording


@pytest.mark.parametrize("key", ["", "1"], ids=["silent-caller", "key-in-the-sentence"])
async def test_a_service_that_hangs_in_the_menu_loses_the_caller_to_people_after_seconds_of_silence(
    bare: Site, key: str
) -> None:
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    phone = await bare.sign_in_phone("8001")
    menu = bare.settings.sounds_directory / "menu.wav"

    async def hang_in_the_menu(ear: Ear) -> None:
        await bare.call_of("13800138501", where=lambda call: call.state is CallState.IN_MENU)
        await ear.hears(menu, share=0.1, limit=30)
        bare.signal("serve", signal.SIGSTOP)
        if key:
            await ear.press(key)

    scenario = caller([], number="13800138501", dialled=bare.settings.sip.hotline_number, hangs_up=False, patience=90)
    async with an_ear() as ear, asyncio.TaskGroup() as all_three:
        all_three.create_task(bare.agent_answers(phone, Wait(1), hangs_up=True))
        all_three.create_task(hang_in_the_menu(ear))
        dialling = all_three.create_task(bare.telephone("caller").call(with_ear(scenario, ear), limit=90))
    bare.signal("serve", signal.SIGCONT)

    assert lifted_after(dialling.result()) < THREE_RINGS.total_seconds()
    call = await bare.call_of("13800138501", where=ended)
    assert (call.outcome, call.without_service) == (Outcome.ANSWERED, "silent")
    assert ear.share_of(menu) < 0.7 if key else ear.share_of(menu) > 0.7
    assert ear.longest_silence() < bare.settings.answering.lease + 2


async def test_with_the_menu_port_closed_and_the_service_alive_the_caller_reaches_a_human(bare: Site) -> None:
    bare.environment["HOTLINE_AGI_PORT"] = str(free_tcp_port())  # the service listens elsewhere than the switch asks
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    phone = await bare.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(bare.agent_answers(phone, Wait(1), hangs_up=True))
        dialling = both.create_task(bare.calls_in(hangs_up=False))

    assert lifted_after(dialling.result()) < THREE_RINGS.total_seconds()
    call = await bare.call_of("13800138501", where=ended)
    assert (call.outcome, call.without_service) == (Outcome.ANSWERED, "failed")


async def test_a_caller_who_dials_while_the_service_hangs_is_answered_within_three_rings_and_reaches_a_human(
    bare: Site,
) -> None:
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    phone = await bare.sign_in_phone("8001")
    bare.signal("serve", signal.SIGSTOP)
    async with asyncio.TaskGroup() as both:
        both.create_task(bare.agent_answers(phone, Wait(1), hangs_up=True))
        dialling = both.create_task(bare.calls_in(hangs_up=False))
    bare.signal("serve", signal.SIGCONT)

    assert lifted_after(dialling.result()) < THREE_RINGS.total_seconds()
    call = await bare.call_of("13800138501", where=ended)
    assert call.outcome is Outcome.ANSWERED
    assert call.without_service in {"absent", "silent"}


async def test_a_call_in_which_the_service_was_killed_stands_in_the_ledger_once_with_its_true_times(bare: Site) -> None:
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    phone = await bare.sign_in_phone("8001")

    async def kill_in_the_talk() -> None:
        await bare.call_of("13800138501", where=lambda call: call.state is CallState.TALKING)
        bare.signal("serve", signal.SIGKILL)

    async with asyncio.TaskGroup() as all_three:
        answering = all_three.create_task(bare.agent_answers(phone, Say(bare.silence(6), 6), hangs_up=True))
        all_three.create_task(kill_in_the_talk())
        dialling = all_three.create_task(bare.calls_in(hangs_up=False))
    half = await bare.calls_from("13800138501")
    assert [call.state for call in half] == [CallState.TALKING]

    bare.start("serve")

    call = await bare.call_of("13800138501", where=ended)
    assert len(await bare.calls_from("13800138501")) == 1
    assert call.outcome is Outcome.ANSWERED
    wire = dialling.result()
    bye = next(message.at for message in wire if message.line.startswith("BYE"))
    assert call.answer_wait is not None
    assert call.answer_wait.total_seconds() == pytest.approx(lifted_after(wire), abs=0.5)
    assert call.ended_at is not None
    assert call.ring_start is not None
    assert (call.ended_at - call.ring_start).total_seconds() == pytest.approx(
        (bye - wire[0].at).total_seconds(), abs=0.5
    )
    answering.result()
