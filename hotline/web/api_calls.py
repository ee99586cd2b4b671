"""The API of the call ledger: pages of calls, one call whole, its number revealed, its sound."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from aiohttp import web

from hotline.web.answers import as_json
from hotline.web.errors import RecordingNotThere
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, id_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.reading import read_calls, read_recording, read_whole_call
from hotline.web.routes import Route
from hotline.web.searches import note_search
from hotline.web.shapes import CallPage, CallsQuery, NumberOut, RecordingQuery, RevealIn, WholeCall
from hotline.web.store import Access, log_access, read_call_record
from hotline.web.telling import MAY_BE_HEARD

SAME_PLAYBACK: Final = timedelta(minutes=10)  # a player fetches one recording in many pieces


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


async def play_recording(request: web.Request) -> web.StreamResponse:
    """Answer with one side's sound, in pieces where the player asks for pieces, after writing down who listens."""
    rooms, query = request.app[ROOMS], query_of(request, RecordingQuery)
    call, recording = await read_recording(rooms, id_of(request))
    path = None
    if recording is not None and recording.state in MAY_BE_HEARD:
        path = recording.caller if query.side == "caller" else recording.agent
    if path is None or not _is_file_below(path, rooms.recordings_directory):
        raise RecordingNotThere("the call has no such recording")
    is_a_later_piece = request.headers.get("Range", "bytes=0-").strip() not in {"bytes=0-", "bytes=0-1"}
    async with rooms.database.begin() as session:
        await log_access(
            session,
            who=request[IDENTITY].name,
            what=Access.RECORDING,
            call_id=call.id,
            at=rooms.clock.now(),
            side=query.side,
            reason=query.reason,
            unless_within=SAME_PLAYBACK if is_a_later_piece else timedelta(0),
        )
    return web.FileResponse(path, headers={"Content-Type": "audio/wav"})


def _is_file_below(path: Path, directory: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(directory.resolve())


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
    Route(
        method="GET",
        path="/api/v1/calls/{id}/recording",
        act=play_recording,
        roles=STAFF,
        summary="One side's sound; the access log keeps who listened",
        query=RecordingQuery,
        media="audio/wav",
    ),
)
