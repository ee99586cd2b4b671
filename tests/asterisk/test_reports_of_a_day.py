"""A day in small: the reports are what SIPp's log says, call by call, and what queue_log and CDR of the switch say."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio

from hotline.accounts.account import Role
from hotline.accounts.service import create_token
from hotline.calls.ledger import CallRecord
from hotline.reports.ranges import Days
from hotline.reports.reading_store import calls_behind
from hotline.reports.selection import Selection
from hotline.simulate.scenario import Press, Say, Wait, gives_up_while_ringing
from hotline.simulate.sipp import Heard, Telephone
from hotline.webhooks.store import messages_page
from tests.fakes.site import Site, free_tcp_port
from tests.fakes.switch_books import OnTheWire, keep_books, lifted_by_agents, on_the_wire, read_cdr, read_queue_log
from tests.fakes.webhook_ear import Ear

pytestmark = pytest.mark.asyncio(loop_scope="module")

AGENTS = [str(8001 + place) for place in range(6)]
LET_IN = 10
IN_QUEUE = [f"1390000{number}" for number in range(1000, 1000 + LET_IN)]  # give up, waiting for somebody
TURNED_AWAY = [f"1390000{number}" for number in range(2000, 2002)]
AT_ONCE = [f"1390000{number}" for number in range(3000, 3004)]  # hang up after the first ring
IN_MENU = [f"1390000{number}" for number in range(4000, 4003)]  # hang up in the menu
HELPED = [f"1390000{number}" for number in range(5000, 5010)]
Fits = Callable[[OnTheWire, float], bool]  # whether a call counts, where so many seconds are of no weight
TRIPS_OVER = (AT_ONCE[0][-4:], AT_ONCE[1][-4:])  # calls over which a program that is told of them trips
DUST = 1.5  # seconds between two programs that say when something was, on a machine with other work to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was played: every call as SIPp saw it, how many phones rang out, and what the desk's ledger has."""

    site: Site
    wire: dict[str, OnTheWire]
    rang_out: int
    calls: dict[str, CallRecord]
    days: Days
    ear: Ear


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day() -> AsyncIterator[Day]:
    """Play the day at a desk whose switch also keeps the two books that ours keeps off."""
    site = Site(
        HOTLINE_SIP_AGENTS=",".join(AGENTS), HOTLINE_AGENTS_WRAP_UP_FOR="0", HOTLINE_AGENTS_NO_ANSWERS="0",
        HOTLINE_ANSWERING_AGENT_RINGS_FOR="5", HOTLINE_ANSWERING_RING_FOR="2.5",
    )  # fmt: skip
    ear = Ear(free_tcp_port(), "three rings and no more", trips_over=TRIPS_OVER)
    (site.home / "hotline.toml").write_text(ear.settings)
    await site.set_up()
    keep_books(site)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        async with asyncio.TaskGroup() as both:
            both.create_task(open_once_missed(site, ear))
            playing = both.create_task(play(site, ear))
        yield playing.result()
    finally:
        await ear.close()
        await site.stop()


async def open_once_missed(site: Site, ear: Ear) -> None:
    """Let the program that is told be away until something could not be told."""

    async def is_missed() -> bool:
        async with site.database.read() as session:
            return any(one.tries for one in await messages_page(session))

    await site.eventually(is_missed, limit=60, what="somebody was to be told, and is not there")
    await ear.open()


