"""The API of notices: what every page says at its top because somebody must act, and no caller is the reason."""

from typing import Final, Literal

from aiohttp import web

from hotline.recordings.disk import DiskState
from hotline.web.answers import as_json
from hotline.web.identity import STAFF
from hotline.web.keys import ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import Shape


class NoticeOut(Shape):
    """One notice. `id` names its words; the rest fills them."""

    id: Literal["disk-low", "disk-nearly-full"]
    free_mb: int
    call_hours: int


class NoticesOut(Shape):
    """What is to be said now."""

    notices: tuple[NoticeOut, ...]


async def show_notices(request: web.Request) -> web.StreamResponse:
    """Answer with what every page says at its top."""
    disk = request.app[ROOMS].disk()
    if disk is None or disk.state is DiskState.ROOMY:
        return as_json(NoticesOut(notices=()))
    name: Literal["disk-low", "disk-nearly-full"] = "disk-low" if disk.state is DiskState.LOW else "disk-nearly-full"
    return as_json(NoticesOut(notices=(NoticeOut(id=name, free_mb=disk.free_mb, call_hours=disk.call_hours),)))


NOTICE_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/notices",
        act=show_notices,
        roles=STAFF,
        summary="What every page says at its top: the disk is nearly full",
        answer=NoticesOut,
    ),
)
