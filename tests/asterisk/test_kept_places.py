"""A call-back keeps the place in the queue, is dialled once, and ends with its reason."""

import asyncio

import pytest

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import calls_page
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_wished_call_back_keeps_the_place_rings_the_resident_once_and_closes_what_was_owed(site: Site) -> None:
    resident = site.outside()
    await site.calls_in(
        Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(16), 16), Press("1"), number="13900000201",
        hangs_up=False,
    )  # fmt: skip
    wished = await site.call_of("13900000201", where=ended)
    assert (wished.outcome, wished.human_answer) == (Outcome.CALL_BACK_WISHED, None)
    [owed] = await site.owed(wished.id)
    assert (owed.kind, owed.state) == (FollowUpKind.CALL_BACK, FollowUpState.OPEN)

    agent = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(agent, hangs_up=False))
        ringing = both.create_task(site.agent_answers(resident, Wait(14), hangs_up=True))
    await site.sign_phone(agent, "8001", lasts=0)

    async def returned() -> bool:
        async with site.database.read() as session:
            ours = [call for call in await calls_page(session, limit=5) if call.returns == wished.id]
        return [call.state for call in ours] == [CallState.ENDED]

    await site.eventually(returned, limit=30, what="the call back is over")
    assert [one.state for one in await site.owed(wished.id)] == [FollowUpState.DONE]
    async with site.database.read() as session:
        [outbound] = [call for call in await calls_page(session, limit=5) if call.returns == wished.id]
    assert (outbound.direction, outbound.caller_number, outbound.agent) == ("outbound", "13900000201", "8001")
    assert outbound.outcome is Outcome.ANSWERED
    assert outbound.human_answer is not None
    assert outbound.oddities == ()
    invite = ringing.result()[0]
    assert site.settings.sip.outbound_number in invite.header("From")
    assert "13900000201" in invite.line


async def test_a_kept_place_is_before_those_who_came_later(site: Site) -> None:
    resident, agent = site.outside(), site.telephone("agent-8002")
    await site.calls_in(
        Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(16), 16), Press("1"), number="13900000202",
        hangs_up=False,
    )  # fmt: skip
    wished = await site.call_of("13900000202", where=ended)

    async def agent_comes_when_the_later_caller_waits() -> None:
        await site.call_of("13900000203", where=lambda call: call.state is CallState.WAITING)
        await site.sign_phone(agent, "8002", lasts=600)
        await site.agent_answers(agent, hangs_up=False)
        await site.agent_answers(agent, Wait(1), hangs_up=True)

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), number="13900000203", hangs_up=False, limit=120)
        )
        all_three.create_task(agent_comes_when_the_later_caller_waits())
        all_three.create_task(site.agent_answers(resident, Wait(14), hangs_up=True))
    await site.sign_phone(agent, "8002", lasts=0)

    later = await site.call_of("13900000203", where=ended)
    async with site.database.read() as session:
        [outbound] = [call for call in await calls_page(session, limit=9) if call.returns == wished.id]
    assert outbound.rings[0].began < later.rings[0].began


async def test_who_keeps_a_place_and_calls_again_takes_it_up_and_is_not_called_back(site: Site) -> None:
    await site.calls_in(
        Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(16), 16), Press("1"), number="13900000206",
        hangs_up=False,
    )  # fmt: skip
    wished = await site.call_of("13900000206", where=ended)
    agent = site.telephone("agent-8001")

    async def agent_comes_when_they_wait_again() -> None:
        await site.call_of("13900000206", where=lambda call: call.id != wished.id and call.state is CallState.WAITING)
        await site.sign_phone(agent, "8001", lasts=600)
        await site.agent_answers(agent, Wait(1), hangs_up=True)

    async with asyncio.TaskGroup() as both:
        both.create_task(agent_comes_when_they_wait_again())
        both.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), number="13900000206", hangs_up=False, limit=120)
        )
    await site.sign_phone(agent, "8001", lasts=0)

    again = await site.call_of("13900000206", where=lambda call: call.id != wished.id and ended(call))
    assert again.outcome is Outcome.ANSWERED
    assert [one.state for one in await site.owed(wished.id)] == [FollowUpState.DONE]
    async with site.database.read() as session:
        [ours] = [call for call in await calls_page(session, limit=9) if call.returns == wished.id]
    assert ours.human_answer is None
    assert "kept" not in site.console("database show kept/13900000206")


async def test_a_resident_who_is_called_back_may_refuse_the_recording_in_the_notice(site: Site) -> None:
    resident = site.outside()
    await site.calls_in(
        Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(16), 16), Press("1"), number="+8613900000207",
        hangs_up=False,
    )  # fmt: skip
    wished = await site.call_of("+8613900000207", where=ended)
    agent = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(agent, hangs_up=False))
        both.create_task(site.agent_answers(resident, Say(site.silence(4), 4), Press("#"), Wait(10), hangs_up=True))
    await site.sign_phone(agent, "8001", lasts=0)

    async def returned() -> CallRecord | None:
        async with site.database.read() as session:
            ours = [call for call in await calls_page(session, limit=5) if call.returns == wished.id]
        return next((call for call in ours if ended(call)), None)

    ours = await site.eventually(returned, limit=30, what="the call back is over")
    assert ours is not None
    assert (ours.outcome, ours.recording_refused, ours.recording) == (Outcome.ANSWERED, True, "")
    assert ours.caller_number == "13900000207", "the number is dialled as it is dialled in China"
