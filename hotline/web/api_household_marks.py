"""The API of marks of households: who is not reminded, or not called, and why; for supervisors."""

from datetime import datetime, tzinfo
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field, StringConstraints

from hotline.campaigns.household_marks import HouseholdMarks, HouseholdMarkUnknown
from hotline.campaigns.household_marks_store import HouseholdMarkTable
from hotline.campaigns.may_call import Mark
from hotline.phone import PhoneNumber
from hotline.residents.noted import NumberMark
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import LARGEST_NUMBER, Inlet, Line, Shape

Place = Annotated[str, Line, StringConstraints(max_length=40)]
Reason = Annotated[str, Line, StringConstraints(min_length=2, max_length=200)]


class HouseholdMarksQuery(Inlet):
    """Which marks: of one home or number, or of all; those that were lifted only where asked for."""

    household: Place = ""
    lifted: bool = False
    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class NewHouseholdMarkIn(Inlet):
    """A mark: of a home (3-2-501), or of a number where no home is known."""

    household: Place
    mark: Mark
    reason: Reason


class LiftQuery(Inlet):
    """Why the mark is lifted."""

    reason: Reason


class HouseholdMarkOut(Shape):
    """A mark. `household` is its home, or its number, masked; `until` null: until it is lifted."""

    id: int
    household: str
    mark: Mark
    at: datetime
    by: str
    reason: str
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str
    lifted_why: str


class NumberMarkIn(Inlet):
    """A mark of one number of a household, by its masked form, put or taken off."""

    household: Place
    number: Place
    mark: NumberMark
    holds: bool = True
    reason: Reason


class NumberMarkOut(Shape):
    """A mark of a number, as it was said last; `holds` false: it was taken off."""

    number: str = Field(description="masked")
    mark: NumberMark
    holds: bool
    at: datetime
    by: str
    reason: str


class HouseholdMarkPage(Shape):
    """Some marks, the newest first; of one household also its numbers, masked, and what they are marked with."""

    marks: tuple[HouseholdMarkOut, ...]
    numbers: tuple[str, ...] = ()
    number_marks: tuple[NumberMarkOut, ...] = ()
    next_cursor: str | None


async def list_marks(request: web.Request) -> web.StreamResponse:
    """Answer with a page of marks. Raises HouseholdMarkRefused."""
    query, zone = query_of(request, HouseholdMarksQuery), request.app[ROOMS].zone
    found = await _marks(request).page(
        place=query.household, with_lifted=query.lifted, before=query.cursor, limit=query.limit + 1
    )
    shown = tuple(_out(row, zone) for row in found[: query.limit])
    following = str(shown[-1].id) if len(found) > query.limit else None
    numbers, of_numbers = await _of_numbers(request, query.household) if query.household else ((), ())
    return as_json(HouseholdMarkPage(marks=shown, numbers=numbers, number_marks=of_numbers, next_cursor=following))


async def mark_one_number(request: web.Request) -> web.StreamResponse:
    """Mark a number of a household, or take a mark off; answer with the household's marks.

    Raises HouseholdMarkRefused.
    """
    wanted = await body_of(request, NumberMarkIn)
    await _marks(request).mark_number(
        wanted.household, wanted.number, wanted.mark, holds=wanted.holds, by=request[IDENTITY].name, why=wanted.reason
    )
    return await _of(request, wanted.household, status=200)


async def put_household_mark(request: web.Request) -> web.StreamResponse:
    """Mark a household; answer with its newest marks. Raises HouseholdMarkRefused."""
    wanted = await body_of(request, NewHouseholdMarkIn)
    await _marks(request).put(wanted.household, wanted.mark, by=request[IDENTITY].name, why=wanted.reason)
    return await _of(request, wanted.household, status=201)


async def lift_household_mark(request: web.Request) -> web.StreamResponse:
    """Let a mark stand no longer; it stays to be read. Raises HouseholdMarkUnknown."""
    written, wanted = request.match_info["id"], query_of(request, LiftQuery)
    number = int(written) if written.isascii() and written.isdecimal() and len(written) <= 10 else 0
    if not 0 < number <= LARGEST_NUMBER:
        raise HouseholdMarkUnknown("no such mark stands")
    await _marks(request).lift(number, by=request[IDENTITY].name, why=wanted.reason)
    return web.Response(status=204)


async def _of(request: web.Request, household: str, *, status: int) -> web.Response:
    found = await _marks(request).page(place=household)
    shown = tuple(_out(row, request.app[ROOMS].zone) for row in found)
    numbers, of_numbers = await _of_numbers(request, household)
    told = HouseholdMarkPage(marks=shown, numbers=numbers, number_marks=of_numbers, next_cursor=None)
    return as_json(told, status=status)


async def _of_numbers(request: web.Request, household: str) -> tuple[tuple[str, ...], tuple[NumberMarkOut, ...]]:
    numbers, rows = await _marks(request).numbers(household)
    told = (
        NumberMarkOut(
            number=PhoneNumber(row.e164).masked,
            mark=NumberMark(row.mark),
            holds=row.holds,
            at=row.at.astimezone(request.app[ROOMS].zone),
            by=row.by,
            reason=row.reason,
        )
        for row in rows
    )
    return tuple(number.masked for number in numbers), tuple(told)


def _marks(request: web.Request) -> HouseholdMarks:
    calling_out = request.app[ROOMS].calling_out
    if calling_out is None:
        raise AddressUnknown("this desk does not call out")
    return calling_out.marks


def _out(row: HouseholdMarkTable, zone: tzinfo) -> HouseholdMarkOut:
    is_number = row.household.startswith("+")
    return HouseholdMarkOut(
        id=row.id,
        household=PhoneNumber(row.household).masked if is_number else row.household,
        mark=Mark(row.mark),
        at=row.at.astimezone(zone),
        by=row.by,
        reason=row.note,
        until=row.until.astimezone(zone) if row.until else None,
        lifted_at=row.lifted_at.astimezone(zone) if row.lifted_at else None,
        lifted_by=row.lifted_by,
        lifted_why=row.lifted_why,
    )


HOUSEHOLD_MARK_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/household-marks",
        act=list_marks,
        roles=HEADS,
        summary="Marks of households: who is not reminded, or not called, and why",
        query=HouseholdMarksQuery,
        answer=HouseholdMarkPage,
    ),
    Route(
        method="POST",
        path="/api/v1/household-marks",
        act=put_household_mark,
        roles=HEADS,
        summary="Mark a household, by its home or its number; the answer holds its standing marks",
        body=NewHouseholdMarkIn,
        answer=HouseholdMarkPage,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/household-marks/numbers",
        act=mark_one_number,
        roles=HEADS,
        summary="Mark one number of a household (wrong number, do not call), or take the mark off",
        body=NumberMarkIn,
        answer=HouseholdMarkPage,
    ),
    Route(
        method="DELETE",
        path="/api/v1/household-marks/{id}",
        act=lift_household_mark,
        roles=HEADS,
        summary="Lift a mark; who lifted it and why stays to be read",
        query=LiftQuery,
        status=204,
    ),
)
