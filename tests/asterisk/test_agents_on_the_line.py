"""Agents' states on a real switch: what its queues do with them, and what is so when we or the link were away."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from tests.fakes.call_capture import desk_phone, first, resident
from tests.fakes.desk_phone import DeskPhone, Line
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "three rings and no more"
QUEUE = "queue show service"


class Page:
    """An agent's or a supervisor's page: signed in, its live socket open."""

    def __init__(self, site: Site, http: aiohttp.ClientSession, name: str, extension: str) -> None:
        self.site, self.http, self.name, self.extension = site, http, name, extension
        self.board: dict[str, Any] = {}
        self.offers: list[dict[str, Any]] = []

    async def listen(self) -> None:
        """Follow the live socket, again and again, until cancelled."""
        while True:
            try:
                async with self.http.ws_connect(self.site.url("/api/v1/live")) as socket:
                    async for message in socket:
                        if message.type is not aiohttp.WSMsgType.TEXT:
                            break
                        told = message.json()
                        self.board = told.get("board", self.board)
                        if told["type"] == "offer":
                            self.offers.append(told["offer"])
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(0.2)

    def state(self, extension: str = "") -> tuple[str, str]:
        """Return what the board says of an agent: state and reason."""
        wanted = extension or self.extension
        found = next((one for one in self.board.get("agents", ()) if one["extension"] == wanted), None)
        return (found["state"], found["reason"]) if found else ("", "")

    async def press(self, path: str, **body: str) -> dict[str, Any]:
        """Press a button of the page."""
        async with self.http.post(self.site.url(path), json=body) as answer:
            assert answer.status < 300, await answer.text()
            told: dict[str, Any] = await answer.json()
            return told

    async def offered(self, state: str) -> str:
        """Wait for an offer in this state to be told; return its call."""

        async def is_told() -> str:
            last = self.offers[-1] if self.offers else {"state": "", "call_id": ""}
            return str(last["call_id"]) if last["state"] == state else ""

        return await self.site.eventually(is_told, limit=10, what=f"an offer is {state}")

    async def becomes(self, state: str, reason: str = "", *, extension: str = "", limit: float = 20) -> None:
        async def is_so() -> bool:
            return self.state(extension) == (state, reason)

        await self.site.eventually(is_so, limit=limit, what=f"the page says {state} {reason}: {self.board}")


@asynccontextmanager
async def page(site: Site, name: str = "li", extension: str = "8001") -> AsyncIterator[Page]:
    """Sign in and keep a page open."""
    origin = site.url("/").rstrip("/")
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, headers={"Origin": origin}) as http:
        form = {"name": name, "password": PASSWORD}
        async with http.post(site.url("/sign-in"), data=form, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
        one = Page(site, http, name, extension)
        listening = asyncio.create_task(one.listen())
        try:
            yield one
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk() -> AsyncIterator[Site]:
    """A desk with two agents and a supervisor; wrap-up is short enough to be waited for."""
    site = Site(
        HOTLINE_AGENTS_WRAP_UP_FOR="12", HOTLINE_ANSWERING_AGENT_RINGS_FOR="5", HOTLINE_QUEUES_CASE_AGENT_RINGS_FOR="5",
        HOTLINE_AGENTS_PAGE_GONE_AFTER="30",
    )  # fmt: skip
    await site.set_up()
    for name, role, extension in (
        ("li", Role.AGENT, "8001"),
        ("wu", Role.AGENT, "8002"),
        ("chen", Role.SUPERVISOR, "8901"),
    ):
        await add_user(site.database, name, role, extension, PASSWORD)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


async def shows(site: Site, wanted: Callable[[str], bool], *, extension: str = "8001", limit: float = 15) -> None:
    """Wait until the switch's own queue shows the agent's phone so."""

    async def is_so() -> bool:
        said = await asyncio.to_thread(site.console, QUEUE)
        return any(f"PJSIP/{extension}" in line and wanted(line) for line in said.splitlines())

    await site.eventually(is_so, limit=limit, what="the switch's queue shows the agent as wanted")


def is_paused(reason: str) -> Callable[[str], bool]:
    return lambda line: "(paused" in line and reason in line


def is_free(line: str) -> bool:
    return "(paused" not in line and "Not in use" in line


async def talk(site: Site, phone: DeskPhone, caller: Callable[[Line], Awaitable[None]]) -> None:
    """Let a resident reach this phone; do something in the talk; the resident hangs up."""
    async with resident(site) as line:
        await first(phone)
        await asyncio.sleep(0.5)
        await caller(line)


async def a_second(_: Line) -> None:
    await asyncio.sleep(1)


async def test_who_signed_in_is_rung_when_ready_and_wraps_up_after_the_talk(desk: Site) -> None:
    async with desk_phone(desk, "8001") as phone, page(desk) as li:
        await li.becomes("paused", "signed-in")
        await shows(desk, is_paused("signed-in"))

        await li.press("/api/v1/agents/me/ready")
        await shows(desk, is_free)
        async with resident(desk):
            await first(phone)
            await li.becomes("talking")
            await li.offered("answered")
        await li.becomes("wrap-up")
        await shows(desk, is_paused("wrap-up"))

        await li.becomes("ready", limit=20)  # by itself: the limit is short here
        await shows(desk, is_free)

        await li.press("/api/v1/agents/me/pause", reason="用餐")
        await li.becomes("paused", "用餐")
        await shows(desk, is_paused("用餐"))


async def test_phone_that_twice_nobody_lifts_pauses_its_agent_and_a_press_brings_them_back(desk: Site) -> None:
    async with desk_phone(desk, "8001") as phone, page(desk) as li:
        await li.press("/api/v1/agents/me/ready")
        await shows(desk, is_free)
        async with resident(desk):
            for _ in range(2):
                line = await phone.rings()
                await line.over.wait()
            await li.becomes("paused", "no-answer")
            await shows(desk, is_paused("no-answer"))

            await li.press("/api/v1/agents/me/ready")

            await first(phone)
            await li.becomes("talking")


async def test_agent_in_pause_is_rung_by_an_emergency(desk: Site) -> None:
    async with desk_phone(desk, "8001") as phone, page(desk) as li:
        await li.press("/api/v1/agents/me/pause", reason="培训")
        await shows(desk, is_paused("培训"))

        async with resident(desk, key="9"):
            await phone.rings()

            await li.becomes("ringing")

            async def is_told() -> bool:
                return any(offer["is_emergency"] for offer in li.offers)

            await desk.eventually(is_told, limit=5, what="the offer says that it is an emergency")


async def test_handed_over_the_talk_is_the_colleagues_and_the_first_agent_wraps_up(desk: Site) -> None:
    async with (
        desk_phone(desk, "8001") as mine,
        desk_phone(desk, "8002") as other,
        page(desk) as li,
        page(desk, "wu", "8002") as wu,
    ):
        await li.press("/api/v1/agents/me/ready")
        await shows(desk, is_free)
        async with resident(desk):
            line = await first(mine)
            await li.becomes("talking")
            call = await li.offered("answered")

            assert await line.refer("8002") == 202
            await first(other)
            await line.hang_up()

            await wu.becomes("talking")
            await li.becomes("wrap-up", extension="8001")
            assert await wu.offered("answered") == call
            talking = next(one for one in wu.board["agents"] if one["extension"] == "8002")
            assert talking["call_id"] == call


async def test_help_is_seen_by_the_supervisor_and_the_emergency_key_by_everybody(desk: Site) -> None:
    async with desk_phone(desk, "8001") as phone, page(desk) as li, page(desk, "chen", "8901") as chen:
        await li.press("/api/v1/agents/me/ready")
        await shows(desk, is_free)

        async def needs_help(_: Line) -> None:
            await li.becomes("talking")
            wish = await li.press("/api/v1/agents/me/help")

            async def is_seen() -> bool:
                return [one["id"] for one in chen.board["help"]] == [wish["id"]]

            await desk.eventually(is_seen, limit=5, what="the supervisor sees the wish")
            await chen.press(f"/api/v1/help/{wish['id']}/take")
            call = await li.press(f"/api/v1/calls/{wish['call_id']}/emergency")
            assert call["is_emergency"]

        await talk(desk, phone, needs_help)

        async def is_over() -> bool:
            return chen.board["help"] == []

        await desk.eventually(is_over, limit=10, what="the wish ended with the talk")
        call = await desk.call_of("13800138501", where=lambda one: one.ended_at is not None and one.is_emergency)
        assert call.oddities == ()


async def test_service_that_dies_in_a_talk_leaves_the_agent_ready(desk: Site) -> None:
    async with desk_phone(desk, "8001") as phone, page(desk) as li:
        await li.press("/api/v1/agents/me/ready")
        await shows(desk, is_free)

        async def dies(_: Line) -> None:
            await li.becomes("talking")
            desk.signal("serve", signal.SIGKILL)

        await talk(desk, phone, dies)
        await asyncio.sleep(4)
        await shows(desk, is_free)

        li.board = {}
        desk.start("serve")
        await desk.ready()
        await li.becomes("ready", limit=20)


async def test_link_that_was_cut_is_up_again_and_the_pauses_are_as_decided(desk: Site) -> None:
    async with desk_phone(desk, "8001"), page(desk) as li:
        await li.press("/api/v1/agents/me/pause", reason="外出")
        await shows(desk, is_paused("外出"))
        await asyncio.to_thread(desk.console, "queue unpause member PJSIP/8001")
        given = await asyncio.to_thread(desk.console, QUEUE)
        assert "(paused:外出" not in given

        said = await asyncio.to_thread(desk.console, "manager show connected")
        [ours] = [line.split() for line in said.splitlines() if line.split()[:1] == [desk.settings.ami.username]]
        await asyncio.to_thread(desk.console, f"manager kick session {ours[4]}")

        await shows(desk, is_paused("外出"), limit=10)
