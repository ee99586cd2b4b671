"""Send alerts to another program: JSON, signed, never redirected."""

from datetime import tzinfo

from aiohttp import ClientError, ClientSession, ClientTimeout

from hotline.alerts.alert import Delivery
from hotline.alerts.delivering import SEND_WITHIN, AlertNotSent
from hotline.alerts.message import SIGNATURE, body_of, signature
from hotline.clock import Clock
from hotline.settings import AlertsSettings


class Webhook:
    """The way out to another program. Any answer of 200 to 299 has taken the message."""

    def __init__(self, settings: AlertsSettings, centre: str, zone: tzinfo, clock: Clock) -> None:
        self._settings, self._centre, self._zone, self._clock = settings, centre, zone, clock

    async def send(self, delivery: Delivery) -> None:
        """Send one message. Raises AlertNotSent, TimeoutError."""
        body = body_of(delivery, self._centre, self._zone)
        at = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            SIGNATURE: signature(body, self._settings.webhook_secret.get_secret_value(), at),
        }
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=SEND_WITHIN)) as client,
                client.post(self._settings.webhook_url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except ClientError as wrong:
            raise AlertNotSent(type(wrong).__name__) from wrong
        if not 200 <= status < 300:
            raise AlertNotSent(f"status {status}")
