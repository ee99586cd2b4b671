"""For how long things are kept, on a page: supervisors see it, administrators change it."""

from typing import Final

from aiohttp import web

from hotline.foretelling import foretell
from hotline.retention.days import RetentionRefused, limits_of
from hotline.web.answers import as_json
from hotline.web.api_staff import staff_room
from hotline.web.identity import ADMINS, HEADS
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.render import page
from hotline.web.retention_shapes import (
    ForeseenOut,
    ForeseenQuery,
    RetentionIn,
    RetentionOut,
    RuleOut,
    foreseen_out,
    rule_out,
)
from hotline.web.routes import Route


async def show_retention(request: web.Request) -> web.StreamResponse:
    """Give the page that says for how long things are kept."""
    return page(request, "retention.html", rules=await _rules(request))


async def tell_retention(request: web.Request) -> web.StreamResponse:
    """Answer with for how long things are kept."""
    return as_json(RetentionOut(rules=await _rules(request)))


async def foresee_retention(request: web.Request) -> web.StreamResponse:
    """Answer with what other days would remove, and from when. Raises RetentionRefused."""
    rooms, kept, days = request.app[ROOMS], staff_room(request).retention, query_of(request, ForeseenQuery).days
    before = await kept.of(request.match_info["what"])
    low, high = limits_of(before.what)
    if days is not None and not low <= days <= high:
        raise RetentionRefused(before.what)
    after = kept.foreseen(before, days)
    holds_from = after.next_at or rooms.clock.now()
    told = await foretell(rooms.database, before.what, after.goal, holds_from)
    return as_json(foreseen_out(before, after, holds_from, told, rooms.zone))


async def change_retention(request: web.Request) -> web.StreamResponse:
    """Keep something for other days. Raises RetentionRefused, RetentionChanged, RetentionNotSure."""
    said = await body_of(request, RetentionIn)
    after = await staff_room(request).retention.change(
        request.match_info["what"],
        said.days,
        version=said.version,
        by=request[IDENTITY].name,
        reason=said.reason,
        is_sure=said.is_sure,
    )
    return as_json(rule_out(after, request.app[ROOMS].zone))


async def _rules(request: web.Request) -> tuple[RuleOut, ...]:
    zone = request.app[ROOMS].zone
    return tuple(rule_out(one, zone) for one in await staff_room(request).retention.all())


RETENTION_ROUTES: Final = (
    Route(
        method="GET",
        path="/retention",
        act=show_retention,
        roles=HEADS,
        summary="For how long things are kept",
        media="text/html",
    ),
    Route(
        method="GET",
        path="/api/v1/retention",
        act=tell_retention,
        roles=HEADS,
        summary="For how many days sound, words, log, lists and other records are kept",
        answer=RetentionOut,
    ),
    Route(
        method="GET",
        path="/api/v1/retention/{what}/foreseen",
        act=foresee_retention,
        roles=ADMINS,
        summary="What other days would remove, the first of it, and from when",
        query=ForeseenQuery,
        answer=ForeseenOut,
    ),
    Route(
        method="POST",
        path="/api/v1/retention/{what}",
        act=change_retention,
        roles=ADMINS,
        summary="Keep something for other days, or for those of the settings file; fewer from the next night on",
        body=RetentionIn,
        answer=RuleOut,
    ),
)
