"""The API of incidents: everybody may look; supervisors and administrators say what is so. Every step is kept."""

from typing import Final

from aiohttp import web

from hotline.accounts.account import Role
from hotline.incidents.incident import Incident, IncidentUnknown, incident_id
from hotline.incidents.service import Incidents
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.identity import STAFF
from hotline.web.incident_reading import read_incident, read_incidents, read_whole_incident
from hotline.web.incident_shapes import (
    ConfirmIn,
    DismissIn,
    EndedIncident,
    IncidentOut,
    IncidentPage,
    IncidentsQuery,
    NewIncidentIn,
    NoticeIn,
    OverIn,
    WholeIncident,
)
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route

DECIDES: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})


async def list_incidents(request: web.Request) -> web.StreamResponse:
    """Answer with a page of incidents."""
    return as_json(await read_incidents(request.app[ROOMS], query_of(request, IncidentsQuery)))


async def show_incident(request: web.Request) -> web.StreamResponse:
    """Answer with one incident, its calls and everything done to it. Raises IncidentUnknown."""
    is_masked = not request[IDENTITY].sees_numbers
    return as_json(await read_whole_incident(request.app[ROOMS], _number(request), is_masked=is_masked))


async def raise_incident(request: web.Request) -> web.StreamResponse:
    """Raise an incident by hand. Raises BuildingUnknown, IncidentOpen."""
    wanted = await body_of(request, NewIncidentIn)
    incident = await _incidents(request).raise_by_hand(
        wanted.building, who=request[IDENTITY].name, text=wanted.text, recording=wanted.recording
    )
    return as_json(await _told(request, incident), status=201)


async def confirm_incident(request: web.Request) -> web.StreamResponse:
    """Let the building's callers hear of it from now on. Raises IncidentUnknown, IncidentStepRefused."""
    wanted = await body_of(request, ConfirmIn)
    incident = await _incidents(request).confirm(
        _number(request), who=request[IDENTITY].name, text=wanted.notice, recording=wanted.recording
    )
    return as_json(await _told(request, incident))


async def set_notice(request: web.Request) -> web.StreamResponse:
    """Change what the building's callers hear. Raises IncidentUnknown, IncidentStepRefused."""
    wanted = await body_of(request, NoticeIn)
    incident = await _incidents(request).set_notice(
        _number(request), who=request[IDENTITY].name, text=wanted.text, recording=wanted.recording
    )
    return as_json(await _told(request, incident))


async def end_incident(request: web.Request) -> web.StreamResponse:
    """Say that it is over: who registered is now owed a word. Raises IncidentUnknown, IncidentStepRefused."""
    wanted = await body_of(request, OverIn)
    incident, to_tell = await _incidents(request).end(
        _number(request), who=request[IDENTITY].name, what_was_done=wanted.what_was_done
    )
    return as_json(EndedIncident(**dict(await _told(request, incident)), to_tell=tuple(to_tell)))


async def dismiss_incident(request: web.Request) -> web.StreamResponse:
    """Say that it is none. Raises IncidentUnknown, IncidentStepRefused."""
    wanted = await body_of(request, DismissIn)
    incident = await _incidents(request).dismiss(_number(request), who=request[IDENTITY].name, reason=wanted.reason)
    return as_json(await _told(request, incident))


async def _told(request: web.Request, incident: Incident) -> IncidentOut:
    told = await read_incident(request.app[ROOMS], incident.id)
    if told is None:
        raise IncidentUnknown("there is no incident of this id")
    return told


def _number(request: web.Request) -> int:
    number = incident_id(request.match_info["id"])
    if number is None:
        raise IncidentUnknown("there is no incident of this id")
    return number


def _incidents(request: web.Request) -> Incidents:
    incidents = request.app[ROOMS].incidents
    if incidents is None:
        raise AddressUnknown("incidents are not kept here")
    return incidents


INCIDENT_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/incidents",
        act=list_incidents,
        roles=STAFF,
        summary="Incidents (many calls from one building), newest first",
        query=IncidentsQuery,
        answer=IncidentPage,
    ),
    Route(
        method="POST",
        path="/api/v1/incidents",
        act=raise_incident,
        roles=DECIDES,
        summary="Raise a confirmed incident for a building by hand",
        body=NewIncidentIn,
        answer=IncidentOut,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/incidents/{id}",
        act=show_incident,
        roles=STAFF,
        summary="One incident with its calls and everything done to it",
        answer=WholeIncident,
    ),
    Route(
        method="POST",
        path="/api/v1/incidents/{id}/confirm",
        act=confirm_incident,
        roles=DECIDES,
        summary="It is so: the building's callers hear of it from now on",
        body=ConfirmIn,
        answer=IncidentOut,
    ),
    Route(
        method="POST",
        path="/api/v1/incidents/{id}/notice",
        act=set_notice,
        roles=DECIDES,
        summary="Change what the building's callers hear; a typed text is made into sound before this answers",
        body=NoticeIn,
        answer=IncidentOut,
    ),
    Route(
        method="POST",
        path="/api/v1/incidents/{id}/over",
        act=end_incident,
        roles=DECIDES,
        summary="It is over: everybody who registered is now owed a word",
        body=OverIn,
        answer=EndedIncident,
    ),
    Route(
        method="POST",
        path="/api/v1/incidents/{id}/dismiss",
        act=dismiss_incident,
        roles=DECIDES,
        summary="It is none: the calls had nothing to do with each other",
        body=DismissIn,
        answer=IncidentOut,
    ),
)
