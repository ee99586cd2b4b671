"""Reports through the web: figures, the calls behind each, files, the month on paper; for heads only."""

import csv
import html
import io
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from hotline.accounts.account import Role
from hotline.calls.state import CallState, Outcome
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.store import CampaignTable, add_campaign
from hotline.campaigns.targets_store import NewTarget, add_targets
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.rules import Debt
from hotline.followups.store import FollowUpTable, add_follow_up
from hotline.reports.ranges import Days
from hotline.reports.reading_store import count_behind
from hotline.reports.rebuilding_store import build_matters_page, build_page
from hotline.reports.selection import Selection
from hotline.residents.resident import Home
from hotline.residents.store import add_home, set_arrears
from hotline.web.report_behind import AT_ONCE
from hotline.web.rooms import CHINA
from hotline.web.store import AccessLogTable
from tests.fakes.pdf_text import text_of
from tests.fakes.random_calls import random_call
from tests.fakes.random_service import RandomService
from tests.fakes.web_desk import CALLER, MORNING, WebDesk, web_desk

Open = Callable[..., AbstractAsyncContextManager[WebDesk]]
REPORTS = "/api/v1/reports"
BEHIND = "/reports/behind"
WRONG: tuple[dict[str, str], ...] = (
    {"figure": "everything"}, {"from": "2026-12-01", "to": "2026-11-01"}, {"cursor": "9" * 70}, {"value": "'; --"},
)  # fmt: skip
BY = ("hour", "weekday", "agent", "menu", "kind", "queue", "building")


@pytest.fixture
def desk(tmp_path: Path) -> Open:
    return lambda **changes: web_desk(tmp_path, **changes)


async def report(room: WebDesk, what: str = "calls", **query: str) -> dict[str, Any]:
    client = await room.machine(Role.SUPERVISOR)
    answer = await client.get(f"{REPORTS}/{what}", params=query)
    assert answer.status == 200, await answer.text()
    body: dict[str, Any] = await answer.json()
    return body


async def test_no_calls_are_no_data_and_never_a_hundred_percent(desk: Open) -> None:
    async with desk() as room:
        await built(room)
        found = await report(room)

    assert found["total"]["offered"] == 0
    assert found["total"]["three_rings_share"] is None
    assert found["total"]["service_level"] is None
    assert found["total"]["human_seconds"]["p99"] is None


async def built(room: WebDesk) -> None:
    from hotline.reports.keeping import ReportKeeping

    await ReportKeeping(database=room.database, clock=room.clock, zone=CHINA, area_code="").build()


async def test_page_says_what_is_still_being_counted_and_no_more(desk: Open) -> None:
    async def wholes(room: WebDesk) -> list[bool]:
        return [(await report(room, what))["is_whole"] for what in ("calls", "service")]

    async with desk() as room:
        before = await wholes(room)
        async with room.database.begin() as session:
            await build_page(session, zone=CHINA, area_code="")
        calls_alone = await wholes(room)
        async with room.database.begin() as session:
            await build_matters_page(session)
        both = await wholes(room)

    assert (before, calls_alone, both) == ([False, False], [True, False], [True, True])


async def test_call_that_goes_on_is_named_and_not_counted_until_it_is_over(desk: Open) -> None:
    async with desk() as room:
        await room.finished_call("over", start=MORNING - timedelta(minutes=30))
        await room.goes_on("on", state=CallState.WAITING, ring_start=MORNING - timedelta(minutes=1))
        before = await report(room)
        await room.goes_on("on", state=CallState.ENDED, ended_at=MORNING, outcome=Outcome.ABANDONED_QUEUE)
        after = await report(room)

    assert (before["total"]["offered"], before["running"]) == (1, 1)
    assert (after["total"]["offered"], after["running"], after["total"]["abandoned"]) == (2, 0, 1)


