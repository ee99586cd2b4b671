"""A supervisor at an agent's side on a real switch: who hears whom, what is recorded, what the ledger makes of it."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.calls.ledger import CallRecord
from hotline.calls.store import calls_page
from tests.fakes.call_capture import desk_phone, first, resident
from tests.fakes.desk_phone import DeskPhone, Line
from tests.fakes.played import shorten_prompts
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "three rings and no more"
RESIDENT, AGENT, SUPERVISOR, SECOND = 400, 1000, 1700, 2300  # what each of them hums, in Hz
PHONES = "8001,8002,8901,8902"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(HOTLINE_SIP_SUPERVISORS="8901,8902", HOTLINE_SIP_DESK_PHONES=PHONES)
    await site.set_up()
    shorten_prompts(site, "greeting", "recording-notice", "menu", "english-key", "satisfaction")
    people = (("li", Role.AGENT, "8001"), ("chen", Role.SUPERVISOR, "8901"), ("sun", Role.SUPERVISOR, "8902"))
    for name, role, extension in people:
        await add_user(site.database, name, role, extension, PASSWORD)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def clear(site: Site) -> AsyncIterator[None]:
    yield
    await site.clear_line()


@asynccontextmanager
async def page(site: Site, name: str) -> AsyncIterator[ClientSession]:
    origin = site.url("")
    async with ClientSession(origin, headers={"Origin": origin}, cookie_jar=CookieJar(unsafe=True)) as client:
        signed = await client.post("/sign-in", data={"name": name, "password": PASSWORD}, allow_redirects=False)
        assert signed.status == 303, await signed.text()
        if name == "li":  # who signs in is in pause
            await press(client, "/api/v1/agents/me/ready", 200)
        yield client


async def press(client: ClientSession, path: str, status: int = 202, **body: Any) -> dict[str, Any]:
    async with client.post(path, json=body) as answer:
        told: dict[str, Any] = await answer.json()
        assert answer.status == status, told
        return told


async def comes(client: ClientSession, phone: DeskPhone, mode: str, hertz: int) -> tuple[int, Line]:
    """Ask for it on the page and lift the telephone that rings; return the help's number and the line."""
    told = await press(client, "/api/v1/live-help", key=uuid4().hex, agent="8001", mode=mode)
    line = await phone.rings()
    assert line.invite is not None
    assert line.invite.get("X-Answer") == "now", line.invite
    line.lift()
    hums(line, hertz)
    return int(told["id"]), line


async def over(line: Line) -> None:
    async with asyncio.timeout(20):
        await line.over.wait()


def hums(line: Line, hertz: int) -> None:
    assert line.sound is not None
    line.sound.hum(hertz)


async def so_it_is(site: Site, what: str, *wanted: tuple[Line, set[int], set[int]]) -> None:
    """Wait until each line hears these tones and none of those."""

    async def is_so() -> bool:
        sounds = [(line.sound, yes, no) for line, yes, no in wanted]
        return all(
            sound is not None
            and all(sound.hears(one) is True for one in yes)
            and all(sound.hears(one) is False for one in no)
            for sound, yes, no in sounds
        )

    await site.eventually(is_so, limit=20, what=what)


async def state(client: ClientSession, help_id: int) -> str:
    async with client.get("/api/v1/live-help") as answer:
        told = await answer.json()
    return next((str(one["state"]) for one in told["helps"] if one["id"] == help_id), "over")


async def becomes(site: Site, client: ClientSession, help_id: int, wanted: str) -> None:
    async def is_so() -> bool:
        return await state(client, help_id) == wanted

    await site.eventually(is_so, limit=20, what=f"the help is {wanted}")


async def steps(client: ClientSession, call_id: str) -> list[tuple[str, str]]:
    async with client.get(f"/api/v1/calls/{call_id}/help") as answer:
        return [(one["by_name"], one["what"]) for one in (await answer.json())["steps"]]


