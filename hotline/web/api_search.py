"""The API of the search, and its page: one question over calls, words, the duty log, what is owed and residents.

Staff alone may ask, and every question of a person is written down: who, when, and what for. A number that is looked
for is counted and limited as in the list of calls.
"""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from hotline.dutylog.corrections_store import corrections_of
from hotline.dutylog.entry import DutyEntry, Kind
from hotline.search.query import numbers_asked, read_query, without_numbers
from hotline.search.row import Found
from hotline.search.service import Hit, find
from hotline.web.answers import as_json
from hotline.web.identity import STAFF
from hotline.web.inlets import query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.render import page
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.searches import note_search
from hotline.web.shapes import ONE_LINE, Day, Inlet, Line, Shape
from hotline.web.store import Access, log_access
from hotline.web.telling import masked

LONGEST_QUESTION: Final = 200


class SearchQuery(Inlet):
    """What is looked for: everything that is said must hold. Days are the centre's, both included."""

    q: Annotated[str, Line, StringConstraints(max_length=LONGEST_QUESTION)] = Field(
        default="",
        description="words; a home (3-2-501, 三栋二单元五零一) or a number among them is taken for what it is",
    )
    home: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    name: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    number: Annotated[str, StringConstraints(max_length=40, pattern=ONE_LINE)] = ""
    what: Found | None = None
    kind: Kind | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="until")
    order: Literal["newest", "best"] = "newest"
    cursor: Annotated[int, Field(ge=0, lt=2**62)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 30

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked yet."""
        return not any((self.q, self.home, self.name, self.number, self.what, self.kind, self.first, self.last))


class PieceOut(Shape):
    """A stretch of quoted text; what was looked for is marked."""

    text: str
    is_hit: bool


class HitOut(Shape):
    """One thing found."""

    what: Found
    item: str = Field(description="its key among things of its kind")
    call_id: str | None
    at: datetime | None = Field(description="null of a resident")
    kind: str = Field(description="the kind of request; empty: none")
    number: str = Field(description="masked but for machines that may see it")
    home: str
    who: str
    quote: tuple[PieceOut, ...]
    corrected_by: int | None = Field(default=None, description="of an entry: the number of the one that holds now")
    corrected_page: str = Field(default="", description="that one's number of its day")


class HitPageOut(Shape):
    """Some hits, newest or best first; ask again with `next_cursor` for more."""

    hits: tuple[HitOut, ...]
    next_cursor: int | None
    weighed: int | None = Field(description="of the best: among how many of the newest hits they were sought")


async def search(request: web.Request) -> web.StreamResponse:
    """Answer with what is found. Raises TooManySearches."""
    asked, rooms, identity = query_of(request, SearchQuery), request.app[ROOMS], request[IDENTITY]
    await note_question(request, asked)
    query = read_query(
        asked.q,
        name=asked.name,
        home=asked.home,
        number=asked.number,
        kind=asked.what,
        request=asked.kind or "",
        since=_midnight(rooms, asked.first),
        until=_midnight(rooms, asked.last + timedelta(days=1)) if asked.last else None,
        area_code=rooms.area_code,
    )
    if asked.is_empty:
        return as_json(HitPageOut(hits=(), next_cursor=None, weighed=None))
    async with rooms.database.read() as session:
        found = await find(session, query, order=asked.order, cursor=asked.cursor, limit=asked.limit)
        newest = await corrections_of(session, [_entry_of(hit) for hit in found.hits if _entry_of(hit)])
    hits = tuple(
        _hit_out(hit, rooms, newest.get(_entry_of(hit)), is_masked=not identity.sees_numbers) for hit in found.hits
    )
    return as_json(HitPageOut(hits=hits, next_cursor=found.next_cursor or None, weighed=found.weighed))


async def show_search(request: web.Request) -> web.StreamResponse:
    """Give the page of the search; its script asks the API. What is looked for stays in the address."""
    return page(request, "search.html", asked=query_of(request, SearchQuery), kinds=[kind.value for kind in Kind])


async def note_question(request: web.Request, asked: SearchQuery) -> None:
    """Write the question down, where a person asks; a further page of it says nothing new. Raises TooManySearches."""
    identity, rooms = request[IDENTITY], request.app[ROOMS]
    for number in numbers_asked(asked.q, asked.home, asked.name, number=asked.number):
        await note_search(request, number)
    if identity.is_machine or asked.is_empty or asked.cursor:
        return
    typed = (without_numbers(text, masked) for text in (asked.q, asked.home, asked.name))
    said = " ".join(text for text in (*typed, asked.what or "", asked.kind or "") if text)
    if not said:
        return
    async with rooms.database.begin() as session:
        await log_access(session, who=identity.name, what=Access.SEARCH, call_id="", at=rooms.clock.now(), reason=said)


def _entry_of(hit: Hit) -> int:
    """Return the number of the entry that was found; 0 of anything else."""
    return int(hit.row.item) if hit.row.kind is Found.ENTRY and hit.row.item.isdecimal() else 0


def _hit_out(hit: Hit, rooms: WebRooms, newest: DutyEntry | None, *, is_masked: bool) -> HitOut:
    row = hit.row
    return HitOut(
        what=row.kind,
        item=row.item,
        call_id=row.call_id,
        at=None if row.kind is Found.RESIDENT else row.at.astimezone(rooms.zone),
        kind=row.request,
        number=masked(row.number) if is_masked else row.number,
        home=row.home,
        who=row.who,
        quote=tuple(PieceOut(text=piece.text, is_hit=piece.is_hit) for piece in hit.quote),
        corrected_by=newest.number if newest else None,
        corrected_page=newest.page if newest else "",
    )


def _midnight(rooms: WebRooms, day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), rooms.zone)


SEARCH_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/search",
        act=search,
        roles=STAFF,
        summary="What is found in calls, words, the duty log, follow-ups and residents; the access log keeps who asked",
        query=SearchQuery,
        answer=HitPageOut,
    ),
    Route(method="GET", path="/search", act=show_search, roles=STAFF, summary="The search", media="text/html"),
)
