"""Send a message to another program: JSON, signed, never redirected. Any answer of 200 to 299 has taken it."""

from datetime import tzinfo

from aiohttp import ClientError, ClientSession, ClientTimeout

from hotline.alerts.alert import Delivery
from hotline.alerts.message import body_of
from hotline.clock import Clock
from hotline.outbox.pauses import NotSent
from hotline.outbox.sending import SEND_WITHIN
from hotline.outbox.signing import SIGNATURE, signature
from hotline.settings import AlertsSettings
from hotline.webhooks.event import Receiver, WebhookMessage


async def post(url: str, secret: str, body: bytes, clock: Clock) -> None:
    """Send a body. Raises NotSent, TimeoutError."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        SIGNATURE: signature(body, secret, int(clock.now().timestamp())),
    }
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=SEND_WITHIN)) as client,
            client.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            status = answer.status
    except (ClientError, ValueError) as wrong:  # ValueError: an address whose name no resolver takes
        raise NotSent(type(wrong).__name__) from wrong
    if not 200 <= status < 300:
        raise NotSent(f"status {status}")


class Webhook:
    """The way out of alerts to another program."""

    def __init__(self, settings: AlertsSettings, centre: str, zone: tzinfo, clock: Clock) -> None:
        self._settings, self._centre, self._zone, self._clock = settings, centre, zone, clock

    async def send(self, delivery: Delivery, /) -> None:
        """Send one message. Raises NotSent, TimeoutError."""
        body, secret = body_of(delivery, self._centre, self._zone), self._settings.webhook_secret.get_secret_value()
        await post(self._settings.webhook_url, secret, body, self._clock)


class ReceiverWay:
    """The way out to one receiver of events."""

    def __init__(self, receiver: Receiver, clock: Clock) -> None:
        self._receiver, self._clock = receiver, clock

    async def send(self, message: WebhookMessage, /) -> None:
        """Send one message. Raises NotSent, TimeoutError."""
        await post(self._receiver.url, self._receiver.secret, message.body.encode(), self._clock)
