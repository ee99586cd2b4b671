"""A month's or a week's report as a whole: read once, then written as paper, as a workbook, as the text of a letter."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, tzinfo

from hotline.reports.ranges import Days
from hotline.sheets.report_sheet import month_sheet
from hotline.sheets.row_files import as_workbook
from hotline.web.report_reading import read_agents_report, read_calls_report, read_service_report
from hotline.web.report_shapes import AgentsReport, CallsReport, ServiceReport
from hotline.web.report_tables import agent_rows, call_rows, chief_figures, month_report
from hotline.web.rooms import WebRooms
from hotline.web.words import fill, read_words


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperReport:
    """All that a period's report says."""

    days: Days
    is_month: bool
    calls: CallsReport  # by hour
    by_day: CallsReport
    agents: AgentsReport
    service: ServiceReport
    before: CallsReport
    centre: str
    zone: tzinfo
    made_at: datetime

    @property
    def title(self) -> str:
        """What the report is called."""
        return str(read_words()["reports"]["month_title" if self.is_month else "week_title"])

    @property
    def text(self) -> str:
        """The chief figures in a few lines; nothing of a person is in them."""
        period = f"{self.days.first} — {self.days.last}"
        head = fill(read_words()["reports"]["letter_text"], centre=self.centre, title=self.title, period=period)
        figures = [f"{name}：{figure}" for name, figure in chief_figures(self.calls, self.service, self.before)]
        return "\n".join([head, "", *figures]) + "\n"

    async def as_pdf(self) -> bytes:
        """Return the sheets with room for signatures."""
        report = month_report(
            self.days,
            self.calls,
            self.agents,
            self.service,
            self.before,
            made_at=self.made_at,
            zone=self.zone,
            is_month=self.is_month,
        )
        return await asyncio.to_thread(month_sheet, report, centre=self.centre)

    async def as_xlsx(self) -> bytes:
        """Return the rows: by day, by hour, of each agent."""
        titles = read_words()["reports"]["by_title"]
        agents = read_words()["reports"]["agents"]
        return await asyncio.to_thread(
            as_workbook,
            (titles["day"], *call_rows(self.by_day)),
            (titles["hour"], *call_rows(self.calls)),
            (agents, *agent_rows(self.agents)),
        )


async def read_paper(rooms: WebRooms, days: Days, *, is_month: bool = True) -> PaperReport:
    """Return the report of these days; the days before stand beside them."""
    return PaperReport(
        days=days,
        is_month=is_month,
        calls=await read_calls_report(rooms, days, "hour"),
        by_day=await read_calls_report(rooms, days, "day"),
        agents=await read_agents_report(rooms, days),
        service=await read_service_report(rooms, days),
        before=await read_calls_report(rooms, days.before, "hour"),
        centre=rooms.centre,
        zone=rooms.zone,
        made_at=rooms.clock.now(),
    )
