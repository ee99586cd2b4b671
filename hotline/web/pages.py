"""The pages of the duty desk, in Chinese. The desk and the call fill themselves from the live socket and the API."""

import json
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from hotline.accounts.store import accounts
from hotline.reports.ranges import Days
from hotline.reports.selection import Selection, is_figure
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import id_of, query_of
from hotline.web.keys import ROOMS
from hotline.web.reading import read_calls, read_calls_behind, read_entries, read_whole_call
from hotline.web.render import page
from hotline.web.report_words import cause_name, figure_in_words
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.searches import note_search
from hotline.web.shapes import CallId, CallsQuery, Day, EntriesQuery, Inlet, Line


class CallsFilter(Inlet):
    """What the list of calls is narrowed to."""

    day: Day | None = Field(default=None, alias="date")
    number: Annotated[str, Line] = ""
    cursor: CallId | None = None
    # Of a report: the calls behind one of its figures.
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    figure: Annotated[str, Line, Field(max_length=40)] = ""
    by: Literal[
        "", "hour", "weekday", "week-hour", "queue", "menu", "agent", "building", "kind", "spoke", "spoke-in",
        "spoke-out", "held", "marked",
    ] = ""  # fmt: skip
    value: Annotated[str, Line, Field(max_length=80)] = ""
    above: Annotated[float, Field(ge=0, le=86_400)] | None = None
    up_to: Annotated[float, Field(ge=0, le=86_400)] | None = None

    @property
    def selection(self) -> Selection | None:
        """The calls behind a figure, where one is asked for. Raises RangeRefused."""
        if not (self.figure and self.first and self.last) or not is_figure(self.figure):
            return None
        return Selection(
            days=Days.between(self.first, self.last),
            figure=self.figure,
            by=self.by,
            value=self.value,
            above=self.above,
            up_to=self.up_to,
        )


async def show_desk(request: web.Request) -> web.StreamResponse:
    """Give the duty desk; its figures, calls and entries come over the live socket."""
    return page(request, "desk.html")


async def show_agent(request: web.Request) -> web.StreamResponse:
    """Give an agent's page; it fills itself from the API and the live socket."""
    return page(request, "agent.html")


async def show_calls(request: web.Request) -> web.StreamResponse:
    """Give a page of calls, of one day or one number where that is asked for. Raises TooManySearches."""
    wanted = query_of(request, CallsFilter)
    if (selection := wanted.selection) is not None:
        behind, causes = await read_calls_behind(request.app[ROOMS], selection, before=wanted.cursor)
        asked = {name: value for name, value in request.query.items() if name != "cursor" and value}
        kept = {"date": "", "number": ""}
        older = _older(behind.next_cursor, asked)
        return page(
            request,
            "calls.html",
            calls=behind.calls,
            older=older,
            kept=kept,
            behind=figure_in_words(selection),
            causes={call: cause_name(cause) for call, cause in causes.items()},
        )
    query = CallsQuery(
        since=_midnight(request.app[ROOMS], wanted.day),
        until=_midnight(request.app[ROOMS], wanted.day + timedelta(days=1)) if wanted.day else None,
        number=wanted.number[:40] or None,
        cursor=wanted.cursor,
    )
    await note_search(request, query.number)
    found = await read_calls(request.app[ROOMS], query, is_masked=True)
    kept = {"date": wanted.day.isoformat() if wanted.day else "", "number": wanted.number[:40]}
    return page(
        request, "calls.html", calls=found.calls, older=_older(found.next_cursor, kept), kept=kept, behind="", causes={}
    )


async def show_call(request: web.Request) -> web.StreamResponse:
    """Give the page of one call. Raises CallUnknown here rather than on a page that stays empty."""
    call = await read_whole_call(request.app[ROOMS], id_of(request), is_masked=True)
    return page(request, "call.html", call=call)


async def show_duty_log(request: web.Request) -> web.StreamResponse:
    """Give a page of the duty log."""
    found = await read_entries(request.app[ROOMS], query_of(request, EntriesQuery))
    return page(request, "duty_log.html", entries=found.entries, older=_older(found.next_cursor, {}))


async def show_shift(request: web.Request) -> web.StreamResponse:
    """Give the page of the shift and its hand-over; it fills itself from the API."""
    return page(request, "shift.html")


async def show_reading(request: web.Request) -> web.StreamResponse:
    """Give the page on which the log is read and signed; it fills itself from the API."""
    return page(request, "reading.html")


async def show_follow_ups(request: web.Request) -> web.StreamResponse:
    """Give the page of what is owed; it fills itself from the API, and again when the live socket says so."""
    return page(request, "follow_ups.html")


async def show_campaigns(request: web.Request) -> web.StreamResponse:
    """Give the page of campaigns; it fills itself from the API and the live socket.

    Who is who, and whether a second person approves, stands in it: names are shown, not accounts.
    """
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        people = [
            {"name": one.name, "shown": one.display_name or one.name, "approves": one.role in HEADS}
            for one in await accounts(session)
        ]
    needs_approval = rooms.calling_out is None or rooms.calling_out.campaigns.needs_approval
    return page(request, "campaigns.html", people=json.dumps(people), needs_approval=needs_approval)


def _midnight(rooms: WebRooms, day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), rooms.zone)


def _older(cursor: str | None, kept: dict[str, str]) -> str:
    """Return the query of the next page, or "" at the end."""
    return (
        ""
        if cursor is None
        else "?" + urlencode({name: text for name, text in kept.items() if text} | {"cursor": cursor})
    )


PAGE_ROUTES: Final = (
    Route(method="GET", path="/", act=show_desk, roles=STAFF, summary="The duty desk", media="text/html"),
    Route(method="GET", path="/agent", act=show_agent, roles=STAFF, summary="An agent's page", media="text/html"),
    Route(method="GET", path="/calls", act=show_calls, roles=STAFF, summary="The calls", media="text/html"),
    Route(method="GET", path="/calls/{id}", act=show_call, roles=STAFF, summary="One call", media="text/html"),
    Route(method="GET", path="/duty-log", act=show_duty_log, roles=STAFF, summary="The duty log", media="text/html"),
    Route(method="GET", path="/shift", act=show_shift, roles=STAFF, summary="The shift", media="text/html"),
    Route(
        method="GET",
        path="/reading",
        act=show_reading,
        roles=HEADS,
        summary="The log is read and signed",
        media="text/html",
    ),
    Route(
        method="GET",
        path="/follow-ups",
        act=show_follow_ups,
        roles=STAFF,
        summary="What the desk owes",
        media="text/html",
    ),
    Route(
        method="GET",
        path="/campaigns",
        act=show_campaigns,
        roles=HEADS,
        summary="Calling out",
        media="text/html",
    ),
)
