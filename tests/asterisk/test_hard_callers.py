"""Callers who hang up at any point, press anything, have no number or a monstrous name."""

import asyncio

import pytest

from hotline.calls.state import CallState, Outcome
from hotline.simulate.scenario import Press, Say, Wait, gives_up_while_ringing
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def monkey_numbers() -> list[str]:
    return [f"1390000{n:04}" for n in range(100)]


async def ended(site: Site, number: str):
    return await site.call_of(number, where=lambda call: call.state is CallState.ENDED)


async def test_a_caller_who_gives_up_while_it_rings_is_in_the_ledger(site: Site) -> None:
    scenario = gives_up_while_ringing(number="13900000001", dialled="96000", after=0.3)

    await site.telephone("caller").call(scenario, limit=20)

    call = await ended(site, "13900000001")
    assert (call.outcome, call.switch_answer, call.rings_heard) == (Outcome.ABANDONED_RINGING, None, 1)


@pytest.mark.parametrize(
    ("number", "after", "outcome"),
    [
        ("13900000002", 1.0, Outcome.ABANDONED_ANNOUNCEMENT),
        ("13900000003", 13.0, Outcome.ABANDONED_MENU),
    ],
)
async def test_a_caller_who_hangs_up_is_abandoned_where_they_were(
    site: Site, number: str, after: float, outcome: Outcome
) -> None:
    await site.calls_in(Say(site.silence(after), after), number=number)

    assert (await ended(site, number)).outcome is outcome


async def test_a_caller_who_waits_in_vain_is_abandoned_in_the_queue_and_the_call_is_owed(site: Site) -> None:
    await site.calls_in(Say(site.silence(12), 12), Press("1"), Wait(6), number="13900000004")

    call = await ended(site, "13900000004")
    assert (call.outcome, call.queue, call.human_answer) == (Outcome.ABANDONED_QUEUE, "service", None)


async def test_an_agent_who_does_not_lift_is_a_ring_without_answer_once_and_the_next_agent_rings(site: Site) -> None:
    silent, lifting = await site.sign_in_phone("8001"), await site.sign_in_phone("8002")
    async with asyncio.TaskGroup() as all_three:
        ignoring = all_three.create_task(site.agent_does_not_answer(silent))
        answering = all_three.create_task(site.agent_answers(lifting, Wait(1), hangs_up=True))
        all_three.create_task(site.calls_in(number="13900000005", hangs_up=False, limit=120))
        await answering
        ignoring.cancel()  # the switch may have asked the second phone first
    await site.sign_phone(silent, "8001", lasts=0)

    call = await ended(site, "13900000005")
    assert (call.outcome, call.agent) == (Outcome.ANSWERED, "8002")
    missed = [ring for ring in call.rings if not ring.was_answered]
    for ring in missed:
        assert ring.agent == "8001"
        assert ring.ended is not None
        assert 13 <= (ring.ended - ring.began).total_seconds() <= 17, "an agent's phone rings three rings, 15 s"
    assert len(missed) <= 1


async def test_garbage_on_the_keys_never_keeps_a_caller_from_people(site: Site) -> None:
    phone = await site.sign_in_phone("8002")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(1), hangs_up=True))
        both.create_task(
            site.calls_in(
                Say(site.silence(12), 12), *[Press(key) for key in "#75*8"], number="13900000006", hangs_up=False
            )
        )

    call = await ended(site, "13900000006")
    assert call.outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("anonymous", ""),
        ("13900000007", "x" * 60_000),
        ("13900000008", "张伟\\\\'; DROP TABLE call; --"),
        ("13900000009", "${SHELL(touch /tmp/owned)}"),
    ],
)
async def test_a_caller_with_no_number_or_a_monstrous_name_is_answered_like_any_other(
    site: Site, number: str, name: str
) -> None:
    heard = await site.calls_in(Wait(1), number=number, name=name)

    assert any(message.line.startswith("SIP/2.0 200") for message in heard)
    call = await ended(site, number)
    assert call.ring_start is not None
    assert len(call.caller_name) <= 80


async def test_after_all_of_them_the_service_is_still_ready(site: Site) -> None:
    await site.ready(limit=5)
