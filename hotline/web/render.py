"""Pages from templates, with the words of the screen and who is signed in."""

from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web

from hotline.web.keys import IDENTITY, ROOMS, TEMPLATES
from hotline.web.words import read_words

TEMPLATES_DIRECTORY: Final = Path(__file__).parent / "templates"


def open_templates() -> jinja2.Environment:
    """Return the templates, everything escaped, an unknown name refused."""
    opened = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES_DIRECTORY),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    opened.globals["w"] = read_words()
    return opened


def page(request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
    """Return a page."""
    rooms = request.app[ROOMS]
    text = (
        request.app[TEMPLATES]
        .get_template(template)
        .render(centre=rooms.centre, me=request.get(IDENTITY), path=request.path, **values)
    )
    return web.Response(text=text, status=status, content_type="text/html")


def error_page(request: web.Request, error_id: str, status: int) -> web.Response:
    """Return the page that says what went wrong, in Chinese."""
    said: dict[str, str] = request.app[TEMPLATES].globals["w"]["errors"]  # type: ignore[index]
    return page(request, "error.html", status=status, said=said.get(error_id, said["other"]), error_id=error_id)
