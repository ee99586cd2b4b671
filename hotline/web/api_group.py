"""The group of centres: its page, what goes on at each, their answer times side by side, and who sees which."""

import asyncio
from typing import Final

from aiohttp import web

from hotline.accounts.account import Role
from hotline.accounts.grants import Grants
from hotline.accounts.store import accounts
from hotline.group.service import Group
from hotline.sheets.row_files import Cell, rows_as_csv, rows_as_xlsx
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.group_shapes import (
    CentreNameOut,
    CentreRowsQuery,
    CentresOut,
    CentresReport,
    GrantedOut,
    GrantsIn,
    GrantsOut,
)
from hotline.web.group_telling import GroupTelling
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import GROUP, IDENTITY, ROOMS
from hotline.web.live import converse
from hotline.web.messages import encoded
from hotline.web.render import page
from hotline.web.report_reading import days_of
from hotline.web.report_shapes import DaysQuery, TimesOut
from hotline.web.report_tables import CALL_COLUMNS
from hotline.web.routes import Route
from hotline.web.words import read_words

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ADMINS: Final = frozenset({Role.ADMIN})


async def show_group(request: web.Request) -> web.StreamResponse:
    """Give the page of the group; it fills itself from the API and a socket of its own."""
    _telling(request)
    return page(request, "group.html", today=request.app[ROOMS].midnight().date().isoformat())


async def centres_now(request: web.Request) -> web.StreamResponse:
    """Answer with the centres granted to whoever asks, as of now."""
    return as_json(await _telling(request).now(request[IDENTITY]))


async def centres_live(request: web.Request) -> web.StreamResponse:
    """Speak of the centres granted until the page leaves, falls behind, its session ends, or an hour has passed."""
    telling, identity = _telling(request), request[IDENTITY]
    with telling.viewing(identity) as outbox:
        return await converse(request, outbox, [encoded(await telling.now(identity))], sees_numbers=False)


async def centres_report(request: web.Request) -> web.StreamResponse:
    """Answer with the answer times of some days, centre by centre. Raises RangeRefused."""
    return as_json(await _report(request, query_of(request, DaysQuery)))


async def centres_rows(request: web.Request) -> web.StreamResponse:
    """Give the comparison as a file. Raises RangeRefused."""
    query = query_of(request, CentreRowsQuery)
    report = await _report(request, query)
    headings, cells = _rows(report)
    name = f"centres-{report.first:%Y%m%d}-{report.last:%Y%m%d}.{query.form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if query.form == "csv":
        return web.Response(body=rows_as_csv(headings, cells), content_type="text/csv", headers=headers)
    made = await asyncio.to_thread(rows_as_xlsx, "centres", headings, cells)
    return web.Response(body=made, content_type=XLSX, headers=headers)


async def show_grants(request: web.Request) -> web.StreamResponse:
    """Answer with who sees which centre."""
    return as_json(await _grants_out(request))


async def put_grants(request: web.Request) -> web.StreamResponse:
    """Let an account see these centres and no other. Raises AccountUnknown, CentreUnknown."""
    wanted, rooms = await body_of(request, GrantsIn), request.app[ROOMS]
    centres = _group(request).known(wanted.centres)
    grants = Grants(database=rooms.database, clock=rooms.clock, bus=rooms.bus)
    await grants.put(request.match_info["name"], centres, by=request[IDENTITY].name)
    return as_json(await _grants_out(request))


async def _report(request: web.Request, query: DaysQuery) -> CentresReport:
    days = days_of(request.app[ROOMS], query.first, query.last)
    seen = await _telling(request).sees(request[IDENTITY])
    return CentresReport.of(days, await _group(request).compare(seen, days))


def _rows(report: CentresReport) -> tuple[list[str], list[list[Cell]]]:
    words = read_words()
    own, column = words["group"], words["reports"]["column"]
    headings = [own["id"], own["centre"], own["data"], *(column[name] for name in CALL_COLUMNS)]
    rows: list[list[Cell]] = [
        [one.id, one.name, own["why"][one.why] if one.why else own["heard"], *_cells(one.times)]
        for one in report.centres
    ]
    of = f"{report.heard}/{len(report.centres)}"
    return headings, [*rows, ["", own["all"], of, *_cells(report.total)]]


def _cells(times: TimesOut | None) -> list[Cell]:
    if times is None:
        return [None] * len(CALL_COLUMNS)
    human = times.human_seconds
    return [
        times.offered, times.answered, times.abandoned, times.short, times.three_rings_share, times.service_level,
        times.connected, times.late, human.p50, human.p90, human.p99,
    ]  # fmt: skip


async def _grants_out(request: web.Request) -> GrantsOut:
    rooms, group = request.app[ROOMS], _group(request)
    granted = await Grants(database=rooms.database, clock=rooms.clock).all()
    async with rooms.database.read() as session:
        people = await accounts(session)
    return GrantsOut(
        centres=tuple(CentreNameOut(id=one.id, name=one.name) for one in group.centres),
        accounts=tuple(
            GrantedOut(
                account=one.name,
                display_name=one.display_name or one.name,
                centres=tuple(sorted(granted.get(one.name, ()))),
            )
            for one in people
        ),
    )


def _telling(request: web.Request) -> GroupTelling:
    telling = request.app.get(GROUP)
    if telling is None:
        raise AddressUnknown("this service is no group's: [group] names no centre")
    return telling


def _group(request: web.Request) -> Group:
    _telling(request)
    group = request.app[ROOMS].group
    if group is None:
        raise AddressUnknown("this service is no group's: [group] names no centre")
    return group


GROUP_ROUTES: Final = (
    Route(method="GET", path="/group", act=show_group, roles=HEADS, summary="The centres", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/centres",
        act=centres_now,
        roles=HEADS,
        summary="What goes on at the centres granted, each with its last word; null is no data",
        answer=CentresOut,
    ),
    Route(
        method="GET",
        path="/api/v1/centres/live",
        act=centres_live,
        roles=HEADS,
        summary="WebSocket: the centres granted, a snapshot, then changes",
        answer=CentresOut,
        status=101,
    ),
    Route(
        method="GET",
        path="/api/v1/centres/report",
        act=centres_report,
        roles=HEADS,
        summary="Answer times of some days, centre by centre and together, made of sums and steps",
        query=DaysQuery,
        answer=CentresReport,
    ),
    Route(
        method="GET",
        path="/api/v1/centres/rows",
        act=centres_rows,
        roles=HEADS,
        summary="The same as CSV or XLSX",
        query=CentreRowsQuery,
        media=XLSX,
    ),
    Route(
        method="GET",
        path="/api/v1/centres/grants",
        act=show_grants,
        roles=ADMINS,
        summary="Who sees which centre",
        answer=GrantsOut,
    ),
    Route(
        method="PUT",
        path="/api/v1/centres/grants/{name}",
        act=put_grants,
        roles=ADMINS,
        summary="Let an account see these centres and no other; the audit keeps it",
        body=GrantsIn,
        answer=GrantsOut,
    ),
)
