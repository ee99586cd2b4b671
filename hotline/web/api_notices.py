"""The API of notices: what every page says at its top because somebody must act: the disk, callers turned away."""

from datetime import timedelta
from typing import Final, Literal

from aiohttp import web

from hotline.recordings.disk import Disk, DiskState
from hotline.web.answers import as_json
from hotline.web.identity import STAFF
from hotline.web.keys import ROOMS
from hotline.web.reading import read_turned_away
from hotline.web.routes import Route
from hotline.web.shapes import Shape

LATELY: Final = timedelta(hours=1)  # for so long it is said that callers were turned away


class NoticeOut(Shape):
    """One notice. `id` names its words; what else is not null fills them."""

    id: Literal["full-house", "disk-low", "disk-nearly-full"]
    turned_away: int | None = None  # callers within the last hour whom too many calls kept out
    free_mb: int | None = None
    call_hours: int | None = None


class NoticesOut(Shape):
    """What is to be said now."""

    notices: tuple[NoticeOut, ...]


async def show_notices(request: web.Request) -> web.StreamResponse:
    """Answer with what every page says at its top, people first."""
    rooms = request.app[ROOMS]
    turned_away, disk = await read_turned_away(rooms, LATELY), rooms.disk()
    notices = [NoticeOut(id="full-house", turned_away=turned_away)] if turned_away else []
    return as_json(NoticesOut(notices=(*notices, *([] if disk is None else _of_disk(disk)))))


def _of_disk(disk: Disk) -> list[NoticeOut]:
    if disk.state is DiskState.ROOMY:
        return []
    name: Literal["disk-low", "disk-nearly-full"] = "disk-low" if disk.state is DiskState.LOW else "disk-nearly-full"
    return [NoticeOut(id=name, free_mb=disk.free_mb, call_hours=disk.call_hours)]


NOTICE_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/notices",
        act=show_notices,
        roles=STAFF,
        summary="What every page says at its top: callers were turned away, the disk is nearly full",
        answer=NoticesOut,
    ),
)
