"""The API of agents: what each is doing; ready, pause and wrap-up of one's own; of another's for supervisors.

Who asks for their own must be a person with an agent's extension. The emergency key marks the call for every screen.
"""

from dataclasses import replace
from typing import Final

import structlog
from aiohttp import web

from hotline.agents.agent import AgentNow, AgentUnknown, NotInThisCall
from hotline.agents.service import AgentStates
from hotline.bus import Change, Subject
from hotline.live.store import AlertWord, keep_alert_word
from hotline.transcribe.transcript import Side
from hotline.web.agent_shapes import AgentOut, AgentsOut, HelpOut, PauseIn, agent_out, help_out
from hotline.web.agents_reading import people_of, read_board
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown, NothingToAcknowledge
from hotline.web.identity import HEADS, STAFF, Identity
from hotline.web.inlets import body_of, id_of, number_of_path
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Act, Route
from hotline.web.shapes import CallOut
from hotline.web.store import agent_names, read_call_record, with_residents
from hotline.web.telling import call_out

log = structlog.get_logger()

MARKED: Final = "坐席标为紧急"  # stands beside words of danger: the agent's own, by key


async def list_agents(request: web.Request) -> web.StreamResponse:
    """Answer with every agent as shown."""
    rooms, states = request.app[ROOMS], _states(request)
    board = await read_board(rooms)
    return as_json(
        AgentsOut(
            is_current=board.is_current,
            agents=board.agents,
            reasons=board.reasons,
            help=board.help,
            wrap_up_seconds=states.settings.wrap_up_for,
            more_seconds=states.settings.wrap_up_more,
        )
    )


async def be_ready(request: web.Request) -> web.StreamResponse:
    """Let the queues ring my phone. Raises AgentUnknown."""
    me = request[IDENTITY]
    return await _told(request, await _states(request).ready(_own(me), by=me.name))


async def be_paused(request: web.Request) -> web.StreamResponse:
    """Let no queue ring my phone. Raises AgentUnknown, PauseReasonUnknown."""
    me, wanted = request[IDENTITY], await body_of(request, PauseIn)
    return await _told(request, await _states(request).pause(_own(me), wanted.reason, by=me.name))


async def end_wrap_up(request: web.Request) -> web.StreamResponse:
    """End my wrap-up; nothing where it is over already. Raises AgentUnknown."""
    me = request[IDENTITY]
    return await _told(request, await _states(request).wrap_up_done(_own(me), by=me.name))


async def take_more_time(request: web.Request) -> web.StreamResponse:
    """Let my wrap-up take longer. Raises AgentUnknown, AgentStepRefused."""
    return await _told(request, await _states(request).more_time(_own(request[IDENTITY])))


async def want_help(request: web.Request) -> web.StreamResponse:
    """Call the supervisors into my talk, without a sound. Raises AgentUnknown, NotInThisCall."""
    rooms, me = request.app[ROOMS], request[IDENTITY]
    wish = await _states(request).want_help(_own(me), by=me.name)
    [told] = help_out([wish], {wish.extension: me.display_name}, rooms.zone)
    return as_json(told, status=201)


async def help_comes(request: web.Request) -> web.StreamResponse:
    """Say, by name, that I see to an agent's wish for help. Raises NothingToAcknowledge."""
    rooms, me = request.app[ROOMS], request[IDENTITY]
    wish = await _states(request).help_comes(number_of_path(request), by=me.name, name=me.display_name or me.name)
    if wish is None:
        raise NothingToAcknowledge("this talk is over, or nobody asked for help in it")
    async with rooms.database.read() as session:
        [told] = help_out([wish], await agent_names(session), rooms.zone)
    return as_json(told)


async def wake_agent(request: web.Request) -> web.StreamResponse:
    """Let the queues ring an agent's phone. Raises AgentUnknown."""
    by, extension = request[IDENTITY].name, request.match_info["extension"]
    return await _told(request, await _states(request).ready(extension, by=by, is_own=False), by=by)


async def pause_agent(request: web.Request) -> web.StreamResponse:
    """Let no queue ring an agent's phone. Raises AgentUnknown, PauseReasonUnknown."""
    by, extension = request[IDENTITY].name, request.match_info["extension"]
    wanted = await body_of(request, PauseIn)
    return await _told(request, await _states(request).pause(extension, wanted.reason, by=by, is_own=False), by=by)


async def sign_agent_out(request: web.Request) -> web.StreamResponse:
    """Take an agent out of every queue's turn until they sign in again. Raises AgentUnknown."""
    by, extension, states = request[IDENTITY].name, request.match_info["extension"], _states(request)
    if extension not in states.agents:
        raise AgentUnknown(f"{extension} is no agent's extension")
    await states.sign_out(extension, by=by, is_own=False)
    return await _told(request, states.now(extension), by=by)