async def test_each_figure_opens_as_many_calls_as_it_says(desk: Open) -> None:
    dice, first = Random(5), datetime(2026, 11, 10, tzinfo=CHINA)
    days = Days(first.date(), first.date() + timedelta(days=9))
    async with desk() as room:
        for number in range(60):
            call = random_call(dice, number, first, 10)
            await room.goes_on(call.id, **{name: getattr(call, name) for name in call.__slots__ if name != "id"})
        period = {"from": days.first.isoformat(), "to": days.last.isoformat()}
        found = {
            by: await report(room, by=by, **period) for by in ("hour", "weekday", "agent", "menu", "kind", "queue")
        }
        total = found["hour"]["total"]
        wanted = {
            "offered": total["offered"],
            "answered": total["answered"],
            "abandoned": total["abandoned"],
            "short": total["short"],
            "unreached": total["unreached"],
            "within-three-rings": total["within_three_rings"],
            "not-within-three-rings": total["offered"] - total["within_three_rings"],
            "within-limit": total["within_limit"],
            "not-within-limit": total["answered"] + total["unreached"] - total["within_limit"],
            "late": total["late"],
            **{f"{sort}:{one['name']}": one["calls"] for sort, many in
               (("cause", "causes"), ("outcome", "outcomes"), ("kind", "kinds"), ("late", "late"))
               for one in found["hour"][many]},
        }  # fmt: skip
        async with room.database.read() as session:
            for figure, calls in wanted.items():
                assert await count_behind(session, Selection(days=days, figure=figure)) == calls, figure
            for by, one in found.items():
                assert sum(row["times"]["offered"] for row in one["rows"]) == total["offered"]
                for row in one["rows"]:
                    selection = Selection(days=days, figure="late", by=by, value=row["value"])
                    assert await count_behind(session, selection) == row["times"]["late"], (by, row["value"])
            for bar in found["hour"]["distribution"]:
                selection = Selection(days=days, figure="answered", above=bar["above"] or None, up_to=bar["up_to"])
                assert await count_behind(session, selection) == bar["calls"], bar
            for cell in found["hour"]["heat"]:
                value = f"{cell['weekday']}-{cell['hour']:02}"
                assert await count_behind(session, Selection(days=days, by="week-hour", value=value)) == cell["offered"]
        agents = await report(room, "agents", **period)
        async with room.database.read() as session:
            for one in agents["agents"]:
                opened = {
                    by: await count_behind(session, Selection(days=days, by=by, value=one["agent"]))
                    for by in ("spoke", "spoke-in", "spoke-out", "marked")
                }
                assert opened == {
                    "spoke": one["calls"] + one["calls_out"], "spoke-in": one["calls"], "spoke-out": one["calls_out"],
                    "marked": one["marks"],
                }  # fmt: skip

        client = await room.signed_in("boss")
        page = await (
            await client.get("/calls", params={**period, "figure": "late", "by": "agent", "value": ""})
        ).text()
        assert page.count('<td class="time">') == min(
            50, next(row["times"]["late"] for row in found["agent"]["rows"] if row["value"] == "")
        )
        assert "迟接" in page
        assert '<td class="late">' in page, "each late call says on what its time was lost"


async def test_figure_of_what_is_owed_opens_a_list_that_leads_to_the_call_it_came_from(desk: Open) -> None:
    async with desk() as room:
        due = room.clock.now() - timedelta(hours=1)
        for number, is_done in enumerate((True, False)):
            await room.finished_call(f"c-{number}", start=MORNING - timedelta(hours=5, minutes=number))
            debt = Debt(kind=FollowUpKind.MATTER, at=room.clock.now() - timedelta(hours=4), due=due)
            async with room.database.begin() as session:
                owed = await add_follow_up(
                    session, debt=debt, owed_by=Role.AGENT, call_id=f"c-{number}", number="", e164="", home="3-2-501",
                    who="", at=debt.at, request="complaint",
                )  # fmt: skip
                if is_done:
                    row = await session.get_one(FollowUpTable, owed.id)
                    row.state, row.closed_at = FollowUpState.DONE.value, due - timedelta(minutes=1)
        found = await report(room, "service")
        client, agent = await room.signed_in("boss"), await room.signed_in("xiaowang")
        query = {"from": found["first"], "to": found["last"], "figure": "unhandled", "value": "complaint"}
        text = await (await client.get(BEHIND, params=query)).text()
        wrong = [(await client.get(BEHIND, params=query | change)).status for change in WRONG]
        refused = (await agent.get(BEHIND, params=query)).status

    assert (found["complaints"]["raised"], found["complaints"]["handled"]) == (2, 1)
    assert (text.count("<tr data-id"), text.count("/calls/c-1"), "3-2-501" in text) == (1, 1, True)
    assert CALLER not in text
    assert (wrong, refused) == ([422, 422, 200, 200], 403)


