"""Pages from templates, with the words of the screen and who is signed in."""

from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web

from hotline.web.bundled import CHARTS, bundled
from hotline.web.keys import IDENTITY, ROOMS, TEMPLATES
from hotline.web.words import FIRST, LANGUAGES, fill, moment, read_words

TEMPLATES_DIRECTORY: Final = Path(__file__).parent / "templates"
LANGUAGE_COOKIE: Final = "hotline-language"


def open_templates() -> jinja2.Environment:
    """Return the templates, everything escaped, an unknown name refused."""
    opened = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES_DIRECTORY),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    opened.filters.update(fill=fill, moment=moment)
    for language in LANGUAGES:  # read once, here: a broken file stops the start, not a page
        read_words(language)
    return opened


def language_of(request: web.Request) -> str:
    """Return the language of this request's page: the signed-in person's, else this browser's, else Chinese."""
    identity = request.get(IDENTITY)
    chosen = (identity.language if identity else "") or request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else FIRST


def page(request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
    """Return a page."""
    shown = {
        "w": read_words(language_of(request)),
        "centre": request.app[ROOMS].centre,
        "has_charts": bundled(request.app[ROOMS].libraries, CHARTS) is not None,
        "has_group": request.app[ROOMS].group is not None,
        "has_live_help": request.app[ROOMS].live_help is not None,
        "me": request.get(IDENTITY),
        "path": request.path,
        "here": request.path_qs,
    }
    text = request.app[TEMPLATES].get_template(template).render(**shown, **values)
    return web.Response(text=text, status=status, content_type="text/html")


def error_page(request: web.Request, error_id: str, status: int) -> web.Response:
    """Return the page that says what went wrong."""
    said: dict[str, str] = read_words(language_of(request))["errors"]
    return page(request, "error.html", status=status, said=said.get(error_id, said["other"]), error_id=error_id)
