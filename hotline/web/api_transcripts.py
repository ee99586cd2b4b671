"""The API of the writing down: how far the backlog of recordings is worked off."""

from typing import Final

from aiohttp import web
from pydantic import Field

from hotline.settings import TranscribeSettings
from hotline.transcribe.backlog_store import RECENT, Backlog, backlog
from hotline.transcribe.service import longest_job
from hotline.web.answers import as_json
from hotline.web.identity import STAFF
from hotline.web.keys import ROOMS
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.shapes import Shape

_LONGEST: Final = longest_job(TranscribeSettings())  # only an hour or so decides when a dead worker's call waits again


class BacklogOut(Shape):
    """How far the writing down has come: what waits and runs now, what was done and failed since midnight."""

    waiting: int = Field(description="recordings of the last seven days that wait")
    emergencies: int = Field(description="how many of them are of emergencies")
    running: int
    done: int
    failed: int


async def read_backlog(rooms: WebRooms) -> Backlog:
    """Return how far the writing down has come."""
    now = rooms.clock.now()
    async with rooms.database.read() as session:
        return await backlog(session, stale_before=now - _LONGEST, since=rooms.midnight(), began_after=now - RECENT)


async def show_backlog(request: web.Request) -> web.StreamResponse:
    """Answer with how far the writing down has come."""
    found = await read_backlog(request.app[ROOMS])
    return as_json(
        BacklogOut(
            waiting=found.waiting,
            emergencies=found.emergencies,
            running=found.running,
            done=found.done,
            failed=found.failed,
        )
    )


TRANSCRIPT_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/transcripts",
        act=show_backlog,
        roles=STAFF,
        summary="How many recordings wait to be written down, and how many are",
        answer=BacklogOut,
    ),
)
