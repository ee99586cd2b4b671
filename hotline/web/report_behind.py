"""The page of what stands behind a report's figure that counts something else than calls; calls have `/calls`."""

from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import AfterValidator, Field
from yarl import URL

from hotline.reports.behind import FIGURES, Behind, Item
from hotline.reports.behind_store import items_behind
from hotline.reports.paging_store import Page, Stretch
from hotline.reports.ranges import Days
from hotline.web.identity import HEADS
from hotline.web.inlets import query_of
from hotline.web.keys import ROOMS
from hotline.web.render import page
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.shapes import CallId, Day, Inlet, Line
from hotline.web.store import agent_names

AT_ONCE: Final = 50
LONGEST_WAY_BACK: Final = 300


def _known(figure: str) -> str:
    if figure not in FIGURES:
        raise ValueError("no list is behind a figure of this name")
    return figure


class BehindQuery(Inlet):
    """Which figure of which days: of a kind, an agent (extension), a campaign or an entry (number), and what part.

    `back` is the query of the report whose figure was followed.
    """

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    figure: Annotated[str, AfterValidator(_known)]
    value: Annotated[str, Line, Field(max_length=80)] = ""
    part: Annotated[str, Line, Field(max_length=40)] = ""
    cursor: CallId | None = None
    back: Annotated[str, Line, Field(max_length=LONGEST_WAY_BACK)] = ""

    @property
    def wanted(self) -> Behind:
        """What is asked for. Raises RangeRefused."""
        days = Days.between(self.first, self.last)
        return Behind(days=days, figure=self.figure, value=self.value, part=self.part)


async def read_behind(
    rooms: WebRooms, wanted: Behind, *, before: str | None = None, limit: int = AT_ONCE
) -> tuple[list[Item], str | None]:
    """Return a page of what stands behind a figure, and where the next one begins."""
    since, until = wanted.days.moments(rooms.zone)
    asked = Stretch(since=since, until=until, now=rooms.clock.now())
    async with rooms.database.read() as session:
        found = await items_behind(session, wanted, asked, Page(limit + 1, before))
    shown = found[:limit]
    return shown, shown[-1].id if len(found) > limit else None


async def show_behind(request: web.Request) -> web.StreamResponse:
    """Give the page of what stands behind a figure. Raises RangeRefused."""
    rooms, query = request.app[ROOMS], query_of(request, BehindQuery)
    wanted = query.wanted
    items, cursor = await read_behind(rooms, wanted, before=query.cursor)
    back = query.back or _came_from(request)
    kept = {name: value for name, value in request.query.items() if name not in {"cursor", "back"} and value}
    name = ""
    if wanted.sort.of == "agent":
        async with rooms.database.read() as session:
            name = (await agent_names(session)).get(wanted.value, "")
    return page(
        request,
        "report_behind.html",
        wanted=wanted,
        of=wanted.sort.of,
        name=name,
        items=items,
        columns=wanted.sort.columns,
        zone=rooms.zone,
        back=f"/reports?{back or urlencode(_plain_report(wanted))}",
        older="?" + urlencode(kept | {"cursor": cursor, "back": back}) if cursor else "",
    )


def _came_from(request: web.Request) -> str:
    """Return the query of the report whose figure was followed: its ranges as they were set; "" for any other page."""
    try:
        page_before = URL(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    is_report = page_before.path == "/reports" and page_before.host == request.url.host
    found = page_before.raw_query_string
    return found if is_report and len(found) <= LONGEST_WAY_BACK else ""


def _plain_report(wanted: Behind) -> dict[str, object]:
    tab = "agents" if wanted.sort.of == "agent" else "service"
    return {"from": wanted.days.first, "to": wanted.days.last, "range": "custom", "tab": tab}


BEHIND_ROUTES: Final = (
    Route(
        method="GET",
        path="/reports/behind",
        act=show_behind,
        roles=HEADS,
        summary="What stands behind a figure of the reports that counts something else than calls",
        query=BehindQuery,
        media="text/html",
    ),
)
