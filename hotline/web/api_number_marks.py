"""The API of the do-not-call list: every marked number, found by its last digits or its home; put and lifted."""

from datetime import tzinfo
from typing import Final

from aiohttp import web

from hotline.phone import PhoneNumber
from hotline.residents.marks_store import NumberMarkTable
from hotline.residents.noted import NumberMark
from hotline.web.answers import as_json
from hotline.web.api_staff import staff_room
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.render import page
from hotline.web.routes import Route
from hotline.web.staff_shapes import (
    DoneOut,
    LiftIn,
    ListedMarkOut,
    NewNumberMarkIn,
    NumberMarksOut,
    NumberMarksQuery,
)


async def show_do_not_call(request: web.Request) -> web.StreamResponse:
    """Give the page; it fills itself from the API."""
    return page(request, "do_not_call.html", has_campaigns=request.app[ROOMS].calling_out is not None)


async def list_marks(request: web.Request) -> web.StreamResponse:
    """Answer with a page of marked numbers, the newest mark first."""
    query, zone = query_of(request, NumberMarksQuery), request.app[ROOMS].zone
    found = await staff_room(request).numbers.page(
        word=query.word, with_lifted=query.lifted, before=query.cursor, limit=query.limit + 1
    )
    shown = tuple(_out(row, zone) for row in found[: query.limit])
    following = str(shown[-1].id) if len(found) > query.limit else None
    return as_json(NumberMarksOut(marks=shown, next_cursor=following))


async def put_mark(request: web.Request) -> web.StreamResponse:
    """Mark a number. Raises NumberMarkRefused."""
    wanted = await body_of(request, NewNumberMarkIn)
    await staff_room(request).numbers.put(wanted.number, wanted.mark, by=request[IDENTITY].name, why=wanted.reason)
    return as_json(DoneOut(), status=201)


async def lift_mark(request: web.Request) -> web.StreamResponse:
    """Let a mark hold no longer. Raises NumberMarkUnknown."""
    wanted = await body_of(request, LiftIn)
    await staff_room(request).numbers.lift(number_of_path(request), by=request[IDENTITY].name, why=wanted.reason)
    return as_json(DoneOut())


def _out(row: NumberMarkTable, zone: tzinfo) -> ListedMarkOut:
    return ListedMarkOut(
        id=row.id,
        number=PhoneNumber(row.e164).masked,
        mark=NumberMark(row.mark),
        holds=row.holds,
        at=row.at.astimezone(zone),
        by=row.by,
        reason=row.reason,
    )


NUMBER_MARK_ROUTES: Final = (
    Route(
        method="GET",
        path="/do-not-call",
        act=show_do_not_call,
        roles=HEADS,
        summary="The do-not-call list",
        media="text/html",
    ),
    Route(
        method="GET",
        path="/api/v1/number-marks",
        act=list_marks,
        roles=HEADS,
        summary="Marked numbers: not to be called, reaching somebody else; by number, last digits or home",
        query=NumberMarksQuery,
        answer=NumberMarksOut,
    ),
    Route(
        method="POST",
        path="/api/v1/number-marks",
        act=put_mark,
        roles=HEADS,
        summary="Mark a number: not to be called, or reaching somebody else",
        body=NewNumberMarkIn,
        answer=DoneOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/number-marks/{id}/lift",
        act=lift_mark,
        roles=HEADS,
        summary="Lift a mark; who lifted it and why stays to be read",
        body=LiftIn,
        answer=DoneOut,
    ),
)
