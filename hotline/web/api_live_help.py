"""The API of live help, for supervisors: at agents' sides, callers who wait, the night plan and queues by hand.

Each act is kept on its call and in the audit. Agents may ask who is at their own side, where the setting shows it.
"""

from typing import Final

from aiohttp import web

from hotline.livehelp.by_hand_store import PLAN
from hotline.livehelp.help import Help
from hotline.livehelp.room import HelpRoom
from hotline.livehelp.service import HelpWanted
from hotline.livehelp.store import help_steps
from hotline.web.agents_reading import people_of
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.help_reading import read_helps, read_helps_of
from hotline.web.help_shapes import (
    ByHandOut,
    HelpAtSideOut,
    HelpIn,
    HelpsOut,
    HelpStepsOut,
    MovedOut,
    MoveIn,
    PlanIn,
    PlanOut,
    QueueByHandOut,
    QueueIn,
    TurnIn,
    help_at_side_out,
    help_step_out,
)
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import body_of, id_of, number_of_path
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.store import read_call_record


async def list_helps(request: web.Request) -> web.StreamResponse:
    """Answer with who is at whose side; an agent learns of their own side only."""
    rooms, me = request.app[ROOMS], request[IDENTITY]
    return as_json(
        HelpsOut(helps=await read_helps(rooms) if me.role in HEADS else await read_helps_of(rooms, me.extension))
    )


async def begin_help(request: web.Request) -> web.StreamResponse:
    """Ring my telephone, and lead it to an agent's side.

    Raises OwnPhoneMissing, HelpLiving, AgentNotTalking, HelpNotMade.
    """
    me, wanted = request[IDENTITY], await body_of(request, HelpIn)
    one = await _room(request).sides.begin(
        HelpWanted(key=wanted.key, by=me.name, extension=me.extension, agent=wanted.agent, mode=wanted.mode)
    )
    return await _told(request, one, status=202)


async def turn_help(request: web.Request) -> web.StreamResponse:
    """Do something else at that side. Raises HelpUnknown, HelpStepRefused, AgentNotTalking, HelpNotMade."""
    wanted = await body_of(request, TurnIn)
    one = await _room(request).sides.turn(number_of_path(request), wanted.mode, by=request[IDENTITY].name)
    return await _told(request, one)


async def end_help(request: web.Request) -> web.StreamResponse:
    """Leave that side. Raises HelpUnknown, HelpStepRefused."""
    return await _told(
        request, await _room(request).sides.end(number_of_path(request), by=request[IDENTITY].name), status=202
    )


async def move_caller(request: web.Request) -> web.StreamResponse:
    """Move a caller who waits. Raises CallUnknown, PlaceUnknown, CallerNotWaiting, HelpNotMade."""
    wanted = await body_of(request, MoveIn)
    async with request.app[ROOMS].database.read() as session:
        call = await read_call_record(session, id_of(request))
    await _room(request).moving.move(call.id, wanted.to, by=request[IDENTITY].name)
    return as_json(MovedOut(call_id=call.id, to=wanted.to))


async def show_help_of_call(request: web.Request) -> web.StreamResponse:
    """Answer with what supervisors did in a call. Raises CallUnknown."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        call = await read_call_record(session, id_of(request))
        steps, people = await help_steps(session, {call.id, id_of(request)}), await people_of(session)
    return as_json(HelpStepsOut(steps=tuple(help_step_out(step, people, rooms.zone) for step in steps)))


async def show_by_hand(request: web.Request) -> web.StreamResponse:
    """Answer with the night plan and the queues."""
    rooms, by_hand = request.app[ROOMS], _room(request).by_hand
    async with rooms.database.read() as session:
        people = await people_of(session)
    now, switched = rooms.clock.now(), by_hand.now
    plan = switched.get(PLAN)
    return as_json(
        ByHandOut(
            plan=PlanOut(
                is_open=by_hand.is_open(now),
                is_scheduled=by_hand.scheduled(now),
                by_name=people.accounts.get(plan.by, plan.by) if plan else "",
                since=plan.since.astimezone(rooms.zone) if plan else None,
            ),
            queues=tuple(
                QueueByHandOut(
                    queue=queue,
                    is_closed=queue in switched,
                    by_name=people.accounts.get(switched[queue].by, switched[queue].by) if queue in switched else "",
                    since=switched[queue].since.astimezone(rooms.zone) if queue in switched else None,
                )
                for queue in by_hand.queues
            ),
        )
    )


async def set_plan(request: web.Request) -> web.StreamResponse:
    """Open or close the house by hand, until its hours say the same."""
    wanted = await body_of(request, PlanIn)
    value = "" if wanted.value == "scheduled" else wanted.value
    await _room(request).by_hand.set_plan(value, by=request[IDENTITY].name)
    return await show_by_hand(request)


async def set_queue(request: web.Request) -> web.StreamResponse:
    """Let a queue take no callers, or take them again. Raises PlaceUnknown."""
    wanted = await body_of(request, QueueIn)
    queue = request.match_info["queue"]
    await _room(request).by_hand.set_queue(queue, is_closed=wanted.is_closed, by=request[IDENTITY].name)
    return await show_by_hand(request)


def _room(request: web.Request) -> HelpRoom:
    room = request.app[ROOMS].live_help
    if room is None:
        raise AddressUnknown("no supervisor can help from here")
    return room


async def _told(request: web.Request, one: Help, *, status: int = 200) -> web.StreamResponse:
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        people = await people_of(session)
    return as_json(help_at_side_out(one, people, rooms.zone), status=status)


LIVE_HELP_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/live-help",
        act=list_helps,
        roles=STAFF,
        summary="Which supervisor is at which agent's side; an agent sees their own side",
        answer=HelpsOut,
    ),
    Route(
        method="POST",
        path="/api/v1/live-help",
        act=begin_help,
        roles=HEADS,
        summary="Listen to an agent's talk, whisper, step in or take over, by my own telephone",
        body=HelpIn,
        answer=HelpAtSideOut,
        status=202,
    ),
    Route(
        method="POST",
        path="/api/v1/live-help/{id}/turn",
        act=turn_help,
        roles=HEADS,
        summary="Do something else at that agent's side",
        body=TurnIn,
        answer=HelpAtSideOut,
    ),
    Route(
        method="POST",
        path="/api/v1/live-help/{id}/end",
        act=end_help,
        roles=HEADS,
        summary="Leave that agent's side",
        answer=HelpAtSideOut,
        status=202,
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{id}/move",
        act=move_caller,
        roles=HEADS,
        summary="Move a caller who waits: before all others, to another queue, to an agent",
        body=MoveIn,
        answer=MovedOut,
    ),
    Route(
        method="GET",
        path="/api/v1/calls/{id}/help",
        act=show_help_of_call,
        roles=HEADS,
        summary="What supervisors did in a call",
        answer=HelpStepsOut,
    ),
    Route(
        method="GET",
        path="/api/v1/by-hand",
        act=show_by_hand,
        roles=HEADS,
        summary="The night plan and the queues, and what of it is switched by hand",
        answer=ByHandOut,
    ),
    Route(
        method="POST",
        path="/api/v1/by-hand/plan",
        act=set_plan,
        roles=HEADS,
        summary="Open or close the house before its time, until its hours say the same",
        body=PlanIn,
        answer=ByHandOut,
    ),
    Route(
        method="POST",
        path="/api/v1/by-hand/queues/{queue}",
        act=set_queue,
        roles=HEADS,
        summary="Let a queue take no callers, or take them again",
        body=QueueIn,
        answer=ByHandOut,
    ),
)
