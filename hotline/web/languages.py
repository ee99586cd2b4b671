"""Which language the pages speak: chosen by a button, kept in a cookie of the browser and with the person's account."""

from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from hotline.web.auth import identify
from hotline.web.identity import EVERYONE
from hotline.web.inlets import form_of
from hotline.web.keys import ROOMS
from hotline.web.landing import door, own_path
from hotline.web.render import LANGUAGE_COOKIE
from hotline.web.routes import Route
from hotline.web.words import FIRST, LANGUAGES

A_YEAR_S: Final = 365 * 86_400


async def choose_language(request: web.Request) -> web.StreamResponse:
    """Keep the language and go back to the page that the button was on."""
    form, rooms = await form_of(request), request.app[ROOMS]
    language = form.get("language", "")
    if language not in LANGUAGES:
        language = FIRST
    person = await identify(request)
    if person is not None and not person.is_machine:
        await rooms.accounts.choose_language(person.name, language)
    response = web.Response(status=303, headers={"Location": _back(form.get("back", ""))})
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=A_YEAR_S,
        secure=rooms.is_secure,
        httponly=True,  # scripts read the language of the page they are on
        samesite="Lax",
    )
    return response


def _back(asked: str) -> str:
    """Return the page the button was on, if it is ours; the doors keep where they lead to."""
    path, _, query = asked.partition("?")
    if path == "/sign-in":
        return door(dict(parse_qsl(query)).get("next", ""))
    return path if path == "/set-password" else own_path(asked) or "/"


LANGUAGE_ROUTES: Final = (
    Route(
        method="POST",
        path="/language",
        act=choose_language,
        roles=EVERYONE,
        summary="Choose the language of the pages",
        media="text/html",
        status=303,
    ),
)
