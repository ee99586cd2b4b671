"""Menus as a caller meets them: fees after a proof, English by key, the same again by *, two calls at once."""

import asyncio
from typing import Any

import aiohttp
import pytest

from hotline.accounts.account import Role
from hotline.accounts.service import create_token
from hotline.calls.state import CallState, Outcome
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


async def test_a_menu_activated_by_a_supervisor_leads_the_next_call_and_who_is_in_the_menu_ends_by_the_old_one(
    site: Site,
) -> None:
    token = await create_token(site.database, Role.SUPERVISOR, "menus", clock=site.clock)

    async def asked(method: str, path: str, **body: Any) -> Any:
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
            http.request(method, site.url(f"/api/v1/menus{path}"), json=body or None) as answer,
        ):
            assert answer.status == 200, await answer.text()
            return await answer.json()

    old = await asked("GET", "")
    seventh = '7 = { label = "意见", prompt = "chosen-complaint", to = "queue:complaint", request = "complaint" }'
    text = old["text"].replace("[menus.main.choices]\n", f"[menus.main.choices]\n{seventh}\n", 1)

    async def activate_and_call() -> None:
        await site.call_of("13900000705", where=lambda call: call.state is CallState.IN_MENU)
        draft = await asked("PUT", "/draft", text=text, edition=old["draft"]["edition"], base=old["in_force"]["number"])
        await asked("POST", "/activate", edition=draft["edition"], in_force=old["in_force"]["number"])
        await site.calls_in(Say(site.silence(1.5), 1.5), Press("7"), Say(site.silence(9), 9), number="13900000706")

    async with asyncio.TaskGroup() as both:
        both.create_task(activate_and_call())
        both.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5), Wait(20), Press("7"), Say(site.silence(3), 3), number="13900000705"
            )
        )

    before = await site.call_of("13900000705", where=ended)
    after = await site.call_of("13900000706", where=ended)
    assert before.menu_path == (), "a key that its menu did not have"
    assert (after.menu_path, after.request) == (("7",), "complaint")

    made = await asked(
        "POST", f"/versions/{old['in_force']['number']}/activate", in_force=old["in_force"]["number"] + 1
    )
    assert (made["origin"], (await asked("GET", ""))["text"]) == ("back", old["text"])
