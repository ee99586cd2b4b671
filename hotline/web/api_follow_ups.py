"""The API of follow-ups: what is owed, who does it, what came of it. Nothing in it is ever removed."""

from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.accounts.store import accounts
from hotline.bus import Change, Subject
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpNotYours, FollowUpUnknown, Step, may_act
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up, follow_up_by_id, follow_ups_page, history_of, take_step
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import known_caller
from hotline.web.answers import as_json
from hotline.web.errors import InputRefused
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.owed import (
    FollowUpOut,
    FollowUpPage,
    FollowUpsQuery,
    NewFollowUpIn,
    ReasonIn,
    ResultIn,
    WholeFollowUp,
    follow_up_out,
    whole_follow_up,
)
from hotline.web.routes import Route
from hotline.web.shapes import LARGEST_NUMBER, NumberOut, RevealIn
from hotline.web.store import Access, log_access


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
        names = await _names(session)
    shown = tuple(_out(request, one, names) for one in found[: query.limit])
    return as_json(FollowUpPage(follow_ups=shown, next_cursor=str(shown[-1].id) if len(found) > query.limit else None))


async def show_follow_up(request: web.Request) -> web.StreamResponse:
    """Answer with one follow-up and its history. Raises FollowUpUnknown."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        one = await follow_up_by_id(session, _id_of(request))
        steps, calls = await history_of(session, one.id)
        names = await _names(session)
    return as_json(whole_follow_up(_out(request, one, names), steps, calls, names, rooms.zone))


async def write_follow_up(request: web.Request) -> web.StreamResponse:
    """Write down what a person says is owed. A known number brings home and name with it."""
    rooms, wanted = request.app[ROOMS], await body_of(request, NewFollowUpIn)
    number = PhoneNumber.parse(wanted.number, area_code=rooms.area_code)
    if wanted.number and number is None:
        raise InputRefused("the number cannot be read", fields={"number": "a telephone number"})
    if not (wanted.number or wanted.home):
        raise InputRefused("a number or a home is needed", fields={"number": "this or home", "home": "this or number"})
    home, now = Home.parse(wanted.home), rooms.clock.now()
    async with rooms.database.begin() as session:
        known = await known_caller(session, number)
        one = await add_follow_up(
            session,
            debt=Debt(kind=FollowUpKind.OTHER, at=now, due=wanted.due),
            owed_by=Role(wanted.owed_by),
            call_id=None,
            number=wanted.number,
            e164=number.e164 if number else "",
            home=home.label
            if home
            else wanted.home or (known.household.home.label if known and known.household else ""),
            who=wanted.who or (known.resident.salutation if known and known.resident else ""),
            at=now,
            text=wanted.text,
            raised_by=request[IDENTITY].name,
        )
        names = await _names(session)
    return _told(request, one, names, status=201)


async def take_follow_up(request: web.Request) -> web.StreamResponse:
    """Say: I do it. Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""
    return await _step(request, Step.TAKEN)


async def close_follow_up(request: web.Request) -> web.StreamResponse:
    """Say what came of it. Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""
    return await _step(request, Step.CLOSED, (await body_of(request, ResultIn)).result)


async def cancel_follow_up(request: web.Request) -> web.StreamResponse:
    """Say why it was never owed. Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""
    return await _step(request, Step.CANCELLED, (await body_of(request, ReasonIn)).reason)


async def reopen_follow_up(request: web.Request) -> web.StreamResponse:
    """Say why it is owed still. Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""
    return await _step(request, Step.REOPENED, (await body_of(request, ReasonIn)).reason)


async def reveal_follow_up_number(request: web.Request) -> web.StreamResponse:
    """Answer with the whole number, after writing down who asked and why."""
    rooms, why = request.app[ROOMS], await body_of(request, RevealIn)
    async with rooms.database.begin() as session:
        one = await follow_up_by_id(session, _id_of(request))
        await log_access(
            session,
            who=request[IDENTITY].name,
            what=Access.NUMBER,
            call_id=one.call_id or f"follow-up {one.id}",
            at=rooms.clock.now(),
            reason=why.reason,
        )
    return as_json(NumberOut(number=one.number))


async def _step(request: web.Request, step: Step, text: str = "") -> web.Response:
    rooms, identity = request.app[ROOMS], request[IDENTITY]
    async with rooms.database.begin() as session:
        one = await follow_up_by_id(session, _id_of(request))
        if not may_act(identity.role, one.owed_by):
            raise FollowUpNotYours("a supervisor owes this: an agent cannot take or close it")
        one = await take_step(session, one.id, step, who=identity.name, at=rooms.clock.now(), text=text)
        names = await _names(session)
    return _told(request, one, names)


def _told(request: web.Request, one: FollowUp, names: dict[str, str], *, status: int = 200) -> web.Response:
    """Committed; now tell whoever looks."""
    request.app[ROOMS].bus.publish(Change(Subject.FOLLOW_UP, str(one.id)))
    return as_json(_out(request, one, names), status=status)


def _out(request: web.Request, one: FollowUp, names: dict[str, str]) -> FollowUpOut:
    rooms, is_masked = request.app[ROOMS], not request[IDENTITY].sees_numbers
    return follow_up_out(one, names, is_masked=is_masked, now=rooms.clock.now(), zone=rooms.zone)


async def _names(session: AsyncSession) -> dict[str, str]:
    return {account.name: account.display_name for account in await accounts(session) if account.display_name}


def _id_of(request: web.Request) -> int:
    written = request.match_info["id"]
    number = int(written) if written.isascii() and written.isdecimal() and len(written) <= 10 else 0
    if not 1 <= number <= LARGEST_NUMBER:
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
        path="/api/v1/follow-ups/{id}/reveal",
        act=reveal_follow_up_number,
        roles=STAFF,
        summary="The whole number; the access log keeps who asked and why",
        body=RevealIn,
        answer=NumberOut,
    ),
)
