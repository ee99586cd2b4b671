"""The live socket: a snapshot, then changes. It only speaks; a browser that talks back is shown out."""

import asyncio
from typing import Final

from aiohttp import WSCloseCode, web

from hotline.web.hub import Outbox
from hotline.web.identity import STAFF
from hotline.web.keys import HUB, IDENTITY
from hotline.web.messages import Encoded, Snapshot
from hotline.web.routes import Route

HEARTBEAT_S: Final = 15.0  # a half-dead socket is noticed after half of it more
SEND_WITHIN_S: Final = 10.0
LONGEST_SOCKET_S: Final = 3600.0  # then it comes again, and whether its session still holds is asked anew
NOT_A_TALKER: Final = 256  # bytes; we expect nothing


async def live(request: web.Request) -> web.StreamResponse:
    """Speak until the browser leaves, falls behind, or an hour has passed."""
    hub, sees_numbers = request.app[HUB], request[IDENTITY].sees_numbers
    with hub.viewing() as outbox:
        first = await hub.snapshot()
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, compress=False, max_msg_size=NOT_A_TALKER, timeout=2.0)
        await socket.prepare(request)
        async with asyncio.TaskGroup() as group:
            speaker = group.create_task(_speak(request, socket, outbox, first, sees_numbers=sees_numbers), name="live")
            async for _ in socket:
                await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"this socket only speaks")
            speaker.cancel()
    return socket


async def _speak(
    request: web.Request, socket: web.WebSocketResponse, outbox: Outbox, first: Encoded, *, sees_numbers: bool
) -> None:
    code, reason = WSCloseCode.SERVICE_RESTART, b"come again"
    try:
        async with asyncio.timeout(LONGEST_SOCKET_S):
            message: Encoded | None = first
            while message is not None:
                async with asyncio.timeout(SEND_WITHIN_S):
                    await socket.send_str(message.whole if sees_numbers else message.masked)
                message = await outbox.get()
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
        roles=STAFF,
        summary="WebSocket: a snapshot, then changes; close code 1013 means: connect again for a new snapshot",
        answer=Snapshot,
        status=101,
    ),
)
