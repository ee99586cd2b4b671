"""The API of homes handed to agents: a campaign that agents dial, home by home: look, then dial, skip, or later."""

from datetime import datetime
from typing import Annotated, Final

from aiohttp import web
from pydantic import AwareDatetime, Field, StringConstraints

from hotline.agents.agent import ShownState
from hotline.campaigns.about_store import How, about_target
from hotline.campaigns.handed import HandedUnknown, Nothing
from hotline.campaigns.handed_choice import Handed, Seat
from hotline.campaigns.handing import Handing
from hotline.desk.outside import NoWayOut
from hotline.phone import PhoneNumber
from hotline.web.answers import as_json
from hotline.web.api_outside import OutsideCallOut, outside_call_out
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, id_of, number_of_path
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.pop_reading import whole_pop
from hotline.web.pop_shapes import PopOut
from hotline.web.routes import Route
from hotline.web.shapes import Inlet, Line, Shape


class CardOut(Shape):
    """A home to look at: everything a pop shows, and until when it is kept for this agent."""

    id: int
    until: datetime
    pop: PopOut


class HandedOut(Shape):
    """What this agent has before them; `why` says why there is nothing, `waiting` how many homes are due in all."""

    card: CardOut | None
    why: Nothing | None
    campaigns: int = Field(description="campaigns that agents dial and that run")
    waiting: int


class SkipIn(Inlet):
    """Why this home is not called."""

    reason: Annotated[str, Line, StringConstraints(min_length=2, max_length=200)]


class LaterIn(Inlet):
    """When it may be handed to somebody again."""

    at: AwareDatetime


async def show_handed(request: web.Request) -> web.StreamResponse:
    """Answer with what this agent looks at, and how many homes wait; hands nothing over."""
    if request.app[ROOMS].handing is None:
        return as_json(HandedOut(card=None, why=Nothing.NO_CAMPAIGN, campaigns=0, waiting=0))
    held = await _handing(request).held(request[IDENTITY].name)
    return await _told(request, held, None)


async def hand_next(request: web.Request) -> web.StreamResponse:
    """Hand the next home to this agent, if they are ready; the same one until it ends."""
    handing, seat = _handing(request), _seat(request)
    agents = request.app[ROOMS].agents
    if agents is not None and agents.now(seat.extension).state is not ShownState.READY:
        held = await handing.held(seat.name)
        return await _told(request, held, None if held else Nothing.NOT_READY)
    found = await handing.next_for(seat)
    return await _told(request, *((found, None) if isinstance(found, Handed) else (None, found)))


async def dial_handed(request: web.Request) -> web.StreamResponse:
    """Ring the agent, then the home.

    Raises HandedUnknown, HomeNotToBeCalled, NoLineFree, HomeBeingRung, HomeUndecided, OwnPhoneMissing, NoWayOut,
    OutsideCallLiving, NumberNotDialled, FollowUpNotYours.
    """
    call = await _handing(request).dial(_number(request), _seat(request))
    return as_json(outside_call_out(request, call), status=202)


async def skip_handed(request: web.Request) -> web.StreamResponse:
    """Let it not be called in this campaign. Raises HandedUnknown."""
    wanted = await body_of(request, SkipIn)
    await _handing(request).skip(_number(request), _seat(request), reason=wanted.reason)
    return await _told(request, None, None)


async def put_off_handed(request: web.Request) -> web.StreamResponse:
    """Let it be handed to somebody later. Raises HandedUnknown, LaterRefused."""
    wanted = await body_of(request, LaterIn)
    await _handing(request).later(_number(request), _seat(request), at=wanted.at)
    return await _told(request, None, None)


async def hear_machine(request: web.Request) -> web.StreamResponse:
    """Say that an answering machine took the call of a campaign that I dialled: it ends, and I am free.

    Raises HandedUnknown.
    """
    seat, call_id, agents = _seat(request), id_of(request), request.app[ROOMS].agents
    await _handing(request).heard_machine(call_id, seat)
    if agents is not None and seat.extension in agents.agents:
        agents.spare_wrap_up(seat.extension, call_id)
    await _handing(request).end_call(call_id)
    return await _told(request, None, None)


async def put_back_handed(request: web.Request) -> web.StreamResponse:
    """Let somebody else have it. Raises HandedUnknown."""
    await _handing(request).put_back(_number(request), _seat(request))
    return await _told(request, None, None)


def _handing(request: web.Request) -> Handing:
    handing = request.app[ROOMS].handing
    if handing is None:
        raise NoWayOut("calls cannot leave from here")
    return handing


def _seat(request: web.Request) -> Seat:
    me = request[IDENTITY]
    return Seat(name=me.name, role=me.role, extension=me.extension)


def _number(request: web.Request) -> int:
    number = number_of_path(request)
    if not number:
        raise HandedUnknown("you have no such home to call")
    return number


async def _told(request: web.Request, held: Handed | None, why: Nothing | None) -> web.Response:
    rooms = request.app[ROOMS]
    campaigns, waiting = await _handing(request).waiting()
    card = None
    if held is not None:
        async with rooms.database.read() as session:
            about = await about_target(session, held.campaign, held.target, How.TO_DIAL)
            number = PhoneNumber(held.target.e164).national
            pop = await whole_pop(rooms, session, "", offered_number=number, about=about)
        card = CardOut(id=held.id, until=held.until.astimezone(rooms.zone), pop=pop)
    return as_json(HandedOut(card=card, why=why, campaigns=campaigns, waiting=waiting))


def _acts() -> tuple[Route, ...]:
    told = (
        ("skip", skip_handed, "Do not call this home in this campaign, and say why", SkipIn),
        ("later", put_off_handed, "Let it be handed to somebody later", LaterIn),
        ("put-back", put_back_handed, "Let somebody else have it", None),
    )
    return tuple(
        Route(
            method="POST",
            path=f"/api/v1/handed/{{id}}/{name}",
            act=act,
            roles=STAFF,
            summary=summary,
            body=body,
            answer=HandedOut,
        )
        for name, act, summary, body in told
    )


HANDED_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/handed",
        act=show_handed,
        roles=STAFF,
        summary="The home of a campaign that I have before me, and how many wait to be dialled by agents",
        answer=HandedOut,
    ),
    Route(
        method="POST",
        path="/api/v1/handed",
        act=hand_next,
        roles=STAFF,
        summary="Hand me the next home to look at and dial; ready agents only, callers first",
        answer=HandedOut,
    ),
    Route(
        method="POST",
        path="/api/v1/handed/{id}/dial",
        act=dial_handed,
        roles=STAFF,
        summary="Dial it: my own telephone rings first; once, however often it is asked for",
        answer=OutsideCallOut,
        status=202,
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{id}/machine",
        act=hear_machine,
        roles=STAFF,
        summary="An answering machine took the call of a campaign that I dialled: it ends, and I am free",
        answer=HandedOut,
    ),
    *_acts(),
)
