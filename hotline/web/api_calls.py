"""The API of the call ledger: pages of calls, one call whole, its number revealed."""

from typing import Final

from aiohttp import web

from hotline.web.answers import as_json
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, id_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.reading import read_calls, read_whole_call
from hotline.web.routes import Route
from hotline.web.searches import note_search
from hotline.web.shapes import CallPage, CallsQuery, NumberOut, RevealIn, WholeCall
from hotline.web.store import Access, log_access, read_call_record


async def list_calls(request: web.Request) -> web.StreamResponse:
    """Answer with a page of calls. Raises TooManySearches."""
    query = query_of(request, CallsQuery)
    await note_search(request, query.number)
    return as_json(await read_calls(request.app[ROOMS], query, is_masked=not request[IDENTITY].sees_numbers))


async def show_call(request: web.Request) -> web.StreamResponse:
    """Answer with one call whole."""
    is_masked = not request[IDENTITY].sees_numbers
    return as_json(await read_whole_call(request.app[ROOMS], id_of(request), is_masked=is_masked))


async def reveal_number(request: web.Request) -> web.StreamResponse:
    """Answer with the caller's whole number, after writing down who asked and why."""
    rooms, why = request.app[ROOMS], await body_of(request, RevealIn)
    async with rooms.database.begin() as session:
        call = await read_call_record(session, id_of(request))
        await log_access(
            session,
            who=request[IDENTITY].name,
            what=Access.NUMBER,
            call_id=call.id,
            at=rooms.clock.now(),
            reason=why.reason,
        )
    return as_json(NumberOut(number=call.caller_number))


CALL_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/calls",
        act=list_calls,
        roles=STAFF,
        summary="The call ledger, newest first",
        query=CallsQuery,
        answer=CallPage,
    ),
    Route(
        method="GET",
        path="/api/v1/calls/{id}",
        act=show_call,
        roles=STAFF,
        summary="One call with its recording, its words and its duty-log entries",
        answer=WholeCall,
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{id}/reveal",
        act=reveal_number,
        roles=STAFF,
        summary="The caller's whole number; the access log keeps who asked and why",
        body=RevealIn,
        answer=NumberOut,
    ),
)
