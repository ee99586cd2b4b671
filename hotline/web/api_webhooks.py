"""The API of messages to other programs: what was sent, what waits, what was given up; send it again."""

from typing import Final

from aiohttp import web

from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.identity import HEADS
from hotline.web.inlets import number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.render import page
from hotline.web.routes import Route
from hotline.web.webhook_shapes import (
    AgainOut,
    MessageOut,
    MessagesOut,
    MessagesQuery,
    ReceiversOut,
    message_out,
    receiver_out,
)
from hotline.webhooks.service import Webhooks


async def show_webhooks(request: web.Request) -> web.StreamResponse:
    """Give the page; it fills itself from the API."""
    return page(request, "webhooks.html")


async def show_receivers(request: web.Request) -> web.StreamResponse:
    """Answer with the programs that are told, and how the sending to each stands."""
    states, zone = await _webhooks(request).states(), request.app[ROOMS].zone
    return as_json(ReceiversOut(receivers=tuple(receiver_out(state, zone) for state in states)))


async def show_messages(request: web.Request) -> web.StreamResponse:
    """Answer with a page of messages, newest first."""
    query, zone = query_of(request, MessagesQuery), request.app[ROOMS].zone
    found = await _webhooks(request).messages(
        receiver=query.receiver, state=query.state, before=query.cursor, limit=query.limit + 1
    )
    shown = tuple(message_out(one, zone) for one in found[: query.limit])
    return as_json(MessagesOut(messages=shown, next_cursor=shown[-1].id if len(found) > query.limit else None))


async def send_message_again(request: web.Request) -> web.StreamResponse:
    """Send one message once more. Raises WebhookMessageUnknown, WebhookMessageWaits."""
    message = await _webhooks(request).again(number_of_path(request), by=request[IDENTITY].name)
    return as_json(message_out(message, request.app[ROOMS].zone))


async def send_all_again(request: web.Request) -> web.StreamResponse:
    """Send once more whatever was given up for a receiver. Raises ReceiverUnknown."""
    count = await _webhooks(request).all_again(request.match_info["name"], by=request[IDENTITY].name)
    return as_json(AgainOut(messages=count))


def _webhooks(request: web.Request) -> Webhooks:
    webhooks = request.app[ROOMS].webhooks
    if webhooks is None:
        raise AddressUnknown("this desk tells nobody")
    return webhooks


WEBHOOK_ROUTES: Final = (
    Route(
        method="GET",
        path="/webhooks",
        act=show_webhooks,
        roles=HEADS,
        summary="Messages to other programs",
        media="text/html",
    ),
    Route(
        method="GET",
        path="/api/v1/webhooks",
        act=show_receivers,
        roles=HEADS,
        summary="The programs that are told, and how the sending to each stands",
        answer=ReceiversOut,
    ),
    Route(
        method="GET",
        path="/api/v1/webhooks/messages",
        act=show_messages,
        roles=HEADS,
        summary="Messages to other programs: sent, waiting, given up",
        query=MessagesQuery,
        answer=MessagesOut,
    ),
    Route(
        method="POST",
        path="/api/v1/webhooks/messages/{id}/again",
        act=send_message_again,
        roles=HEADS,
        summary="Send a message once more; audited",
        answer=MessageOut,
    ),
    Route(
        method="POST",
        path="/api/v1/webhooks/{name}/again",
        act=send_all_again,
        roles=HEADS,
        summary="Send once more whatever was given up for a receiver; audited",
        answer=AgainOut,
    ),
)
