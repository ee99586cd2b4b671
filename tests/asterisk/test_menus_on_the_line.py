"""Menus as a caller meets them: fees after a proof, English by key, the same again by *, two calls at once."""

import asyncio

import pytest

from hotline.calls.state import Outcome
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")

MR_ZHANG = "13800138501"  # 3-2-501: two months owed


@pytest.fixture(scope="module")
def site(centre: Site) -> Site:
    return centre


async def test_what_a_home_owes_is_told_after_the_proof_and_to_nobody_else(site: Site) -> None:
    proof = [Press(key) for key in "8501"]
    stranger = [Say(site.silence(1.5), 1.5), Press("3"), Say(site.silence(8), 8), Press("1"), Say(site.silence(9), 9)]
    async with asyncio.TaskGroup() as both:
        both.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5),
                Press("3"),
                Say(site.silence(8), 8),
                Press("1"),
                Wait(1),
                *proof,
                number=MR_ZHANG,
                hangs_up=False,
                limit=120,
            )
        )
        both.create_task(site.calls_in(*stranger, number="13900000701"))

    told = await site.call_of(MR_ZHANG, where=ended)
    assert (told.menu_path[:2], told.outcome) == (("3", "1"), Outcome.SERVED_BY_MENU)
    unknown = await site.call_of("13900000701", where=ended)
    assert (unknown.look_up, unknown.queue) == ("unknown", "service"), "led to people, without a word about a home"


async def test_who_presses_eight_is_led_in_english_to_those_who_speak_it(site: Site) -> None:
    await site.has_skills("8001", "english")
    await site.has_skills("8002", "repair", "complaint")
    other, speaker = await site.sign_in_phone("8002"), await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(speaker, Wait(1), hangs_up=True))
        both.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5),
                Press("8"),
                Say(site.silence(7), 7),
                Press("1"),
                Say(site.silence(9), 9),
                number="13900000702",
            )
        )
    for extension, phone in (("8001", speaker), ("8002", other)):
        await site.sign_phone(phone, extension, lasts=0)

    call = await site.call_of("13900000702", where=ended)
    assert (call.language, call.menu_path, call.request) == ("en", ("8", "1"), "repair")
    assert (call.queue, call.agent, call.outcome) == ("english", "8001", Outcome.ANSWERED)


async def test_two_calls_from_one_number_at_once_are_two_calls(site: Site) -> None:
    steps = [Say(site.silence(1.5), 1.5), Press("2"), Say(site.silence(9), 9)]
    async with asyncio.TaskGroup() as both:
        for _ in range(2):
            both.create_task(site.calls_in(*steps, number="13900000703"))

    async def both_ended() -> bool:
        calls = await site.calls_from("13900000703")
        return len(calls) == 2 and all(ended(call) for call in calls)

    await site.eventually(both_ended, limit=20, what="both calls are in the ledger")
    assert {call.menu_path for call in await site.calls_from("13900000703")} == {("2",)}
    owed = [await site.owed(call.id) for call in await site.calls_from("13900000703")]
    assert len([one for several in owed for one in several]) == 1, "two tries of one resident are one call back"


async def test_an_agent_whose_phone_vanished_while_it_rang_costs_the_caller_one_ringing(site: Site) -> None:
    gone, there = await site.sign_in_phone("8001"), site.telephone("agent-8002")

    async def second_phone() -> None:
        await site.call_of("13900000704", where=lambda call: bool(call.rings))
        await site.sign_phone(there, "8002", lasts=600)
        await site.agent_answers(there, Wait(1), hangs_up=True)

    async with asyncio.TaskGroup() as both:  # nothing listens where 8001 said it was
        both.create_task(second_phone())
        both.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), Wait(30), number="13900000704", limit=120)
        )
    for extension, phone in (("8001", gone), ("8002", there)):
        await site.sign_phone(phone, extension, lasts=0)

    call = await site.call_of("13900000704", where=ended)
    assert (call.outcome, call.agent) == (Outcome.ANSWERED, "8002")
    assert [ring.agent for ring in call.rings if not ring.was_answered] == ["8001"]