async def mark_emergency(request: web.Request) -> web.StreamResponse:
    """Make of a call that goes on an emergency, for every screen. Raises CallUnknown, NotInThisCall.

    Agents may for the call they talk in, supervisors for every call. It is written into the ledger first: the draft of
    the entry, how long the sound is kept and every alarm follow from there.
    """
    rooms, me, states = request.app[ROOMS], request[IDENTITY], _states(request)
    async with rooms.database.read() as session:
        call = await read_call_record(session, id_of(request))
    is_mine = bool(me.extension) and states.talk_of(me.extension) in {call.id, id_of(request)}
    if call.ended_at is not None or not (is_mine or me.role in HEADS):
        raise NotInThisCall("only a call that goes on is marked, by whoever talks in it or by a supervisor")
    await rooms.mark_emergency(call.id, me.name, rooms.clock.now())
    at = rooms.clock.now()
    async with rooms.database.begin() as session:
        found = AlertWord(call_id=call.id, word=MARKED, side=Side.AGENT, at=at)
        is_new = await keep_alert_word(session, found)
    if is_new:
        log.warning("a call was marked as an emergency", linkedid=call.id, by=me.name)
        rooms.bus.publish(Change(Subject.ALERT_WORD, call.id))
    async with rooms.database.read() as session:
        [pair] = await with_residents(session, [await read_call_record(session, call.id)], area_code=rooms.area_code)
    return as_json(call_out(*pair, is_masked=not me.sees_numbers, zone=rooms.zone))


def _states(request: web.Request) -> AgentStates:
    states = request.app[ROOMS].agents
    if states is None:
        raise AddressUnknown("agents' states are not kept here")
    return states


def _own(me: Identity) -> str:
    if me.is_machine or not me.extension:
        raise AgentUnknown("who asks has no agent's extension")
    return me.extension


async def _told(request: web.Request, agent: AgentNow, *, by: str = "") -> web.StreamResponse:
    rooms = request.app[ROOMS]
    if by:
        log.info("a supervisor set an agent's state", extension=agent.extension, state=agent.state.value, by=by)
    async with rooms.database.read() as session:
        return as_json(agent_out(agent, await people_of(session), rooms.zone))


def _own_route(step: str, act: Act, summary: str) -> Route:
    return Route(
        method="POST", path=f"/api/v1/agents/me/{step}", act=act, roles=STAFF, summary=summary, answer=AgentOut
    )


AGENT_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/agents",
        act=list_agents,
        roles=STAFF,
        summary="Every agent: state, why, since and until when, in which call; the reasons of pauses; wishes for help",
        answer=AgentsOut,
    ),
    _own_route("ready", be_ready, "Let the queues ring my phone; ends a pause or a wrap-up"),
    replace(_own_route("pause", be_paused, "Let no queue ring my phone, for one of the reasons"), body=PauseIn),
    _own_route("wrap-up-done", end_wrap_up, "End my wrap-up; nothing where it is over"),
    _own_route("more-time", take_more_time, "Let my wrap-up take longer, within its bound"),
    Route(
        method="POST",
        path="/api/v1/agents/me/help",
        act=want_help,
        roles=STAFF,
        summary="Call the supervisors into my talk, without a sound; asked again it is the same wish",
        answer=HelpOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/help/{id}/take",
        act=help_comes,
        roles=HEADS,
        summary="See, by name, to an agent's wish for help; whoever came first stays",
        answer=HelpOut,
    ),
    Route(
        method="POST",
        path="/api/v1/agents/{extension}/ready",
        act=wake_agent,
        roles=HEADS,
        summary="Let the queues ring an agent's phone; of who is not signed in, the phone alone",
        answer=AgentOut,
    ),
    Route(
        method="POST",
        path="/api/v1/agents/{extension}/pause",
        act=pause_agent,
        roles=HEADS,
        summary="Let no queue ring an agent's phone",
        body=PauseIn,
        answer=AgentOut,
    ),
    Route(
        method="POST",
        path="/api/v1/agents/{extension}/sign-out",
        act=sign_agent_out,
        roles=HEADS,
        summary="Take an agent out of every queue's turn until they sign in again",
        answer=AgentOut,
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{id}/emergency",
        act=mark_emergency,
        roles=STAFF,
        summary="Make of a call that goes on an emergency, for every screen, its draft and its sound",
        answer=CallOut,
    ),
)
