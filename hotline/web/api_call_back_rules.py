"""The page of call-backs: the trade's table in force, this quarter's samples, newsletters, the head's share."""

from typing import Final

from aiohttp import web

from hotline.aftercare.occasions import OutreachRefused
from hotline.aftercare.rules import After, rules
from hotline.reports.ranges import Days
from hotline.reports.service_counts import CALLED_BACK, CalledBack, rows_of
from hotline.reports.service_sums_store import read_service
from hotline.web.aftercare_shapes import (
    AftercareOut,
    OutreachIn,
    ShareIn,
    ShareOut,
    outreach_out,
    share_out,
    table_row_out,
)
from hotline.web.answers import as_json
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.render import page
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route

SHOWN: Final = 20  # newsletters and events
SET_BY_HEAD: Final = frozenset({After.ENQUIRY, After.GENERAL_HELP})


async def show_call_back_rules(request: web.Request) -> web.StreamResponse:
    """Give the page of call-backs."""
    return page(request, "aftercare.html")


async def tell_call_back_rules(request: web.Request) -> web.StreamResponse:
    """Answer with the table, this quarter's samples, the share, and the newest newsletters and events."""
    return as_json(await _told(request.app[ROOMS]))


async def write_outreach(request: web.Request) -> web.StreamResponse:
    """Write down that a newsletter went out or an event was held. Raises OutreachRefused, BuildingUnknown."""
    rooms, said = request.app[ROOMS], await body_of(request, OutreachIn)
    if said.is_whole == bool(said.buildings):
        raise OutreachRefused("where")  # nobody means everybody by writing nothing
    await rooms.aftercare.outreaches.write_down(
        said.sort, said.title, said.day, said.buildings, by=request[IDENTITY].name
    )
    return as_json(await _told(rooms), status=201)


async def set_share(request: web.Request) -> web.StreamResponse:
    """Set the head's share. Raises ShareChanged, ShareRefused."""
    rooms, said = request.app[ROOMS], await body_of(request, ShareIn)
    after = await rooms.aftercare.share.change(
        said.percent, version=said.version, by=request[IDENTITY].name, reason=said.reason
    )
    return as_json(share_out(after, rooms.zone))


async def _told(rooms: WebRooms) -> AftercareOut:
    today = rooms.midnight().date()
    days = Days.of_quarter(f"{today.year}-Q{(today.month + 2) // 3}")
    in_force = await rooms.aftercare.share.now()
    newest = await rooms.aftercare.outreaches.newest(SHOWN)
    table = rules(others=in_force.percent)
    async with rooms.database.read() as session:
        counts = await read_service(session, days, rooms.zone, rooms.clock.now())
    found = {one.kind: one for one in rows_of(counts, CALLED_BACK, CalledBack, After)}
    return AftercareOut(
        first=days.first,
        last=days.last,
        today=today,
        rows=tuple(
            table_row_out(after, rule, found.get(after), is_set_by_head=after in SET_BY_HEAD)
            for after, rule in table.items()
        ),
        share=share_out(in_force, rooms.zone),
        outreaches=tuple(outreach_out(one, count, rooms.zone) for one, count in newest),
    )


CALL_BACK_RULE_ROUTES: Final = (
    Route(
        method="GET",
        path="/aftercare",
        act=show_call_back_rules,
        roles=HEADS,
        summary="After what residents are called back, and how the samples stand",
        media="text/html",
    ),
    Route(
        method="GET",
        path="/api/v1/aftercare",
        act=tell_call_back_rules,
        roles=HEADS,
        summary="The table of call-backs in force, this quarter's samples, the head's share, newsletters and events",
        answer=AftercareOut,
    ),
    Route(
        method="POST",
        path="/api/v1/aftercare/outreaches",
        act=write_outreach,
        roles=HEADS,
        summary="A newsletter went out or an event was held: one home of ten is drawn and called within a week",
        body=OutreachIn,
        answer=AftercareOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/aftercare/share",
        act=set_share,
        roles=HEADS,
        summary="Of how many of what the table does not name residents are called; 409 when somebody else changed it",
        body=ShareIn,
        answer=ShareOut,
    ),
)
