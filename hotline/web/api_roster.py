"""The API of the duty roster: turns of duty looked at and changed, the days of the desk, what was changed by whom."""

from datetime import date, datetime, time, timedelta
from typing import Final

from aiohttp import web

from hotline.hours import WeeklyHours, spans_of
from hotline.roster.store import KeptTurn
from hotline.web.answers import as_json
from hotline.web.api_audit import page_of
from hotline.web.api_staff import staff_room
from hotline.web.errors import InputRefused
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.render import language_of, page
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.staff_shapes import (
    DayOut,
    DoneOut,
    HistoryOut,
    NewTurnIn,
    RosterFileIn,
    RosterFileOut,
    RosterOut,
    RosterQuery,
    TurnIn,
    TurnOut,
)

LONGEST_DAYS: Final = 62
WEEK: Final = 7
HISTORY: Final = 30


async def show_roster(request: web.Request) -> web.StreamResponse:
    """Give the page of the roster; it fills itself from the API."""
    rooms = request.app[ROOMS]
    today = rooms.midnight().date().isoformat()
    return page(request, "roster.html", today=today, has_hours=rooms.menus is not None)


async def list_turns(request: web.Request) -> web.StreamResponse:
    """Answer with the turns and the days of the desk."""
    rooms, room, query = request.app[ROOMS], staff_room(request), query_of(request, RosterQuery)
    first = query.first or rooms.midnight().date()
    last = query.last or first + timedelta(days=WEEK - 1)
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise InputRefused("'to' lies at most two months after 'from'", fields={"to": f"0 to {LONGEST_DAYS - 1} days"})
    since, until = (datetime.combine(day, time(), rooms.zone) for day in (first, last + timedelta(days=1)))
    turns = tuple(_turn(kept, rooms) for kept in await room.roster.turns(since, until))
    hours = room.hours()
    days = (
        ()
        if hours is None
        else tuple(day_out(hours, first + timedelta(days=n)) for n in range((last - first).days + 1))
    )
    known_until = hours.table.ends if hours is not None and hours.holidays is not None else None
    return as_json(RosterOut(turns=turns, days=days, holidays_known_until=known_until))


async def add_turn(request: web.Request) -> web.StreamResponse:
    """Add a turn. Raises TurnRefused."""
    wanted = await body_of(request, NewTurnIn)
    await staff_room(request).roster.add(wanted.cells, days=wanted.days, by=request[IDENTITY].name)
    return as_json(DoneOut(), status=201)


async def change_turn(request: web.Request) -> web.StreamResponse:
    """Let a turn stand otherwise. Raises TurnUnknown, TurnRefused."""
    wanted = await body_of(request, TurnIn)
    await staff_room(request).roster.change(number_of_path(request), wanted.cells, by=request[IDENTITY].name)
    return as_json(DoneOut())


async def remove_turn(request: web.Request) -> web.StreamResponse:
    """Take a turn out; one that has begun ends now. Raises TurnUnknown."""
    await staff_room(request).roster.remove(number_of_path(request), by=request[IDENTITY].name)
    return as_json(DoneOut())


async def take_in_file(request: web.Request) -> web.StreamResponse:
    """Take in a file's text, or say what it would do. Raises RosterRefused."""
    wanted = await body_of(request, RosterFileIn)
    report = await staff_room(request).roster.take_in(
        wanted.text.encode("utf-8", "replace"), by=request[IDENTITY].name, dry_run=wanted.dry_run
    )
    is_chinese = language_of(request) == "zh"
    return as_json(
        RosterFileOut(
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
            removed=report.removed,
            problems=tuple(
                f"{one.line}: {one.column} {one.chinese if is_chinese else one.english}" for one in report.problems
            ),
        )
    )


async def tell_history(request: web.Request) -> web.StreamResponse:
    """Answer with what was changed of the roster last."""
    found = await staff_room(request).roster.history(limit=HISTORY + 1)
    shown, following = page_of(found, HISTORY, request.app[ROOMS].zone)
    return as_json(HistoryOut(changes=shown, next_cursor=following))


def _turn(kept: KeptTurn, rooms: WebRooms) -> TurnOut:
    turn, now = kept.turn, rooms.clock.now()
    return TurnOut(
        id=kept.id,
        starts=turn.starts.astimezone(rooms.zone),
        ends=turn.ends.astimezone(rooms.zone),
        place=turn.place,
        duty=turn.contact.duty,
        name=turn.contact.name,
        number=turn.contact.number.masked,
        rings_for=turn.contact.rings_for,
        is_now=turn.starts <= now < turn.ends,
        is_over=turn.ends <= now,
    )


def day_out(hours: WeeklyHours, day: date) -> DayOut:
    """Return a day's hours, and why they are not the week's."""
    heeds = hours.holidays is not None and day not in hours.exceptions
    return DayOut(
        day=day,
        hours=tuple(str(span) for span in spans_of(hours, day)),
        is_holiday=heeds and day in hours.table.holidays,
        is_workday_instead=heeds and day in hours.table.workdays,
        is_exception=day in hours.exceptions,
    )


ROSTER_ROUTES: Final = (
    Route(method="GET", path="/roster", act=show_roster, roles=HEADS, summary="The duty roster", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/roster",
        act=list_turns,
        roles=HEADS,
        summary="Turns of duty of some days, and the hours of the desk on them",
        query=RosterQuery,
        answer=RosterOut,
    ),
    Route(
        method="POST",
        path="/api/v1/roster",
        act=add_turn,
        roles=HEADS,
        summary="Add a turn of duty, on so many days in a row",
        body=NewTurnIn,
        answer=DoneOut,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/roster/history",
        act=tell_history,
        roles=HEADS,
        summary="What was changed of the roster last, by whom",
        answer=HistoryOut,
    ),
    Route(
        method="POST",
        path="/api/v1/roster/file",
        act=take_in_file,
        roles=HEADS,
        summary="Take in a roster file's text for the time it covers, or say what it would do",
        body=RosterFileIn,
        answer=RosterFileOut,
    ),
    Route(
        method="PUT",
        path="/api/v1/roster/{id}",
        act=change_turn,
        roles=HEADS,
        summary="Let a turn of duty stand otherwise; one that is over stays as it stood",
        body=TurnIn,
        answer=DoneOut,
    ),
    Route(
        method="POST",
        path="/api/v1/roster/{id}/remove",
        act=remove_turn,
        roles=HEADS,
        summary="Take a turn of duty out; one that has begun ends now",
        answer=DoneOut,
    ),
)