async def test_fees_that_the_newest_list_does_not_name_any_more_came_in(desk: Open) -> None:
    async with desk() as room:
        async with room.database.begin() as session:
            campaign = await add_campaign(
                session, kind=CampaignKind.FEE_REMINDER, name="催缴", words="", by="wang", at=room.clock.now()
            )
            row = await session.get_one(CampaignTable, campaign.id)
            row.started_at = room.clock.now()
            homes = [await add_home(session, Home(1, 1, number)) for number in (101, 102, 103)]
            await add_targets(
                session,
                campaign.id,
                [
                    NewTarget(
                        household=str(home),
                        e164=f"+861380000000{place}",
                        home_id=home.id,
                        fen=10_000,
                        months=("2026-10",),
                    )
                    for place, home in enumerate(homes)
                ],
                at=room.clock.now(),
            )
            await set_arrears(session, homes[1], ["2026-10"], 4_000)  # paid in part
            await set_arrears(session, homes[2], ["2026-11"], 50_000)  # paid; another month fell due since
        found = await report(room, "service")

    [one] = found["campaigns"]
    assert (one["reminded_fen"], one["collected_fen"], one["collected_share"]) == (30_000, 26_000, 0.8667)
    assert found["collected_share"] == 0.8667


async def test_rows_go_into_csv_and_xlsx_and_a_spreadsheet_runs_none_of_them(desk: Open) -> None:
    async with desk() as room:
        await room.finished_call("c-1", start=MORNING - timedelta(minutes=30), queue="=1+1")
        client = await room.machine(Role.SUPERVISOR)
        as_csv = await client.get(f"{REPORTS}/rows", params={"by": "queue", "format": "csv"})
        rows = list(csv.reader(io.StringIO((await as_csv.read()).decode("utf-8-sig"))))
        as_xlsx = await client.get(f"{REPORTS}/rows", params={"by": "queue", "format": "xlsx"})
        sheet = ZipFile(io.BytesIO(await as_xlsx.read())).read("xl/worksheets/sheet1.xml").decode()

    assert [row[1:3] for row in rows] == [["队列", "来电"], ["'=1+1", "1"]]
    assert "<f>" not in sheet


async def test_files_of_the_waits_and_of_the_week_say_what_the_page_says(desk: Open) -> None:
    dice, first = Random(8), datetime(2026, 11, 10, tzinfo=CHINA)
    async with desk() as room:
        for number in range(50):
            call = random_call(dice, number, first, 10)
            await room.goes_on(call.id, **{name: getattr(call, name) for name in call.__slots__ if name != "id"})
        found = await report(room)
        waits, week = [await rows_of(room, what) for what in ("distribution", "heat")]

    assert waits[0] == ["服务中心", "人工应答超过（秒）", "至（秒）", "人工接起"]
    assert [tuple(map(number_of, row[1:])) for row in waits[1:]] == [
        (bar["above"], bar["up_to"], bar["calls"]) for bar in found["distribution"]
    ]
    assert sum(int(row[3]) for row in waits[1:]) == found["total"]["answered"] > 0
    assert week[0] == ["服务中心", "星期", "钟点", "来电", "三声内", "服务水平"]
    assert [(row[2], *map(number_of, row[3:])) for row in week[1:]] == [
        (f"{cell['hour']:02}:00", cell["offered"], cell["three_rings_share"], cell["service_level"])
        for cell in found["heat"]
    ]
    assert any(row[5] == "" for row in week[1:]), "an hour of short abandons alone has no service level"


async def rows_of(room: WebDesk, what: str, **query: str) -> list[list[str]]:
    client = await room.machine(Role.SUPERVISOR)
    answer = await client.get(f"{REPORTS}/rows", params=query | {"what": what, "format": "csv"})
    assert answer.status == 200, await answer.text()
    return list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))


def number_of(cell: str) -> float | None:
    return float(cell) if cell else None


async def test_file_of_agents_has_each_reason_of_a_pause_corrected_drafts_and_the_median(desk: Open) -> None:
    first = datetime(2026, 11, 10, tzinfo=CHINA)
    async with desk() as room:
        async with room.database.begin() as session:
            await RandomService(Random(3), first, 9).write(session, times=15)
        for number in range(20):
            call = random_call(Random(number), number, first, 9)
            await room.goes_on(call.id, **{name: getattr(call, name) for name in call.__slots__ if name != "id"})
        found = await report(room, "agents")
        headings, *rows = await rows_of(room, "agents")

    named = [dict(zip(headings, row, strict=True)) for row in rows]
    agents = found["agents"]
    assert [row["工号"] for row in named] == [one["agent"] for one in agents] != []
    assert [number_of(row["人工中位数（秒）"]) for row in named] == [one["human_seconds"]["p50"] for one in agents]
    assert [int(row["草稿改动（栏）"]) for row in named] == [one["drafts_changed"] for one in agents]
    assert [int(row["草稿保留（栏）"]) for row in named] == [one["drafts_kept"] for one in agents]
    assert sum(one["drafts_changed"] for one in agents) > 0
    reasons = {reason for one in agents for reason in one["pauses"]}
    assert {name for name in headings if name.startswith("示忙：")} == {f"示忙：{reason}（秒）" for reason in reasons}
    for row, one in zip(named, agents, strict=True):
        assert {reason: float(row[f"示忙：{reason}（秒）"]) for reason in reasons} == {
            reason: one["pauses"].get(reason, 0.0) for reason in reasons
        }


