"""The group of centres: its page, what goes on at each, their answer times side by side, and who sees which."""

import asyncio
from datetime import date
from typing import Final

from aiohttp import web

from hotline.accounts.account import AccountState
from hotline.accounts.grants import Grants
from hotline.accounts.store import accounts
from hotline.group.service import Group
from hotline.reports.ranges import RangeRefused
from hotline.sheets.row_files import XLSX, Cell, rows_as_csv, rows_as_xlsx
from hotline.web.answers import as_json
from hotline.web.build import build
from hotline.web.errors import AddressUnknown
from hotline.web.group_shapes import (
    CentreNameOut,
    CentreRowsQuery,
    CentresOut,
    CentresReport,
    CompareQuery,
    GrantedOut,
    GrantIn,
    GrantsIn,
    GrantsOut,
)
from hotline.web.group_telling import GroupTelling
from hotline.web.identity import ADMINS, HEADS, WALL_VIEWERS
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import GROUP, IDENTITY, ROOMS
from hotline.web.live import converse
from hotline.web.messages import encoded
from hotline.web.render import page
from hotline.web.report_reading import days_of
from hotline.web.report_shapes import TimesOut
from hotline.web.report_tables import CALL_COLUMNS
from hotline.web.routes import Route
from hotline.web.words import read_words


async def show_group(request: web.Request) -> web.StreamResponse:
    """Give the page of the group; it fills itself from the API and a socket of its own."""
    _telling(request)
    return page(request, "group.html", today=request.app[ROOMS].midnight().date().isoformat())


async def show_group_wall(request: web.Request) -> web.StreamResponse:
    """Give the page of a big screen: the centres granted to its account, nothing to click; it runs for weeks."""
    _telling(request)
    return page(request, "group_wall.html", build=build(request.app[ROOMS].libraries))


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
    return as_json(await _report(request, query_of(request, CompareQuery)))


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


async def put_grant(request: web.Request) -> web.StreamResponse:
    """Let an account see one centre more, or one less; what somebody else changes meanwhile stays.

    Raises AccountUnknown, CentreUnknown.
    """
    wanted, rooms = await body_of(request, GrantIn), request.app[ROOMS]
    name, centres = request.match_info["name"], _group(request).known([request.match_info["centre"]])
    grants = Grants(database=rooms.database, clock=rooms.clock, bus=rooms.bus)
    await (grants.give if wanted.is_granted else grants.take)(name, centres, by=request[IDENTITY].name)
    return as_json(await _grants_out(request))


async def _report(request: web.Request, query: CompareQuery) -> CentresReport:
    rooms, other = request.app[ROOMS], None
    days = days_of(rooms, query.first, query.last)
    if query.other_first is not None and query.other_last is not None:
        other = days_of(rooms, query.other_first, query.other_last)
    elif query.other_first is not None or query.other_last is not None:
        raise RangeRefused("other days have a first and a last one: other_from, other_to")
    seen = await _telling(request).sees(request[IDENTITY])
    return CentresReport.of(days, await _group(request).compare(seen, days, other), other)


def _rows(report: CentresReport) -> tuple[list[str], list[list[Cell]]]:
    """Return a line for each centre and range, and one of all together for each range."""
    words = read_words()
    own, said = words["group"], words["reports"]
    names = (said["column"][name] for name in CALL_COLUMNS)
    headings = [own["id"], own["centre"], own["data"], said["from"], said["to"], *names]
    days, others = _named(report.first, report.last), _named(report.other_first, report.other_last)
    rows: list[list[Cell]] = []
    for one in report.centres:
        head = [one.id, one.name, own["why"][one.why] if one.why else own["heard"]]
        rows.append([*head, *days, *_cells(one.times)])
        if others:
            rows.append([*head, *others, *_cells(one.other)])
    head = ["", own["all"], f"{report.heard}/{len(report.centres)}"]
    rows.append([*head, *days, *_cells(report.total)])
    if others:
        rows.append([*head, *others, *_cells(report.other_total)])
    return headings, rows


def _named(first: date | None, last: date | None) -> list[Cell]:
    return [] if first is None or last is None else [first.isoformat(), last.isoformat()]


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
                role=one.role,
                may_look=one.role in WALL_VIEWERS and one.state is AccountState.ACTIVE,
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
        path="/group/wall",
        act=show_group_wall,
        roles=WALL_VIEWERS,
        summary="The centres on a big screen",
        media="text/html",
    ),
    Route(
        method="GET",
        path="/api/v1/centres",
        act=centres_now,
        roles=WALL_VIEWERS,
        summary="What goes on at the centres granted, each with its last word; null is no data",
        answer=CentresOut,
    ),
    Route(
        method="GET",
        path="/api/v1/centres/live",
        act=centres_live,
        roles=WALL_VIEWERS,
        summary="WebSocket: the centres granted, a snapshot, then changes",
        answer=CentresOut,
        status=101,
    ),
    Route(
        method="GET",
        path="/api/v1/centres/report",
        act=centres_report,
        roles=HEADS,
        summary="Answer times of some days, and of others beside them, centre by centre and together",
        query=CompareQuery,
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
    Route(
        method="PUT",
        path="/api/v1/centres/grants/{name}/{centre}",
        act=put_grant,
        roles=ADMINS,
        summary="Let an account see one centre more, or one less; the audit keeps it",
        body=GrantIn,
        answer=GrantsOut,
    ),
)
