"""The API of the duty log: read it, add to it, correct it, say what came of a matter. Nothing in it is ever changed."""

from typing import Final

from aiohttp import web

from hotline.dutylog.draft import Draft
from hotline.dutylog.store import EntryUnknown
from hotline.web.answers import as_json
from hotline.web.duty_shapes import EntryIn, NewEntryIn, SettledIn
from hotline.web.identity import STAFF, Identity
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.reading import read_entries, read_entry
from hotline.web.routes import Route
from hotline.web.shapes import EntriesQuery, EntryOut, EntryPage
from hotline.web.store import read_call_record


async def list_entries(request: web.Request) -> web.StreamResponse:
    """Answer with a page of the duty log."""
    return as_json(await read_entries(request.app[ROOMS], query_of(request, EntriesQuery)))


async def show_entry(request: web.Request) -> web.StreamResponse:
    """Answer with one entry. Raises EntryUnknown."""
    return await answered(request, number_of(request))


async def write_entry(request: web.Request) -> web.StreamResponse:
    """Add an entry; the draft of the same call becomes it. Raises CallUnknown, EntryConfirmed."""
    rooms, identity, wanted = request.app[ROOMS], request[IDENTITY], await body_of(request, NewEntryIn)
    if wanted.call_id is not None:
        async with rooms.database.read() as session:
            await read_call_record(session, wanted.call_id)
    entry = await rooms.duty_log.confirm(
        _draft(wanted, identity),
        by=identity.name,
        call_id=wanted.call_id,
        source=wanted.source,
        result=wanted.result,
    )
    return await answered(request, entry.number, status=201)


async def write_correction(request: web.Request) -> web.StreamResponse:
    """Add a correction beside an entry, which stays as it is. Raises EntryUnknown, EntryIsDraft, EntryCorrected."""
    identity, wanted = request[IDENTITY], await body_of(request, EntryIn)
    entry = await request.app[ROOMS].duty_log.correct(
        number_of(request), _draft(wanted, identity), by=identity.name, result=wanted.result
    )
    return await answered(request, entry.number, status=201)


async def settle_entry(request: web.Request) -> web.StreamResponse:
    """Say that the matter is answered or handled. Raises EntryUnknown, MatterNotOwed, FollowUpStepRefused."""
    number, said = number_of(request), await body_of(request, SettledIn)
    await request.app[ROOMS].duty_log.settle(number, by=request[IDENTITY].name, result=said.result)
    return await answered(request, number)


def number_of(request: web.Request) -> int:
    """Return the entry's number in the address. Raises EntryUnknown where no entry can have it."""
    number = number_of_path(request, "number")
    if not number:
        raise EntryUnknown("the duty log has no entry of this number")
    return number


async def answered(request: web.Request, number: int, *, status: int = 200) -> web.Response:
    """Answer with the entry as it is now, after what was just committed. Raises EntryUnknown."""
    entry = await read_entry(request.app[ROOMS], number)
    if entry is None:
        raise EntryUnknown("the duty log has no entry of this number")
    return as_json(entry, status=status)


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
        method="GET",
        path="/api/v1/duty-log/{number}",
        act=show_entry,
        roles=STAFF,
        summary="One entry, with what is owed for it and who was given it",
        answer=EntryOut,
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
    Route(
        method="POST",
        path="/api/v1/duty-log/{number}/settle",
        act=settle_entry,
        roles=STAFF,
        summary="Say that the matter is answered or handled, and what came of it",
        body=SettledIn,
        answer=EntryOut,
    ),
)
