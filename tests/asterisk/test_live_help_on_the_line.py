"""A supervisor at an agent's side on a real switch: who hears whom, what is recorded, what the ledger makes of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from hotline.campaigns.campaign import CampaignKind
from hotline.phone import PhoneNumber
from tests.fakes.call_capture import desk_phone, first, hands_over, resident
from tests.fakes.desk_phone import DeskPhone, Line
from tests.fakes.residents import a_dialler, errand
from tests.fakes.sides import (
    AGENT,
    RESIDENT,
    SECOND,
    SUPERVISOR,
    becomes,
    comes,
    ended_call,
    hums,
    is_recorded,
    lifted,
    no_other_calls,
    outside_phone,
    over,
    page,
    press,
    refused,
    so_it_is,
    state,
    steps,
    supervised_site,
)
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")
Arrives = Callable[[Site, ClientSession, DeskPhone, DeskPhone], AbstractAsyncContextManager[tuple[Line, Line]]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = await supervised_site("chosen-people", "returned-greeting", "returning-call")
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
        again = {"key": uuid4().hex, "agent": "8001", "mode": "listen"}
        assert await refused(chen, "/api/v1/live-help", **again) == "help-living"
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


@asynccontextmanager
async def call_out(
    site: Site, li: ClientSession, agent: DeskPhone, home: DeskPhone
) -> AsyncIterator[tuple[Line, Line]]:
    """The agent calls a resident: rung first, then the resident."""
    await press(li, "/api/v1/outside-calls", key=uuid4().hex, number="13800138521")
    talk = await lifted(agent, AGENT)
    yield talk, await lifted(home, RESIDENT)


@asynccontextmanager
async def campaign(
    site: Site, li: ClientSession, agent: DeskPhone, home: DeskPhone
) -> AsyncIterator[tuple[Line, Line]]:
    """A campaign rings a resident, who is handed to the agent."""
    one = errand(site, CampaignKind.MISSED_RETURN, number=PhoneNumber("+8613800138522"))
    async with a_dialler(site) as dialler:
        await dialler.place(one)
        called = await home.rings()
        called.lift()  # silent: a tone would be a machine

        async def takes() -> bool:  # a key may be lost on a busy machine; in the queue it would mean something else
            shown = await asyncio.to_thread(site.console, "core show channels concise")
            if "!campaign!asks!" in shown:
                await called.press("1")
            return "!campaign-clerk!" in shown

        await site.eventually(takes, limit=30, what="the resident asks for people")
        hums(called, RESIDENT)
        yield await lifted(agent, AGENT), called


@asynccontextmanager
async def kept(site: Site, li: ClientSession, agent: DeskPhone, home: DeskPhone) -> AsyncIterator[tuple[Line, Line]]:
    """A place that was kept comes to the agent, and the resident is dialled."""
    left = {"WISHES": "13800138523", "RETURNS": "", "ARRIVED": "1", "RANK": "5", "WAITING_IN": "service"}
    for name, value in left.items():  # as whoever wished it has left it behind
        site.console(f"dialplan set global {name} {value}")
    try:
        site.console("channel originate Local/keep@kept-place/n extension lifted@kept-place")
        talk = await lifted(agent, AGENT)
        called = await lifted(home, RESIDENT)

        async def takes() -> bool:  # a key may be lost on a busy machine
            await called.press("1")
            return bool(talk.sound and talk.sound.hears(RESIDENT))

        await site.eventually(takes, limit=20, what="the resident takes the call")
        yield talk, called
    finally:
        for name in left:
            site.console(f"dialplan set global {name}")


@asynccontextmanager
async def danger(site: Site, li: ClientSession, agent: DeskPhone, home: DeskPhone) -> AsyncIterator[tuple[Line, Line]]:
    """Somebody in danger is helped by the agent."""
    async with resident(site, key="9", number="13800138524") as caller:
        hums(caller, RESIDENT)
        yield await lifted(agent, AGENT), caller


@pytest.mark.parametrize(
    ("arrives", "number"),
    [(call_out, "13800138521"), (campaign, "13800138522"), (kept, "13800138523"), (danger, "13800138524")],
)
async def test_whatever_the_call_a_supervisor_listens_steps_in_and_takes_it_over(
    site: Site, arrives: Arrives, number: str
) -> None:
    async with (
        desk_phone(site, "8001") as agent,
        outside_phone(site) as home,
        page(site, "chen") as chen,
        page(site, "li") as li,
        arrives(site, li, agent, home) as (talk, called),
        desk_phone(site, "8901") as chens,  # an emergency would ring it
    ):
        await so_it_is(site, "they talk", (talk, {RESIDENT}, set()), (called, {AGENT}, set()))
        one, side = await comes(chen, chens, "listen", SUPERVISOR)
        await becomes(site, chen, one, "listening")
        await so_it_is(
            site,
            "who listens hears both and is heard by nobody",
            (side, {RESIDENT, AGENT}, set()),
            (talk, {RESIDENT}, {SUPERVISOR}),
            (called, {AGENT}, {SUPERVISOR}),
        )
        turn = f"/api/v1/live-help/{one}/turn"
        if arrives is kept:
            assert await refused(chen, turn, mode="barge") == "resident-would-not-hear"
        else:
            await press(chen, turn, 200, mode="barge")
            await so_it_is(
                site,
                "both hear who steps in",
                (side, {RESIDENT, AGENT}, set()),
                (talk, {RESIDENT, SUPERVISOR}, set()),
                (called, {AGENT, SUPERVISOR}, set()),
            )
        await press(chen, turn, 200, mode="take")
        await becomes(site, chen, one, "taken")
        await over(talk)
        await so_it_is(site, "resident and supervisor", (side, {RESIDENT}, {AGENT}), (called, {SUPERVISOR}, {AGENT}))
        await side.hang_up()
        await becomes(site, chen, one, "over")
        if arrives in (call_out, kept):
            await over(called)  # whom we called is not asked how they liked it
        if arrives is danger:  # gone within ten seconds: that was no help, and the phones ring again
            again = await agent.rings()
            again.lift()
            hums(again, AGENT)
            await so_it_is(site, "the next one helps", (called, {AGENT}, set()))
        await called.hang_up()
    call = await ended_call(site, number)
    first_talks = [("8001", "answered"), ("8901", "stepped-in"), ("8901", "taken-over")]
    wanted = [one for one in first_talks if arrives is not kept or one[1] != "stepped-in"]
    assert [(one.agent, one.how) for one in call.talks][: len(wanted)] == wanted
    assert call.human_answer == call.talks[0].began
    assert call.oddities == ()
    assert await no_other_calls(site, call)
    assert is_recorded(site, call, "agent", AGENT)
    assert is_recorded(site, call, "agent", SUPERVISOR)
    assert is_recorded(site, call, "caller", RESIDENT)
    assert not is_recorded(site, call, "caller", SUPERVISOR)


async def test_nobody_steps_in_beside_a_resident_on_hold_and_who_hands_over_has_no_side_any_more(site: Site) -> None:
    async with (
        desk_phone(site, "8001") as agent,
        desk_phone(site, "8901") as chens,
        page(site, "chen") as chen,
        page(site, "li"),
        resident(site, number="13800138525") as caller,
    ):
        talk = await first(agent)
        hums(caller, RESIDENT)
        hums(talk, AGENT)
        await so_it_is(site, "they talk", (talk, {RESIDENT}, set()), (caller, {AGENT}, set()))
        one, side = await comes(chen, chens, "listen", SUPERVISOR)
        await becomes(site, chen, one, "listening")
        turn = f"/api/v1/live-help/{one}/turn"
        await talk.hold()
        await so_it_is(site, "the resident hears music", (caller, set(), {AGENT}), (side, {RESIDENT}, set()))
        assert await refused(chen, turn, mode="barge") == "resident-would-not-hear"
        await side.press("6")
        await talk.resume()
        await so_it_is(site, "still only listening", (caller, {AGENT}, {SUPERVISOR}), (side, {RESIDENT, AGENT}, set()))

        async with desk_phone(site, "8002") as colleague:
            await hands_over(talk, "*2", "8002")
            asked = await lifted(colleague, SECOND)
            await so_it_is(
                site,
                "who listens hears what the colleague is asked, whatever the resident hears",
                (side, {AGENT, SECOND}, {RESIDENT}),
                (caller, set(), {AGENT, SECOND, SUPERVISOR}),
            )
            assert await refused(chen, turn, mode="barge") == "resident-would-not-hear"
            await press(chen, turn, 200, mode="whisper")
            await so_it_is(site, "the agent alone", (talk, {SECOND, SUPERVISOR}, set()), (asked, {AGENT}, {SUPERVISOR}))
            await talk.hang_up()
            await becomes(site, chen, one, "over")
            await over(side)
            await so_it_is(site, "handed over", (caller, {SECOND}, {SUPERVISOR}), (asked, {RESIDENT}, {SUPERVISOR}))

            other, side = await comes(chen, chens, "listen", SUPERVISOR, agent="8002")
            await becomes(site, chen, other, "listening")
            await asked.hold()
            await so_it_is(site, "on hold again", (caller, set(), {SECOND}))
            await press(chen, f"/api/v1/live-help/{other}/turn", 200, mode="take")
            await so_it_is(site, "taken from the hold", (caller, {SUPERVISOR}, {SECOND}), (side, {RESIDENT}, set()))
            await over(asked)
            await caller.hang_up()
            await over(side)
    call = await ended_call(site, "13800138525")
    talks = [("8001", "answered"), ("8002", "transferred-attended"), ("8901", "taken-over")]
    assert [(one.agent, one.how) for one in call.talks] == talks
    assert call.oddities == ()
    assert await no_other_calls(site, call)
