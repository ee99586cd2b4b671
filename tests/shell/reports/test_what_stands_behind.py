"""Whatever was written: each figure of every report opens exactly what it counts, page by page, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from hotline.agents.agent import Decided, Stand
from hotline.agents.store import keep_decided
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from hotline.reports.behind import FIGURES, Behind, Item
from hotline.reports.follow_store import follow_facts
from hotline.reports.keeping import ReportKeeping
from hotline.reports.ranges import Days
from hotline.reports.reading_store import calls_behind, count_behind
from hotline.reports.selection import Selection
from hotline.web.report_behind import read_behind
from hotline.web.report_reading import read_agents_report, read_calls_report, read_service_report
from hotline.web.report_shapes import AgentOut, AgentsReport, CallsReport, ServiceReport, TimesOut
from hotline.web.rooms import WebRooms
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.random_calls import random_call
from tests.fakes.random_service import RandomService
from tests.fakes.web_desk import web_desk

BERLIN: Final = ZoneInfo("Europe/Berlin")
FIRST: Final = datetime(2026, 10, 20, tzinfo=BERLIN)
SPAN: Final = 20  # days, and October 25 is one of 25 hours
BY: Final = ("hour", "weekday", "queue", "menu", "agent", "building", "kind")
PAGE: Final = 7
WHOLE: Final = Days(date(2026, 10, 20), date(2026, 11, 12))


@dataclass
class Sizes:
    """What a list comes to."""

    n: int = 0
    ms: int = 0
    fen: int = 0
    came_in: int = 0


@pytest.fixture
async def rooms(database: Database, tmp_path: Path) -> AsyncIterator[WebRooms]:
    """A web room of a centre in Berlin, whose days are followed."""
    clock = ClockByHand(FIRST + timedelta(days=SPAN, hours=3))
    follow_facts(database, area_code="", zone=BERLIN)
    async with web_desk(tmp_path, clock=clock) as room:
        yield replace(room.rooms, database=database, zone=BERLIN)


async def fill(rooms: WebRooms) -> None:
    """Write some weeks of everything at random, and sum the days that are over."""
    dice = Random(20)
    async with rooms.database.begin() as session:
        await RandomService(dice, FIRST, SPAN).write(session, times=60)
        for number in range(90):
            await save_call(session, random_call(dice, number, FIRST, SPAN))
        for number in range(0, 90, 3):
            kind, home = dice.choice((Kind.REPAIR, Kind.COMPLAINT)), dice.choice(("3-2-501", "4-1-101", ""))
            draft = Draft(kind=kind, is_urgent=False, who="", home=home, matter="灯坏了", promised="", agent="8001")
            await add_entry(session, call_id=f"hotline-{number}", draft=draft, written_by="wang", at=rooms.clock.now())
    keeping = ReportKeeping(database=rooms.database, clock=rooms.clock, zone=BERLIN, area_code="")
    await keeping.build()
    await keeping.bring_up()


async def size(rooms: WebRooms, days: Days, figure: str, value: str = "", part: str = "") -> Sizes:
    """Walk a list to its end, a page at a time."""
    wanted = Behind(days=days, figure=figure, value=value, part=part)
    found: list[Item] = []
    before: str | None = None
    while True:
        items, before = await read_behind(rooms, wanted, before=before, limit=PAGE)
        assert len(items) <= PAGE
        found += items
        if before is None:
            break
    assert len({item.id for item in found}) == len(found), "nothing stands on two pages"
    return Sizes(
        n=sum(item.n for item in found),
        ms=sum(item.ms for item in found),
        fen=sum(item.fen for item in found),
        came_in=sum(item.came_in for item in found),
    )


async def test_every_figure_opens_what_it_counts(rooms: WebRooms) -> None:
    await fill(rooms)
    for days in (WHOLE, Days(date(2026, 10, 25), date(2026, 10, 25))):
        await the_calls_agree(rooms, days)
        await the_agents_agree(rooms, days)
        await the_service_agrees(rooms, days, await read_service_report(rooms, days))
    await there_is_something_of_every_figure(rooms)


async def the_calls_agree(rooms: WebRooms, days: Days) -> None:
    reports = {by: await read_calls_report(rooms, days, by) for by in BY}  # type: ignore[arg-type]
    report: CallsReport = reports["hour"]
    assert report.total.offered
    async with rooms.database.read() as session:
        for by, one in reports.items():
            wanted = [("", "", report.total)] if by == "hour" else []
            for which, value, times in [*wanted, *((by, row.value, row.times) for row in one.rows)]:
                for figure, calls in linked(times).items():
                    selection = Selection(days=days, figure=figure, by=which, value=value)
                    assert await count_behind(session, selection) == calls, (figure, which, value)
        for sort, counts in (("cause", report.causes), ("late", report.late), ("kind", report.kinds)):
            for count in counts:
                selection = Selection(days=days, figure=f"{sort}:{count.name}")
                assert await count_behind(session, selection) == count.calls
        for cell in report.heat:
            selection = Selection(days=days, by="week-hour", value=f"{cell.weekday}-{cell.hour:02}")
            assert await count_behind(session, selection) == cell.offered
        for bar in report.distribution:
            selection = Selection(days=days, figure="answered", above=bar.above or None, up_to=bar.up_to)
            assert await count_behind(session, selection) == bar.calls
        for day in report.days:
            own = Days(date.fromisoformat(day.value), date.fromisoformat(day.value))
            assert await count_behind(session, Selection(days=own)) == day.times.offered


def linked(times: TimesOut) -> dict[str, int]:
    """The figures of a row, by the name under which each opens its calls."""
    return {
        "offered": times.offered,
        "answered": times.answered,
        "abandoned": times.abandoned,
        "short": times.short,
        "late": times.late,
        "unreached": times.unreached,
        "within-three-rings": times.within_three_rings,
        "not-within-three-rings": times.offered - times.within_three_rings,
        "within-limit": times.within_limit,
        "not-within-limit": times.answered + times.unreached - times.within_limit,
    }


async def the_agents_agree(rooms: WebRooms, days: Days) -> None:
    report: AgentsReport = await read_agents_report(rooms, days)
    assert report.agents
    for one in report.agents:
        for figure, seconds in (
            ("ready", one.ready_seconds), ("wrap-up", one.wrap_up_seconds), ("paused", one.paused_seconds),
            ("at-desk", one.ready_seconds + one.wrap_up_seconds),
        ):  # fmt: skip
            assert (await size(rooms, days, figure, one.agent)).ms == round(seconds * 1000), (figure, one.agent)
        for reason, seconds in one.pauses.items():
            assert (await size(rooms, days, "paused", one.agent, reason)).ms == round(seconds * 1000)
        for figure, n in (
            ("missed", one.missed), ("drafts", one.drafts_kept + one.drafts_changed),
            ("drafts-kept", one.drafts_kept), ("drafts-changed", one.drafts_changed),
        ):  # fmt: skip
            assert (await size(rooms, days, figure, one.agent)).n == n, (figure, one.agent)
        await the_talks_agree(rooms, days, one)


async def the_talks_agree(rooms: WebRooms, days: Days, one: AgentOut) -> None:
    async with rooms.database.read() as session:
        for by, calls in (("spoke-in", one.calls), ("spoke-out", one.calls_out), ("marked", one.marks)):
            assert await count_behind(session, Selection(days=days, by=by, value=one.agent)) == calls, by
        wanted = {by: Selection(days=days, by=by, value=one.agent) for by in ("spoke", "held")}
        found = {by: await calls_behind(session, each, limit=1000) for by, each in wanted.items()}
    held = [talk.held for call in found["held"] for talk in call.talks if talk.agent == one.agent]
    assert all(length > timedelta(milliseconds=1) for length in held)
    # Each hold is kept in whole milliseconds.
    assert sum(held, timedelta(0)).total_seconds() == pytest.approx(one.hold_seconds, abs=0.001 * len(held) + 1e-6)
    assert len(found["spoke"]) == one.calls + one.calls_out


async def the_service_agrees(rooms: WebRooms, days: Days, report: ServiceReport) -> None:
    assert report.hot_spots or days != WHOLE
    wanted: dict[tuple[str, str, str], int] = {
        ("asked", "", ""): report.asked,
        ("satisfied", "", ""): report.satisfied,
        ("dissatisfied", "", ""): report.asked - report.satisfied,
        ("raised", "complaint", ""): report.complaints.raised,
        ("unhandled", "complaint", ""): report.complaints.raised - report.complaints.handled,
    }
    for handled in report.handled:
        wanted["raised", handled.kind, ""] = handled.raised
        wanted["handled", handled.kind, ""] = handled.handled
        wanted["handled-in-time", handled.kind, ""] = handled.in_time
    for owed in report.owed:
        wanted["done-in-time", owed.kind, ""] = owed.in_time
        wanted["done-late", owed.kind, ""] = owed.late
        wanted["overdue", owed.kind, ""] = owed.overdue
        wanted["fallen-due", owed.kind, ""] = owed.in_time + owed.late + owed.overdue
    for called in report.called_back:
        wanted["sampled", called.kind, ""] = called.handled
        wanted["drawn", called.kind, ""] = called.drawn
        wanted["called", called.kind, ""] = called.called
        wanted["called-in-time", called.kind, ""] = called.in_time
        wanted["not-called-back", called.kind, ""] = called.failed
    for again in report.repeats:
        wanted["repeat", str(again.entries[0]), ""] = again.times
    for campaign in report.campaigns:
        wanted["targets", str(campaign.id), ""] = campaign.targets
        for state, n in campaign.by_state.items():
            wanted["targets-of-state", str(campaign.id), state] = n
        for outcome, n in campaign.by_outcome.items():
            wanted["targets-of-outcome", str(campaign.id), outcome] = n
    for (figure, value, part), n in wanted.items():
        assert (await size(rooms, days, figure, value, part)).n == n, (figure, value, part)
    fees = [one for one in report.campaigns if one.reminded_fen is not None]
    for one in fees:
        reminded = await size(rooms, days, "reminded", str(one.id))
        assert (reminded.fen, reminded.came_in) == (one.reminded_fen, one.collected_fen)
    if fees:
        reminded = await size(rooms, days, "reminded")
        assert reminded.fen == sum(one.reminded_fen or 0 for one in fees)
        assert reminded.came_in == sum(one.collected_fen or 0 for one in fees)
    async with rooms.database.read() as session:
        for spot in report.hot_spots:
            for figure, n in (
                ("offered", spot.calls),
                ("kind:repair", spot.repairs),
                ("kind:complaint", spot.complaints),
            ):
                selection = Selection(days=days, figure=figure, by="building", value=spot.building)
                assert await count_behind(session, selection) == n


async def there_is_something_of_every_figure(rooms: WebRooms) -> None:
    """What is compared is not nothing with nothing."""
    days = WHOLE
    service, agents = await read_service_report(rooms, days), await read_agents_report(rooms, days)
    values = {
        "debts": {"matter", "aftercare"}, "agent": {one.agent for one in agents.agents},
        "kind": {"complaint", "repair"}, "campaign": {str(one.id) for one in service.campaigns},
        "entry": {str(one.entries[0]) for one in service.repeats}, "": {""},
    }  # fmt: skip
    of = {"matters": "kind", "debts": "debts", "draws": "kind", "answers": "", "entries": "entry"}
    of |= {"targets": "campaign", "fees": "campaign"}
    for figure, sort in FIGURES.items():
        parts = {"targets-of-state": ("done",), "targets-of-outcome": ("human",)}.get(figure, ("",))
        sizes = [await size(rooms, days, figure, value, *parts) for value in values[of.get(sort, "agent")]]
        assert any(one.n + one.ms for one in sizes), figure


async def test_time_that_covers_a_day_of_25_hours_counts_25_in_report_and_list(rooms: WebRooms) -> None:
    began, ended = datetime(2026, 10, 24, 12, tzinfo=BERLIN), datetime(2026, 10, 26, 12, tzinfo=BERLIN)
    for at, stand in ((began, Stand.READY), (ended, Stand.SIGNED_OUT)):
        async with rooms.database.begin() as session:
            await keep_decided(session, "8009", Decided(stand=stand), at)
    days = Days(date(2026, 10, 25), date(2026, 10, 25))

    [one] = [agent for agent in (await read_agents_report(rooms, days)).agents if agent.agent == "8009"]

    assert one.ready_seconds == 25 * 3600
    assert (await size(rooms, days, "ready", "8009")).ms == 25 * 3600 * 1000


async def test_call_at_midnight_is_of_the_month_that_begins_and_of_one_month_only(rooms: WebRooms) -> None:
    midnight = datetime(2026, 11, 1, tzinfo=BERLIN)
    before = {month: await offered(rooms, month) for month in ("2026-10", "2026-11")}
    for number, rang in enumerate((midnight - timedelta(microseconds=1), midnight)):
        call = replace(random_call(Random(3), 900 + number, FIRST, 1), direction="inbound", ring_start=rang)
        async with rooms.database.begin() as session:
            await save_call(session, replace(call, ended_at=rang.astimezone(UTC) + timedelta(minutes=1)))

    assert {month: await offered(rooms, month) - n for month, n in before.items()} == {"2026-10": 1, "2026-11": 1}


async def offered(rooms: WebRooms, month: str) -> int:
    days = Days.of_month(month)
    report = await read_calls_report(rooms, days, "hour")
    async with rooms.database.read() as session:
        assert await count_behind(session, Selection(days=days)) == report.total.offered
    return report.total.offered
