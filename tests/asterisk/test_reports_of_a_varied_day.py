"""A day of every sort of call: what reports tell by queue, menu, agent, building, kind and hour is what was played.

Held against what the telephones tell (SIPp's log of the wire), and against queue_log and CDR of the switch.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio

from hotline.accounts.account import Role
from hotline.accounts.service import create_token
from hotline.calls.ledger import CallRecord
from tests.fakes.site import Site
from tests.fakes.switch_books import on_the_wire, read_cdr, read_queue_log
from tests.fakes.varied_day import (
    CALLED_BACK,
    CALLERS,
    DESK_AGENTS,
    HANDED_OVER,
    HELD,
    ON_DUTY,
    ON_HOLD,
    SIPP_AGENTS,
    Played,
    play_day,
    varied_site,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]  # the day itself is its set-up
DUST = 1.5  # seconds between two programs that say when something was, on a machine with other work to do
HELPED = [one for one in CALLERS if one.fate == "helped"]
QUEUED = [one for one in CALLERS if one.queue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was played, and what the ledger has of it, by the caller's number."""

    site: Site
    played: Played
    calls: dict[str, CallRecord]
    first: date


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day() -> AsyncIterator[Day]:
    """Play the day; write the entries of the callers whose matter is written down afterwards."""
    site = await varied_site()
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        began = site.clock.now().astimezone(ZoneInfo(site.settings.centre.time_zone)).date()
        played = await play_day(site)

        async def all_over() -> dict[str, CallRecord] | None:
            known = {number: await site.calls_from(number) for number in played.heard}
            if any(len(calls) != 1 or calls[0].ended_at is None for calls in known.values()):
                return None
            return {number: calls[0] for number, calls in known.items()}

        calls = await site.eventually(all_over, limit=30, what="the ledger has every call to its end, once")
        day = Day(site=site, played=played, calls=calls, first=began)
        for one in CALLERS:
            if one.written is not None:
                kind, home = one.written
                entry = {"call_id": calls[one.number].id, "kind": kind, "matter": "楼上噪音", "home": home}
                await asked(day, "POST", "duty-log", json=entry)
        yield day
    finally:
        await site.stop()


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


async def report(day: Day, what: str, **query: str) -> dict[str, Any]:
    """Ask for a report of the day, and of the next if it went on past midnight."""
    days = {"from": day.first.isoformat(), "to": (day.first + timedelta(days=1)).isoformat()}
    return await asked(day, "GET", f"reports/{what}", params={**days, **query})


async def rows(day: Day, by: str, figure: str = "offered") -> dict[str, int]:
    """Return a figure of each value that has any."""
    told = await report(day, "calls", by=by)
    return {row["value"]: row["times"][figure] for row in told["rows"] if row["value"] and row["times"][figure]}


@pytest.mark.parametrize("by", ["queue", "menu", "building", "kind"])
async def test_calls_are_counted_under_what_their_callers_did_and_who_they_are(day: Day, by: str) -> None:
    for figure, fates in (
        ("offered", {"helped", "gave-up", "short", "message"}), ("answered", {"helped"}), ("abandoned", {"gave-up"}),
        ("short", {"short"}), ("unreached", {"gave-up", "message"}),
    ):  # fmt: skip
        told = Counter(getattr(one, by) for one in CALLERS if one.fate in fates)
        del told[""]
        assert await rows(day, by, figure) == told, figure


async def test_the_day_adds_up_to_what_the_callers_telephones_measured(day: Day) -> None:
    total = (await report(day, "calls", by="queue"))["total"]
    fates = Counter(one.fate for one in CALLERS)
    talks = (talk for agent in SIPP_AGENTS for talk in day.played.talks[agent])
    lifted = {talk.number: talk.lifted for talk in talks if talk.lifted is not None}
    wire = {number: on_the_wire(number, heard, lifted) for number, heard in day.played.heard.items()}

    assert (total["offered"], total["answered"], total["abandoned"], total["short"]) == (
        len(CALLERS), fates["helped"], fates["gave-up"], fates["short"],
    )  # fmt: skip
    assert total["unreached"] == fates["gave-up"] + fates["message"]
    assert total["connected"] == round(fates["helped"] / (fates["helped"] + total["unreached"]), 4)
    assert set(lifted) == {one.number for one in HELPED} - {ON_HOLD.number, HANDED_OVER.number, ON_DUTY.number}
    for one in CALLERS:
        call, seen = day.calls[one.number], wire[one.number]
        assert call.ring_start is not None
        assert call.ended_at is not None
        assert (call.ended_at - call.ring_start).total_seconds() == pytest.approx(seen.seconds, abs=DUST), one
        assert (call.answer_wait is None) == (seen.seconds_to_switch is None), one
        assert (call.human_wait is None) == (one.fate != "helped"), one
        for ours, theirs in (
            (call.answer_wait, seen.seconds_to_switch), (call.human_wait, seen.seconds_to_human),
        ):  # fmt: skip
            if ours is not None and theirs is not None:
                assert ours.total_seconds() == pytest.approx(theirs, abs=DUST), one


