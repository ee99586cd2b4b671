"""The API of calls that agents make: one click rings their own telephone, then the resident."""

from datetime import datetime
from typing import Annotated, Final, Self

from aiohttp import web
from pydantic import Field, StringConstraints, model_validator

from hotline.desk.outside import NoWayOut, OutsideCall, OutsideCallUnknown, OutsideState
from hotline.desk.outside_acts import Wish
from hotline.desk.outside_store import outside_call_by_id
from hotline.web.answers import as_json
from hotline.web.api_pops import check_call
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, number_of_path
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import LARGEST_NUMBER, CallId, Inlet, Line, Shape
from hotline.web.wrap_up_shapes import Key


class OutsideCallIn(Inlet):
    """Whom to call: of a follow-up, of a call, or a number typed by hand. The same `key` is the same call."""

    key: Key
    follow_up: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    call_id: CallId | None = None
    number: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    anyway: bool = Field(default=False, description="you have seen that the number is marked, and call all the same")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if [self.follow_up is not None, self.call_id is not None, bool(self.number)].count(True) != 1:
            raise ValueError("one of follow_up, call_id and number says whom to call")
        return self


class OutsideCallOut(Shape):
    """A call to the outside. `channel` is under which id the ledger has it."""

    id: int
    channel: str
    state: OutsideState
    number: str = Field(description="masked")
    follow_up: int | None
    returns: str
    at: datetime
    ended_at: datetime | None
    outcome: str = Field(description="as the ledger tells it; empty while it goes on")


async def make_call(request: web.Request) -> web.StreamResponse:
    """Ring the agent, then the resident.

    Raises CallUnknown, PopNotYours, FollowUpUnknown, FollowUpNotYours, NumberNotDialled, NumberMarked, OwnPhoneMissing,
    NoWayOut, OutsideCallLiving, HomeBeingRung, HomeUndecided.
    """
    rooms, me, wanted = request.app[ROOMS], request[IDENTITY], await body_of(request, OutsideCallIn)
    if wanted.call_id is not None:
        await check_call(request, wanted.call_id, or_nobodys=True)
    if rooms.outside is None:
        raise NoWayOut("calls cannot leave from here")
    call = await rooms.outside.dial(
        Wish(
            key=wanted.key,
            by=me.name,
            role=me.role,
            extension=me.extension,
            follow_up=wanted.follow_up,
            call_id=wanted.call_id or "",
            number=wanted.number,
            anyway=wanted.anyway,
        )
    )
    return as_json(outside_call_out(request, call), status=202)


async def show_outside_call(request: web.Request) -> web.StreamResponse:
    """Answer with where such a call stands. Raises OutsideCallUnknown."""
    number = number_of_path(request)
    if not number:
        raise OutsideCallUnknown("there is no call to the outside of this id")
    async with request.app[ROOMS].database.read() as session:
        call = await outside_call_by_id(session, number)
    if call is None:
        raise OutsideCallUnknown("there is no call to the outside of this id")
    return as_json(outside_call_out(request, call))


def outside_call_out(request: web.Request, call: OutsideCall) -> OutsideCallOut:
    """Return a call to the outside as it goes out."""
    zone = request.app[ROOMS].zone
    return OutsideCallOut(
        id=call.id,
        channel=call.call_id or call.channel,
        state=call.state,
        number=call.number.masked,
        follow_up=call.follow_up,
        returns=call.returns,
        at=call.at.astimezone(zone),
        ended_at=call.ended_at.astimezone(zone) if call.ended_at else None,
        outcome=call.outcome,
    )


OUTSIDE_ROUTES: Final = (
    Route(
        method="POST",
        path="/api/v1/outside-calls",
        act=make_call,
        roles=STAFF,
        summary="Call a resident by the outbound number: your own telephone rings first",
        body=OutsideCallIn,
        answer=OutsideCallOut,
        status=202,
    ),
    Route(
        method="GET",
        path="/api/v1/outside-calls/{id}",
        act=show_outside_call,
        roles=STAFF,
        summary="Where such a call stands, and what came of it",
        answer=OutsideCallOut,
    ),
)
