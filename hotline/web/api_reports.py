"""The API of figures and reports: how soon calls were answered, what was done; as JSON, files and paper."""

import asyncio
from datetime import datetime, time, timedelta
from typing import Final

from aiohttp import web

from hotline.reports.periods import Period
from hotline.reports.ranges import Days
from hotline.sheets.row_files import Cell, rows_as_csv, rows_as_xlsx
from hotline.web.answers import as_json
from hotline.web.errors import InputRefused
from hotline.web.figures import Report, buckets, figures
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.reading import read_records
from hotline.web.render import page
from hotline.web.report_behind import BEHIND_ROUTES
from hotline.web.report_paper import read_paper
from hotline.web.report_reading import days_of, read_agents_report, read_calls_report, read_service_report
from hotline.web.report_service_rows import NAMES_HOMES, service_rows
from hotline.web.report_shapes import (
    AgentsReport,
    CallsReport,
    CallsReportQuery,
    DaysQuery,
    MonthQuery,
    QuarterQuery,
    RowsQuery,
    ServiceReport,
)
from hotline.web.report_tables import agent_rows, call_rows, cause_rows, distribution_rows, heat_rows, with_centre
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.shapes import ReportQuery
from hotline.web.store import Access, log_access

LONGEST_DAYS: Final = 366
SHORTEST_REASON: Final = 2
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def answer_times(request: web.Request) -> web.StreamResponse:
    """Answer with counts, percentiles of both clocks, and the service level with its formula."""
    rooms, query = request.app[ROOMS], query_of(request, ReportQuery)
    now = rooms.clock.now()
    last = query.last or max(query.first or rooms.midnight().date(), rooms.midnight().date())
    first = query.first or min(last, rooms.midnight().date())
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise InputRefused(
            "'to' must not lie before 'from', nor more than a year after it",
            fields={"to": f"0 to {LONGEST_DAYS - 1} days after 'from'"},
        )
    since = datetime.combine(first, time(), rooms.zone)
    until = datetime.combine(last, time(), rooms.zone) + timedelta(days=1)
    calls = await read_records(rooms, since, until)
    return as_json(
        Report(
            since=since,
            until=until,
            total=figures(calls, now),
            buckets=buckets(calls, query.by, rooms.zone, now) if query.by else (),
        )
    )


async def show_reports(request: web.Request) -> web.StreamResponse:
    """Give the page of reports; it fills itself from the API."""
    return page(request, "reports.html", today=request.app[ROOMS].midnight().date().isoformat())


async def report_calls(request: web.Request) -> web.StreamResponse:
    """Answer with how soon callers were answered on some days. Raises RangeRefused."""
    rooms, query = request.app[ROOMS], query_of(request, CallsReportQuery)
    return as_json(await read_calls_report(rooms, days_of(rooms, query.first, query.last), query.by))


async def report_agents(request: web.Request) -> web.StreamResponse:
    """Answer with what the agents did on some days. Raises RangeRefused."""
    rooms, query = request.app[ROOMS], query_of(request, DaysQuery)
    return as_json(await read_agents_report(rooms, days_of(rooms, query.first, query.last)))


async def report_service(request: web.Request) -> web.StreamResponse:
    """Answer with what was done for residents on some days. Raises RangeRefused."""
    rooms, query = request.app[ROOMS], query_of(request, DaysQuery)
    return as_json(await read_service_report(rooms, days_of(rooms, query.first, query.last)))


async def give_rows(request: web.Request) -> web.StreamResponse:
    """Give the rows of a table as a file; who takes away rows that name homes is kept. Raises RangeRefused."""
    rooms, query = request.app[ROOMS], query_of(request, RowsQuery)
    days = days_of(rooms, query.first, query.last)
    if query.what in NAMES_HOMES:
        await _note_export(request, query.what, days, query.reason)
    headings, cells = with_centre(rooms.centre, *await _rows(rooms, query, days))
    name = f"{query.what}-{days.first:%Y%m%d}-{days.last:%Y%m%d}.{query.form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if query.form == "csv":
        return web.Response(body=rows_as_csv(headings, cells), content_type="text/csv", headers=headers)
    made = await asyncio.to_thread(rows_as_xlsx, query.what, headings, cells)
    return web.Response(body=made, content_type=XLSX, headers=headers)


