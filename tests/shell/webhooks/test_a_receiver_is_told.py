"""A real receiver over HTTP: what it gets is signed, is JSON, and follows no redirect."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.outbox.pauses import Delivered, NotSent
from hotline.outbox.signing import SIGNATURE
from hotline.settings import CentreSettings, ReceiverSettings, WebhooksSettings
from hotline.web import webhook
from hotline.web.rooms import CHINA
from hotline.web.webhook import ReceiverWay
from hotline.webhooks.event import EventKind, Receiver, WebhookMessage
from hotline.webhooks.service import Webhooks
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server
from tests.fakes.webhook_ear import Ear

__all__ = ["database", "database_server"]
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


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def says_nothing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def never_ends_its_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def only_asks_to_go_on(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def speaks_another_language(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    writer.close()


async def hangs_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    "talk", [says_nothing, never_ends_its_headers, only_asks_to_go_on, speaks_another_language, hangs_up]
)
async def test_a_receiver_that_never_comes_to_an_answer_has_not_taken_it_and_is_not_waited_for_longer(
    monkeypatch: pytest.MonkeyPatch, talk: Talk
) -> None:
    monkeypatch.setattr(webhook, "SEND_WITHIN", 0.5)

    with pytest.raises((NotSent, TimeoutError)):
        await told_by(talk)


async def test_a_receiver_that_says_yes_and_then_talks_for_ever_has_taken_it_and_is_hung_up_on() -> None:
    hung_up = asyncio.Event()

    async def talks_on(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                await writer.drain()
        except OSError:
            hung_up.set()

    await told_by(talks_on, until=hung_up)


async def test_an_address_that_no_resolver_takes_is_a_failure_like_any_other() -> None:
    clock = ClockByHand()
    for host in (f"{'a' * 70}.example", "crm..example"):
        receiver = Receiver(name="crm", url=f"http://{host}/", secret=SECRET, events=frozenset({EventKind.CALL_ENDED}))
        with pytest.raises(NotSent):
            await ReceiverWay(receiver, clock).send(a_message(clock, "{}"))


async def test_a_secret_that_is_changed_loses_nothing_whichever_side_knows_it_first(
    database: Database, unused_tcp_port: int
) -> None:
    clock, url = ClockByHand(), f"http://127.0.0.1:{unused_tcp_port}/told"
    ear = Ear(unused_tcp_port, "the secret of tomorrow", clock=clock)
    old, new = (
        Webhooks(
            settings=WebhooksSettings(
                receivers={
                    "crm": ReceiverSettings(url=url, secret=SecretStr(secret), events=("call.started",))
                }
            ),
            centre=CentreSettings(), zone=CHINA, database=database, clock=clock,
            way_to=lambda receiver: ReceiverWay(receiver, clock),
        )
        for secret in ("the secret of yesterday", "the secret of tomorrow")
    )  # fmt: skip
    old.follow()
    call = CallRecord(id="c-1", state=CallState.RINGING, caller_number="13800138501", ring_start=clock.now())
    await ear.open()
    try:
        async with database.begin() as session:
            await save_call(session, call)
        assert await old.sending.send_due("crm") == 0
        assert (ear.forged, ear.bodies) == (1, [])

        clock.turn(6)
        assert await new.sending.send_due("crm") == 1
        assert ear.events_of("c-1") == ["call.started"]
    finally:
        await ear.close()


async def told_by(talk: Talk, *, until: asyncio.Event | None = None) -> None:
    """Send a message to who talks so; `until` is what must happen after it, too."""
    clock = SystemClock()
    tasks = set[asyncio.Task[None]]()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver = Receiver(
        name="crm", url=f"http://127.0.0.1:{port}/", secret=SECRET, events=frozenset({EventKind.CALL_ENDED})
    )
    try:
        await ReceiverWay(receiver, clock).send(a_message(ClockByHand(), "{}"))
        if until is not None:
            async with asyncio.timeout(15):
                await until.wait()
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def a_message(clock: ClockByHand, body: str) -> WebhookMessage:
    values: dict[str, Any] = {"happened_at": clock.now(), "written_at": clock.now(), "due": clock.now()}
    return WebhookMessage(
        id=1, receiver="crm", event=EventKind.CALL_ENDED, subject="1", body=body, state=Delivered.WAITING, tries=0,
        **values,
    )  # fmt: skip
