"""Alerts on their ways out: a letter to a real SMTP server, a signed webhook, tried again, in order."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiosmtpd.controller import Controller
from pydantic import SecretStr, ValidationError

from hotline.alerts.alert import Delivery, Rule
from hotline.alerts.delivering import Deliveries
from hotline.alerts.letters import Letters
from hotline.alerts.store import deliveries_of, end_alert, raise_alert, write_deliveries
from hotline.database import Database
from hotline.outbox.pauses import Delivered, NotSent
from hotline.outbox.sending import Way
from hotline.outbox.signing import SIGNATURE
from hotline.settings import AlertsSettings
from hotline.web.rooms import CHINA
from hotline.web.webhook import Webhook
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server
from tests.fakes.web_desk import PASSWORD

__all__ = ["database", "database_server"]
SECRET = PASSWORD


class Inbox:
    """What an SMTP server took; the first `refuses` letters it does not want."""

    def __init__(self, refuses: int = 0) -> None:
        self.letters: list[Any] = []
        self.refuses = refuses

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # a name of aiosmtpd
        if self.refuses:
            self.refuses -= 1
            return "451 try again"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class Told:
    """A program that is told by webhook, and answers as a test says."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.proofs: list[bool] = []

    async def take(self, request: web.Request) -> web.Response:
        body, said = await request.read(), dict(part.split("=") for part in request.headers[SIGNATURE].split(","))
        proof = hmac.new(SECRET.encode(), said["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        self.proofs.append(hmac.compare_digest(proof, said["v1"]))
        status = self.answers.pop(0) if self.answers else 204
        if status < 300:
            self.bodies.append(json.loads(body))
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})


@pytest.fixture
async def told() -> AsyncIterator[tuple[Told, str]]:
    """Give a program that listens, and its address."""
    program, app = Told(), web.Application()
    app.router.add_post("/take", program.take)
    async with TestServer(app) as server:
        yield program, str(server.make_url("/take"))


async def an_alert(database: Database, clock: ClockByHand, *ways: str) -> int:
    """Raise an alert and end it, as the service does."""
    async with database.begin() as session:
        raised = await raise_alert(session, Rule.WAIT, "", 21.0, clock.now())
        assert raised is not None
        await write_deliveries(session, raised, "raised", ways, clock.now())
    clock.turn(30)
    async with database.begin() as session:
        ended = await end_alert(session, Rule.WAIT, "", clock.now())
        assert ended is not None
        await write_deliveries(session, ended, "ended", ways, clock.now())
    return raised.id


def webhook(url: str, clock: ClockByHand) -> Webhook:
    settings = AlertsSettings(webhook_url=url, webhook_secret=SecretStr(SECRET))
    return Webhook(settings, "锦绣花园", CHINA, clock)


async def test_a_webhook_is_signed_and_told_of_the_alert_and_of_its_end(
    database: Database, told: tuple[Told, str]
) -> None:
    program, clock = told[0], ClockByHand()
    await an_alert(database, clock, "webhook")

    await Deliveries(database=database, clock=clock, ways={"webhook": webhook(told[1], clock)}).send_due("webhook")

    assert program.proofs == [True, True]
    assert [body["event"] for body in program.bodies] == ["alert.raised", "alert.ended"]
    assert program.bodies[0]["alert"]["text"] == "来电等待过久，尚无人接听：等待 21 秒"
    assert program.bodies[0]["alert"]["ended_at"] is None
    assert program.bodies[1]["alert"]["ended_at"] is not None


async def test_a_webhook_that_fails_is_tried_again_later_and_the_end_waits_for_the_beginning(
    database: Database, told: tuple[Told, str]
) -> None:
    program, clock = told[0], ClockByHand()
    program.answers = [500, 302]
    alert = await an_alert(database, clock, "webhook")
    ways = Deliveries(database=database, clock=clock, ways={"webhook": webhook(told[1], clock)})

    for pause in (0, 4, 1, 14, 1):  # at once, too early, 5 s, too early, 15 s
        clock.turn(pause)
        await ways.send_due("webhook")

    assert len(program.proofs) == 4
    assert [body["id"] for body in program.bodies] == [f"alert-{alert}-raised", f"alert-{alert}-ended"]


