"""A real receiver over HTTP: what it gets is signed, is JSON, and follows no redirect."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hotline.outbox.pauses import Delivered, NotSent
from hotline.outbox.signing import SIGNATURE
from hotline.web.webhook import ReceiverWay
from hotline.webhooks.event import EventKind, Receiver, WebhookMessage
from tests.fakes.clock_by_hand import ClockByHand

SECRET = "three rings and no more"


@pytest.mark.parametrize("status", [204, 302, 400, 503])
async def test_a_receiver_gets_a_signed_body_and_only_a_good_answer_has_taken_it(status: int) -> None:
    clock, taken = ClockByHand(), list[tuple[bytes, str]]()

    async def take(request: web.Request) -> web.Response:
        taken.append((await request.read(), request.headers[SIGNATURE]))
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_post("/take", take)
    message = a_message(clock, json.dumps({"id": "call.ended-1", "centre": {"name": "锦绣花园"}}, ensure_ascii=False))
    async with TestServer(app) as server:
        receiver = Receiver(
            name="crm", url=str(server.make_url("/take")), secret=SECRET, events=frozenset({EventKind.CALL_ENDED})
        )
        if status < 300:
            await ReceiverWay(receiver, clock).send(message)
        else:
            with pytest.raises(NotSent, match=f"status {status}"):
                await ReceiverWay(receiver, clock).send(message)

    ((body, header),) = taken
    said = dict(part.split("=") for part in header.split(","))
    assert json.loads(body)["centre"]["name"] == "锦绣花园"
    assert said["t"] == str(int(clock.now().timestamp()))
    proof = hmac.new(SECRET.encode(), said["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(proof, said["v1"])


async def test_a_receiver_that_is_not_there_has_not_taken_it(unused_tcp_port: int) -> None:
    clock = ClockByHand()
    receiver = Receiver(
        name="crm", url=f"http://127.0.0.1:{unused_tcp_port}/", secret=SECRET, events=frozenset({EventKind.CALL_ENDED})
    )

    with pytest.raises(NotSent) as refused:
        await ReceiverWay(receiver, clock).send(a_message(clock, "{}"))

    assert str(unused_tcp_port) not in refused.value.reason


def a_message(clock: ClockByHand, body: str) -> WebhookMessage:
    values: dict[str, Any] = {"happened_at": clock.now(), "written_at": clock.now(), "due": clock.now()}
    return WebhookMessage(
        id=1, receiver="crm", event=EventKind.CALL_ENDED, subject="1", body=body, state=Delivered.WAITING, tries=0,
        **values,
    )  # fmt: skip
