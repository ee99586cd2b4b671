"""Put the web room together from its tables, and serve it until told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from hotline.settings import WebSettings
from hotline.web.answers import answer_errors, as_json
from hotline.web.api_aftercare import AFTERCARE_ROUTES
from hotline.web.api_agents import AGENT_ROUTES
from hotline.web.api_alerts import ALERT_ROUTES
from hotline.web.api_audit import AUDIT_ROUTES
from hotline.web.api_building_notices import BUILDING_NOTICE_ROUTES
from hotline.web.api_call_back_rules import CALL_BACK_RULE_ROUTES
from hotline.web.api_calls import CALL_ROUTES
from hotline.web.api_campaign_lists import CAMPAIGN_LIST_ROUTES
from hotline.web.api_campaigns import CAMPAIGN_ROUTES
from hotline.web.api_dial_pauses import DIAL_PAUSE_ROUTES
from hotline.web.api_dispatches import DISPATCH_ROUTES
from hotline.web.api_drafts import DRAFT_ROUTES
from hotline.web.api_duty_log import DUTY_LOG_ROUTES
from hotline.web.api_follow_ups import FOLLOW_UP_ROUTES
from hotline.web.api_group import GROUP_ROUTES
from hotline.web.api_handed import HANDED_ROUTES
from hotline.web.api_hours import HOURS_ROUTES
from hotline.web.api_household_marks import HOUSEHOLD_MARK_ROUTES
from hotline.web.api_imports import IMPORT_ROUTES
from hotline.web.api_incidents import INCIDENT_ROUTES
from hotline.web.api_live_help import LIVE_HELP_ROUTES
from hotline.web.api_menus import MENU_ROUTES
from hotline.web.api_notices import NOTICE_ROUTES
from hotline.web.api_number_marks import NUMBER_MARK_ROUTES
from hotline.web.api_outside import OUTSIDE_ROUTES
from hotline.web.api_people import PEOPLE_ROUTES
from hotline.web.api_phone import PHONE_ROUTES
from hotline.web.api_phrases import PHRASE_ROUTES
from hotline.web.api_pops import POP_ROUTES
from hotline.web.api_prompts import PROMPT_ROUTES
from hotline.web.api_quality import QUALITY_ROUTES
from hotline.web.api_quality_reviews import QUALITY_REVIEW_ROUTES
from hotline.web.api_recordings import RECORDING_ROUTES
from hotline.web.api_reports import REPORT_ROUTES
from hotline.web.api_residents import RESIDENT_ROUTES
from hotline.web.api_retention import RETENTION_ROUTES
from hotline.web.api_roster import ROSTER_ROUTES
from hotline.web.api_search import SEARCH_ROUTES
from hotline.web.api_sheets import SHEET_ROUTES
from hotline.web.api_shifts import SHIFT_ROUTES
from hotline.web.api_staff import STAFF_ROUTES
from hotline.web.api_sums import SUMS_ROUTES
from hotline.web.api_transcripts import TRANSCRIPT_ROUTES
from hotline.web.api_undecided import UNDECIDED_ROUTES
from hotline.web.api_wall import WALL_ROUTES
from hotline.web.api_webhooks import WEBHOOK_ROUTES
from hotline.web.api_wrap_up import WRAP_UP_ROUTES
from hotline.web.auth import SIGN_IN_ROUTES, admit, session_storage
from hotline.web.bundled import bundled
from hotline.web.errors import PortBusy
from hotline.web.first_use import FIRST_USE_ROUTES
from hotline.web.group_telling import GroupTelling
from hotline.web.health import HEALTH_ROUTES
from hotline.web.heard import HEARD_ROUTES
from hotline.web.https import https_door
from hotline.web.hub import Hub
from hotline.web.identity import ANYBODY, EVERYONE, STAFF
from hotline.web.keys import (
    CENTRE_HEADER,
    GROUP,
    HUB,
    IDENTITY,
    LAG,
    ROOMS,
    ROUTES,
    SEARCHES,
    SESSIONS,
    STAMP_HEADER,
    TEMPLATES,
)
from hotline.web.languages import LANGUAGE_ROUTES
from hotline.web.live import LIVE_ROUTES
from hotline.web.loop_lag import LoopLag
from hotline.web.metrics import METRICS_ROUTES
from hotline.web.openapi import describe
from hotline.web.pages import PAGE_ROUTES
from hotline.web.render import open_templates
from hotline.web.rooms import Dependency, WebRooms
from hotline.web.routes import Route
from hotline.web.searches import counted_searches
from hotline.web.shapes import MeOut
from hotline.web.words import STATIC

__all__ = ["Dependency", "WebRooms", "make_app", "serve"]

log = structlog.get_logger()
# aiohttp would log what it could not parse, and that may be anybody's cookie. What fails in here, `answers` logs.
_WIRE_LOG: Final = logging.getLogger("hotline.web.wire")
_WIRE_LOG.disabled = True
LONGEST_BODY: Final = 64 * 1024
LONGEST_LINE: Final = 8190  # of the request line and of one header
MOST_HEADERS: Final = 64
IDLE_S: Final = 75.0
ANSWER_WITHIN_S: Final = 30.0
FILE_WITHIN_S: Final = 300.0  # twenty megabytes over a slow line
FAREWELL_S: Final = 5.0
LINGER_S: Final = 2.0  # a body that still comes after its answer is read for so long
BACKLOG: Final = 128
LIVE_SOCKETS: Final = frozenset({"/api/v1/live", "/api/v1/centres/live"})
CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; media-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would make a form's Origin "null"
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


async def show_me(request: web.Request) -> web.StreamResponse:
    """Answer with who is signed in; the pages ask this to learn that a session has ended."""
    identity = request[IDENTITY]
    return as_json(
        MeOut(
            name=identity.name,
            display_name=identity.display_name,
            role=identity.role.value,
            extension=identity.extension,
        )
    )


async def show_openapi(request: web.Request) -> web.StreamResponse:
    """Answer with the description of this API."""
    return web.json_response(describe(ALL_ROUTES, request.app[SESSIONS].cookie_name))


async def show_static(request: web.Request) -> web.StreamResponse:
    """Give a script, a style sheet or a picture of the pages, or a bundled library; no other names."""
    name = request.match_info["name"]
    path = _STATIC_FILES.get(name) or bundled(request.app[ROOMS].libraries, name)
    if path is None or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path)


_STATIC_FILES: Final[dict[str, Path]] = {path.name: path for path in STATIC.iterdir() if path.is_file()}
ALL_ROUTES: Final[tuple[Route, ...]] = (
    *PAGE_ROUTES,
    *SIGN_IN_ROUTES,
    *LANGUAGE_ROUTES,
    *FIRST_USE_ROUTES,
    Route(
        method="GET",
        path="/static/{name}",
        act=show_static,
        roles=EVERYONE,
        summary="Scripts, styles and pictures of the pages",
        media="*/*",
    ),
    *BUILDING_NOTICE_ROUTES,
    *CALL_ROUTES,
    *CAMPAIGN_ROUTES,
    *CAMPAIGN_LIST_ROUTES,
    *HANDED_ROUTES,
    *DIAL_PAUSE_ROUTES,
    *UNDECIDED_ROUTES,
    *HOUSEHOLD_MARK_ROUTES,
    *HEARD_ROUTES,
    *AFTERCARE_ROUTES,
    *CALL_BACK_RULE_ROUTES,
    *AGENT_ROUTES,
    *ALERT_ROUTES,
    *AUDIT_ROUTES,
    *SHEET_ROUTES,  # before the log, whose addresses end in any number
    *DUTY_LOG_ROUTES,
    *DISPATCH_ROUTES,
    *FOLLOW_UP_ROUTES,
    *GROUP_ROUTES,
    *IMPORT_ROUTES,
    *INCIDENT_ROUTES,
    *LIVE_ROUTES,
    *LIVE_HELP_ROUTES,
    *MENU_ROUTES,
    *HOURS_ROUTES,
    *NOTICE_ROUTES,
    *NUMBER_MARK_ROUTES,
    *OUTSIDE_ROUTES,
    *POP_ROUTES,
    *PEOPLE_ROUTES,
    *PHONE_ROUTES,
    *PHRASE_ROUTES,
    *PROMPT_ROUTES,
    *QUALITY_ROUTES,
    *QUALITY_REVIEW_ROUTES,
    *RECORDING_ROUTES,
    *REPORT_ROUTES,
    *RESIDENT_ROUTES,
    *ROSTER_ROUTES,
    *DRAFT_ROUTES,
    *SEARCH_ROUTES,
    *SHIFT_ROUTES,
    *STAFF_ROUTES,
    *RETENTION_ROUTES,
    *SUMS_ROUTES,
    *TRANSCRIPT_ROUTES,
    *WALL_ROUTES,
    *WEBHOOK_ROUTES,
    *WRAP_UP_ROUTES,
    Route(method="GET", path="/api/v1/me", act=show_me, roles=ANYBODY, summary="Who is signed in", answer=MeOut),
    Route(
        method="GET",
        path="/api/v1/openapi.json",
        act=show_openapi,
        roles=STAFF,
        summary="This description",
        media="application/json",
    ),
    *HEALTH_ROUTES,
    *METRICS_ROUTES,
)


def make_app(rooms: WebRooms) -> web.Application:
    """Return the application; its hub (`app[HUB].run()`) must be run beside it.

    Raises SettingsRefused without a session key.
    """
    sessions = session_storage(rooms.settings, is_secure=rooms.is_secure)
    app = web.Application(middlewares=[answer_errors, _limit_time, admit], client_max_size=LONGEST_BODY)
    app[ROOMS], app[HUB], app[TEMPLATES], app[SESSIONS] = rooms, Hub(rooms), open_templates(), sessions
    if rooms.group is not None:
        app[GROUP] = GroupTelling(rooms, rooms.group)
    app[SEARCHES], app[ROUTES], app[LAG] = counted_searches(), {}, LoopLag()
    for route in ALL_ROUTES:
        app.router.add_route(route.method, route.path, route.act)
        app[ROUTES][route.method, route.path] = route
    app.on_response_prepare.append(_protect)
    app.on_shutdown.append(_dismiss)
    return app


async def serve(rooms: WebRooms, settings: WebSettings) -> None:
    """Serve until cancelled.

    Raises PortBusy where another program listens on the port, CertificateRefused where https cannot be served.
    """
    app, door = make_app(rooms), await asyncio.to_thread(https_door, settings, rooms.clock)
    runner = web.AppRunner(
        app,
        access_log=None,  # addresses hold call ids and numbers asked for
        keepalive_timeout=IDLE_S,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        max_headers=MOST_HEADERS,
        lingering_time=LINGER_S,
        shutdown_timeout=FAREWELL_S,
        logger=_WIRE_LOG,
    )
    await runner.setup()
    try:
        tls = None if door is None else door.context
        site = web.TCPSite(runner, str(settings.host), settings.port, backlog=BACKLOG, ssl_context=tls)
        try:
            await site.start()
        except OSError as wrong:
            raise PortBusy(
                f"cannot listen on {settings.host}:{settings.port} ({wrong.strerror}): "
                "stop the other program, or set HOTLINE_WEB_PORT",
                port=settings.port,
            ) from wrong
        log.info("web room open", host=str(settings.host), port=settings.port, is_secure=settings.is_secure)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(app[HUB].run(), name="hub")
            tasks.create_task(app[LAG].run(), name="loop-lag")
            if (group := app.get(GROUP)) is not None:
                tasks.create_task(group.run(), name="group")
            if door is not None:
                tasks.create_task(door.keep_fresh(), name="certificate")
    finally:
        await runner.cleanup()


@web.middleware
async def _limit_time(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Give a request so long; the live socket and sound that is still being fetched have limits of their own."""
    if request.path in LIVE_SOCKETS or request.path.endswith("/recording"):
        return await handler(request)
    is_file = request.path == "/api/v1/imports" and request.method == "POST"
    async with asyncio.timeout(FILE_WITHIN_S if is_file else ANSWER_WITHIN_S):
        return await handler(request)


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    rooms = request.app[ROOMS]
    if request.path.startswith("/api/"):
        response.headers[CENTRE_HEADER] = rooms.centre_code
        response.headers[STAMP_HEADER] = rooms.centre_stamp()
        if named := response.headers.get("Content-Disposition"):  # files of several centres may lie in one folder
            whose = named.replace('filename="', f'filename="{rooms.centre_code}-', 1)
            response.headers["Content-Disposition"] = whose
    if switch := rooms.browser_phones.address(request.host, is_secure=rooms.is_secure):
        # The phone in the page speaks with the switch itself, and with nobody else.
        policy = CONTENT_POLICY.replace("connect-src 'self'", f"connect-src 'self' {switch}")
        response.headers["Content-Security-Policy"] = policy
    # Pages and answers hold people's words: no cache keeps them. Scripts may be kept but are asked about each time.
    response.headers["Cache-Control"] = "no-cache" if request.path.startswith("/static/") else "no-store"
    if request.app[ROOMS].is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


async def _dismiss(app: web.Application) -> None:
    app[HUB].dismiss()
