"""Send alerts as letters: the one place that speaks SMTP, for the letters of reports, too."""

import ssl
from datetime import tzinfo
from email.message import EmailMessage

import aiosmtplib

from hotline.alerts.alert import Delivery
from hotline.alerts.message import letter_of
from hotline.outbox.pauses import NotSent
from hotline.outbox.sending import SEND_WITHIN
from hotline.settings import AlertsSettings


class Letters:
    """The way out by e-mail. One letter to all, so that everybody sees who knows."""

    def __init__(self, settings: AlertsSettings, centre: str, zone: tzinfo, tls: ssl.SSLContext | None = None) -> None:
        self._settings, self._centre, self._zone, self._tls = settings, centre, zone, tls

    async def send(self, delivery: Delivery, /) -> None:
        """Send one letter. Raises NotSent."""
        settings = self._settings
        letter = EmailMessage()
        letter["Subject"], text = letter_of(delivery, self._centre, self._zone)
        letter["From"], letter["To"] = settings.mail_from, ", ".join(settings.mail_to)
        # The same at every try, so that a mailbox may show one that came twice once.
        letter["Message-ID"] = f"<alert-{delivery.alert.id}-{delivery.what}.{settings.mail_from}>"
        letter.set_content(text)
        await post(letter, settings, self._tls)


async def post(letter: EmailMessage, settings: AlertsSettings, tls: ssl.SSLContext | None = None) -> None:
    """Hand a letter to the mail server of `[alerts]`. Raises NotSent, OSError, TimeoutError."""
    try:
        await aiosmtplib.send(
            letter,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            tls_context=tls,
            timeout=SEND_WITHIN,
        )
    except aiosmtplib.SMTPException as wrong:
        raise NotSent(type(wrong).__name__) from wrong
