"""The live socket: a snapshot, then changes. It only speaks; a browser that talks back is shown out."""

import asyncio
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import structlog
from aiohttp import WSCloseCode, web

from hotline.accounts.account import Role
from hotline.errors import HotlineError
from hotline.web.auth import identify
from hotline.web.errors import NotSignedIn, RoleMayNot
from hotline.web.hub import Outbox, show_out
from hotline.web.identity import ANYBODY, WALL_VIEWERS
from hotline.web.keys import HUB, IDENTITY, ROOMS
from hotline.web.messages import Encoded, Snapshot
from hotline.web.routes import Route

log = structlog.get_logger()
HEARTBEAT_S: Final = 15.0  # a half-dead socket is noticed after half of it more; so is a session that ended
SEND_WITHIN_S: Final = 10.0
LONGEST_SOCKET_S: Final = 3600.0  # then it comes again
NOT_A_TALKER: Final = 256  # bytes; we expect nothing


async def live(request: web.Request) -> web.StreamResponse:
    """Speak until the browser leaves, falls behind, its session ends, or an hour has passed."""
    hub, identity = request.app[HUB], request[IDENTITY]
    is_wall = wants_wall(request)
    with hub.viewing(identity.name, identity.extension, identity.role, is_wall=is_wall) as outbox, _present(request):
        if await identify(request) != identity:  # changed before this place was taken: nobody dismissed it
            raise NotSignedIn("sign in first, or send a valid bearer token")
        first = [] if is_wall else [await hub.snapshot(identity.extension, identity.name, identity.role)]
        if identity.role in WALL_VIEWERS:
            first.append(await hub.wall_snapshot())
        return await converse(request, outbox, first, sees_numbers=identity.sees_numbers)


async def converse(
    request: web.Request, outbox: Outbox, first: list[Encoded], *, sees_numbers: bool
) -> web.WebSocketResponse:
    """Open the socket, say what comes first, then what the outbox holds, until one side ends it."""
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, compress=False, max_msg_size=NOT_A_TALKER, timeout=2.0)
    await socket.prepare(request)
    async with asyncio.TaskGroup() as group:
        speaker = group.create_task(_speak(request, socket, outbox, first, sees_numbers=sees_numbers), name="live")
        watcher = group.create_task(_watch_session(request, outbox), name="live-session")
        async for _ in socket:
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"this socket only speaks")
        speaker.cancel()
        watcher.cancel()
    return socket


def wants_wall(request: web.Request) -> bool:
    """Tell whether this socket is a wall's: a big screen's account has no other. Raises RoleMayNot."""
    role = request[IDENTITY].role
    is_asked = request.query.get("view") == "wall"
    if is_asked and role not in WALL_VIEWERS:
        raise RoleMayNot("the wall is for supervisors and big screens", role=role.value)
    return is_asked or role is Role.WALL


def _present(request: web.Request) -> AbstractContextManager[None]:
    """Let it be known that a page of this person is open, for as long as it is."""
    agents, identity = request.app[ROOMS].agents, request[IDENTITY]
    return nullcontext() if agents is None or identity.is_machine else agents.present(identity.extension)


async def _watch_session(request: web.Request, outbox: Outbox) -> None:
    """Show the socket out once who opened it is no longer let in as then: signed out, removed, of another role."""
    holds = True
    while holds:
        await asyncio.sleep(HEARTBEAT_S)
        try:
            holds = await identify(request) == request[IDENTITY]
        except HotlineError:
            holds = False  # the token was revoked
        except Exception as wrong:  # noqa: BLE001  # an edge: who cannot be asked about has to come again
            log.error("session of a live socket cannot be checked", kind=type(wrong).__name__)
            holds = False
    show_out(outbox)


async def _speak(
    request: web.Request, socket: web.WebSocketResponse, outbox: Outbox, first: list[Encoded], *, sees_numbers: bool
) -> None:
    code, reason = WSCloseCode.SERVICE_RESTART, b"come again"
    try:
        async with asyncio.timeout(LONGEST_SOCKET_S):
            while (message := first.pop(0) if first else await outbox.get()) is not None:
                async with asyncio.timeout(SEND_WITHIN_S):
                    await socket.send_str(message.whole if sees_numbers else message.masked)
        code, reason = WSCloseCode.TRY_AGAIN_LATER, b"resync"
    except TimeoutError:
        pass
    except ConnectionError:
        return  # the browser left in the middle of a word; the reader ends too
    if request.transport is not None and request.transport.get_write_buffer_size() > 0:
        request.transport.abort()  # it does not read: a farewell would wait as well
        return
    await socket.close(code=code, message=reason)


LIVE_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/live",
        act=live,
        roles=ANYBODY,
        summary="WebSocket: a snapshot, then changes (view=wall: the wall's alone); close code 1013: connect again",
        answer=Snapshot,
        status=101,
    ),
)
