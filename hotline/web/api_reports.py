"""The API of figures: how soon calls were answered."""

from datetime import datetime, time, timedelta
from typing import Final

from aiohttp import web

from hotline.web.answers import as_json
from hotline.web.errors import InputRefused
from hotline.web.figures import Report, buckets, figures
from hotline.web.identity import STAFF
from hotline.web.inlets import query_of
from hotline.web.keys import ROOMS
from hotline.web.reading import read_records
from hotline.web.routes import Route
from hotline.web.shapes import ReportQuery

LONGEST_DAYS: Final = 366


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
)