TABLES = (
    "calls", "distribution", "heat", "causes", "agents", "kinds", "handled", "called-back", "owed", "hot-spots",
    "campaigns", "repeats",
)  # fmt: skip


async def test_every_table_is_to_be_had_as_a_file_and_only_what_names_homes_asks_why_and_is_kept(desk: Open) -> None:
    async with desk() as room:
        await twice_the_same(room)
        async with room.database.begin() as session:
            campaign = await add_campaign(
                session, kind=CampaignKind.NOTICE, name="=cmd()", words="", by="wang", at=room.clock.now()
            )
            (await session.get_one(CampaignTable, campaign.id)).started_at = room.clock.now()
        client = await room.signed_in("boss")
        refused = await client.get(f"{REPORTS}/rows", params={"what": "repeats", "format": "csv"})
        files: dict[str, list[list[str]]] = {}
        for what in TABLES:
            query = {"what": what, "reason": "季度分析" if what == "repeats" else ""}
            answer = await client.get(f"{REPORTS}/rows", params=query | {"format": "csv"})
            assert answer.status == 200, await answer.text()
            files[what] = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
            book = ZipFile(io.BytesIO(await (await client.get(f"{REPORTS}/rows", params=query)).read()))
            assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
        async with room.database.read() as session:
            looked = list(await session.scalars(select(AccessLogTable).order_by(AccessLogTable.id)))

    assert (refused.status, (await refused.json())["error"]["id"]) == (422, "input-refused")
    assert {rows[0][0] for rows in files.values()} == {"服务中心"}
    assert {row[0] for rows in files.values() for row in rows[1:]} == {"锦绣花园物业服务中心"}
    assert [row[2:5] for row in files["repeats"][1:]] == [["3-2-501", "厨房 水管", "3"], ["3-2-501", "楼上 装修", "2"]]
    assert files["campaigns"][1][1] == "'=cmd()"
    assert [(one.who, one.what, one.side, one.reason) for one in looked] == [
        ("boss", "export", "repeats 2026-11-01..2026-11-21", "季度分析")
    ] * 2


async def twice_the_same(room: WebDesk) -> None:
    for kind, matter in (
        (Kind.COMPLAINT, "楼上装修太吵"), (Kind.COMPLAINT, "楼上又在装修"), (Kind.COMPLAINT, "垃圾没人清理"),
        (Kind.REPAIR, "厨房水管漏水"), (Kind.REPAIR, "厨房水管又漏了"), (Kind.REPAIR, "厨房的水管还在漏水"),
    ):  # fmt: skip
        draft = Draft(kind=kind, is_urgent=False, who="", home="3-2-501", matter=matter, promised="", agent="8001")
        async with room.database.begin() as session:
            await add_entry(session, call_id=None, draft=draft, written_by="xiaowang", at=room.clock.now())


async def test_quarter_on_paper_names_failed_call_backs_and_repeats_and_has_room_for_the_analysis(desk: Open) -> None:
    async with desk() as room:
        await twice_the_same(room)
        async with room.database.begin() as session:
            await RandomService(Random(4), datetime(2026, 10, 5, tzinfo=CHINA), 20).write(session, times=20)
        client = await room.signed_in("boss")
        answer = await client.get(f"{REPORTS}/quarter.pdf", params={"quarter": "2026-Q4"})
        text = text_of(await answer.read())
        wrong = [
            (await client.get(f"{REPORTS}/quarter.pdf", params={"quarter": name})).status
            for name in ("2026-Q5", "9999-Q4")
        ]

    assert answer.headers["Content-Disposition"].endswith('report-2026-Q4.pdf"')
    for said in (
        "季度分析",
        "未按时回访的事项",
        "未回访",
        "3-2-501",
        "厨房 水管",
        "原因分析",
        "改进措施",
        "批准（签字",
    ):
        assert said.replace(" ", "") in text.replace(" ", ""), said
    assert wrong == [422, 422]


async def test_month_on_paper_has_the_figures_their_meaning_and_room_for_signatures(desk: Open) -> None:
    async with desk() as room:
        for number in range(3):
            await room.finished_call(f"c-{number}", start=MORNING - timedelta(minutes=30 + number))
        client = await room.signed_in("boss")
        answer = await client.get(f"{REPORTS}/month.pdf", params={"month": "2026-11"})
        text = text_of(await answer.read())

    assert answer.content_type == "application/pdf"
    for said in ("客服中心月报", "3（0）", "服务水平", "15 秒内接起", "每位坐席的通话", "批准（签字"):
        assert said.replace(" ", "") in text, said


