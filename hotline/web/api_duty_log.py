"""The API of the duty log: read it, add to it, correct it. Nothing in it is ever changed or removed."""

from typing import Final

from aiohttp import web

from hotline.bus import Change, Subject
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import DutyEntry
from hotline.dutylog.store import EntryUnknown, add_entry, correct_entry
from hotline.web.answers import as_json
from hotline.web.identity import STAFF, Identity
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.reading import read_entries
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.shapes import LARGEST_NUMBER, EntriesQuery, EntryIn, EntryOut, EntryPage, NewEntryIn
from hotline.web.store import read_call_record
from hotline.web.telling import entry_out


async def list_entries(request: web.Request) -> web.StreamResponse:
    """Answer with a page of the duty log."""
    return as_json(await read_entries(request.app[ROOMS], query_of(request, EntriesQuery)))


async def write_entry(request: web.Request) -> web.StreamResponse:
    """Add an entry; the draft of the same call becomes it. Raises CallUnknown where it names one that is not there."""
    rooms, identity, wanted = request.app[ROOMS], request[IDENTITY], await body_of(request, NewEntryIn)
    async with rooms.database.begin() as session:
        if wanted.call_id is not None:
            await read_call_record(session, wanted.call_id)
        entry = await add_entry(
            session,
            call_id=wanted.call_id,
            draft=_draft(wanted, identity),
            written_by=identity.name,
            at=rooms.clock.now(),
        )
    return _told(rooms, entry)


async def write_correction(request: web.Request) -> web.StreamResponse:
    """Add a correction beside an entry, which stays as it is. Raises EntryUnknown."""
    rooms, identity, wanted = request.app[ROOMS], request[IDENTITY], await body_of(request, EntryIn)
    written = request.match_info["number"]
    number = int(written) if written.isdecimal() and len(written) <= 10 else 0
    if not 1 <= number <= LARGEST_NUMBER:
        raise EntryUnknown("the duty log has no entry of this number")
    async with rooms.database.begin() as session:
        entry = await correct_entry(
            session, number, draft=_draft(wanted, identity), written_by=identity.name, at=rooms.clock.now()
        )
    return _told(rooms, entry)


def _told(rooms: WebRooms, entry: DutyEntry) -> web.Response:
    """Committed; now tell whoever looks."""
    rooms.bus.publish(Change(Subject.DUTY_LOG, str(entry.number)))
    return as_json(entry_out(entry, rooms.zone), status=201)


def _draft(wanted: EntryIn, identity: Identity) -> Draft:
    return Draft(
        kind=wanted.kind,
        is_urgent=wanted.is_urgent,
        who=wanted.who,
        home=wanted.home,
        matter=wanted.matter,
        promised=wanted.promised,
        agent=wanted.agent or identity.extension or identity.name,
    )


DUTY_LOG_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/duty-log",
        act=list_entries,
        roles=STAFF,
        summary="The duty log, newest first",
        query=EntriesQuery,
        answer=EntryPage,
    ),
    Route(
        method="POST",
        path="/api/v1/duty-log",
        act=write_entry,
        roles=STAFF,
        summary="Add an entry; the draft of the same call becomes it",
        body=NewEntryIn,
        answer=EntryOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/duty-log/{number}/corrections",
        act=write_correction,
        roles=STAFF,
        summary="Correct an entry by a new one beside it",
        body=EntryIn,
        answer=EntryOut,
        status=201,
    ),
)
