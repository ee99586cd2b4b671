"""The API of the phone in the page: what it signs in with at the switch, and a talk that outlives a reload.

The phone speaks with the switch itself; this room only hands its password to the person whose extension it is, for as
long as their session goes on (hotline/desk/page_phones.py).
"""

from datetime import datetime
from typing import Final

import structlog
from aiohttp import web

from hotline.web.answers import as_json
from hotline.web.browser_phones import TakesUp, Whose
from hotline.web.identity import STAFF
from hotline.web.keys import IDENTITY, ROOMS, SESSIONS
from hotline.web.routes import Route
from hotline.web.shapes import Shape

log = structlog.get_logger()
REALM: Final = "hotline"  # the part of the phone's own address that the switch does not look at


class HousePhone(Shape):
    """A telephone of the house, and whose it is: agent, supervisor, security."""

    extension: str
    whose: Whose


class PhoneOut(Shape):
    """What the page's phone needs. `is_browser_phone` false: this person's phone stands on the desk, or is none."""

    extension: str
    display_name: str
    is_browser_phone: bool
    address: str = ""
    realm: str = ""
    password: str = ""
    house: tuple[HousePhone, ...] = ()
    queues: tuple[str, ...] = ()


class TakenUp(Shape):
    """Whether there was a talk of this phone whose page was left."""

    was_there: bool


async def show_phone(request: web.Request) -> web.StreamResponse:
    """Answer with what the person's own phone signs in with; never another's."""
    identity, rooms, phones = request[IDENTITY], request.app[ROOMS], request.app[ROOMS].browser_phones
    account = None if identity.is_machine else await rooms.accounts.find(identity.name)
    if account is None or identity.extension not in phones.extensions:
        return as_json(
            PhoneOut(extension=identity.extension, display_name=identity.display_name, is_browser_phone=False)
        )
    session = await request.app[SESSIONS].load_session(request)
    password = await phones.password(identity.extension, account, datetime.fromisoformat(session["ends"]))
    log.info("a phone's password was given to its page", account=identity.name, extension=identity.extension)
    return as_json(
        PhoneOut(
            extension=identity.extension,
            display_name=identity.display_name,
            is_browser_phone=True,
            address=phones.address(request.host, is_secure=rooms.is_secure),
            realm=REALM,
            password=password,
            house=tuple(
                HousePhone(extension=extension, whose=whose)
                for extension, whose in phones.house
                if extension != identity.extension
            ),
            queues=phones.queues,
        )
    )


async def leave_page(request: web.Request) -> web.StreamResponse:
    """The page with a talk is being left: the resident hears music while it comes again; an agent's side is left."""
    rooms = request.app[ROOMS]

    async def leave(extension: str) -> bool:
        was_there = await rooms.browser_phones.leave(extension)
        if not was_there and rooms.live_help is not None:
            await rooms.live_help.sides.leave(extension)
        return was_there

    return await _asked(request, leave)


async def take_up(request: web.Request) -> web.StreamResponse:
    """The page is there again and its phone signed in: ring it for the talk that it had."""
    return await _asked(request, request.app[ROOMS].browser_phones.take_up)


async def _asked(request: web.Request, act: TakesUp) -> web.StreamResponse:
    identity, phones = request[IDENTITY], request.app[ROOMS].browser_phones
    may = not identity.is_machine and identity.extension in phones.extensions
    return as_json(TakenUp(was_there=await act(identity.extension) if may else False))


PHONE_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/phone",
        act=show_phone,
        roles=STAFF,
        summary="What one's own phone in the page signs in with",
        answer=PhoneOut,
    ),
    Route(
        method="POST",
        path="/api/v1/phone/leave",
        act=leave_page,
        roles=STAFF,
        summary="The page with a talk is being left: the resident hears music for ten seconds at most",
        answer=TakenUp,
    ),
    Route(
        method="POST",
        path="/api/v1/phone/take-up",
        act=take_up,
        roles=STAFF,
        summary="The page is there again: its phone is rung for the talk that it had",
        answer=TakenUp,
    ),
)
