"""Who waits: overflow from a skill to everybody, the agent who had the case, messages, numbers that would cost."""

import asyncio

import pytest

from hotline.calls.state import Outcome
from hotline.calls.store import calls_page
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_caller_without_a_number_who_wishes_a_call_back_is_asked_for_a_message(site: Site) -> None:
    await site.calls_in(
        Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(16), 16), Press("1"), Say(site.silence(14), 14),
        Press("#"), number="anonymous", hangs_up=False,
    )  # fmt: skip

    call = await site.call_of("anonymous", where=ended)
    assert (call.outcome, call.call_back_at) == (Outcome.MESSAGE_LEFT, None)


async def test_a_repair_nobody_skilled_takes_overflows_to_everybody_after_its_time(site: Site) -> None:
    await site.has_skills("8001", "repair")
    await site.has_skills("8002", "complaint")
    agent = await site.sign_in_phone("8002")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(agent, Wait(1), hangs_up=True))
        both.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("1"), number="13900000204", hangs_up=False, limit=120)
        )
    await site.sign_phone(agent, "8002", lasts=0)

    call = await site.call_of("13900000204", where=ended)
    assert (call.outcome, call.agent, call.queue, call.request) == (Outcome.ANSWERED, "8002", "service", "repair")


async def test_who_calls_again_is_put_through_to_the_agent_who_had_the_case(site: Site) -> None:
    had_it = await site.sign_in_phone("8002")
    for _ in range(2):
        async with asyncio.TaskGroup() as both:
            both.create_task(site.agent_answers(had_it, Wait(2), hangs_up=True))
            both.create_task(
                site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), Wait(14), number="13900000205", hangs_up=True)
            )
        await site.call_of("13900000205", where=ended)
        other = await site.sign_in_phone("8001")  # from now on two are free
    for extension, phone in (("8001", other), ("8002", had_it)):
        await site.sign_phone(phone, extension, lasts=0)

    [again, _] = await site.calls_from("13900000205")
    assert ([ring.agent for ring in again.rings], again.queue, again.agent) == (["8002"], "case", "8002")


async def test_a_number_that_would_cost_is_never_dialled_by_the_desk_itself(site: Site) -> None:
    for number in ("0085212345678", "16899998888", "96000"):
        await site.calls_in(
            Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(16), 16), Press("1"), number=number,
            hangs_up=False,
        )  # fmt: skip

        wished = await site.call_of(number, where=ended)
        assert wished.outcome is Outcome.CALL_BACK_WISHED
        async with site.database.read() as session:
            assert [call for call in await calls_page(session, limit=9) if call.returns == wished.id] == []
