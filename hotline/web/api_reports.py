"""The API of figures and reports: how soon calls were answered, what was done; as JSON, files and paper."""

import asyncio
from datetime import datetime, time, timedelta
from typing import Final

from aiohttp import web

from hotline.reports.ranges import Days
from hotline.sheets.row_files import rows_as_csv, rows_as_xlsx
from hotline.web.answers import as_json
from hotline.web.errors import InputRefused
from hotline.web.figures import Report, buckets, figures
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import query_of
from hotline.web.keys import ROOMS
from hotline.web.reading import read_records
from hotline.web.render import page
from hotline.web.report_paper import read_paper
from hotline.web.report_reading import days_of, read_agents_report, read_calls_report, read_service_report
from hotline.web.report_shapes import (
    AgentsReport,
    CallsReport,
    CallsReportQuery,
    DaysQuery,
    MonthQuery,
    RowsQuery,
    ServiceReport,
)
from hotline.web.report_tables import agent_rows, call_rows
from hotline.web.routes import Route
from hotline.web.shapes import ReportQuery

LONGEST_DAYS: Final = 366
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
    """Give the rows of a report as a file. Raises RangeRefused."""
    rooms, query = request.app[ROOMS], query_of(request, RowsQuery)
    days = days_of(rooms, query.first, query.last)
    if query.what == "agents":
        headings, cells = agent_rows(await read_agents_report(rooms, days))
    else:
        headings, cells = call_rows(await read_calls_report(rooms, days, query.by))
    name = f"{query.what}-{days.first:%Y%m%d}-{days.last:%Y%m%d}.{query.form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if query.form == "csv":
        return web.Response(body=rows_as_csv(headings, cells), content_type="text/csv", headers=headers)
    made = await asyncio.to_thread(rows_as_xlsx, query.what, headings, cells)
    return web.Response(body=made, content_type=XLSX, headers=headers)


async def give_month(request: web.Request) -> web.StreamResponse:
    """Give the report of a month as a PDF. Raises RangeRefused."""
    rooms, days = request.app[ROOMS], Days.of_month(query_of(request, MonthQuery).month)
    made = await (await read_paper(rooms, days)).as_pdf()
    headers = {"Content-Disposition": f'attachment; filename="report-{days.first:%Y-%m}.pdf"'}
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
        summary="The rows of a report as CSV or XLSX",
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
    Route(method="GET", path="/reports", act=show_reports, roles=HEADS, summary="The reports", media="text/html"),
)
