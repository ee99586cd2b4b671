"""The set phrases over HTTP: every agent reads them, supervisors write them, and two who write at once are told so."""

import asyncio
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from hotline.desk.phrase_acts import PhraseActs
from hotline.desk.phrase_file import InUse, PhraseBook
from hotline.desk.phrases import Check, PhraseSet
from hotline.web.answers import as_json
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import body_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import Inlet, Shape


class PhrasesOut(Shape):
    """The phrases in use. Send `version` back with what you change; `trouble`: why the site's file is not in use."""

    version: str
    is_own: bool
    trouble: str
    checks: dict[str, Check]
    sets: dict[str, PhraseSet]


class PhrasesIn(Inlet):
    """All phrases and checks, and the version that was read before they were changed."""

    version: Annotated[str, Field(max_length=64)]
    checks: dict[str, dict[str, str]]
    sets: dict[str, dict[str, str | list[str]]]


async def show_phrases(request: web.Request) -> web.StreamResponse:
    """Answer with the phrases in use, as their file stands now."""
    book = request.app[ROOMS].phrases
    return as_json(_out(book, await asyncio.to_thread(book.now)))


async def write_phrases(request: web.Request) -> web.StreamResponse:
    """Take over changed phrases. Raises PhrasesChanged, PhraseFileRefused."""
    rooms, said = request.app[ROOMS], await body_of(request, PhrasesIn)
    acts = PhraseActs(book=rooms.phrases, database=rooms.database, clock=rooms.clock)
    values = {"checks": said.checks, "sets": said.sets}
    return as_json(_out(rooms.phrases, await acts.replace(values, said.version, by=request[IDENTITY].name)))


def _out(book: PhraseBook, known: InUse) -> PhrasesOut:
    return PhrasesOut(
        version=known.version,
        is_own=known.is_own,
        trouble=book.trouble,
        checks=known.phrases.checks,
        sets=known.phrases.sets,
    )


PHRASE_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/phrases",
        act=show_phrases,
        roles=STAFF,
        summary="Set phrases and what must be asked, by kind of request",
        answer=PhrasesOut,
    ),
    Route(
        method="PUT",
        path="/api/v1/phrases",
        act=write_phrases,
        roles=HEADS,
        summary="Change the phrases; 409 when somebody else did meanwhile",
        body=PhrasesIn,
        answer=PhrasesOut,
    ),
)
