"""Callers moved, queues closed, the house closed before its time, agents set: by a supervisor, on a real switch."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hotline.calls.lateness import was_missed
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.store import entries_of
from tests.fakes.call_capture import desk_phone, resident
from tests.fakes.sides import (
    AGENT,
    RESIDENT,
    ended_call,
    hums,
    lifted,
    over,
    page,
    press,
    so_it_is,
    steps,
    supervised_site,
)
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = await supervised_site(
        "still-waiting",
        "closed",
        "menu-closed",
        "duty-nobody",
        "leave-message",
        HOTLINE_QUEUES_CASE_AGENT_RINGS_FOR="5",
    )
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


async def switch_has(site: Site, key: str, value: str) -> None:
    """Wait until the switch's own database has this value there; "": nothing."""

    async def is_so() -> bool:
        said = await asyncio.to_thread(site.console, f"database get {key}")
        return f"Value: {value}" in said if value else "not found" in said

    await site.eventually(is_so, limit=15, what=f"the switch has {key} as {value}")


async def waits(site: Site, number: str, queue: str = "service") -> CallRecord:
    """Wait until this caller stands in that queue."""
    return await site.call_of(number, where=lambda one: (one.state, one.queue) == (CallState.WAITING, queue))


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


async def test_moved_caller_goes_first_stays_in_a_queue_closed_since_and_is_lost_to_nobody(site: Site) -> None:
    early, late = "13800138531", "13800138532"
    async with (
        desk_phone(site, "8001") as agent,
        desk_phone(site, "8002") as other,
        page(site, "chen") as chen,
        page(site, "sun") as sun,
        page(site, "li") as li,
        resident(site, number=early) as first,
        resident(site, number=late) as second,
    ):
        await press(li, "/api/v1/agents/me/pause", 200, reason="用餐")
        await press(chen, "/api/v1/agents/8002/pause", 200, reason="用餐")
        try:
            await waits(site, early)
            call = await waits(site, late)
            move = f"/api/v1/calls/{call.id}/move"
            await press(chen, "/api/v1/by-hand/queues/service", 200, is_closed=True)
            await switch_has(site, "closed service", "yes")
            both = await asyncio.gather(*(by.post(move, json={"to": "front"}) for by in (chen, sun)))
            assert sorted(one.status for one in both) == [200, 409], "two who move the same caller move them once"

            await press(li, "/api/v1/agents/me/ready", 200)
            rung = await agent.rings()
            assert rung.invite is not None
            assert late in rung.invite.get("From"), "who was moved to the front is first"
            assert not other.has_rung(), "who waits in a queue that is closed since is not sent to the duty chain"

            await press(chen, move, 200, to="8002")
            moved = await other.rings()
            assert moved.invite is not None
            assert late in moved.invite.get("From")
            await over(rung)
            rung = await agent.rings()
            assert rung.invite is not None
            assert early in rung.invite.get("From"), "the telephone that rang for them is free for the next"
            await press(chen, "/api/v1/agents/8001/pause", 200, reason="休息")  # while it rings
            rung.lift()
            hums(first, RESIDENT)
            hums(rung, AGENT)
            await so_it_is(site, "they talk", (rung, {RESIDENT}, set()), (first, {AGENT}, set()))
            await over(moved)  # nobody lifted there: given back, before all others
            call = await waits(site, late)
            _, moving = await asyncio.gather(second.hang_up(), chen.post(move, json={"to": "8002"}))
            assert moving.status in {200, 409}, await moving.text()
            gone = await chen.post(move, json={"to": "8002"})
            assert gone.status == 409, await gone.text()

            await press(chen, "/api/v1/agents/8001/ready", 200)  # in the talk, and again in pause
            await press(chen, "/api/v1/agents/8001/pause", 200, reason="培训")
            assert not rung.over.is_set()
            await first.hang_up()

            async def is_wrapping_up() -> bool:
                async with chen.get("/api/v1/agents") as answer:
                    return [one["state"] for one in (await answer.json())["agents"] if one["extension"] == "8001"] == [
                        "wrap-up"
                    ]

            await site.eventually(is_wrapping_up, limit=20, what="the agent wraps up")
            done = await press(li, "/api/v1/agents/me/wrap-up-done", 200)
            assert (done["state"], done["reason"], done["by_name"]) == ("paused", "培训", "chen")
        finally:
            await press(chen, "/api/v1/by-hand/queues/service", 200, is_closed=False)
            await press(chen, "/api/v1/agents/8002/ready", 200)
        call = await ended_call(site, late)
        assert (await steps(chen, call.id))[:2] == [("chen", "moved"), ("chen", "moved")] or (
            await steps(chen, call.id)
        )[:2] == [("sun", "moved"), ("chen", "moved")]
    answered = await ended_call(site, early)
    assert (call.outcome, [ring.agent for ring in call.rings][:2], call.oddities) == (
        Outcome.ABANDONED_QUEUE, ["8001", "8002"], (),
    )  # fmt: skip
    assert [ring.was_withdrawn for ring in call.rings][:2] == [True, False], (
        "the first was stopped, the second let ring"
    )
    assert call.ended_at is not None
    assert not was_missed(call.rings[0], call.ended_at)
    assert call.queued_at is not None
    assert answered.queued_at is not None
    assert call.ring_start is not None
    assert (call.queued_at - call.ring_start).total_seconds() < 20, "the second of arrival stays"
    assert ([one.agent for one in answered.talks], answered.oddities) == (["8001"], ())
    async with site.database.read() as session:
        assert len(await entries_of(session, answered.id)) == 1