async def play(site: Site, ear: Ear) -> Day:
    began = site.clock.now().astimezone(ZoneInfo(site.settings.centre.time_zone)).date()
    callers: dict[str, asyncio.Task[list[Heard]]] = {}
    hotline = site.settings.sip.hotline_number
    site.console(f"dialplan set global MOST_CALLS {LET_IN}")
    async with asyncio.TaskGroup() as morning:  # nobody is there, and too many call
        for place, number in enumerate(IN_QUEUE):
            steps = (Say(site.silence(1.5), 1.5), Press("0"), Wait(10 + place / 4))
            callers[number] = morning.create_task(site.calls_in(*steps, number=number))

        async def is_full() -> bool:
            return f"{LET_IN} active calls" in await asyncio.to_thread(site.console, "core show channels count")

        await site.eventually(is_full, limit=20, what="as many as are let in are there")
        for number in TURNED_AWAY:
            callers[number] = morning.create_task(site.calls_in(number=number, hangs_up=False))
    site.console(f"dialplan set global MOST_CALLS {site.settings.answering.most_calls}")
    phones = await asyncio.gather(*(site.sign_in_phone(agent) for agent in AGENTS))
    logs: list[list[Heard]] = []
    desk = [asyncio.create_task(at_work(site, phone, place, logs)) for place, phone in enumerate(phones)]
    try:
        async with asyncio.TaskGroup() as afternoon:
            for number in AT_ONCE:
                scenario = gives_up_while_ringing(number=number, dialled=hotline, after=0.3)
                callers[number] = afternoon.create_task(site.telephone("caller").call(scenario, limit=30))
            for place, number in enumerate(IN_MENU):
                callers[number] = afternoon.create_task(site.calls_in(Wait(4 + place), number=number))
            for number in HELPED:
                steps = (Say(site.silence(1.5), 1.5), Press("0"))
                callers[number] = afternoon.create_task(site.calls_in(*steps, number=number, hangs_up=False))
    finally:
        for one in desk:
            one.cancel()
        await asyncio.gather(*desk, return_exceptions=True)
    lifted = lifted_by_agents(logs)
    wire = {number: on_the_wire(number, task.result(), lifted) for number, task in callers.items()}

    async def all_over() -> dict[str, CallRecord] | None:
        known = {number: await site.calls_from(number) for number in wire}
        if any(len(calls) != 1 or calls[0].ended_at is None for calls in known.values()):
            return None
        return {number: calls[0] for number, calls in known.items()}

    calls = await site.eventually(all_over, limit=30, what="the ledger has every call to its end")
    rang_out = sum(
        not any(one.line.startswith("SIP/2.0 200") and "INVITE" in one.header("CSeq") for one in log) for log in logs
    )
    days = Days(began, began + timedelta(days=1))
    return Day(site=site, wire=wire, rang_out=rang_out, calls=calls, days=days, ear=ear)


async def at_work(site: Site, phone: Telephone, place: int, logs: list[list[Heard]]) -> None:
    """Lift what rings, each agent at a pace of their own; the first does not hear the first call."""
    if place == 0:
        logs.append(await site.agent_does_not_answer(phone, limit=120))
    while True:
        logs.append(await site.agent_answers(phone, Wait(1), rings_for=0.4 + place * 0.5, hangs_up=True, limit=120))


def is_helped(call: OnTheWire, _dust: float = 0) -> bool:
    return call.human is not None


def was_sent_away(call: OnTheWire, _dust: float = 0) -> bool:
    return call.human is None and not call.left_by_caller


def is_short(call: OnTheWire, dust: float) -> bool:
    return call.human is None and call.left_by_caller and call.seconds < 3 + dust


async def test_every_call_is_counted_as_the_callers_telephone_tells_it(day: Day) -> None:
    told: dict[str, Fits] = {
        "offered": lambda _call, _dust: True,
        "answered": is_helped,
        "abandoned": lambda call, dust: not is_helped(call) and call.left_by_caller and not is_short(call, -dust),
        "short": is_short,
        "unreached": lambda call, dust: not is_helped(call) and not is_short(call, -dust),
        "outcome:turned-away": was_sent_away,
        "within-three-rings": lambda call, dust: (call.seconds_to_switch or 99) <= 11 + dust,
        "within-limit": lambda call, dust: (call.seconds_to_human or 99) <= 15 + dust,
        "late": lambda call, dust: (call.seconds_to_human or 99) > 20 - dust,
    }
    for figure, fits in told.items():
        surely = {number for number, call in day.wire.items() if fits(call, -DUST)}
        perhaps = {number for number, call in day.wire.items() if fits(call, DUST)}
        async with day.site.database.read() as session:
            found = await calls_behind(session, Selection(days=day.days, figure=figure), limit=99)
        assert surely <= {call.caller_number for call in found} <= perhaps, figure

    # And the day was what it was to be.
    assert {number for number, call in day.wire.items() if is_helped(call)} == set(HELPED)
    assert {number for number, call in day.wire.items() if was_sent_away(call)} == set(TURNED_AWAY)


