"""The API of residents, as far as an agent writes in their records during a call: found, added, a number, a note.

What is asked is written down as in the search; what is written goes through one door (`residents.additions`) and
leaves a row in the access log.
"""

from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.phone import PhoneNumber
from hotline.residents.additions import MOST_NUMBERS, read_number, read_resident
from hotline.residents.additions_store import add_number, keep_resident, numbers_of, residents_of
from hotline.residents.choice_store import choose_home
from hotline.residents.noted import LONGEST_NOTE, HomeUnknown
from hotline.residents.notes_store import add_note, notes_of, take_note_back
from hotline.residents.resident import Home, Relation, Resident, Title
from hotline.residents.store import find_home
from hotline.search.query import read_query
from hotline.search.row import Found
from hotline.search.service import find
from hotline.web.answers import as_json
from hotline.web.api_pops import check_call, tell_pop
from hotline.web.api_search import LONGEST_QUESTION, SearchQuery, note_question
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.pop_shapes import NoteOut, note_out
from hotline.web.routes import Route
from hotline.web.shapes import LARGEST_NUMBER, CallId, Inlet, Line, Lines, Shape
from hotline.web.store import Access, account_names, log_access

MOST_FOUND: Final = 20
Text40 = Annotated[str, Line, StringConstraints(max_length=40)]


class WhoQuery(Inlet):
    """Who is looked for: a name, a home (3-2-501), or a number."""

    q: Annotated[str, Line, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]


class FoundOut(Shape):
    """Somebody found; `resident_id` null: a home in which nobody is written down."""

    home_id: int
    home: str
    resident_id: int | None = None
    salutation: str = ""
    name: str = ""
    relation: Relation | None = None
    is_elderly_alone: bool = False
    numbers: tuple[str, ...] = Field(default=(), description="masked")


class FoundPage(Shape):
    """Who was found."""

    residents: tuple[FoundOut, ...]


class ResidentIn(Inlet):
    """A person to be written down. `call_id`: the call's number is theirs, and the call is of this home."""

    home: Text40
    name: Text40
    title: Title = Title.UNKNOWN
    relation: Relation = Relation.OWNER
    numbers: Annotated[tuple[Text40, ...], Field(max_length=MOST_NUMBERS)] = ()
    language: Literal["zh", "yue", "en"] = "zh"
    is_elderly_alone: bool = False
    adds_home: bool = Field(default=False, description="the home is not written down yet, and is meant so")
    call_id: CallId | None = None


class NumberIn(Inlet):
    """A further number of somebody: typed, or that of a call."""

    number: Text40 | None = None
    call_id: CallId | None = None


class RevealIn(Inlet):
    """Which number of a person is to be shown whole, by its masked form, and why."""

    number: Text40
    reason: Annotated[str, Line, StringConstraints(min_length=1, max_length=200)]


class NumbersOut(Shape):
    """Whole numbers; more than one only where two look alike when masked."""

    numbers: tuple[str, ...]


class NoteIn(Inlet):
    """A note of a home, or of one person of it; `call_id` is the call in which it was learnt."""

    text: Annotated[str, Lines, StringConstraints(min_length=1, max_length=LONGEST_NOTE)]
    resident_id: int | None = Field(default=None, gt=0, le=LARGEST_NUMBER)
    call_id: CallId | None = None


class NotesOut(Shape):
    """The notes of a home that hold, the newest first."""

    notes: tuple[NoteOut, ...]


class CallIn(Inlet):
    """The call in which this is done, whose pop then changes; none: in no call."""

    call_id: CallId | None = None


async def find_residents(request: web.Request) -> web.StreamResponse:
    """Answer with who is found by name, home or number. Raises TooManySearches."""
    rooms, asked = request.app[ROOMS], query_of(request, WhoQuery).q
    await note_question(request, SearchQuery(q=asked, what=Found.RESIDENT))
    query, home = read_query(asked, kind=Found.RESIDENT, area_code=rooms.area_code), Home.parse(asked)
    async with rooms.database.read() as session:
        hits = (await find(session, query, limit=MOST_FOUND)).hits
        people = await residents_of(session, [int(hit.row.item) for hit in hits], home)
        numbers = await numbers_of(session, [one.id for one in people])
        stored = await find_home(session, home) if home else None
    found = [_found_out(one, numbers.get(one.id, ())) for one in people[:MOST_FOUND]]
    if stored is not None and all(one.home != stored for one in people):
        found.append(FoundOut(home_id=stored.id or 0, home=stored.label))
    return as_json(FoundPage(residents=tuple(found)))


async def add_resident(request: web.Request) -> web.StreamResponse:
    """Write a person down. Raises ResidentRefused, ResidentDoubled, HomeUnknown; of a call also PopNotYours."""
    rooms, typed = request.app[ROOMS], await body_of(request, ResidentIn)
    call_id, raw = await _call_of(request, typed.call_id)
    new = read_resident(
        home=typed.home,
        name=typed.name,
        title=typed.title,
        relation=typed.relation,
        numbers=[*([raw] if raw else []), *typed.numbers],
        language=typed.language,
        is_elderly_alone=typed.is_elderly_alone,
        area_code=rooms.area_code,
    )
    async with rooms.database.begin() as session:
        made = await keep_resident(session, new, adds_home=typed.adds_home)
        await _write_down(request, session, call_id, f"added resident {made.id}", made.home.label)
        await _choose(request, session, call_id, made.home, made.id)
    _tell(request, call_id)
    return as_json(_found_out(made, new.numbers), status=201)