async def test_house_closed_in_the_day_is_closed_through_restarts_until_its_hours_say_so(site: Site) -> None:
    async with page(site, "chen") as chen:
        for queue in ("repair", "service"):
            await press(chen, f"/api/v1/by-hand/queues/{queue}", 200, is_closed=True)
            await switch_has(site, f"closed {queue}", "yes")
        async with desk_phone(site, "8901") as duty, resident(site, key="1", number="13800138533") as caller:
            talk = await lifted(duty, AGENT)  # the house has no duty chain: every telephone of the desk
            hums(caller, RESIDENT)
            await so_it_is(site, "they talk", (talk, {RESIDENT}, set()), (caller, {AGENT}, set()))
        call = await ended_call(site, "13800138533")
        assert (call.agent, call.menu_path, call.oddities) == ("8901", ("1",), ())
        for queue in ("repair", "service"):
            await press(chen, f"/api/v1/by-hand/queues/{queue}", 200, is_closed=False)
            await switch_has(site, f"closed {queue}", "")
        async with resident(site, key="1", number="13800138534"):
            await waits(site, "13800138534")  # taken again

        told = await press(chen, "/api/v1/by-hand/plan", 200, value="closed")
        assert (told["plan"]["is_open"], told["plan"]["is_scheduled"], told["plan"]["by_name"]) == (False, True, "chen")
        await switch_has(site, "hotline plan", "closed")
    for name in ("serve", "asterisk"):
        site.signal(name, signal.SIGKILL)
    site.start("asterisk")
    await site.switch_ready()
    await switch_has(site, "hotline plan", "closed")
    site.start("serve")
    await site.ready()
    async with desk_phone(site, "8901") as duty, resident(site, number="13800138535") as caller:
        talk = await lifted(duty, AGENT)
        hums(caller, RESIDENT)
        await so_it_is(site, "they talk", (talk, {RESIDENT}, set()), (caller, {AGENT}, set()))
    call = await ended_call(site, "13800138535")
    assert (call.agent, call.queue, call.oddities) == ("8901", "", ())
    await switch_has(site, "hotline plan", "closed")

    site.keep_hours("closed")  # the hours say the same now: it is over, and they open the house again
    site.signal("serve", signal.SIGKILL)
    site.start("serve")
    await site.ready()
    async with page(site, "chen") as chen:

        async def is_over() -> bool:
            async with chen.get("/api/v1/by-hand") as answer:
                plan = (await answer.json())["plan"]
            return not plan["by_name"] and not plan["is_open"] and not plan["is_scheduled"]

        await site.eventually(is_over, limit=15, what="the plan by hand is over")
