"""Supervisors see what was sent to other programs, what waits, what was given up, and send it again."""

from pathlib import Path

from pydantic import SecretStr

from hotline.accounts.account import Role
from hotline.outbox.pauses import NotSent
from hotline.settings import CentreSettings, ReceiverSettings, WebhooksSettings
from hotline.web.rooms import CHINA
from hotline.webhooks.event import WebhookMessage
from hotline.webhooks.service import Webhooks
from tests.fakes.web_desk import PASSWORD, web_desk

URL = "http://crm.example.org/secret-path"


class Ear:
    """A receiver that takes nothing."""

    async def send(self, _message: WebhookMessage, /) -> None:
        raise NotSent("status 503")


async def test_what_a_receiver_did_not_take_is_seen_and_sent_again(tmp_path: Path) -> None:
    async with web_desk(tmp_path) as desk:
        receiver = ReceiverSettings(url=URL, secret=SecretStr(PASSWORD), events=("call.started", "call.ended"))
        webhooks = Webhooks(
            settings=WebhooksSettings(receivers={"crm": receiver}), centre=CentreSettings(), zone=CHINA,
            database=desk.database, clock=desk.clock, way_to=lambda _: Ear(),
        )  # fmt: skip
        webhooks.follow()
        object.__setattr__(desk.rooms, "webhooks", webhooks)
        boss = await desk.machine(Role.SUPERVISOR)
        await desk.finished_call()
        await webhooks.sending.send_due("crm")

        answer = await boss.get("/api/v1/webhooks")
        (shown,) = (await answer.json())["receivers"]
        assert (shown["name"], shown["waiting"], shown["last_reason"]) == ("crm", 2, "status 503")
        assert "example.org" not in await answer.text()
        assert PASSWORD not in await answer.text()
        page = await (await boss.get("/api/v1/webhooks/messages?limit=1")).json()
        assert page["messages"][0]["event"] == "call.ended"
        rest = await (await boss.get(f"/api/v1/webhooks/messages?cursor={page['next_cursor']}")).json()
        assert [(one["event"], one["tries"]) for one in rest["messages"]] == [("call.started", 1)]
        assert rest["next_cursor"] is None

        waits = await boss.post(f"/api/v1/webhooks/messages/{page['messages'][0]['id']}/again", json={})
        assert (waits.status, (await waits.json())["error"]["id"]) == (409, "webhook-message-waits")
        desk.clock.turn(90_000)
        await webhooks.sending.send_due("crm")
        again = await boss.post("/api/v1/webhooks/crm/again", json={})
        assert await again.json() == {"messages": 1}
        assert (await boss.post("/api/v1/webhooks/nobody/again", json={})).status == 404
        assert (await boss.post("/api/v1/webhooks/messages/99/again", json={})).status == 404
        assert (await (await desk.machine(Role.AGENT)).get("/api/v1/webhooks")).status == 403
