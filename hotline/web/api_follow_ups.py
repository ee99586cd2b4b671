"""The API of follow-ups: what is owed, who does it, what came of it. Nothing in it is ever removed."""

from typing import Final, TypedDict

from aiohttp import web

from hotline.accounts.account import Role
from hotline.aftercare.occasions import ServiceDays
from hotline.aftercare.paid_services_store import days_of_services
from hotline.followups.follow_up import FollowUp, FollowUpUnknown
from hotline.followups.reading_store import follow_up_by_id, follow_ups_page, history_of
from hotline.phone import PhoneNumber
from hotline.web.answers import as_json
from hotline.web.errors import InputRefused
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.owed import (
    FollowUpOut,
    FollowUpPage,
    FollowUpsQuery,
    NewFollowUpIn,
    ReasonIn,
    ResultIn,
    ServiceDaysIn,
    WholeFollowUp,
    follow_up_out,
    whole_follow_up,
)
from hotline.web.routes import Route
from hotline.web.shapes import NumberOut, RevealIn
from hotline.web.store import Access, account_names, log_access


class _Person(TypedDict):
    who: str
    role: Role


async def list_follow_ups(request: web.Request) -> web.StreamResponse:
    """Answer with a page of follow-ups."""
    query = query_of(request, FollowUpsQuery)
    async with request.app[ROOMS].database.read() as session:
        found = await follow_ups_page(
            session,
            states=query.states,
            due_before=query.due_before,
            owed_by=Role(query.owed_by) if query.owed_by else None,
            taken_by=query.owner,
            after_id=query.cursor,
            limit=query.limit + 1,
        )
        names = await account_names(session)
        services = await days_of_services(session, [one.id for one in found])
    shown = tuple(_out(request, one, names, services.get(one.id)) for one in found[: query.limit])
    return as_json(FollowUpPage(follow_ups=shown, next_cursor=str(shown[-1].id) if len(found) > query.limit else None))


async def show_follow_up(request: web.Request) -> web.StreamResponse:
    """Answer with one follow-up and its history. Raises FollowUpUnknown."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        one = await follow_up_by_id(session, follow_up_id_of(request))
        steps, calls = await history_of(session, one.id)
        names = await account_names(session)
        service = (await days_of_services(session, [one.id])).get(one.id)
    return as_json(whole_follow_up(_out(request, one, names, service), steps, calls, names, rooms.zone))


async def write_follow_up(request: web.Request) -> web.StreamResponse:
    """Write down what a person says is owed."""
    rooms, wanted = request.app[ROOMS], await body_of(request, NewFollowUpIn)
    if wanted.number and PhoneNumber.parse(wanted.number, area_code=rooms.area_code) is None:
        raise InputRefused("the number cannot be read", fields={"number": "a telephone number"})
    if not (wanted.number or wanted.home):
        raise InputRefused("a number or a home is needed", fields={"number": "this or home", "home": "this or number"})
    one = await rooms.follow_ups.write_down(
        by=request[IDENTITY].name,
        text=wanted.text,
        due=wanted.due,
        owed_by=Role(wanted.owed_by),
        number=wanted.number,
        home=wanted.home,
        who=wanted.who,
    )
    return await _told(request, one, status=201)


async def take_follow_up(request: web.Request) -> web.StreamResponse:
    """Say: I do it. Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""
    return await _told(request, await request.app[ROOMS].follow_ups.take(follow_up_id_of(request), **_person(request)))


async def close_follow_up(request: web.Request) -> web.StreamResponse:
    """Say what came of it. Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""
    result = (await body_of(request, ResultIn)).result
    one = await request.app[ROOMS].follow_ups.close(follow_up_id_of(request), **_person(request), result=result)
    return await _told(request, one)


async def cancel_follow_up(request: web.Request) -> web.StreamResponse:
    """Say why it was never owed. Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""
    reason = (await body_of(request, ReasonIn)).reason
    one = await request.app[ROOMS].follow_ups.cancel(follow_up_id_of(request), **_person(request), reason=reason)
    return await _told(request, one)


