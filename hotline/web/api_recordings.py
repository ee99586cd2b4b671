"""The API of recordings: their sound, the picture of it, and whether one is kept whatever its age."""

import asyncio
from datetime import timedelta
from typing import Final

from aiohttp import web

from hotline.accounts.account import Role
from hotline.bus import Change, Subject
from hotline.recordings.legs import Picture, measure
from hotline.recordings.recording import IS_WHOLE, Recording
from hotline.recordings.removal_store import hold_recordings
from hotline.recordings.store import keep_picture, picture_of
from hotline.web.answers import as_json
from hotline.web.errors import RecordingNotThere
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, id_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.playing import send_sound
from hotline.web.reading import read_recording
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.shapes import HoldIn, PictureOut, RecordingOut, RecordingQuery
from hotline.web.store import Access, log_access
from hotline.web.telling import recording_out

SAME_PLAYBACK: Final = timedelta(minutes=10)  # a player fetches one recording in many pieces
DECIDES: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})


async def play_recording(request: web.Request) -> web.StreamResponse:
    """Answer with the sound, in pieces where the player asks for pieces, after writing down who listens."""
    rooms, query = request.app[ROOMS], query_of(request, RecordingQuery)
    call, recording = await read_recording(rooms, id_of(request))
    sound = None
    if recording is not None and recording.state in IS_WHOLE:
        sound = await asyncio.to_thread(rooms.sounds.open, recording, query.side)
    if sound is None:
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
    return await send_sound(request, sound)


async def show_picture(request: web.Request) -> web.StreamResponse:
    """Answer with how loud each side is over the time. It holds no word, so a look at it is not written down."""
    rooms = request.app[ROOMS]
    _, recording = await read_recording(rooms, id_of(request))
    if recording is None or recording.state not in IS_WHOLE:
        raise RecordingNotThere("the call has no such recording")
    async with rooms.database.read() as session:
        picture = await picture_of(session, recording.name)
    if picture is None:  # recorded before pictures were made
        picture = await _looked_at(rooms, recording)
        async with rooms.database.begin() as session:
            await keep_picture(session, recording.name, picture)
    return as_json(PictureOut(seconds=recording.seconds, caller=tuple(picture.caller), agent=tuple(picture.agent)))


async def _looked_at(rooms: WebRooms, recording: Recording) -> Picture:
    """Look at the sound now. What a disk that is away has not is no silence. Raises RecordingNotThere."""
    if await asyncio.to_thread(rooms.sounds.are_there, recording):
        async with rooms.sounds.sides(recording) as (caller, agent):
            measured = await asyncio.to_thread(measure, caller, agent)
        if measured.seconds and await asyncio.to_thread(rooms.sounds.are_there, recording):
            return measured.picture
    raise RecordingNotThere("the recording's files are not there")


async def hold(request: web.Request) -> web.StreamResponse:
    """Keep a call's recordings whatever their age, or let their time run again; who and why is kept.

    Raises HoldRefused.
    """
    rooms, wish = request.app[ROOMS], await body_of(request, HoldIn)
    await _there(rooms, id_of(request))
    async with rooms.database.begin() as session:
        await hold_recordings(
            session,
            id_of(request),
            is_held=wish.is_held,
            who=request[IDENTITY].name,
            reason=wish.reason,
            at=rooms.clock.now(),
        )
    rooms.bus.publish(Change(Subject.CALL, id_of(request)))
    return as_json(recording_out(await _there(rooms, id_of(request))))


async def _there(rooms: WebRooms, call_id: str) -> Recording:
    _, recording = await read_recording(rooms, call_id)
    if recording is None:
        raise RecordingNotThere("the call has no recording")
    return recording


RECORDING_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/calls/{id}/recording",
        act=play_recording,
        roles=STAFF,
        summary="The sound: one side, or both (caller left, agent right); the access log keeps who listened",
        query=RecordingQuery,
        media="audio/*",
    ),
    Route(
        method="GET",
        path="/api/v1/calls/{id}/recording/picture",
        act=show_picture,
        roles=STAFF,
        summary="How loud each side is over the time",
        answer=PictureOut,
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{id}/recording/hold",
        act=hold,
        roles=DECIDES,
        summary="Keep the sound whatever its age (a dispute), or release it, with the reason",
        body=HoldIn,
        answer=RecordingOut,
    ),
)