async def add_a_number(request: web.Request) -> web.StreamResponse:
    """Give somebody a further number. Raises ResidentRefused, HomeUnknown; of a call also PopNotYours."""
    rooms, typed, resident_id = request.app[ROOMS], await body_of(request, NumberIn), _id_in(request, "id")
    call_id, raw = await _call_of(request, typed.call_id)
    number = read_number(typed.number or raw, area_code=rooms.area_code)
    async with rooms.database.begin() as session:
        home, is_new = await add_number(session, resident_id, number)
        if is_new:
            await _write_down(request, session, call_id, f"number of resident {resident_id}", number.masked)
        await _choose(request, session, call_id, home, resident_id)
        (person,) = await residents_of(session, [resident_id])
        numbers = await numbers_of(session, [resident_id])
    _tell(request, call_id)
    return as_json(_found_out(person, numbers.get(resident_id, ())), status=201)


async def reveal(request: web.Request) -> web.StreamResponse:
    """Answer with one number of somebody whole, after writing down who asked and why."""
    rooms, asked, resident_id = request.app[ROOMS], await body_of(request, RevealIn), _id_in(request, "id")
    async with rooms.database.begin() as session:
        known = (await numbers_of(session, [resident_id])).get(resident_id, ())
        numbers = [number for number in known if number.masked == asked.number]
        if not numbers:
            raise HomeUnknown("this person has no such number")
        await _write_down(request, session, "", f"resident {resident_id}", asked.reason, what=Access.NUMBER)
    return as_json(NumbersOut(numbers=tuple(number.national for number in numbers)))


async def write_note(request: web.Request) -> web.StreamResponse:
    """Keep a note of a home. Raises HomeUnknown."""
    rooms, typed, home_id = request.app[ROOMS], await body_of(request, NoteIn), _id_in(request, "id")
    call_id, _ = await _call_of(request, typed.call_id)
    async with rooms.database.begin() as session:
        by, at = request[IDENTITY].name, rooms.clock.now()
        note = await add_note(session, home_id, typed.text, resident_id=typed.resident_id, by=by, at=at)
        names = await account_names(session)
    _tell(request, call_id)
    return as_json(note_out(note, names, rooms.zone), status=201)


async def take_back_note(request: web.Request) -> web.StreamResponse:
    """Say that a note holds no longer. Raises NoteUnknown."""
    rooms, typed = request.app[ROOMS], await body_of(request, CallIn)
    home_id, note_id = _id_in(request, "id"), _id_in(request, "note")
    call_id, _ = await _call_of(request, typed.call_id)
    async with rooms.database.begin() as session:
        await take_note_back(session, home_id, note_id, by=request[IDENTITY].name, at=rooms.clock.now())
        left, names = await notes_of(session, [home_id]), await account_names(session)
    _tell(request, call_id)
    return as_json(NotesOut(notes=tuple(note_out(note, names, rooms.zone) for note in left)))


async def _call_of(request: web.Request, call_id: str | None) -> tuple[str, str]:
    """Return id and number of the call in which this is done, "" for none; whoever asks must be allowed to see it."""
    return ("", "") if call_id is None else await check_call(request, call_id)


async def _choose(request: web.Request, session: AsyncSession, call_id: str, home: Home, resident_id: int) -> None:
    """Let the call be of this home and person from now on, and its draft follow."""
    rooms = request.app[ROOMS]
    if call_id and home.id is not None:
        by, at = request[IDENTITY].name, rooms.clock.now()
        await choose_home(session, call_id, home.id, resident_id=resident_id, by=by, at=at)
        await rooms.drafts.redraw(session, call_id)


async def _write_down(
    request: web.Request, session: AsyncSession, call_id: str, side: str, reason: str, *, what: Access = Access.RESIDENT
) -> None:
    who, at = request[IDENTITY].name, request.app[ROOMS].clock.now()
    await log_access(session, who=who, what=what, call_id=call_id, at=at, side=side, reason=reason)


def _tell(request: web.Request, call_id: str) -> None:
    if call_id:
        tell_pop(request, call_id)


def _id_in(request: web.Request, name: str) -> int:
    """Return the number in the address. Raises HomeUnknown where nothing can have it."""
    if not (number := number_of_path(request, name)):
        raise HomeUnknown("there is nothing of this number")
    return number


def _found_out(one: Resident, numbers: tuple[PhoneNumber, ...]) -> FoundOut:
    return FoundOut(
        home_id=one.home.id or 0,
        home=one.home.label,
        resident_id=one.id,
        salutation=one.salutation,
        name=one.name,
        relation=one.relation,
        is_elderly_alone=one.is_elderly_alone,
        numbers=tuple(number.masked for number in numbers),
    )


RESIDENT_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/residents",
        act=find_residents,
        roles=STAFF,
        summary="Who is found by name, home or number; the access log keeps who asked",
        query=WhoQuery,
        answer=FoundPage,
    ),
    Route(
        method="POST",
        path="/api/v1/residents",
        act=add_resident,
        roles=STAFF,
        summary="Write down a resident; the access log keeps who did",
        body=ResidentIn,
        answer=FoundOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/residents/{id}/numbers",
        act=add_a_number,
        roles=STAFF,
        summary="Give a resident a further number, typed or that of a call",
        body=NumberIn,
        answer=FoundOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/residents/{id}/reveal",
        act=reveal,
        roles=STAFF,
        summary="One number of a resident whole; the access log keeps who asked and why",
        body=RevealIn,
        answer=NumbersOut,
    ),
    Route(
        method="POST",
        path="/api/v1/homes/{id}/notes",
        act=write_note,
        roles=STAFF,
        summary="Keep a note of a home",
        body=NoteIn,
        answer=NoteOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/homes/{id}/notes/{note}/take-back",
        act=take_back_note,
        roles=STAFF,
        summary="Say that a note holds no longer; it stays written",
        body=CallIn,
        answer=NotesOut,
    ),
)
