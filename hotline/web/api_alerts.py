"""The API of alerts: a person takes note of an emergency call that nobody answered."""

from typing import Final

from aiohttp import web

from hotline.bus import Change, Subject
from hotline.web.alerts import Acknowledgement
from hotline.web.answers import as_json
from hotline.web.errors import RoleMayNot
from hotline.web.identity import STAFF
from hotline.web.inlets import id_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import AcknowledgementOut
from hotline.web.store import acknowledge, read_call_record


async def acknowledge_alert(request: web.Request) -> web.StreamResponse:
    """Keep who took note of the call, and tell every screen. Raises RoleMayNot, CallUnknown, NothingToAcknowledge."""
    rooms, identity = request.app[ROOMS], request[IDENTITY]
    note = Acknowledgement(by=identity.name, name=identity.display_name or identity.name, at=rooms.clock.now())
    async with rooms.database.begin() as session:
        await read_call_record(session, id_of(request))
        if identity.is_machine:
            raise RoleMayNot("an emergency is acknowledged by a person, by name")
        kept = await acknowledge(session, id_of(request), note)
    rooms.bus.publish(Change(Subject.CALL, id_of(request)))
    return as_json(AcknowledgementOut(by=kept.by, name=kept.name, at=kept.at.astimezone(rooms.zone)))


ALERT_ROUTES: Final = (
    Route(
        method="POST",
        path="/api/v1/alerts/{id}/acknowledge",
        act=acknowledge_alert,
        roles=STAFF,
        summary="Take note, by name, of an emergency call that nobody answered; it leaves every screen",
        answer=AcknowledgementOut,
    ),
)
