"""The report of a month, a week or a quarter as a whole: read once, then written as paper, workbook and letter."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from hotline.reports.behind import Behind, Item
from hotline.reports.periods import Sort
from hotline.reports.ranges import Days
from hotline.sheets.report_sheet import month_sheet
from hotline.sheets.row_files import as_workbook
from hotline.web.report_behind import read_behind
from hotline.web.report_reading import read_agents_report, read_calls_report, read_service_report
from hotline.web.report_service_rows import NAMES_HOMES, service_rows, service_title
from hotline.web.report_shapes import AgentsReport, CallsReport, ServiceReport
from hotline.web.report_tables import ON_PAPER, agent_rows, call_rows, chief_figures, month_report, with_centre
from hotline.web.report_words import report_words
from hotline.web.rooms import WebRooms
from hotline.web.words import fill

MOST_FAILED: Final = 100  # call-backs that a quarter's paper names one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperReport:
    """All that a period's report says."""

    days: Days
    sort: Sort
    calls: CallsReport  # by hour
    by_day: CallsReport
    agents: AgentsReport
    service: ServiceReport
    before: CallsReport
    failed: tuple[Item, ...]  # of a quarter: matters that were not called back in time
    centre: str
    zone: tzinfo
    made_at: datetime

    @property
    def title(self) -> str:
        """What the report is called."""
        return str(report_words()[f"{self.sort}_title"])

    @property
    def text(self) -> str:
        """The chief figures in a few lines; nothing of a person is in them."""
        period = f"{self.days.first} — {self.days.last}"
        head = fill(report_words()["letter_text"], centre=self.centre, title=self.title, period=period)
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
            sort=self.sort,
            failed=self.failed,
        )
        return await asyncio.to_thread(month_sheet, report, centre=self.centre)

    async def as_xlsx(self) -> bytes:
        """Return the rows: by day, by hour, of each agent, and of service what names no home."""
        titles, agents = report_words()["by_title"], report_words()["agents"]
        return await asyncio.to_thread(
            as_workbook,
            (titles["day"], *with_centre(self.centre, *call_rows(self.by_day))),
            (titles["hour"], *with_centre(self.centre, *call_rows(self.calls))),
            (agents, *with_centre(self.centre, *agent_rows(self.agents))),
            *(
                (service_title(table), *with_centre(self.centre, *service_rows(table, self.service)))
                for table in ON_PAPER
                if table not in NAMES_HOMES
            ),
        )


async def read_paper(rooms: WebRooms, days: Days, *, sort: Sort = Sort.MONTH) -> PaperReport:
    """Return the report of these days; the days before stand beside them."""
    service = await read_service_report(rooms, days)
    return PaperReport(
        days=days,
        sort=sort,
        calls=await read_calls_report(rooms, days, "hour"),
        by_day=await read_calls_report(rooms, days, "day"),
        agents=await read_agents_report(rooms, days),
        service=service,
        before=await read_calls_report(rooms, days.before, "hour"),
        failed=await _failed(rooms, days, service) if sort is Sort.QUARTER else (),
        centre=rooms.centre,
        zone=rooms.zone,
        made_at=rooms.clock.now(),
    )


async def _failed(rooms: WebRooms, days: Days, service: ServiceReport) -> tuple[Item, ...]:
    found: list[Item] = []
    for kind in (one.kind for one in service.called_back if one.failed):
        wanted = Behind(days=days, figure="not-called-back", value=kind)
        found += (await read_behind(rooms, wanted, limit=MOST_FAILED - len(found)))[0]
        if len(found) >= MOST_FAILED:
            break
    return tuple(found)
