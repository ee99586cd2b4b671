"""The audit: who changed what, when, before and after; searched by administrators. It only grows."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from aiohttp import web

from hotline.audit.change import Kept, differences
from hotline.audit.store import Wanted, changes, people_and_rooms
from hotline.web.answers import as_json
from hotline.web.identity import ADMINS
from hotline.web.inlets import query_of
from hotline.web.keys import ROOMS
from hotline.web.render import page
from hotline.web.routes import Route
from hotline.web.staff_shapes import AuditOut, AuditQuery, ChangeOut, DifferenceOut


async def show_audit(request: web.Request) -> web.StreamResponse:
    """Give the page; it fills itself from the API."""
    return page(request, "audit.html")


async def list_changes(request: web.Request) -> web.StreamResponse:
    """Answer with a page of changes, newest first."""
    rooms, query = request.app[ROOMS], query_of(request, AuditQuery)
    wanted = Wanted(
        by=query.by,
        room=query.room,
        since=_moment(query.since, rooms.zone),
        until=_moment(query.until, rooms.zone, days=1),
        word=query.word,
        before=query.cursor,
    )
    async with rooms.database.read() as session:
        found = await changes(session, wanted, limit=query.limit + 1)
        people, names = await people_and_rooms(session) if query.cursor is None else ((), ())
    shown, following = page_of(found, query.limit, rooms.zone)
    return as_json(AuditOut(changes=shown, next_cursor=following, people=people, rooms=names))


def page_of(found: tuple[Kept, ...], limit: int, zone: tzinfo) -> tuple[tuple[ChangeOut, ...], str | None]:
    """Return changes as they go out, and the cursor behind them; `found` has one more than `limit` where more are."""
    shown = tuple(change_out(kept, zone) for kept in found[:limit])
    return shown, str(shown[-1].position) if len(found) > limit else None


def change_out(kept: Kept, zone: tzinfo) -> ChangeOut:
    """Return a change as it goes out."""
    change = kept.change
    return ChangeOut(
        position=kept.position,
        at=change.at.astimezone(zone),
        centre=change.centre,
        by=change.by,
        room=change.room,
        act=change.act,
        subject=change.subject,
        before=_values(change.before),
        after=_values(change.after),
        differences=tuple(
            DifferenceOut(name=name, before=was, after=now)
            for name, was, now in differences(change.before, change.after)
        ),
    )


def _values(values: Any) -> dict[str, Any] | None:
    return None if values is None else dict(values)


def _moment(asked: date | datetime | None, zone: tzinfo, *, days: int = 0) -> datetime | None:
    """Return a moment; of a day its beginning, so many days on."""
    if asked is None or isinstance(asked, datetime):
        return asked
    return datetime.combine(asked + timedelta(days=days), time(), zone)


AUDIT_ROUTES: Final = (
    Route(method="GET", path="/audit", act=show_audit, roles=ADMINS, summary="Who changed what", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/audit",
        act=list_changes,
        roles=ADMINS,
        summary="Changes of staff and settings, newest first: who, when, before and after",
        query=AuditQuery,
        answer=AuditOut,
    ),
)