async def test_a_way_that_is_down_keeps_no_other_waiting_and_is_given_up_after_a_day(database: Database) -> None:
    clock, sent = ClockByHand(), list[str]()

    class Down:
        async def send(self, _delivery: Delivery, /) -> None:
            raise NotSent("down")

    class Up:
        async def send(self, delivery: Delivery, /) -> None:
            sent.append(delivery.what)

    ways: dict[str, Way[Delivery]] = {"mail": Down(), "webhook": Up()}
    alert = await an_alert(database, clock, "mail", "webhook")
    deliveries = Deliveries(database=database, clock=clock, ways=ways)
    await deliveries.send_due("mail")
    await deliveries.send_due("webhook")
    assert sent == ["raised", "ended"]

    for _ in range(40):
        clock.turn(timedelta(hours=1).total_seconds())
        await deliveries.send_due("mail")

    async with database.read() as session:
        states = {(what, way): state for what, way, state, _ in await deliveries_of(session, alert)}
    assert states[("raised", "mail")] is Delivered.GIVEN_UP
    assert states[("ended", "webhook")] is Delivered.SENT


async def test_a_letter_comes_in_chinese_once_the_server_takes_it(database: Database, unused_tcp_port: int) -> None:
    clock, inbox = ClockByHand(), Inbox(refuses=1)
    server = Controller(inbox, hostname="127.0.0.1", port=unused_tcp_port)
    settings = AlertsSettings(
        mail_to=("boss@example.org", "night@example.org"), mail_from="hotline@example.org", smtp_host="127.0.0.1",
        smtp_port=unused_tcp_port, smtp_security="none",
    )  # fmt: skip
    await an_alert(database, clock, "mail")
    deliveries = Deliveries(database=database, clock=clock, ways={"mail": Letters(settings, "锦绣花园", CHINA)})
    server.start()
    try:
        await deliveries.send_due("mail")
        clock.turn(5)
        await deliveries.send_due("mail")
    finally:
        server.stop()

    assert [letter["Subject"] for letter in inbox.letters] == [
        "[锦绣花园] 告警：来电等待过久，尚无人接听",
        "[锦绣花园] 告警结束：来电等待过久，尚无人接听",
    ]
    assert inbox.letters[0]["To"] == "boss@example.org, night@example.org"
    assert "等待 21 秒" in inbox.letters[0].get_content()
    assert inbox.letters[0]["Message-ID"] != inbox.letters[1]["Message-ID"]


async def test_a_mail_server_that_is_not_there_is_tried_again(database: Database, unused_tcp_port: int) -> None:
    clock = ClockByHand()
    settings = AlertsSettings(mail_to=("boss@example.org",), smtp_port=unused_tcp_port, smtp_security="none")
    alert = await an_alert(database, clock, "mail")

    await Deliveries(database=database, clock=clock, ways={"mail": Letters(settings, "x", CHINA)}).send_due("mail")

    async with database.read() as session:
        assert [(state, tries) for _, _, state, tries in await deliveries_of(session, alert)] == [
            (Delivered.WAITING, 1), (Delivered.WAITING, 0),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        {"webhook_url": "https://example.org/x"},
        {"webhook_url": "ftp://example.org/x", "webhook_secret": SecretStr(SECRET)},
        {"webhook_secret": SecretStr("short")},
        {"mail_to": ("boss@example.org\r\nBcc: all@example.org",)},
        {"smtp_security": "none", "smtp_host": "mail.example.org"},
    ],
)
def test_ways_out_that_could_not_be_believed_or_kept_private_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AlertsSettings(**values)
