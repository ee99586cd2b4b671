"""The API of alerts: a person takes note of an emergency call that nobody answered, or of an alert by rule."""

from typing import Final

from aiohttp import web

from hotline.alerts.alert import AlertUnknown
from hotline.alerts.store import acknowledge_alert as take_note
from hotline.bus import Change, Subject
from hotline.web.alert_shapes import RuleAlertsOut
from hotline.web.alerts import Acknowledgement
from hotline.web.answers import as_json
from hotline.web.errors import RoleMayNot
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import id_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import LARGEST_NUMBER, AcknowledgementOut
from hotline.web.store import acknowledge, read_call_record
from hotline.web.wall_reading import read_all_rule_alerts, read_rule_alert

LONGEST_NUMBER: Final = 12  # digits


async def acknowledge_alert(request: web.Request) -> web.StreamResponse:
    """Keep who took note of the call, and tell every screen.

    Raises RoleMayNot, CallUnknown, NothingToAcknowledge, AlertUnknown, AlertStepRefused.
    """
    rooms, identity = request.app[ROOMS], request[IDENTITY]
    if id_of(request).isdecimal():  # a call's id never is
        return await _acknowledge_by_rule(request)
    note = Acknowledgement(by=identity.name, name=identity.display_name or identity.name, at=rooms.clock.now())
    async with rooms.database.begin() as session:
        await read_call_record(session, id_of(request))
        if identity.is_machine:
            raise RoleMayNot("an emergency is acknowledged by a person, by name")
        kept = await acknowledge(session, id_of(request), note)
    rooms.bus.publish(Change(Subject.CALL, id_of(request)))
    return as_json(AcknowledgementOut(by=kept.by, name=kept.name, at=kept.at.astimezone(rooms.zone)))


async def _acknowledge_by_rule(request: web.Request) -> web.StreamResponse:
    rooms, identity = request.app[ROOMS], request[IDENTITY]
    if identity.is_machine or identity.role not in HEADS:
        raise RoleMayNot(
            "an alert by rule is acknowledged by a person, by name: a supervisor", role=identity.role.value
        )
    number = int(id_of(request)[:LONGEST_NUMBER])
    async with rooms.database.begin() as session:
        if number > LARGEST_NUMBER:
            raise AlertUnknown("there is no alert of this number")
        name = identity.display_name or identity.name
        alert = await take_note(session, number, by=identity.name, name=name, at=rooms.clock.now())
    rooms.bus.publish(Change(Subject.ALERT, str(alert.id)))
    return as_json(await read_rule_alert(rooms, alert.id))


async def show_alerts(request: web.Request) -> web.StreamResponse:
    """Answer with the alerts by rule that stand, and those that ended last."""
    return as_json(await read_all_rule_alerts(request.app[ROOMS]))


ALERT_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/alerts",
        act=show_alerts,
        roles=HEADS,
        summary="Alerts by rule: those that stand, and those that ended last",
        answer=RuleAlertsOut,
    ),
    Route(
        method="POST",
        path="/api/v1/alerts/{id}/acknowledge",
        act=acknowledge_alert,
        roles=STAFF,
        summary="Take note, by name, of an emergency call that nobody answered, or (by its number) of an alert",
        answer=AcknowledgementOut,
    ),
)
