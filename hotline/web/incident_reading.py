"""Read what a page or an answer shows of an incident, and put it into its shape. Nothing is written here."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import call_by_id
from hotline.incidents.incident import OPEN, Incident, IncidentUnknown, Notice, Step, Tally
from hotline.incidents.store import (
    IncidentCall,
    calls_of,
    find_incident,
    incidents_of,
    incidents_page,
    steps_of,
    tallies,
)
from hotline.web.incident_shapes import (
    IncidentCallOut,
    IncidentOut,
    IncidentPage,
    IncidentsQuery,
    IncidentStepOut,
    NoticeOut,
    WholeIncident,
)
from hotline.web.rooms import WebRooms
from hotline.web.store import with_residents
from hotline.web.telling import local, masked

HOMES_SHOWN: Final = 12
OPEN_SHOWN: Final = 50  # more buildings than that at once are one event of the whole city


async def read_incidents(rooms: WebRooms, query: IncidentsQuery) -> IncidentPage:
    """Return a page of incidents, newest first."""
    states = OPEN if query.state == "open" else {query.state} if query.state else set()
    async with rooms.database.read() as session:
        found = await incidents_page(session, states=states, before=query.cursor, limit=query.limit + 1)
        told = await _told(rooms, session, found[: query.limit])
    return IncidentPage(incidents=told, next_cursor=str(told[-1].id) if len(found) > query.limit else None)


async def read_open_incidents(rooms: WebRooms) -> tuple[IncidentOut, ...]:
    """Return the incidents that stand on every desk, newest first."""
    return (await read_incidents(rooms, IncidentsQuery(state="open", limit=OPEN_SHOWN))).incidents


async def read_incident(rooms: WebRooms, number: int) -> IncidentOut | None:
    """Return one incident, or None."""
    async with rooms.database.read() as session:
        found = await find_incident(session, number)
        return None if found is None else (await _told(rooms, session, [found]))[0]


async def read_incidents_of(
    rooms: WebRooms, session: AsyncSession, call_ids: Collection[str]
) -> dict[str, IncidentOut]:
    """Return the incident that each of these calls belongs to; calls that belong to none are left out."""
    found = await incidents_of(session, call_ids)
    incidents = {incident.id: incident for incident in found.values()}
    told = {one.id: one for one in await _told(rooms, session, list(incidents.values()))}
    return {call_id: told[incident.id] for call_id, incident in found.items()}


async def read_whole_incident(rooms: WebRooms, number: int, *, is_masked: bool) -> WholeIncident:
    """Return an incident with its calls and steps. Raises IncidentUnknown."""
    async with rooms.database.read() as session:
        found = await find_incident(session, number)
        if found is None:
            raise IncidentUnknown("there is no incident of this id")
        (told,) = await _told(rooms, session, [found])
        calls = [await _call_out(rooms, session, call, is_masked=is_masked) for call in await calls_of(session, number)]
        steps = [_step_out(rooms, step) for step in await steps_of(session, number)]
    return WholeIncident(**dict(told), call_list=tuple(calls), steps=tuple(steps))


async def _told(rooms: WebRooms, session: AsyncSession, found: Sequence[Incident]) -> tuple[IncidentOut, ...]:
    sizes = await tallies(session, [incident.id for incident in found])
    return tuple(_incident_out(rooms, incident, sizes[incident.id]) for incident in found)


def _incident_out(rooms: WebRooms, incident: Incident, size: Tally) -> IncidentOut:
    return IncidentOut(
        id=incident.id,
        building=incident.building,
        state=incident.state,
        began_at=(size.first_call_at or incident.raised_at).astimezone(rooms.zone),
        raised_at=incident.raised_at.astimezone(rooms.zone),
        raised_by=incident.raised_by,
        confirmed_at=local(incident.confirmed_at, rooms.zone),
        closed_at=local(incident.closed_at, rooms.zone),
        calls=size.calls,
        homes=len(size.homes),
        registered=size.registered,
        home_labels=size.homes[:HOMES_SHOWN],
        notice=_notice_out(incident.notice),
    )


def _notice_out(notice: Notice) -> NoticeOut:
    return NoticeOut(
        text=notice.text,
        recording=notice.recording,
        plays="recording" if notice.recording else "text" if notice.sound else "fixed-sentence",
        trouble=notice.trouble,
    )


async def _call_out(rooms: WebRooms, session: AsyncSession, kept: IncidentCall, *, is_masked: bool) -> IncidentCallOut:
    call = await call_by_id(session, kept.call_id)  # None: its row's own retention ended it
    known = None if call is None else (await with_residents(session, [call], area_code=rooms.area_code))[0][1]
    values: dict[str, Any] = {"number": "", "state": None, "outcome": None}
    if call is not None:
        number = masked(call.caller_number) if is_masked else call.caller_number
        values = {"number": number, "state": call.state, "outcome": call.outcome}
    return IncidentCallOut(
        id=kept.call_id,
        at=kept.at.astimezone(rooms.zone),
        is_masked=is_masked,
        home=kept.place.home,
        who=known.resident.salutation if known and known.resident else "",
        is_registered=kept.is_registered,
        **values,
    )


def _step_out(rooms: WebRooms, step: Step) -> IncidentStepOut:
    return IncidentStepOut(at=step.at.astimezone(rooms.zone), who=step.who, act=step.act, words=step.words)