def is_recorded(site: Site, call: CallRecord, side: str, hertz: int) -> bool:
    path = Path(site.settings.recordings_directory) / f"{call.recording}.{side}.wav"
    with wave.open(str(path)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
    halves = sound[: len(sound) // 4000 * 4000].reshape(-1, 4000)
    turns = np.exp(-2j * np.pi * hertz * np.arange(4000) / 8000)
    return bool(np.max(np.abs(halves @ turns) * 2 / 4000) > 0.03)


async def no_other_calls(site: Site, call: CallRecord) -> bool:
    async with site.database.read() as session:
        return [one.id for one in await calls_page(session) if one.ring_start and call.ring_start
                and one.ring_start >= call.ring_start] == [call.id]  # fmt: skip


async def test_who_listens_and_whispers_is_heard_by_the_agent_alone_and_is_in_no_recording(site: Site) -> None:
    async with (
        desk_phone(site, "8001") as agent,
        desk_phone(site, "8901") as chens,
        page(site, "chen") as chen,
        page(site, "li") as li,
        resident(site, number="13800138511") as caller,
    ):
        talk = await first(agent)
        hums(caller, RESIDENT)
        hums(talk, AGENT)
        await so_it_is(site, "they talk", (talk, {RESIDENT}, set()), (caller, {AGENT}, set()))
        number, side = await comes(chen, chens, "listen", SUPERVISOR)
        await becomes(site, chen, number, "listening")
        await so_it_is(
            site,
            "who listens hears both and is heard by nobody",
            (side, {RESIDENT, AGENT}, set()),
            (talk, {RESIDENT}, {SUPERVISOR}),
            (caller, {AGENT}, {SUPERVISOR}),
        )
        assert await state(li, number) == "listening"  # by setting shown to the agent

        await press(chen, f"/api/v1/live-help/{number}/turn", 200, mode="whisper")
        await so_it_is(
            site,
            "the agent alone hears who whispers",
            (side, {RESIDENT, AGENT}, set()),
            (talk, {RESIDENT, SUPERVISOR}, set()),
            (caller, {AGENT}, {SUPERVISOR}),
        )

        await side.press("4")
        await becomes(site, chen, number, "listening")
        await so_it_is(site, "a key of the telephone is a button", (talk, {RESIDENT}, {SUPERVISOR}))

        await press(chen, f"/api/v1/live-help/{number}/end")
        await becomes(site, chen, number, "over")
        assert side.over.is_set()
        assert not talk.over.is_set()
        assert not caller.over.is_set()

    call = await site.call_of("13800138511", where=ended)
    assert [(one.agent, one.how) for one in call.talks] == [("8001", "answered")]
    assert call.agent == "8001"
    assert call.oddities == ()
    assert await no_other_calls(site, call)
    assert is_recorded(site, call, "agent", AGENT)
    assert not is_recorded(site, call, "agent", SUPERVISOR)
    assert not is_recorded(site, call, "caller", SUPERVISOR)
    async with page(site, "chen") as chen:
        assert await steps(chen, call.id) == [
            (name, what)
            for name, what in zip(["chen"] * 4, ["listening", "whispering", "listening", "over"], strict=True)
        ]


async def test_who_steps_in_is_heard_by_both_and_who_takes_over_frees_the_agent(site: Site) -> None:
    async with (
        desk_phone(site, "8001") as agent,
        desk_phone(site, "8901") as chens,
        desk_phone(site, "8902") as suns,
        page(site, "chen") as chen,
        page(site, "sun") as sun,
        page(site, "li") as li,
        resident(site, number="13800138512") as caller,
    ):
        talk = await first(agent)
        hums(caller, RESIDENT)
        hums(talk, AGENT)
        await so_it_is(site, "they talk", (talk, {RESIDENT}, set()), (caller, {AGENT}, set()))
        one, side = await comes(chen, chens, "barge", SUPERVISOR)
        other, listens = await comes(sun, suns, "listen", SECOND)
        await so_it_is(
            site,
            "both hear who steps in, a second who listens is heard by nobody",
            (side, {RESIDENT, AGENT}, {SECOND}),
            (talk, {RESIDENT, SUPERVISOR}, {SECOND}),
            (caller, {AGENT, SUPERVISOR}, {SECOND}),
            (listens, {RESIDENT, AGENT}, set()),
        )
        refused = await chen.post("/api/v1/live-help", json={"key": uuid4().hex, "agent": "8001", "mode": "listen"})
        assert (refused.status, (await refused.json())["error"]["id"]) == (409, "help-living")
        forbidden = await li.post("/api/v1/live-help", json={"key": uuid4().hex, "agent": "8002", "mode": "listen"})
        assert forbidden.status == 403

        await press(chen, f"/api/v1/live-help/{one}/turn", 200, mode="listen")
        await so_it_is(
            site,
            "stepped back the talk goes on as before",
            (side, {RESIDENT, AGENT}, {SECOND}),
            (talk, {RESIDENT}, {SUPERVISOR, SECOND}),
            (caller, {AGENT}, {SUPERVISOR, SECOND}),
        )

        await press(chen, f"/api/v1/live-help/{one}/turn", 200, mode="take")
        await becomes(site, chen, one, "taken")
        await becomes(site, sun, other, "over")  # there is no agent's side any more
        await over(talk)
        assert listens.over.is_set()
        await so_it_is(site, "resident and supervisor", (side, {RESIDENT}, {AGENT}), (caller, {SUPERVISOR}, {AGENT}))
        await caller.hang_up()
        await over(side)
        await becomes(site, chen, one, "over")

    call = await site.call_of("13800138512", where=ended)
    talks = [("8001", "answered"), ("8901", "stepped-in"), ("8901", "taken-over")]
    assert [(one.agent, one.how) for one in call.talks] == talks
    assert call.human_answer == call.talks[0].began
    assert call.agent == "8901"
    assert call.oddities == ()
    assert await no_other_calls(site, call)
    assert is_recorded(site, call, "agent", SUPERVISOR)


async def test_resident_who_hangs_up_while_a_supervisor_speaks_ends_the_call_for_all(site: Site) -> None:
    async with three_in_a_talk(site, "13800138513") as (caller, talk, side, chen, number):
        await caller.hang_up()

        await over(side)
        await over(talk)
        await becomes(site, chen, number, "over")
    call = await site.call_of("13800138513", where=ended)
    assert [(one.agent, one.how) for one in call.talks] == [("8001", "answered"), ("8901", "stepped-in")]
    assert call.agent == "8001"
    assert call.oddities == ()
    assert await no_other_calls(site, call)


async def test_agent_who_hangs_up_while_a_supervisor_speaks_leaves_the_resident_with_them(site: Site) -> None:
    async with three_in_a_talk(site, "13800138514") as (caller, talk, side, chen, number):
        await talk.hang_up()

        await so_it_is(site, "two go on", (caller, {SUPERVISOR}, {AGENT}), (side, {RESIDENT}, {AGENT}))
        await caller.hang_up()
        await over(side)
        await becomes(site, chen, number, "over")
    call = await site.call_of("13800138514", where=ended)
    assert [(one.agent, one.how) for one in call.talks] == [("8001", "answered"), ("8901", "stepped-in")]
    assert call.agent == "8001"
    assert call.oddities == ()
    assert await no_other_calls(site, call)


@asynccontextmanager
async def three_in_a_talk(site: Site, number: str) -> AsyncIterator[tuple[Line, Line, Line, ClientSession, int]]:
    """Give the lines of resident, agent and a supervisor who has stepped in; that one's page, and the help's number."""
    async with (
        desk_phone(site, "8001") as agent,
        desk_phone(site, "8901") as chens,
        page(site, "chen") as chen,
        page(site, "li"),
        resident(site, number=number) as caller,
    ):
        talk = await first(agent)
        hums(caller, RESIDENT)
        hums(talk, AGENT)
        await so_it_is(site, "they talk", (talk, {RESIDENT}, set()), (caller, {AGENT}, set()))
        help_id, side = await comes(chen, chens, "barge", SUPERVISOR)
        await so_it_is(site, "all three hear each other", (caller, {AGENT, SUPERVISOR}, set()))
        await becomes(site, chen, help_id, "speaking")
        yield caller, talk, side, chen, help_id


async def test_waiting_caller_is_led_to_an_agent_and_a_closed_queue_leads_to_the_service_desk(site: Site) -> None:
    async with (
        desk_phone(site, "8001") as agent,
        desk_phone(site, "8002") as other,
        page(site, "chen") as chen,
        page(site, "li") as li,
    ):
        await press(li, "/api/v1/agents/me/pause", 200, reason="用餐")
        await press(chen, "/api/v1/agents/8002/pause", 200, reason="用餐")
        await press(chen, "/api/v1/by-hand/queues/repair", 200, is_closed=True)

        async def is_closed() -> bool:
            return "yes" in await asyncio.to_thread(site.console, "database get closed repair")

        await site.eventually(is_closed, limit=15, what="the switch has the queue as closed")
        try:
            async with resident(site, key="1", number="13800138515") as caller:
                call = await site.call_of("13800138515", where=lambda one: one.queue == "service")
                await press(chen, f"/api/v1/calls/{call.id}/move", 200, to="8001")
                talk = await agent.rings()  # in pause: who is led there is
                talk.lift()
                hums(caller, RESIDENT)
                hums(talk, AGENT)
                await so_it_is(site, "they talk", (talk, {RESIDENT}, set()), (caller, {AGENT}, set()))
                assert not other.has_rung()
        finally:
            await press(chen, "/api/v1/by-hand/queues/repair", 200, is_closed=False)
            await press(chen, "/api/v1/agents/8002/ready", 200)
    call = await site.call_of("13800138515", where=ended)
    assert [(one.agent, one.how) for one in call.talks] == [("8001", "answered")]
    assert call.oddities == ()