async def _rows(rooms: WebRooms, query: RowsQuery, days: Days) -> tuple[list[str], list[list[Cell]]]:
    match query.what:
        case "calls":
            return call_rows(await read_calls_report(rooms, days, query.by))
        case "distribution":
            return distribution_rows(await read_calls_report(rooms, days, query.by))
        case "heat":
            return heat_rows(await read_calls_report(rooms, days, query.by))
        case "causes":
            return cause_rows(await read_calls_report(rooms, days, query.by))
        case "agents":
            return agent_rows(await read_agents_report(rooms, days))
        case table:
            return service_rows(table, await read_service_report(rooms, days))


async def _note_export(request: web.Request, what: str, days: Days, reason: str) -> None:
    """Keep who takes homes away, and why. Raises InputRefused where no reason is given."""
    if len(reason) < SHORTEST_REASON:
        raise InputRefused("who takes away what names homes says why", fields={"reason": "two letters or more"})
    rooms = request.app[ROOMS]
    async with rooms.database.begin() as session:
        await log_access(
            session,
            who=request[IDENTITY].name,
            what=Access.EXPORT,
            call_id="",
            at=rooms.clock.now(),
            side=f"{what} {days.first}..{days.last}",
            reason=reason,
        )


async def give_month(request: web.Request) -> web.StreamResponse:
    """Give the report of a month as a PDF. Raises RangeRefused."""
    return await _paper(request, Period.named(query_of(request, MonthQuery).month))


async def give_quarter(request: web.Request) -> web.StreamResponse:
    """Give the analysis of a quarter as a PDF. Raises RangeRefused."""
    return await _paper(request, Period.named(query_of(request, QuarterQuery).quarter))


async def _paper(request: web.Request, period: Period) -> web.Response:
    made = await (await read_paper(request.app[ROOMS], period.days, sort=period.sort)).as_pdf()
    headers = {"Content-Disposition": f'attachment; filename="report-{period.name}.pdf"'}
    return web.Response(body=made, content_type="application/pdf", headers=headers)


REPORT_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/reports/answer-times",
        act=answer_times,
        roles=STAFF,
        summary="How soon calls were answered, by two clocks; null is no data",
        query=ReportQuery,
        answer=Report,
    ),
    Route(
        method="GET",
        path="/api/v1/reports/calls",
        act=report_calls,
        roles=HEADS,
        summary="Answer times of some days, by hour, queue, agent …; every figure's definition with it",
        query=CallsReportQuery,
        answer=CallsReport,
    ),
    Route(
        method="GET",
        path="/api/v1/reports/agents",
        act=report_agents,
        roles=HEADS,
        summary="What the agents did on some days",
        query=DaysQuery,
        answer=AgentsReport,
    ),
    Route(
        method="GET",
        path="/api/v1/reports/service",
        act=report_service,
        roles=HEADS,
        summary="What was done for residents on some days",
        query=DaysQuery,
        answer=ServiceReport,
    ),
    Route(
        method="GET",
        path="/api/v1/reports/rows",
        act=give_rows,
        roles=HEADS,
        summary="The rows of a table as CSV or XLSX; who takes away what names homes says why",
        query=RowsQuery,
        media=XLSX,
    ),
    Route(
        method="GET",
        path="/api/v1/reports/month.pdf",
        act=give_month,
        roles=HEADS,
        summary="The report of a month on paper, with room for signatures",
        query=MonthQuery,
        media="application/pdf",
    ),
    Route(
        method="GET",
        path="/api/v1/reports/quarter.pdf",
        act=give_quarter,
        roles=HEADS,
        summary="The analysis of a quarter on paper: failed call-backs, repeats, room for what is written of them",
        query=QuarterQuery,
        media="application/pdf",
    ),
    *BEHIND_ROUTES,
    Route(method="GET", path="/reports", act=show_reports, roles=HEADS, summary="The reports", media="text/html"),
)