async def test_agents_have_the_talks_holds_and_calls_that_their_own_telephones_tell(day: Day) -> None:
    told = {one["agent"]: one for one in (await report(day, "agents"))["agents"]}
    answered = await rows(day, "agent", "answered")
    by_phone = {agent: [talk.number for talk in talks] for agent, talks in day.played.talks.items()}

    for agent in SIPP_AGENTS:
        assert answered[agent] == told[agent]["calls"] == len(by_phone[agent])
        measured = sum(talk.seconds for talk in day.played.talks[agent])
        assert told[agent]["talk_seconds"] == pytest.approx(measured, abs=DUST)
        assert (told[agent]["hold_seconds"], told[agent]["missed"]) == (0, 0)
    assert {agent: told[agent]["calls"] for agent in DESK_AGENTS} == {
        agent: len(by_phone[agent]) for agent in DESK_AGENTS
    }
    spoke = sum(talk.seconds for agent in DESK_AGENTS for talk in day.played.talks.get(agent, []))
    outside = on_the_wire(CALLED_BACK, day.played.heard[CALLED_BACK][1:], {})
    held, talk = (sum(told[agent][name] for agent in DESK_AGENTS) for name in ("hold_seconds", "talk_seconds"))
    [(agent, seconds)] = day.played.held.items()
    assert seconds == pytest.approx(HELD, abs=DUST)
    assert told[agent]["hold_seconds"] == pytest.approx(seconds, abs=DUST)
    assert held == told[agent]["hold_seconds"], "nobody else held"
    assert outside.lifted is not None
    called_back = (outside.ended - outside.lifted).total_seconds()
    assert talk + held == pytest.approx(spoke + called_back, abs=2 * DUST)
    assert [told[agent]["calls_out"] for agent in DESK_AGENTS] == [1, 0]
    assert answered["mobile"] == 1


async def test_hours_are_those_of_the_switchs_cdr_in_the_centres_time(day: Day) -> None:
    zone = ZoneInfo(day.site.settings.centre.time_zone)
    came = {
        call: record
        for call, record in read_cdr(day.site.home / "asterisk" / "log" / "cdr-csv" / "Master.csv").items()
        if record.is_from_carrier
    }

    assert set(came) == {day.calls[one.number].id for one in CALLERS}
    hours = Counter(str(record.started.astimezone(zone).hour) for record in came.values())
    assert {str(int(hour)): n for hour, n in (await rows(day, "hour")).items()} == hours
    for call in (day.calls[one.number] for one in CALLERS):
        for ours, theirs in ((call.ring_start, came[call.id].started), (call.ended_at, came[call.id].ended)):
            assert ours is not None
            assert abs(ours - theirs) < timedelta(seconds=1 + DUST), call.id
        assert (call.switch_answer is None) == (came[call.id].answered is None)


async def test_queue_log_tells_the_same_of_both_queues_and_of_who_waited_for_whom(day: Day) -> None:
    told = read_queue_log(day.site.home / "asterisk" / "log" / "queue_log")
    by_call = {day.calls[one.number].id: one for one in QUEUED}

    assert {call: story.queue for call, story in told.items()} == {call: one.queue for call, one in by_call.items()}
    assert Counter(story.queue for story in told.values()) == await rows(day, "queue")
    connected = Counter(story.queue for story in told.values() if story.connected)
    assert connected == await rows(day, "queue", "answered")
    gone = Counter(story.queue for story in told.values() if story.abandoned)
    assert gone == await rows(day, "queue", "abandoned")
    for call_id, story in told.items():
        call = day.calls[by_call[call_id].number]
        over, wait = story.connected or story.abandoned, call.queue_wait
        assert over is not None
        assert wait is not None
        assert wait.total_seconds() == pytest.approx(over - story.entered, abs=1 + DUST), by_call[call_id]
        if story.connected is not None:
            assert story.completed is not None
            assert story.agent == call.talks[0].agent, by_call[call_id]
            assert call.talks[0].ended is not None
            took = (call.talks[0].ended - call.talks[0].began).total_seconds()
            assert took == pytest.approx(story.completed - story.connected, abs=1 + DUST), by_call[call_id]
