"""Who may come in: sign-in and sign-out, sessions, tokens, roles, and the check that a request is from our own pages.

A person has an encrypted cookie (SameSite=Strict, HttpOnly) whose end we check by our own clock; a machine has a token.
"""

import hashlib
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from aiohttp_session.cookie_storage import EncryptedCookieStorage
from cryptography.fernet import Fernet
from yarl import URL

from hotline.accounts.account import AccountError
from hotline.accounts.scopes import may_reach, scope_of
from hotline.accounts.service import name_of_token
from hotline.errors import SettingsRefused
from hotline.settings import WebSettings
from hotline.web.answers import status_of
from hotline.web.errors import AddressUnknown, NotSignedIn, OriginRefused, PasswordMustChange, RoleMayNot, ScopeMissing
from hotline.web.first_use import begin_session
from hotline.web.identity import ANYBODY, EVERYONE, Identity
from hotline.web.inlets import form_of
from hotline.web.keys import HUB, IDENTITY, ROOMS, ROUTES, SESSIONS
from hotline.web.landing import landing, own_path
from hotline.web.render import page
from hotline.web.routes import Route

COOKIE: Final = "hotline"
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
LONGEST_NAME: Final = 64
LONGEST_PASSWORD: Final = 256
OPEN_BEFORE_CHANGE: Final = frozenset({"/set-password", "/sign-out"})


def session_storage(settings: WebSettings, *, is_secure: bool) -> EncryptedCookieStorage:
    """Return where sessions are kept: in the browser, encrypted. Raises SettingsRefused without a proper key."""
    try:
        fernet = Fernet(settings.session_key.get_secret_value())
    except ValueError:
        raise SettingsRefused("web.session_key must be 32 bytes in url-safe base64; scripts/up makes one") from None
    return EncryptedCookieStorage(
        fernet,
        cookie_name=cookie_name(settings, is_secure=is_secure),
        max_age=int(settings.longest_session.total_seconds()),  # each session says its own end
        httponly=True,
        secure=is_secure,
        samesite="Strict",
    )


def cookie_name(settings: WebSettings, *, is_secure: bool) -> str:
    """Return a name of this home's own: browsers keep one jar for all ports of a machine, where two homes may run."""
    own = f"{settings.port} {settings.session_key.get_secret_value()}"
    return f"{'__Host-' if is_secure else ''}{COOKIE}-{hashlib.sha256(own.encode()).hexdigest()[:8]}"


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
        if identity.must_change and route.path not in OPEN_BEFORE_CHANGE:
            raise PasswordMustChange("set a password of your own first")
        if identity.role not in route.roles:
            raise RoleMayNot("this role may not use this address", role=identity.role.value)
        if not may_reach(identity.scopes, route.method, route.path):
            raise ScopeMissing("this token's scopes do not name this", scope=scope_of(route.method, route.path))
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
        known = await request.app[ROOMS].accounts.authorise(token)
        return Identity(
            name=name_of_token(known.digest),
            role=known.role,
            display_name="token",
            is_machine=True,
            scopes=known.scopes,
        )
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
        language=account.language,
        must_change=account.must_change,
    )


def _has_token(request: web.Request) -> bool:
    return request.headers.get("Authorization", "").startswith("Bearer ")


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """Give the sign-in form; somebody already signed in goes where they wished, or to their desk."""
    asked, person = own_path(request.query.get("next", "")), await _person(request)
    if person is not None:
        raise web.HTTPSeeOther(asked or landing(person.role))
    return page(request, "sign_in.html", refused="", name="", asked=asked)


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Check name and password and begin a session."""
    rooms, form = request.app[ROOMS], await form_of(request)
    name, password, asked = form.get("name", ""), form.get("password", ""), own_path(form.get("next", ""))
    try:
        account = await rooms.accounts.sign_in(name[:LONGEST_NAME], password[:LONGEST_PASSWORD], request.remote or "")
    except AccountError as refused:
        reason = "too_many_tries" if status_of(refused) == 429 else "sign_in_refused"
        shown = {"refused": reason, "name": name[:LONGEST_NAME], "asked": asked}
        return page(request, "sign_in.html", status=status_of(refused), **shown)
    if account.must_change:
        to = f"/set-password?next={quote(asked, safe='/')}" if asked else "/set-password"
    else:
        to = asked or landing(account.role)
    response = web.Response(status=303, headers={"Location": to})
    await begin_session(request, response, account)
    return response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the account's sessions: the browser forgets this one, a kept cookie opens nothing, live sockets close."""
    rooms, name, sessions = request.app[ROOMS], request[IDENTITY].name, request.app[SESSIONS]
    await rooms.accounts.sign_out(name)
    if rooms.agents is not None and request[IDENTITY].extension:
        await rooms.agents.sign_out(request[IDENTITY].extension, by=name)
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
        method="POST", path="/sign-out", act=sign_out, roles=ANYBODY, summary="Sign out", media="text/html", status=303
    ),
)
