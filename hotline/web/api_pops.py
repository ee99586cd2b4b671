"""The API of a call's pop: what is known of the caller, whose home it is said to be, what a number is marked with.

An agent gets the calls offered to them, talked by them, or left to them; a question for another's call is refused and
written down.
"""

from datetime import timedelta
from typing import Final

import structlog
from aiohttp import web
from pydantic import Field

from hotline.bus import Change, Subject
from hotline.calls.store import call_by_id
from hotline.desk.pop import PopNotYours, may_see
from hotline.desk.pop_store import left_to
from hotline.desk.wrap_up import may_write
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import mark_number
from hotline.residents.noted import NumberMark
from hotline.web.answers import as_json
from hotline.web.errors import CallUnknown, InputRefused
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, id_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.pop_reading import whole_pop
from hotline.web.pop_shapes import PopOut
from hotline.web.routes import Route
from hotline.web.shapes import LARGEST_NUMBER, Inlet, Shape
from hotline.web.store import Access, log_access

log = structlog.get_logger()
WITHIN: Final = timedelta(minutes=10)  # the same look at the same call is written down once


class ChoiceIn(Inlet):
    """Whose home a call is about, and who of it calls where that is known."""

    home_id: int = Field(gt=0, le=LARGEST_NUMBER)
    resident_id: int | None = Field(default=None, gt=0, le=LARGEST_NUMBER)


class MarkIn(Inlet):
    """What the number of a call is marked with from now on, or no longer."""

    mark: NumberMark
    holds: bool = True
    reason: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")


class MarkedOut(Shape):
    """The mark as it is now."""

    mark: NumberMark
    holds: bool


async def check_call(request: web.Request, asked: str, *, or_nobodys: bool = False) -> tuple[str, str]:
    """Return the id and the number of a call that whoever asks may see. Raises CallUnknown, PopNotYours.

    `or_nobodys`: a call that no agent had yet is anybody's to write on.
    """
    rooms, identity = request.app[ROOMS], request[IDENTITY]
    async with rooms.database.read() as session:
        call = await call_by_id(session, asked)
        call_id = call.id if call else asked
        offers = [offer for offer in rooms.offers.all() if offer.call_id in {asked, call_id}]
        if call is None and not offers:
            raise CallUnknown("the ledger has no call of this id")
        is_theirs = may_see(
            identity.role,
            identity.name,
            identity.extension,
            call=call,
            offered_to={offer.extension for offer in offers},
            left_to=await left_to(session, call_id),
        ) or (or_nobodys and call is not None and may_write(call, extension=identity.extension, role=identity.role))
    if not is_theirs:
        await _note(request, Access.POP_REFUSED, call_id)
        log.warning("an agent asked for another's call", who=identity.name, call_id=call_id)
        raise PopNotYours("this call was not offered to you, and somebody else has it")
    return call_id, call.caller_number if call else offers[0].caller_number


async def show_pop(request: web.Request) -> web.StreamResponse:
    """Answer with a call's pop, the same that came with its offer."""
    call_id, _ = await check_call(request, id_of(request))
    await _note(request, Access.POP, call_id)
    return as_json(await pop_now(request, call_id))


async def choose(request: web.Request) -> web.StreamResponse:
    """Keep whose home a call is about, and answer with its pop as it is now. Raises HomeUnknown."""
    rooms, wanted = request.app[ROOMS], await body_of(request, ChoiceIn)
    call_id, _ = await check_call(request, id_of(request))
    who = request[IDENTITY].name
    await rooms.home_choices.choose(call_id, wanted.home_id, resident_id=wanted.resident_id, by=who)
    return as_json(await pop_now(request, call_id))


async def mark(request: web.Request) -> web.StreamResponse:
    """Mark the number of a call, or take a mark off. Raises InputRefused where the call shows no number."""
    rooms, wanted = request.app[ROOMS], await body_of(request, MarkIn)
    call_id, raw = await check_call(request, id_of(request))
    number = PhoneNumber.parse(raw, area_code=rooms.area_code)
    if number is None or number.is_internal:
        raise InputRefused("this call shows no number that could be marked", fields={"mark": "the call has no number"})
    who, now = request[IDENTITY].name, rooms.clock.now()
    async with rooms.database.begin() as session:
        is_new = await mark_number(
            session, number, wanted.mark, holds=wanted.holds, by=who, at=now, reason=wanted.reason, call_id=call_id
        )
        if is_new:
            said = wanted.mark.value if wanted.holds else f"not {wanted.mark.value}"
            await log_access(
                session, who=who, what=Access.RESIDENT, call_id=call_id, at=now, side=said, reason=wanted.reason
            )
    tell_pop(request, call_id)
    return as_json(MarkedOut(mark=wanted.mark, holds=wanted.holds))


async def pop_now(request: web.Request, call_id: str) -> PopOut:
    """Return a call's pop as it is at this moment."""
    rooms = request.app[ROOMS]
    offer = next((one for one in rooms.offers.all() if one.call_id == call_id), None)
    async with rooms.database.read() as session:
        return await whole_pop(
            rooms,
            session,
            call_id,
            offered_number=offer.caller_number if offer else "",
            is_emergency=offer is not None and offer.is_emergency,
        )


def tell_pop(request: web.Request, call_id: str) -> None:
    """Say that a call's pop changed: its agent's other pages, the call's page and its draft follow."""
    bus = request.app[ROOMS].bus
    bus.publish(Change(Subject.POP, call_id))
    bus.publish(Change(Subject.CALL, call_id))


async def _note(request: web.Request, what: Access, call_id: str) -> None:
    rooms, who = request.app[ROOMS], request[IDENTITY].name
    async with rooms.database.begin() as session:
        await log_access(session, who=who, what=what, call_id=call_id, at=rooms.clock.now(), unless_within=WITHIN)


POP_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/calls/{id}/pop",
        act=show_pop,
        roles=STAFF,
        summary="Everything known of a caller, as it came with the offer; agents: calls of their own, or nobody's yet",
        answer=PopOut,
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{id}/home",
        act=choose,
        roles=STAFF,
        summary="Say whose home a call is about; its draft, what is owed for it and the building's incident follow",
        body=ChoiceIn,
        answer=PopOut,
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{id}/mark",
        act=mark,
        roles=STAFF,
        summary="Mark the caller's number (wrong number, do not call), or take the mark off",
        body=MarkIn,
        answer=MarkedOut,
    ),
)
