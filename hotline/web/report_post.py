"""Post the report of a week, month or quarter that is over, once, with its paper and its workbook.

That it is to be posted is a row (`reports.letters_store`) before anything is sent; a mail server that is away is asked
again with growing pauses, for a day. The letter's text holds no name, number or home.
"""

import asyncio
import ssl
from email.message import EmailMessage
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.alerts.letters import post
from hotline.outbox.pauses import NotSent
from hotline.outbox.sending import Sending
from hotline.reports.letters_store import ReportLetter, ReportOutbox, write_letter
from hotline.reports.periods import Period, to_be_posted
from hotline.settings import AlertsSettings, ReportsSettings
from hotline.web.report_paper import read_paper
from hotline.web.rooms import WebRooms

log = structlog.get_logger()
MAIL: Final = "mail"
LOOK_EVERY: Final = 60.0
SHEETS: Final = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReportMail:
    """The way out: makes a period's report anew at every try, and hands it to the mail server."""

    def __init__(
        self, rooms: WebRooms, settings: ReportsSettings, mail: AlertsSettings, tls: ssl.SSLContext | None = None
    ) -> None:
        self._rooms, self._settings, self._mail, self._tls = rooms, settings, mail, tls

    async def send(self, letter: ReportLetter, /) -> None:
        """Post one period's report. Raises NotSent, also while old calls and entries are being counted."""
        period = Period.named(letter.period)
        report = await read_paper(self._rooms, period.days, sort=period.sort)
        if not report.service.is_whole:
            raise NotSent("old calls and entries are still counted")
        message = EmailMessage()
        message["Subject"] = f"[{report.centre}] {report.title} {period.name}"
        message["From"], message["To"] = self._mail.mail_from, ", ".join(self._settings.mail_to)
        # The same at every try: a mailbox shows a letter that came twice once.
        message["Message-ID"] = f"<report-{period.name}.{self._mail.mail_from}>"
        message.set_content(report.text)
        name = f"report-{period.name}"
        paper, book = await report.as_pdf(), await report.as_xlsx()
        message.add_attachment(paper, maintype="application", subtype="pdf", filename=f"{name}.pdf")
        message.add_attachment(book, maintype="application", subtype=SHEETS, filename=f"{name}.xlsx")
        await post(message, self._mail, self._tls)


class ReportPost:
    """The shell around the letters of reports, for as long as `run` runs."""

    def __init__(
        self, rooms: WebRooms, settings: ReportsSettings, mail: AlertsSettings, tls: ssl.SSLContext | None = None
    ) -> None:
        self._rooms, self._settings = rooms, settings
        ways = {MAIL: ReportMail(rooms, settings, mail, tls)}
        self.sending: Sending[ReportLetter] = Sending(
            "reports", ReportOutbox(), database=rooms.database, clock=rooms.clock, ways=ways
        )

    async def run(self) -> None:
        """Work until cancelled; at once over where nobody is to be written to."""
        if not self._settings.mail_to:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look(), name="reports-due")
            tasks.create_task(self.sending.run(), name="reports-out")

    async def _look(self) -> None:
        while True:
            try:
                if await self.write_due():
                    self.sending.ring()
            except (SQLAlchemyError, OSError) as wrong:
                log.warning("what is to be posted could not be written", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def write_due(self) -> int:
        """Write which reports are to be posted by now; return how many are new."""
        now = self._rooms.clock.now()
        settings = self._settings
        periods = to_be_posted(
            now.astimezone(self._rooms.zone),
            monthly=settings.monthly,
            weekly=settings.weekly,
            quarterly=settings.quarterly,
            hour=settings.mail_hour,
        )
        written = 0
        for period in periods:
            async with self._rooms.database.begin() as session:
                written += await write_letter(session, period.name, now)
        return written