async def test_every_wait_is_the_one_that_the_telephones_measured(day: Day) -> None:
    for number, wire in day.wire.items():
        call = day.calls[number]
        for ours, theirs in (
            (call.answer_wait, wire.seconds_to_switch),
            (call.human_wait, wire.seconds_to_human),
            (call.ended_at - call.ring_start if call.ended_at and call.ring_start else None, wire.seconds),
        ):
            assert (ours is None) == (theirs is None), (number, ours, theirs)
            if ours is not None and theirs is not None:
                assert ours.total_seconds() == pytest.approx(theirs, abs=DUST), number


async def test_report_of_the_day_adds_up_to_what_the_telephones_measured(day: Day) -> None:
    calls, agents = await report(day, "calls", by="queue"), await report(day, "agents")
    total, waits = calls["total"], sorted(one.seconds_to_human for one in day.wire.values() if one.seconds_to_human)

    assert (total["offered"], total["answered"], total["short"]) == (len(day.wire), len(HELPED), len(AT_ONCE))
    assert total["abandoned"] == len(IN_QUEUE) + len(IN_MENU)
    assert total["unreached"] == total["abandoned"] + len(TURNED_AWAY)
    assert total["connected"] == round(len(HELPED) / (len(HELPED) + total["unreached"]), 4)
    assert total["human_seconds"]["p50"] == pytest.approx(waits[len(waits) // 2 - 1], abs=DUST + 0.1)
    assert total["human_seconds"]["p99"] == pytest.approx(waits[-1], abs=DUST + 0.1)
    assert total["human_mean"] == pytest.approx(sum(waits) / len(waits), abs=DUST)
    assert sum(row["times"]["answered"] for row in calls["rows"] if row["value"] == "service") == len(HELPED)
    assert sum(one["calls"] for one in agents["agents"]) == len(HELPED)
    assert sum(one["missed"] for one in agents["agents"]) == day.rang_out


async def test_switchs_own_queue_log_agrees_for_every_call_that_reached_a_queue(day: Day) -> None:
    told = read_queue_log(day.site.home / "asterisk" / "log" / "queue_log")
    queued = {call.id: call for call in day.calls.values() if call.queued_at is not None}
    report_of_queue = (await report(day, "calls", by="queue"))["rows"]
    [service] = [row["times"] for row in report_of_queue if row["value"] == "service"]

    assert told.keys() == queued.keys()
    assert service["offered"] == len(told)
    assert service["answered"] == sum(story.connected is not None for story in told.values())
    assert service["abandoned"] == sum(story.abandoned is not None for story in told.values())
    for call_id, story in told.items():
        over, wait = story.connected or story.abandoned, queued[call_id].queue_wait
        assert over is not None
        assert wait is not None
        assert wait.total_seconds() == pytest.approx(over - story.entered, abs=1 + DUST), call_id  # in whole seconds
    assert sum(len(story.rang_out) for story in told.values()) == day.rang_out


async def test_switchs_own_cdr_agrees_for_every_call_about_beginning_lifting_and_end(day: Day) -> None:
    told = read_cdr(day.site.home / "asterisk" / "log" / "cdr-csv" / "Master.csv")

    for call in day.calls.values():
        record = told[call.id]
        assert (record.answered is None) == (call.switch_answer is None)
        for ours, theirs in (
            (call.ring_start, record.started), (call.switch_answer, record.answered), (call.ended_at, record.ended),
        ):  # fmt: skip
            if ours is not None and theirs is not None:  # CDR cuts the second off
                assert abs(ours - theirs) < timedelta(seconds=1 + DUST), call.id
    assert {call.id for call in day.calls.values() if call.human_answer} < {
        call for call, record in told.items() if record.answered
    }, "CDR calls a call answered when the switch lifts it: that is no human voice"


async def test_a_program_that_was_away_hears_of_every_call_in_order_and_knows_what_came_twice(day: Day) -> None:
    wanted = {
        call.id: [
            "call.started",
            *(["call.answered"] if call.human_answer else []),
            "call.ended",
        ]
        for call in day.calls.values()
    }  # fmt: skip

    async def is_told() -> bool:
        return {call_id: day.ear.events_of(call_id) for call_id in wanted} == wanted

    await day.site.eventually(is_told, limit=90, what="the program has heard of every call, in order")
    taken = Counter(body["id"] for body in day.ear.bodies)
    twice = {call_id for call_id, times in taken.items() if times > 1}
    assert (day.ear.forged, day.ear.refused) == (0, len(TRIPS_OVER))
    assert {f"call.started-{day.calls[number].id}" for number in AT_ONCE[:2]} <= twice
    for one in twice:
        assert len({str(body) for body in day.ear.bodies if body["id"] == one}) == 1
    assert not any(number in str(day.ear.bodies) for number in day.calls), "numbers are masked"
    of_ended = {body["call"]["id"]: body["call"] for body in day.ear.told if body["event"] == "call.ended"}
    for call in day.calls.values():
        assert of_ended[call.id]["outcome"] == (call.outcome.value if call.outcome else None)
        assert datetime.fromisoformat(of_ended[call.id]["ring_start"]) == call.ring_start


async def test_a_program_hears_of_an_entry_that_is_written_and_of_a_deadline_that_comes(day: Day) -> None:
    soon = (day.site.clock.now() + timedelta(seconds=1)).isoformat()
    entry = await asked(day, "POST", "duty-log", json={"kind": "repair", "matter": "厨房漏水", "home": "3-2-501"})
    owed = await asked(day, "POST", "follow-ups", json={"text": "请回电", "home": "3-2-501", "due": soon})

    async def is_told() -> bool:
        return {"entry.written", "follow-up.due"} <= {body["event"] for body in day.ear.told}

    await day.site.eventually(is_told, limit=45, what="the program has heard of the entry and of the deadline")
    told = {body["event"]: body for body in day.ear.told}
    assert (told["entry.written"]["entry"]["number"], told["entry.written"]["entry"]["home"]) == (
        entry["number"], "3-2-501",
    )  # fmt: skip
    assert owed["id"] in {body["follow_up"]["id"] for body in day.ear.told if body["event"] == "follow-up.due"}
    assert "漏水" not in str(day.ear.bodies)
    assert "请回电" not in str(day.ear.bodies)


async def report(day: Day, what: str, **query: str) -> dict[str, Any]:
    """Ask the service for a report of the day."""
    wanted = {"from": day.days.first.isoformat(), "to": day.days.last.isoformat(), **query}
    return await asked(day, "GET", f"reports/{what}", params=wanted)


async def asked(day: Day, method: str, what: str, **said: Any) -> dict[str, Any]:
    """Ask the service, as a program does."""
    token = await create_token(day.site.database, Role.SUPERVISOR, "tests", clock=day.site.clock)
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
        http.request(method, day.site.url(f"/api/v1/{what}"), **said) as answer,
    ):
        assert answer.status in {200, 201}, await answer.text()
        told: dict[str, Any] = await answer.json()
        return told
