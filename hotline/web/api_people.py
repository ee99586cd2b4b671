"""The API of names: what each account is called on the pages. Nothing else of anybody is told here."""

from typing import Final

from aiohttp import web

from hotline.web.answers import as_json
from hotline.web.identity import STAFF
from hotline.web.keys import ROOMS
from hotline.web.routes import Route
from hotline.web.staff_shapes import NamedOut, NamesOut
from hotline.web.store import account_names


async def list_names(request: web.Request) -> web.StreamResponse:
    """Answer with every account, those that have left too: their names stand under what they did."""
    async with request.app[ROOMS].database.read() as session:
        names = await account_names(session)
    return as_json(NamesOut(people=tuple(NamedOut(name=name, shown=shown) for name, shown in sorted(names.items()))))


PEOPLE_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/people",
        act=list_names,
        roles=STAFF,
        summary="What each account is called on the pages",
        answer=NamesOut,
    ),
)
