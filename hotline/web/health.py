"""Whether the service lives, and whether it can work."""

import asyncio
from typing import Final, Literal

from aiohttp import web

from hotline.web.answers import as_json
from hotline.web.identity import EVERYONE
from hotline.web.keys import ROOMS
from hotline.web.rooms import Dependency, WebRooms
from hotline.web.routes import Route
from hotline.web.shapes import Shape

READY_WITHIN_S: Final = 5.0


class DependencyOut(Shape):
    """One thing the service stands on."""

    name: str
    is_ready: bool
    detail: str


class HealthOut(Shape):
    """Whether the service can do its work, and what is missing."""

    status: Literal["ok", "not-ready"]
    dependencies: tuple[DependencyOut, ...] = ()


async def alive(_request: web.Request) -> web.StreamResponse:
    """Answer that the loop turns; asks nobody."""
    return as_json(HealthOut(status="ok"))


async def ready(request: web.Request) -> web.StreamResponse:
    """Answer with each dependency's state; 503 while one is missing."""
    found = await dependencies_of(request.app[ROOMS])
    is_ready = all(one.is_ready for one in found)
    health = HealthOut(
        status="ok" if is_ready else "not-ready",
        dependencies=tuple(DependencyOut(name=one.name, is_ready=one.is_ready, detail=one.detail) for one in found),
    )
    return as_json(health, status=200 if is_ready else 503)


async def dependencies_of(rooms: WebRooms) -> list[Dependency]:
    """Return each thing that we stand on, and whether it is there; asked for so long and no longer."""
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            return await rooms.readiness()
    except TimeoutError:
        return [Dependency("readiness", is_ready=False, detail=f"no answer within {READY_WITHIN_S:g} s")]


HEALTH_ROUTES: Final = (
    Route(
        method="GET", path="/healthz", act=alive, roles=EVERYONE, summary="Whether the service lives", answer=HealthOut
    ),
    Route(
        method="GET",
        path="/readyz",
        act=ready,
        roles=EVERYONE,
        summary="Whether the service can work, dependency by dependency; 503 while it cannot",
        answer=HealthOut,
    ),
)
