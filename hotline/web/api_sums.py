"""What answer times are made of, for whoever adds them to another centre's: counts, and the steps of both waits."""

from datetime import date, datetime
from typing import Final

from aiohttp import web
from pydantic import Field

from hotline.reports.reading_store import count_running
from hotline.reports.rebuilding_store import are_facts_built
from hotline.reports.sums_store import read_sums
from hotline.reports.tally import Tally
from hotline.web.answers import as_json
from hotline.web.centre_shape import CentreOut, centre_of
from hotline.web.identity import HEADS
from hotline.web.inlets import query_of
from hotline.web.keys import ROOMS
from hotline.web.report_reading import days_of
from hotline.web.report_shapes import DaysQuery
from hotline.web.routes import Route
from hotline.web.shapes import Shape


class SumsOut(Shape):
    """Sums of some days, to be added to those of other days and centres; figures are made of them afterwards."""

    centre: CentreOut
    first: date
    last: date
    since: datetime
    until: datetime
    running: int = Field(description="calls that go on: in no sum yet")
    is_whole: bool = Field(description="false: calls from before reports were kept are missing")
    counts: dict[str, int]
    lift: dict[str, int] = Field(description="how often the switch lifted after so many ms: the upper edge of a step")
    human: dict[str, int] = Field(description="how often a human voice was heard after so many ms, likewise")


async def report_sums(request: web.Request) -> web.StreamResponse:
    """Answer with the sums of some days. Raises RangeRefused."""
    rooms, query = request.app[ROOMS], query_of(request, DaysQuery)
    days = days_of(rooms, query.first, query.last)
    since, until = days.moments(rooms.zone)
    async with rooms.database.read() as session:
        # The same dimensions as the page's report: of days that are not summed yet, all is the sum of the hours.
        sums = await read_sums(session, days, ["all", "week-hour"], rooms.zone)
        running = await count_running(session, since, until)
        is_whole = await are_facts_built(session, str(rooms.zone))
    values = sums["all"].get("", Tally()).as_values()
    return as_json(
        SumsOut(
            centre=centre_of(rooms),
            first=days.first,
            last=days.last,
            since=since,
            until=until,
            running=running,
            is_whole=is_whole,
            counts=values["counts"],
            lift=values["lift"],
            human=values["human"],
        )
    )


SUMS_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/reports/sums",
        act=report_sums,
        roles=HEADS,
        summary="What the answer times of some days are made of: to be added to other centres' and days'",
        query=DaysQuery,
        answer=SumsOut,
    ),
)
