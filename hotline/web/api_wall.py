"""The wall: its page, and what it shows for a program."""

from typing import Final

from aiohttp import web

from hotline.web.answers import as_json
from hotline.web.build import build
from hotline.web.identity import WALL_VIEWERS
from hotline.web.keys import HUB, ROOMS
from hotline.web.render import page
from hotline.web.routes import Route
from hotline.web.wall_shapes import Wall


async def show_wall(request: web.Request) -> web.StreamResponse:
    """Give the page of a big screen; it fills itself over the live socket, and loads itself anew for a new build."""
    return page(request, "wall.html", build=build(request.app[ROOMS].libraries))


async def read_wall(request: web.Request) -> web.StreamResponse:
    """Answer with everything the wall shows now."""
    return as_json(await request.app[HUB].wall())


WALL_ROUTES: Final = (
    Route(method="GET", path="/wall", act=show_wall, roles=WALL_VIEWERS, summary="The wall", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/wall",
        act=read_wall,
        roles=WALL_VIEWERS,
        summary="What the wall shows: calls now, agents, link, today, who must be called back, campaigns, alerts",
        answer=Wall,
    ),
)
