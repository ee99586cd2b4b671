"""The page on which a person sets a password: at first use, when nothing else is open, and whenever they wish."""

from datetime import timedelta
from typing import Final

from aiohttp import web

from hotline.accounts.account import SHORTEST_PASSWORD, Account, AccountError, PasswordRefused, Role
from hotline.web.answers import status_of
from hotline.web.identity import ANYBODY
from hotline.web.inlets import form_of
from hotline.web.keys import HUB, IDENTITY, ROOMS, SESSIONS
from hotline.web.landing import landing, own_path
from hotline.web.render import page
from hotline.web.routes import Route

LONGEST_FIELD: Final = 300  # over the longest password, so that one too long is told so


async def show_set_password(request: web.Request) -> web.StreamResponse:
    """Give the form."""
    return _form(request, asked=own_path(request.query.get("next", "")))


async def set_password(request: web.Request) -> web.StreamResponse:
    """Set the password; every session of the account ends but a new one here."""
    identity, rooms = request[IDENTITY], request.app[ROOMS]
    form = await form_of(request)
    asked, new = own_path(form.get("next", "")), form.get("new", "")[:LONGEST_FIELD]
    if new != form.get("again", "")[:LONGEST_FIELD]:
        return _form(request, asked=asked, refused="again", status=422)
    present = None if identity.must_change else form.get("present", "")[:LONGEST_FIELD]
    try:
        account = await rooms.accounts.set_password(identity.name, new, present=present, address=request.remote or "")
    except AccountError as refused:
        why = refused.why if isinstance(refused, PasswordRefused) else "tries"
        return _form(request, asked=asked, refused=why, status=status_of(refused))
    request.app[HUB].dismiss(identity.name)
    response = web.Response(status=303, headers={"Location": asked or landing(account.role)})
    await begin_session(request, response, account)
    return response


async def begin_session(request: web.Request, response: web.StreamResponse, account: Account) -> None:
    """Let this browser be the account's until the session is over; whoever has a phone is an agent signed in."""
    rooms, sessions = request.app[ROOMS], request.app[SESSIONS]
    session = await sessions.new_session()
    is_wall = account.role is Role.WALL
    lasts = rooms.settings.wall_session if is_wall else timedelta(hours=rooms.settings.session_hours)
    session.max_age, ends = int(lasts.total_seconds()), rooms.clock.now() + lasts
    session.update(name=account.name, number=account.session_number, ends=ends.isoformat())
    await sessions.save_session(request, response, session)
    if rooms.agents is not None and account.extension and not account.must_change:
        await rooms.agents.sign_in(account.extension, by=account.name)


def _form(request: web.Request, *, asked: str, refused: str = "", status: int = 200) -> web.StreamResponse:
    return page(
        request,
        "set_password.html",
        status=status,
        refused=refused,
        asked=asked,
        is_first=request[IDENTITY].must_change,
        shortest=SHORTEST_PASSWORD,
    )


FIRST_USE_ROUTES: Final = (
    Route(
        method="GET",
        path="/set-password",
        act=show_set_password,
        roles=ANYBODY,
        summary="The form for another password",
        media="text/html",
    ),
    Route(
        method="POST",
        path="/set-password",
        act=set_password,
        roles=ANYBODY,
        summary="Set another password",
        media="text/html",
        status=303,
    ),
)