async def test_buildings_beyond_the_thirty_worst_are_said_to_be_left_out(desk: Open) -> None:
    async with desk() as room:
        for building in range(1, 32):
            at = datetime(2026, 11, 3 if building == 31 else 2, 9, building, tzinfo=CHINA)
            await room.finished_call(f"c-{building}", start=at)
            await room.draft(f"c-{building}", at=at, home=f"{building}-1-101")
        both = await report(room, "service", **{"from": "2026-11-02", "to": "2026-11-03"})
        one = await report(room, "service", **{"from": "2026-11-02", "to": "2026-11-02"})

    assert (len(both["hot_spots"]), both["more_hot_spots"]) == (30, True)
    assert (len(one["hot_spots"]), one["more_hot_spots"]) == (30, False)


async def test_same_thing_of_one_home_is_told_from_its_second_complaint_and_third_repair_on(desk: Open) -> None:
    async with desk() as room:
        await twice_the_same(room)
        found = await report(room, "service")

    assert [(one["kind"], one["subject"], one["times"]) for one in found["repeats"]] == [
        ("repair", "厨房 水管", 3),
        ("complaint", "楼上 装修", 2),
    ]


async def test_agents_may_not_see_reports_and_wrong_days_are_refused_by_name(desk: Open) -> None:
    async with desk() as room:
        agent = await room.signed_in("xiaowang")
        statuses = [(await agent.get(path)).status for path in (f"{REPORTS}/calls", f"{REPORTS}/agents", "/reports")]
        boss = await room.machine(Role.SUPERVISOR)
        wrong = await boss.get(f"{REPORTS}/calls", params={"from": "2026-11-02", "to": "2026-11-01"})
        month = await boss.get(f"{REPORTS}/month.pdf", params={"month": "2026-13"})

        assert statuses == [403, 403, 403]
        assert (wrong.status, (await wrong.json())["error"]["id"]) == (422, "range-refused")
        assert month.status == 422


async def test_list_behind_a_figure_leads_back_to_the_report_as_it_was_compared(desk: Open) -> None:
    compared = "/reports?from=2026-11-01&to=2026-11-21&tab=service&compare=before"
    async with desk() as room:
        boss = await room.signed_in("boss")
        asked = {"from": "2026-10-01", "to": "2026-10-21", "figure": "asked"}

        async def back(referer: str) -> str:
            text = await (await boss.get(BEHIND, params=asked, headers={"Referer": referer})).text()
            found = re.search(r'<a class="button quiet" href="([^"]*)"', text)
            assert found
            return html.unescape(found[1])

        assert await back(room.origin + compared) == compared
        plain = "/reports?from=2026-10-01&to=2026-10-21&range=custom&tab=service"
        assert await back(room.origin + compared + "&x=" + "9" * 300) == plain
        for elsewhere in ("https://evil.example" + compared, room.origin + "/calls?x=1", "http://[", ""):
            assert await back(elsewhere) == plain


async def test_second_page_of_a_list_leads_back_to_the_same_report(desk: Open) -> None:
    report_asked = "from=2026-11-01&to=2026-11-21&tab=service&compare=before"
    draft = Draft(
        kind=Kind.REPAIR, is_urgent=False, who="", home="3-2-501", matter="水管漏水", promised="", agent="8001"
    )

    async def followed(boss: Any, address: str, came_from: str) -> tuple[str, str]:
        text = html.unescape(await (await boss.get(address, headers={"Referer": came_from})).text())
        [back] = re.findall(r'<a class="button quiet" href="([^"]*)"', text)
        return back, "".join(re.findall(r'href="([^"]*)" rel="next"', text))

    async with desk() as room:
        async with room.database.begin() as session:
            for number in range(AT_ONCE + 1):
                at = MORNING + timedelta(seconds=number)
                await add_entry(session, call_id=None, draft=draft, written_by="wang", at=at)
        boss, asked = await room.signed_in("boss"), f"{BEHIND}?from=2026-11-01&to=2026-11-30&figure=repeat&value=1"
        first, older = await followed(boss, asked, f"{room.origin}/reports?{report_asked}")
        second, last = await followed(boss, older, f"{room.origin}{BEHIND}")
        elsewhere, _ = await followed(boss, f'{asked}&back=https://evil.example/"><script>', "")

    assert first == second == f"/reports?{report_asked}"
    assert last == ""
    assert elsewhere.startswith("/reports?")
