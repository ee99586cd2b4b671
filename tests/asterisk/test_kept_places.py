"""A call-back keeps the place in the queue, is dialled once, is taken by a person only, and ends with its reason."""

import asyncio

import pytest

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import calls_page
from hotline.followups.follow_up import FollowUpKind, FollowUpState, Step
from hotline.followups.reading_store import history_of
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import recording_of
from hotline.simulate.scenario import Press, Say, Wait, agent, caller
from hotline.simulate.sipp import Heard, Telephone
from tests.fakes.ear import Ear, an_ear, with_ear
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def wishes(site: Site, number: str) -> CallRecord:
    """Have a resident wait in the queue, ask for a call back by key, and be let go."""
    scenario = caller([], number=number, dialled=site.settings.sip.hotline_number, hangs_up=False, patience=100)
    async with an_ear() as ear, asyncio.TaskGroup() as both:
        dialling = both.create_task(site.telephone("caller").call(with_ear(scenario, ear), limit=100))
        await ear.begins(limit=30)
        await ear.press("0")
        await site.call_of(number, where=lambda call: call.state is CallState.WAITING)
        while not dialling.done():  # a key may be lost on a busy machine
            await ear.press("1")
            await asyncio.wait([dialling], timeout=8)
    return await site.call_of(number, where=ended)


async def returned(site: Site, wished: CallRecord) -> CallRecord:
    """Wait until our call that returns this one is over."""

    async def found() -> CallRecord | None:
        async with site.database.read() as session:
            ours = [call for call in await calls_page(session, limit=9) if call.returns == wished.id]
        return next((call for call in ours if ended(call)), None)

    call = await site.eventually(found, limit=30, what="the call back is over")
    assert call is not None
    return call


def takes(site: Site) -> tuple[Say, Press]:
    """A resident says something, as people do, and presses the key they are asked for."""
    return Say(site.silence(1.5), 1.5), Press("1")


def sounds_kept(site: Site) -> set[str]:
    return {path.name for path in site.settings.recordings_directory.rglob("*.wav")}


async def hears_all_and_takes_it(site: Site, resident: Telephone, ear: Ear) -> tuple[list[Heard], float]:
    """Lift, hear the greeting, press 1, hear the notice; return the messages, and the notice heard before the key."""
    sounds = site.settings.sounds_directory

    async def listen() -> float:
        await ear.hears(sounds / "returned-greeting.wav", limit=60)
        before_the_key = ear.share_of(sounds / "recording-notice.wav")
        await ear.press("1")
        await ear.hears(sounds / "recording-notice.wav", limit=20)
        return before_the_key

    scenario = with_ear(agent([Wait(20)], rings_for=1.0, hangs_up=True, patience=90), ear)
    async with asyncio.TaskGroup() as both:
        lifting = both.create_task(resident.call(scenario, limit=120))
        listening = both.create_task(listen())
    return lifting.result(), listening.result()


async def test_a_wished_call_back_rings_the_resident_once_who_hears_who_calls_and_the_notice_before_the_agent(
    site: Site,
) -> None:
    resident = site.outside()
    wished = await wishes(site, "13900000201")
    assert (wished.outcome, wished.human_answer) == (Outcome.CALL_BACK_WISHED, None)
    [owed] = await site.owed(wished.id)
    assert (owed.kind, owed.state) == (FollowUpKind.CALL_BACK, FollowUpState.OPEN)

    phone = await site.sign_in_phone("8001")
    async with an_ear() as ear, asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, hangs_up=False))
        ringing = both.create_task(hears_all_and_takes_it(site, resident, ear))
    await site.sign_phone(phone, "8001", lasts=0)

    outbound = await returned(site, wished)
    assert [one.state for one in await site.owed(wished.id)] == [FollowUpState.DONE]
    assert (outbound.direction, outbound.caller_number, outbound.agent) == ("outbound", "13900000201", "8001")
    assert outbound.outcome is Outcome.ANSWERED
    assert outbound.human_answer is not None
    assert outbound.recording_start is not None
    assert outbound.recording_start <= outbound.human_answer, "greeting and notice came before the agent"
    assert outbound.oddities == ()
    wire, notice_before_the_key = ringing.result()
    assert notice_before_the_key < 0.3
    invite = wire[0]
    assert site.settings.sip.outbound_number in invite.header("From")
    assert "13900000201" in invite.line


