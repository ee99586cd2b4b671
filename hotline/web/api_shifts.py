"""The API of shifts and readings: who has the desk, the hand-over with both signatures, complaints and weeks read."""

from datetime import datetime, time
from typing import Final

from aiohttp import web

from hotline.dutylog.entry import Kind
from hotline.dutylog.reading_store import in_full
from hotline.dutylog.store import entries_between
from hotline.shifts.review import LOOKS_BACK, ReviewKind, span
from hotline.shifts.shift import Shift
from hotline.shifts.store import open_shift, reviews, shifts_page
from hotline.web.answers import as_json
from hotline.web.errors import RoleMayNot
from hotline.web.identity import HEADS, STAFF, Identity
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import EntryPage
from hotline.web.shift_shapes import (
    DeskOut,
    OpinionIn,
    ReviewOut,
    ReviewPage,
    ReviewQuery,
    ShiftOut,
    ShiftPage,
    ShiftsQuery,
    SignInIn,
    SignOutIn,
    item_out,
    review_out,
    shift_out,
    unread_out,
)
from hotline.web.store import account_names
from hotline.web.telling import entry_out

PAGE: Final = 200


async def show_desk_shift(request: web.Request) -> web.StreamResponse:
    """Answer with who has the desk and what is open."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        shift, names = await open_shift(session), await account_names(session)
        items = await rooms.shifts.open_items(session)
    return as_json(
        DeskOut(
            shift=shift and shift_out(shift, names, rooms.zone),
            open_items=tuple(item_out(item, names, rooms.zone) for item in items),
            property=rooms.duty_log_settings.property,
        )
    )


async def list_shifts(request: web.Request) -> web.StreamResponse:
    """Answer with shifts, newest first."""
    rooms, query = request.app[ROOMS], query_of(request, ShiftsQuery)
    async with rooms.database.read() as session:
        found = await shifts_page(session, before=query.cursor, limit=query.limit + 1)
        names = await account_names(session)
    shown = tuple(shift_out(shift, names, rooms.zone) for shift in found[: query.limit])
    return as_json(ShiftPage(shifts=shown, next_cursor=str(shown[-1].id) if len(found) > query.limit else None))


async def take_desk(request: web.Request) -> web.StreamResponse:
    """Begin the first shift. Raises RoleMayNot, ShiftStepRefused."""
    return await _told(request, await request.app[ROOMS].shifts.take_desk(who=_person(request).name), status=201)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """Sign the hand-over. Raises ShiftStepRefused, ShiftNotYours, HandedOverSilently."""
    me, said = _person(request), await body_of(request, SignOutIn)
    shift = await request.app[ROOMS].shifts.sign_out(
        who=me.name, role=me.role, remarks=said.remarks, words=said.words, property_found=said.property
    )
    return await _told(request, shift)


async def take_back(request: web.Request) -> web.StreamResponse:
    """Take the signature back. Raises ShiftStepRefused, ShiftNotYours."""
    me = _person(request)
    return await _told(request, await request.app[ROOMS].shifts.take_back(who=me.name, role=me.role))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Sign for the desk. Raises ShiftStepRefused, SamePerson, ItemsUnread."""
    said = await body_of(request, SignInIn)
    shift = await request.app[ROOMS].shifts.sign_in(who=_person(request).name, remarks=said.remarks, read=said.read)
    return await _told(request, shift, status=201)


async def list_reviews(request: web.Request) -> web.StreamResponse:
    """Answer with what waits to be read, and what was read."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        waiting, names = await rooms.shifts.unread(session), await account_names(session)
        signed = await reviews(session, since=rooms.midnight().date() - LOOKS_BACK)
    return as_json(
        ReviewPage(
            unread=tuple(map(unread_out, waiting)),
            signed=tuple(review_out(review, names, rooms.zone) for review in signed),
        )
    )


async def read_for_review(request: web.Request) -> web.StreamResponse:
    """Answer with the entries of a day's complaints or of a week, in the order in which they were confirmed."""
    rooms, query = request.app[ROOMS], query_of(request, ReviewQuery)
    first, end = span(query.kind, query.day)
    since, until = (datetime.combine(day, time(), rooms.zone) for day in (first, end))
    async with rooms.database.read() as session:
        found = await entries_between(session, since, until, after=query.after, limit=PAGE + 1)
        shown = found[:PAGE]
        only = [one for one in shown if query.kind is ReviewKind.WEEK or one.kind is Kind.COMPLAINT]
        whole = await in_full(session, only)
    now = rooms.clock.now()
    more = str(shown[-1].chain_position) if len(found) > PAGE else None
    return as_json(EntryPage(entries=tuple(entry_out(one, rooms.zone, now) for one in whole), next_cursor=more))


async def sign_review(request: web.Request) -> web.StreamResponse:
    """Sign a reading with an opinion. Raises ReviewTooEarly, ReviewSigned, ReviewDayWrong."""
    rooms, said = request.app[ROOMS], await body_of(request, OpinionIn)
    review = await rooms.shifts.sign_review(said.kind, said.day, opinion=said.opinion, who=_person(request).name)
    async with rooms.database.read() as session:
        names = await account_names(session)
    return as_json(review_out(review, names, rooms.zone), status=201)


def _person(request: web.Request) -> Identity:
    """Return who signs: a person. Raises RoleMayNot for a machine with a token."""
    identity = request[IDENTITY]
    if identity.is_machine:
        raise RoleMayNot("a shift or a reading is signed by a person, by name")
    return identity


async def _told(request: web.Request, shift: Shift, *, status: int = 200) -> web.Response:
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        names = await account_names(session)
    return as_json(shift_out(shift, names, rooms.zone), status=status)


SHIFT_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/shifts/current",
        act=show_desk_shift,
        roles=STAFF,
        summary="Who has the desk, and what is open",
        answer=DeskOut,
    ),
    Route(
        method="GET",
        path="/api/v1/shifts",
        act=list_shifts,
        roles=STAFF,
        summary="Shifts, newest first",
        query=ShiftsQuery,
        answer=ShiftPage,
    ),
    Route(
        method="POST",
        path="/api/v1/shifts",
        act=take_desk,
        roles=STAFF,
        summary="Begin the first shift",
        answer=ShiftOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/shifts/current/sign-out",
        act=sign_out,
        roles=STAFF,
        summary="Sign the hand-over; the sheet is taken down",
        body=SignOutIn,
        answer=ShiftOut,
    ),
    Route(
        method="POST",
        path="/api/v1/shifts/current/take-back",
        act=take_back,
        roles=STAFF,
        summary="Take the outgoing signature back",
        answer=ShiftOut,
    ),
    Route(
        method="POST",
        path="/api/v1/shifts/current/sign-in",
        act=sign_in,
        roles=STAFF,
        summary="Sign for the desk; the next shift begins",
        body=SignInIn,
        answer=ShiftOut,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/reviews",
        act=list_reviews,
        roles=HEADS,
        summary="What waits to be read, and what was read",
        answer=ReviewPage,
    ),
    Route(
        method="GET",
        path="/api/v1/reviews/entries",
        act=read_for_review,
        roles=HEADS,
        summary="The entries to read: a day's complaints, or a week",
        query=ReviewQuery,
        answer=EntryPage,
    ),
    Route(
        method="POST",
        path="/api/v1/reviews",
        act=sign_review,
        roles=HEADS,
        summary="Sign a reading with an opinion",
        body=OpinionIn,
        answer=ReviewOut,
        status=201,
    ),
)
