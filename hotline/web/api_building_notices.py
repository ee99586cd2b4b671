"""Building notices over HTTP: what callers from some buildings hear, from when until when; ended early, too."""

from datetime import datetime, tzinfo
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from hotline.incidents.incident import LONGEST_NOTICE
from hotline.notices.notice import BuildingNotice
from hotline.notices.service import BuildingNotices
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import body_of, number_of_path
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import Inlet, Line, Moment, Shape

SHOWN: Final = 50
Building = Annotated[int, Field(ge=1, le=999)]


class BuildingNoticePlaceOut(Shape):
    """A building of a notice, and the incident by which its callers hear it; none yet, or the building has another."""

    building: int
    incident: int | None


class BuildingNoticeOut(Shape):
    """A notice: `state` is where it stands now."""

    id: int
    state: Literal["planned", "on", "over"]
    text: str
    begins: datetime
    ends: datetime
    by: str
    at: datetime
    ended_at: datetime | None
    ended_by: str  # an account's name; "time": by its time
    places: tuple[BuildingNoticePlaceOut, ...]


class BuildingNoticesOut(Shape):
    """Notices, the newest first; `now` is the centre's clock."""

    now: datetime
    notices: tuple[BuildingNoticeOut, ...]


class BuildingNoticeIn(Inlet):
    """A notice to post. Without `begins` it begins now."""

    buildings: Annotated[tuple[Building, ...], Field(min_length=1, max_length=100)]
    text: Annotated[str, Line, StringConstraints(min_length=1, max_length=LONGEST_NOTICE)]
    begins: Moment | None = None
    ends: Moment


async def list_notices(request: web.Request) -> web.StreamResponse:
    """Answer with the notices posted last."""
    return await _listed(request)


async def post_notice(request: web.Request) -> web.StreamResponse:
    """Post a notice. Raises BuildingNoticeRefused, BuildingUnknown."""
    said = await body_of(request, BuildingNoticeIn)
    await _notices(request).post(
        text=said.text,
        buildings=said.buildings,
        begins=said.begins or request.app[ROOMS].clock.now(),
        ends=said.ends,
        by=request[IDENTITY].name,
    )
    return await _listed(request)


async def end_notice(request: web.Request) -> web.StreamResponse:
    """End a notice before its time. Raises BuildingNoticeUnknown, BuildingNoticeRefused."""
    await _notices(request).end(number_of_path(request), by=request[IDENTITY].name)
    return await _listed(request)


async def _listed(request: web.Request) -> web.StreamResponse:
    rooms = request.app[ROOMS]
    now, found = rooms.clock.now(), await _notices(request).newest(SHOWN)
    return as_json(
        BuildingNoticesOut(now=now.astimezone(rooms.zone), notices=tuple(_out(one, now, rooms.zone) for one in found))
    )


def _out(notice: BuildingNotice, now: datetime, zone: tzinfo) -> BuildingNoticeOut:
    return BuildingNoticeOut(
        id=notice.id,
        state=notice.state(now).value,
        text=notice.text,
        begins=notice.begins.astimezone(zone),
        ends=notice.ends.astimezone(zone),
        by=notice.by,
        at=notice.at.astimezone(zone),
        ended_at=notice.ended_at.astimezone(zone) if notice.ended_at else None,
        ended_by=notice.ended_by,
        places=tuple(
            BuildingNoticePlaceOut(building=building, incident=incident)
            for building, incident in notice.incidents.items()
        ),
    )


def _notices(request: web.Request) -> BuildingNotices:
    notices = request.app[ROOMS].building_notices
    if notices is None:
        raise AddressUnknown("building notices are not kept here")
    return notices


BUILDING_NOTICE_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/building-notices",
        act=list_notices,
        roles=STAFF,
        summary="What callers from some buildings hear, from when until when",
        answer=BuildingNoticesOut,
    ),
    Route(
        method="POST",
        path="/api/v1/building-notices",
        act=post_notice,
        roles=HEADS,
        summary="Post a notice to buildings; one that begins now is heard by the next caller",
        body=BuildingNoticeIn,
        answer=BuildingNoticesOut,
    ),
    Route(
        method="POST",
        path="/api/v1/building-notices/{id}/end",
        act=end_notice,
        roles=HEADS,
        summary="End a notice before its time: who registered is told",
        answer=BuildingNoticesOut,
    ),
)