async def test_a_machine_that_lifts_a_call_back_closes_nothing_and_a_place_that_ends_takes_no_newer_one_along(
    site: Site,
) -> None:
    machine = site.outside()
    async with asyncio.TaskGroup() as both:
        wishing = both.create_task(wishes(site, "13900000208"))
        other = both.create_task(wishes(site, "13900000209"))
    wished, _ = wishing.result(), other.result()

    # The entry of the other number is, meanwhile, of a newer placeholder.
    shown = site.console("database show kept/13900000209")
    channel = shown[shown.index("Local/") :].split()[0]
    site.keep_with_switch("kept/13900000209", "1:newer.1:Local/newer;2")
    site.console(f"channel request hangup {channel}")

    phone = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        agents = both.create_task(site.agent_answers(phone, hangs_up=False))
        both.create_task(site.agent_answers(machine, Say(site.silence(8), 8), hangs_up=False))
    await site.sign_phone(phone, "8001", lasts=0)

    assert any(message.line.startswith("BYE") for message in agents.result()), "the agent is let go, not left with it"
    ours = await returned(site, wished)
    assert (ours.human_answer, ours.agent, ours.recording, ours.oddities) == (None, "8001", "", ())
    [owed] = await site.owed(wished.id)
    assert owed.state is FollowUpState.OPEN
    async with site.database.read() as session:
        steps, _ = await history_of(session, owed.id)
    assert [(step.what, step.call_id) for step in steps] == [(Step.RAISED, ""), (Step.TRIED, ours.id)]
    assert channel not in site.console("core show channels concise")
    assert "newer.1" in site.console("database show kept/13900000209"), "it was not the placeholder's own"
    site.console("database del kept 13900000209")


async def test_a_kept_place_is_before_those_who_came_later_and_a_refusal_in_its_talk_leaves_no_file(
    site: Site,
) -> None:
    resident, phone = site.outside(), site.telephone("agent-8002")
    wished = await wishes(site, "13900000202")
    before = sounds_kept(site)

    async def agent_comes_when_the_later_caller_waits() -> None:
        await site.call_of("13900000203", where=lambda call: call.state is CallState.WAITING)
        await site.sign_phone(phone, "8002", lasts=600)
        await site.agent_answers(phone, hangs_up=False)
        await site.agent_answers(phone, Wait(1), hangs_up=True)

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), number="13900000203", hangs_up=False, limit=120)
        )
        all_three.create_task(agent_comes_when_the_later_caller_waits())
        all_three.create_task(
            site.agent_answers(
                resident, *takes(site), Say(site.silence(8), 8), Press("#"), Say(site.silence(4), 4), hangs_up=True
            )
        )
    await site.sign_phone(phone, "8002", lasts=0)

    later, outbound = await site.call_of("13900000203", where=ended), await returned(site, wished)
    assert outbound.rings[0].began < later.rings[0].began
    assert (outbound.outcome, outbound.recording_refused, outbound.recording) == (Outcome.ANSWERED, True, "")

    async def is_gone() -> bool:
        async with site.database.read() as session:
            found = await recording_of(session, outbound.id, site.settings.recordings_directory)
        return found is not None and found.state is RecordingState.REMOVED

    await site.eventually(is_gone, limit=20, what="what was recorded before the refusal is removed")
    assert {name for name in sounds_kept(site) - before if not name.startswith(later.id)} == set()


async def test_who_keeps_a_place_and_calls_again_takes_it_up_and_is_not_called_back(site: Site) -> None:
    wished = await wishes(site, "13900000206")
    phone = site.telephone("agent-8001")

    async def agent_comes_when_they_wait_again() -> None:
        await site.call_of("13900000206", where=lambda call: call.id != wished.id and call.state is CallState.WAITING)
        assert "13900000206" not in site.console("database show kept")
        site.keep_with_switch("kept/13900000206", "1:left.1:Local/left;2")  # one that the dialplan did not see
        await site.sign_phone(phone, "8001", lasts=600)
        await site.agent_answers(phone, hangs_up=False)

    async def caller_goes_first() -> None:
        """So that nothing after the talk looks for the place."""
        await site.call_of("13900000206", where=lambda call: call.id != wished.id and call.state is CallState.TALKING)
        for line in site.console("core show channels concise").splitlines():
            if line.startswith("PJSIP/carrier-"):
                site.console(f"channel request hangup {line.partition('!')[0]}")

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(agent_comes_when_they_wait_again())
        all_three.create_task(caller_goes_first())
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), number="13900000206", hangs_up=False, limit=120)
        )
    await site.sign_phone(phone, "8001", lasts=0)

    again = await site.call_of("13900000206", where=lambda call: call.id != wished.id and ended(call))
    assert again.outcome is Outcome.ANSWERED
    assert [one.state for one in await site.owed(wished.id)] == [FollowUpState.DONE]
    async with site.database.read() as session:
        [ours] = [call for call in await calls_page(session, limit=9) if call.returns == wished.id]
    assert ours.human_answer is None

    async def is_given_up() -> bool:
        return "13900000206" not in await asyncio.to_thread(site.console, "database show kept")

    await site.eventually(is_given_up, limit=10, what="what closed by itself gives its place up")


async def test_a_resident_who_is_called_back_may_refuse_the_recording_with_the_first_key(site: Site) -> None:
    resident = site.outside()
    wished = await wishes(site, "+8613900000207")
    before = sounds_kept(site)
    phone = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, hangs_up=False))
        both.create_task(site.agent_answers(resident, Say(site.silence(4), 4), Press("#"), Wait(6), hangs_up=True))
    await site.sign_phone(phone, "8001", lasts=0)

    ours = await returned(site, wished)
    assert (ours.outcome, ours.recording_refused, ours.recording) == (Outcome.ANSWERED, True, "")
    assert ours.caller_number == "13900000207", "the number is dialled as it is dialled in China"
    assert sounds_kept(site) == before, "no file was ever made"
