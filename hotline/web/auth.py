"""Who may come in: sign-in and sign-out, sessions, tokens, roles, and the check that a request is from our own pages.

A person has an encrypted cookie (SameSite=Strict, HttpOnly) whose end we check by our own clock; a machine has a token.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from aiohttp_session.cookie_storage import EncryptedCookieStorage
from cryptography.fernet import Fernet
from yarl import URL

from hotline.accounts.account import AccountError
from hotline.accounts.service import digest_of
from hotline.errors import SettingsRefused
from hotline.settings import WebSettings
from hotline.web.answers import status_of
from hotline.web.errors import AddressUnknown, NotSignedIn, OriginRefused, RoleMayNot
from hotline.web.identity import EVERYONE, STAFF, Identity
from hotline.web.inlets import form_of
from hotline.web.keys import HUB, IDENTITY, ROOMS, ROUTES, SESSIONS
from hotline.web.render import page
from hotline.web.routes import Route

COOKIE: Final = "hotline"
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
LONGEST_NAME: Final = 64
LONGEST_PASSWORD: Final = 256


def session_storage(settings: WebSettings, *, is_secure: bool) -> EncryptedCookieStorage:
    """Return where sessions are kept: in the browser, encrypted. Raises SettingsRefused without a proper key."""
    try:
        fernet = Fernet(settings.session_key.get_secret_value())
    except ValueError:
        raise SettingsRefused("web.session_key must be 32 bytes in url-safe base64; scripts/up makes one") from None
    return EncryptedCookieStorage(
        fernet,
        cookie_name=f"__Host-{COOKIE}" if is_secure else COOKIE,
        max_age=int(settings.session_hours * 3600),
        httponly=True,
        secure=is_secure,
        samesite="Strict",
    )


@web.middleware
async def admit(request: web.Request, handler: Any) -> web.StreamResponse:
    """Let a request through if its address is in the table and its sender's role is named there."""
    if request.match_info.http_exception is not None:
        response: web.StreamResponse = await handler(request)  # raises 404 or 405
        return response
    resource = request.match_info.route.resource
    route = request.app[ROUTES].get((request.match_info.route.method, resource.canonical if resource else ""))
    if route is None:
        raise AddressUnknown("there is nothing at this address")
    is_open = route.roles == EVERYONE  # who asks is not looked at there, so that nothing about it can be wrong
    identity = None if is_open else await identify(request)
    is_upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
    is_machine = _has_token(request) and not is_open
    check_origin(request, needs_one=(request.method not in SAFE_METHODS or is_upgrade) and not is_machine)
    if not is_open:
        if identity is None:
            raise NotSignedIn("sign in first, or send a valid bearer token")
        if identity.role not in route.roles:
            raise RoleMayNot("this role may not use this address", role=identity.role.value)
        request[IDENTITY] = identity
    admitted: web.StreamResponse = await handler(request)
    return admitted


def check_origin(request: web.Request, *, needs_one: bool) -> None:
    """Raise OriginRefused unless the request comes from a page of ours; a machine with a token need not say."""
    said = request.headers.get("Origin")
    if said is None:
        if needs_one:
            raise OriginRefused("the request does not say which page it comes from (Origin)")
        return
    try:
        origin = URL(said)
        is_ours = (
            origin.scheme in {"http", "https"} and URL(f"{origin.scheme}://{request.host}").origin() == origin.origin()
        )
    except ValueError:
        is_ours = False
    if not is_ours:
        raise OriginRefused("the request comes from another site's page")


async def identify(request: web.Request) -> Identity | None:
    """Return who asks, or None for nobody we know. Raises TokenRefused."""
    if _has_token(request):
        token = request.headers["Authorization"][len("Bearer ") :].strip()
        role = await request.app[ROOMS].accounts.authorise(token)
        # The log of accesses must tell tokens apart; the beginning of the hash does, and opens nothing.
        return Identity(name=f"token:{digest_of(token)[:8]}", role=role, display_name="token", is_machine=True)
    return await _person(request)


async def _person(request: web.Request) -> Identity | None:
    rooms, session = request.app[ROOMS], await request.app[SESSIONS].load_session(request)
    try:
        name, number, ends = str(session["name"]), session["number"], datetime.fromisoformat(session["ends"])
    except (KeyError, ValueError, TypeError):
        return None
    # Asked anew each time: a session must not outlive the account or a sign-out, nor keep a role that was taken away.
    account = await rooms.accounts.find(name) if rooms.clock.now() < ends else None
    if account is None or account.session_number != number:
        return None
    return Identity(
        name=account.name,
        role=account.role,
        display_name=account.display_name or account.name,
        extension=account.extension or "",
    )


def _has_token(request: web.Request) -> bool:
    return request.headers.get("Authorization", "").startswith("Bearer ")


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """Give the sign-in form; somebody already signed in goes to the desk."""
    if await _person(request) is not None:
        raise web.HTTPSeeOther("/")
    return page(request, "sign_in.html", refused="", name="")


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Check name and password and begin a session."""
    rooms, sessions = request.app[ROOMS], request.app[SESSIONS]
    form = await form_of(request)
    name, password = form.get("name", ""), form.get("password", "")
    try:
        account = await rooms.accounts.sign_in(name[:LONGEST_NAME], password[:LONGEST_PASSWORD], request.remote or "")
    except AccountError as refused:
        reason = "too_many_tries" if status_of(refused) == 429 else "sign_in_refused"
        return page(request, "sign_in.html", status=status_of(refused), refused=reason, name=name[:LONGEST_NAME])
    session = await sessions.new_session()
    ends = rooms.clock.now() + timedelta(hours=rooms.settings.session_hours)
    session.update(name=account.name, number=account.session_number, ends=ends.isoformat())
    response = web.Response(status=303, headers={"Location": "/"})
    await sessions.save_session(request, response, session)
    return response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the account's sessions: the browser forgets this one, a kept cookie opens nothing, live sockets close."""
    name, sessions = request[IDENTITY].name, request.app[SESSIONS]
    await request.app[ROOMS].accounts.sign_out(name)
    request.app[HUB].dismiss(name)
    response = web.Response(status=303, headers={"Location": "/sign-in"})
    await sessions.save_session(request, response, await sessions.new_session())
    return response


SIGN_IN_ROUTES: Final = (
    Route(
        method="GET", path="/sign-in", act=show_sign_in, roles=EVERYONE, summary="The sign-in form", media="text/html"
    ),
    Route(
        method="POST", path="/sign-in", act=sign_in, roles=EVERYONE, summary="Sign in", media="text/html", status=303
    ),
    Route(
        method="POST", path="/sign-out", act=sign_out, roles=STAFF, summary="Sign out", media="text/html", status=303
    ),
)