async def reopen_follow_up(request: web.Request) -> web.StreamResponse:
    """Say why it is owed still. Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""
    reason = (await body_of(request, ReasonIn)).reason
    one = await request.app[ROOMS].follow_ups.reopen(follow_up_id_of(request), **_person(request), reason=reason)
    return await _told(request, one)


async def set_service_days(request: web.Request) -> web.StreamResponse:
    """Say from when to when a paid service goes on. Raises FollowUpUnknown, FollowUpNotYours, ServiceDaysRefused."""
    said, number = await body_of(request, ServiceDaysIn), follow_up_id_of(request)
    services = request.app[ROOMS].aftercare.services
    one, _ = await services.set_days(number, said.first, said.last, **_person(request))
    return await _told(request, one)


async def reveal_follow_up_number(request: web.Request) -> web.StreamResponse:
    """Answer with the whole number, after writing down who asked and why."""
    rooms, why = request.app[ROOMS], await body_of(request, RevealIn)
    async with rooms.database.begin() as session:
        one = await follow_up_by_id(session, follow_up_id_of(request))
        await log_access(
            session,
            who=request[IDENTITY].name,
            what=Access.NUMBER,
            call_id=one.call_id or f"follow-up {one.id}",
            at=rooms.clock.now(),
            reason=why.reason,
        )
    return as_json(NumberOut(number=one.number))


def _person(request: web.Request) -> _Person:
    return {"who": request[IDENTITY].name, "role": request[IDENTITY].role}


async def _told(request: web.Request, one: FollowUp, *, status: int = 200) -> web.Response:
    async with request.app[ROOMS].database.read() as session:
        names = await account_names(session)
        service = (await days_of_services(session, [one.id])).get(one.id)
    return as_json(_out(request, one, names, service), status=status)


def _out(request: web.Request, one: FollowUp, names: dict[str, str], service: ServiceDays | None) -> FollowUpOut:
    rooms, is_masked = request.app[ROOMS], not request[IDENTITY].sees_numbers
    return follow_up_out(one, names, is_masked=is_masked, now=rooms.clock.now(), zone=rooms.zone, service=service)


def follow_up_id_of(request: web.Request) -> int:
    """Return the id in the address. Raises FollowUpUnknown where no follow-up can have it."""
    number = number_of_path(request)
    if not number:
        raise FollowUpUnknown("there is no follow-up of this id")
    return number


FOLLOW_UP_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/follow-ups",
        act=list_follow_ups,
        roles=STAFF,
        summary="What the desk owes: open ones by deadline, others by their last change",
        query=FollowUpsQuery,
        answer=FollowUpPage,
    ),
    Route(
        method="POST",
        path="/api/v1/follow-ups",
        act=write_follow_up,
        roles=STAFF,
        summary="Write down something that is owed",
        body=NewFollowUpIn,
        answer=FollowUpOut,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/follow-ups/{id}",
        act=show_follow_up,
        roles=STAFF,
        summary="One follow-up with its history and its calls",
        answer=WholeFollowUp,
    ),
    Route(
        method="POST",
        path="/api/v1/follow-ups/{id}/take",
        act=take_follow_up,
        roles=STAFF,
        summary="Say that one does it; what a supervisor owes only a supervisor takes",
        answer=FollowUpOut,
    ),
    Route(
        method="POST",
        path="/api/v1/follow-ups/{id}/close",
        act=close_follow_up,
        roles=STAFF,
        summary="Close it with the result",
        body=ResultIn,
        answer=FollowUpOut,
    ),
    Route(
        method="POST",
        path="/api/v1/follow-ups/{id}/cancel",
        act=cancel_follow_up,
        roles=STAFF,
        summary="Take it back: it was never owed",
        body=ReasonIn,
        answer=FollowUpOut,
    ),
    Route(
        method="POST",
        path="/api/v1/follow-ups/{id}/reopen",
        act=reopen_follow_up,
        roles=STAFF,
        summary="Open it again; from then on only a person closes it",
        body=ReasonIn,
        answer=FollowUpOut,
    ),
    Route(
        method="POST",
        path="/api/v1/follow-ups/{id}/service-days",
        act=set_service_days,
        roles=STAFF,
        summary="From when to when a paid service goes on: called about in its middle and after its end",
        body=ServiceDaysIn,
        answer=FollowUpOut,
    ),
    Route(
        method="POST",
        path="/api/v1/follow-ups/{id}/reveal",
        act=reveal_follow_up_number,
        roles=STAFF,
        summary="The whole number; the access log keeps who asked and why",
        body=RevealIn,
        answer=NumberOut,
    ),
)
