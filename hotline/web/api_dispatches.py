"""The API of dispatches: a matter given to a department, accepted, done, given back or taken back."""

from typing import Final

from aiohttp import web

from hotline.dutylog.dispatch import DispatchStep, DispatchUnknown
from hotline.dutylog.dispatch_store import open_dispatches
from hotline.web.answers import as_json
from hotline.web.api_duty_log import answered, number_of
from hotline.web.duty_shapes import AcceptedIn, DispatchesQuery, DispatchIn, DispatchPage, EndedIn
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Act, Route
from hotline.web.shapes import DispatchOut, EntryOut
from hotline.web.telling import dispatch_out


async def list_dispatches(request: web.Request) -> web.StreamResponse:
    """Answer with what departments have not done yet."""
    rooms, query = request.app[ROOMS], query_of(request, DispatchesQuery)
    async with rooms.database.read() as session:
        found = await open_dispatches(session, after_id=query.cursor, limit=query.limit + 1)
    now = rooms.clock.now()
    page = tuple(dispatch_out(each, rooms.zone, now) for each in found[: query.limit])
    return as_json(
        DispatchPage(
            dispatches=page,
            departments=rooms.duty_log_settings.departments,
            next_cursor=str(page[-1].id) if len(found) > query.limit else None,
        )
    )


async def send_entry(request: web.Request) -> web.StreamResponse:
    """Give the matter to a department. Raises EntryUnknown, EntryIsDraft, DepartmentUnknown, DispatchDoubled."""
    number, wanted = number_of(request), await body_of(request, DispatchIn)
    await request.app[ROOMS].duty_log.send(
        number, department=wanted.department, note=wanted.note, by=request[IDENTITY].name
    )
    return await answered(request, number, status=201)


async def accept_dispatch(request: web.Request) -> web.StreamResponse:
    """Write down that the department does it, and who. Raises DispatchUnknown, DispatchStepRefused."""
    said = await body_of(request, AcceptedIn)
    return await _stepped(request, DispatchStep.ACCEPT, said.who, "")


def _ending(step: DispatchStep) -> Act:
    async def end_dispatch(request: web.Request) -> web.StreamResponse:
        said = await body_of(request, EndedIn)
        return await _stepped(request, step, said.who, said.text)

    end_dispatch.__name__ = f"{step.value}_dispatch"
    return end_dispatch


async def _stepped(request: web.Request, step: DispatchStep, who: str, text: str) -> web.Response:
    rooms = request.app[ROOMS]
    number = number_of_path(request)
    if not number:
        raise DispatchUnknown("there is no dispatch of this id")
    taken = await rooms.duty_log.step(number, step, by=request[IDENTITY].name, who=who, text=text)
    return as_json(dispatch_out(taken, rooms.zone, rooms.clock.now()))


DISPATCH_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/dispatches",
        act=list_dispatches,
        roles=STAFF,
        summary="What departments have not done yet, and which departments there are",
        query=DispatchesQuery,
        answer=DispatchPage,
    ),
    Route(
        method="POST",
        path="/api/v1/duty-log/{number}/dispatches",
        act=send_entry,
        roles=STAFF,
        summary="Give a matter to a department",
        body=DispatchIn,
        answer=EntryOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/dispatches/{id}/accept",
        act=accept_dispatch,
        roles=STAFF,
        summary="The department does it",
        body=AcceptedIn,
        answer=DispatchOut,
    ),
    Route(
        method="POST",
        path="/api/v1/dispatches/{id}/complete",
        act=_ending(DispatchStep.COMPLETE),
        roles=STAFF,
        summary="The department has done it",
        body=EndedIn,
        answer=DispatchOut,
    ),
    Route(
        method="POST",
        path="/api/v1/dispatches/{id}/refuse",
        act=_ending(DispatchStep.REFUSE),
        roles=STAFF,
        summary="The department gives it back",
        body=EndedIn,
        answer=DispatchOut,
    ),
    Route(
        method="POST",
        path="/api/v1/dispatches/{id}/withdraw",
        act=_ending(DispatchStep.WITHDRAW),
        roles=STAFF,
        summary="The desk takes it back",
        body=EndedIn,
        answer=DispatchOut,
    ),
)
