"""What the draft of a call knows while it is still held: an agent's page ticks by it what need not be asked again."""

import asyncio
from typing import Final

from aiohttp import web

from hotline.desk.heard import drafted_so_far
from hotline.dutylog.draft_fields import Drafted
from hotline.dutylog.entry import Kind
from hotline.phone import PhoneNumber
from hotline.transcribe.word_list_store import site_words
from hotline.web.answers import as_json
from hotline.web.api_pops import check_call
from hotline.web.errors import CallUnknown
from hotline.web.identity import STAFF
from hotline.web.inlets import id_of
from hotline.web.keys import ROOMS
from hotline.web.reading import read_call
from hotline.web.routes import Route
from hotline.web.shapes import Shape


class HeardOut(Shape):
    """The draft so far; what is empty is not known. `drafted`: what each field rests on.

    `is_listening` false: nobody hears talks now (no model at hand, or turned off); words come after the call.
    """

    call_id: str
    kind: Kind
    who: str
    home: str
    promised: str
    drafted: tuple[Drafted, ...]
    is_listening: bool


async def show_heard(request: web.Request) -> web.StreamResponse:
    """Answer with the draft so far. Raises CallUnknown, PopNotYours."""
    rooms = request.app[ROOMS]
    call_id, _ = await check_call(request, id_of(request), or_nobodys=True)
    found = await read_call(rooms, call_id)
    if found is None:
        raise CallUnknown("the ledger has no call of this id")
    call, known = found
    said = rooms.talks.said(call_id)
    async with rooms.database.read() as session:
        words = await site_words(session, PhoneNumber.parse(call.caller_number, area_code=rooms.area_code))
    draft = await asyncio.to_thread(drafted_so_far, call, known, said, words, rooms.zone)
    return as_json(
        HeardOut(
            call_id=call_id,
            kind=draft.kind,
            who=draft.who,
            home=draft.home,
            promised=draft.promised,
            drafted=draft.fields,
            is_listening=rooms.is_listening(),
        )
    )


HEARD_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/calls/{id}/heard",
        act=show_heard,
        roles=STAFF,
        summary="What a talk that goes on has told so far: the draft of its entry",
        answer=HeardOut,
    ),
)
