"""Hours and holidays by a form, beside the roster: each save is a new version of the menus."""

from datetime import timedelta
from typing import Final

from aiohttp import web

from hotline.bus import Change, Subject
from hotline.menus.hours_asked import HoursProblem, HoursRefused, checked_hours, days_changed
from hotline.menus.service import MenuDesk
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown, InputRefused
from hotline.web.hours_shapes import (
    HoursLookIn,
    HoursLookOut,
    HoursOut,
    HoursSaveIn,
    calendar_day_out,
    differences_out,
    hours_out,
    problem_out,
)
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route

LONGEST_LOOK: Final = 62  # days
LOOKED_THROUGH: Final = 400  # days of which it is said whether they change
SHOWN: Final = 14


async def show_hours(request: web.Request) -> web.StreamResponse:
    """Answer with the hours in force."""
    desk = _desk(request)
    version = await desk.in_force()
    return as_json(hours_out(desk.hours, version, request.app[ROOMS].zone))


async def look_at_hours(request: web.Request) -> web.StreamResponse:
    """Answer with what hours would change, and every field that is wrong. Nothing is saved."""
    desk, wanted = _desk(request), await body_of(request, HoursLookIn)
    span = (wanted.last - wanted.first).days
    if not 0 <= span < LONGEST_LOOK:
        raise InputRefused("'last' lies at most two months after 'first'", fields={"last": f"0 to {LONGEST_LOOK - 1}"})
    version, present, today = await desk.in_force(), desk.hours, request.app[ROOMS].midnight().date()
    asked = present
    problems: tuple[HoursProblem, ...] = ()
    try:
        asked = checked_hours(wanted.asked, present, today)
    except HoursRefused as refused:
        problems = refused.problems
    changed = days_changed(present, asked, today, LOOKED_THROUGH)
    return as_json(
        HoursLookOut(
            in_force=version.number,
            problems=tuple(map(problem_out, problems)),
            differences=differences_out(present, asked),
            days_changed=changed[:SHOWN],
            days_changed_count=len(changed),
            days=tuple(
                calendar_day_out(present, asked, wanted.first + timedelta(days=ahead), today)
                for ahead in range(span + 1)
            ),
        )
    )


async def save_hours(request: web.Request) -> web.StreamResponse:
    """Let the desk be open at these hours from the next call on. Raises HoursRefused, MenusChanged."""
    desk, wanted = _desk(request), await body_of(request, HoursSaveIn)
    hours = checked_hours(wanted.asked, desk.hours, request.app[ROOMS].midnight().date())
    version = await desk.change_hours(hours, in_force=wanted.in_force, by=request[IDENTITY].name, note=wanted.note)
    request.app[ROOMS].bus.publish(Change(Subject.STAFFING))  # the roster leaves the plan with the switch
    return as_json(hours_out(desk.hours, version, request.app[ROOMS].zone))


def _desk(request: web.Request) -> MenuDesk:
    desk = request.app[ROOMS].menus
    if desk is None:
        raise AddressUnknown("menus are not kept here")
    return desk


HOURS_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/hours",
        act=show_hours,
        roles=HEADS,
        summary="The hours of the desk: week, public holidays, single days",
        answer=HoursOut,
    ),
    Route(
        method="POST",
        path="/api/v1/hours/look",
        act=look_at_hours,
        roles=HEADS,
        summary="What hours would change, day by day, and every field that is wrong; nothing is saved",
        body=HoursLookIn,
        answer=HoursLookOut,
    ),
    Route(
        method="POST",
        path="/api/v1/hours",
        act=save_hours,
        roles=HEADS,
        summary="Other hours from the next call on: a new version of the menus; 409 when they changed meanwhile",
        body=HoursSaveIn,
        answer=HoursOut,
    ),
)
