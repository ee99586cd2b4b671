"""Reports as rows under headings, for files, and as a whole for paper, in the desk's language."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from hotline.calls.lateness import Lateness
from hotline.reports.behind import Item
from hotline.reports.periods import Sort
from hotline.reports.ranges import Days
from hotline.sheets.report_sheet import MonthReport, Section
from hotline.sheets.row_files import Cell
from hotline.web.report_service_rows import COLUMNS, ServiceTable, service_rows, service_title
from hotline.web.report_shapes import AgentOut, AgentsReport, CallsReport, RowOut, ServiceReport, definitions
from hotline.web.report_words import NO_DATA, as_text, cause_name, percent, report_words, seconds, value_name
from hotline.web.words import fill, read_words

CALL_COLUMNS: Final = (
    "offered", "answered", "abandoned", "short", "three_rings", "service_level", "connected", "late",
    "p50", "p90", "p99",
)  # fmt: skip
AGENT_COLUMNS: Final = (
    "agent", "name", "calls", "calls_out", "talk", "hold", "wrap_up", "ready", "paused", "missed", "marks",
    "mark_mean", "drafts", "occupancy",
)  # fmt: skip
AGENT_FILE_COLUMNS: Final = (*AGENT_COLUMNS, "drafts_kept", "drafts_changed", "p50")  # paper has no room for more
DISTRIBUTION_COLUMNS: Final = ("above", "up_to", "answered")
HEAT_COLUMNS: Final = ("weekday", "hour", "offered", "three_rings", "service_level")
ON_PAPER: Final[tuple[ServiceTable, ...]] = (
    "kinds", "called-back", "handled", "owed", "hot-spots", "repeats", "campaigns",
)  # fmt: skip
HOT_SPOTS: Final = 10  # on paper; the page has more
MADE: Final = {Sort.MONTH: "made", Sort.WEEK: "made_week", Sort.QUARTER: "made_quarter"}


def call_rows(report: CallsReport) -> tuple[list[str], list[list[Cell]]]:
    """Return the headings and rows of answer times; shares are numbers of 1."""
    words = report_words()
    headings = [words["by"][report.by], *(words["column"][name] for name in CALL_COLUMNS)]
    return headings, [[_name(report.by, row), *_times(row)] for row in report.rows]


def cause_rows(report: CallsReport) -> tuple[list[str], list[list[Cell]]]:
    """Return on what most of the late calls' wait was lost."""
    words = report_words()
    return [words["cause"], words["column"]["late"]], [[cause_name(one.name), one.calls] for one in report.causes]


def agent_rows(report: AgentsReport) -> tuple[list[str], list[list[Cell]]]:
    """Return the headings and rows of the agents' work, each reason to pause in a column; lengths are seconds."""
    words, reasons = report_words(), sorted({reason for one in report.agents for reason in one.pauses})
    names = read_words()["agent_page"]["reason"]
    return [
        *(words["agent_column"][name] for name in AGENT_FILE_COLUMNS),
        *(fill(words["pause_column"], reason=names.get(reason, reason)) for reason in reasons),
    ], [
        [*_agent(one, AGENT_FILE_COLUMNS), *(one.pauses.get(reason, 0.0) for reason in reasons)]
        for one in report.agents
    ]


def distribution_rows(report: CallsReport) -> tuple[list[str], list[list[Cell]]]:
    """Return how many callers heard a human after more than so many seconds, and up to so many; the last has no end."""
    headings = report_words()["distribution_column"]
    return [headings[name] for name in DISTRIBUTION_COLUMNS], [
        [bar.above, bar.up_to, bar.calls] for bar in report.distribution
    ]


def heat_rows(report: CallsReport) -> tuple[list[str], list[list[Cell]]]:
    """Return each hour of each weekday in which there were calls, with its shares."""
    words = report_words()
    headings = words["by"] | words["column"]
    return [headings[name] for name in HEAT_COLUMNS], [
        [
            value_name("weekday", str(cell.weekday)), value_name("hour", f"{cell.hour:02}"), cell.offered,
            cell.three_rings_share, cell.service_level,
        ]
        for cell in report.heat
    ]  # fmt: skip


def with_centre(
    centre: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> tuple[list[str], list[list[Cell]]]:
    """Return rows that say in their first cell whose they are: a file is soon one of many."""
    return [report_words()["centre"], *headings], [[centre, *row] for row in rows]


def month_report(
    days: Days,
    calls: CallsReport,
    agents: AgentsReport,
    service: ServiceReport,
    before: CallsReport,
    *,
    made_at: datetime,
    zone: tzinfo,
    sort: Sort = Sort.MONTH,
    failed: Sequence[Item] = (),
) -> MonthReport:
    """Return the report of a month, a week or a quarter in words, with the one before it beside the figures.

    A quarter's is the trade's analysis: it names the matters that were not called back in time (`failed`) beside the
    repeats, and leaves room for what is to be written of them.
    """
    words = report_words()
    is_quarter = sort is Sort.QUARTER
    made = f"{made_at.astimezone(zone):%Y-%m-%d %H:%M}"
    by_day = {row.value: row.times.offered for row in calls.days}
    return MonthReport(
        title=words[f"{sort}_title"],
        period=f"{days.first} — {days.last}",
        made=fill(words[MADE[sort]], at=made)
        + (fill(words["running_note"], n=calls.running) if calls.running else "")
        + ("" if service.is_whole else words["not_whole"]),
        facts=chief_figures(calls, service, before),
        bars=[
            (
                words["trend"],
                [day.isoformat()[5 if is_quarter else 8 :] for day in days.each()],
                [by_day.get(day.isoformat(), 0) for day in days.each()],
            ),
            (
                words["distribution"],
                [_bar_name(bar.above, bar.up_to) for bar in calls.distribution],
                [bar.calls for bar in calls.distribution],
            ),
            (words["causes"], [cause_name(one.name) for one in calls.causes], [one.calls for one in calls.causes]),
            (
                words["agent_calls"],
                [one.name or one.agent for one in agents.agents],
                [one.calls + one.calls_out for one in agents.agents],
            ),
        ],
        heat={(cell.weekday, cell.hour): cell.offered for cell in calls.heat},
        weekdays=words["weekdays"],
        heat_heading=words["heat"],
        sections=[*_sections(calls, agents, service), *([_failed(failed, service, zone)] if is_quarter else [])],
        blanks=tuple(words["analysis"]) if is_quarter else (),
        definitions=[(one.name, one.formula) for one in definitions()],
        definitions_heading=words["definitions"],
        empty=NO_DATA,
        signatures=(words["made_by"], words["checked_by"], words["approved_by"]),
    )


def chief_figures(calls: CallsReport, service: ServiceReport, before: CallsReport) -> list[tuple[str, str]]:
    """Return the figures at the head of a report, each with the one of the time before; nothing of a person."""
    words, total, old = report_words(), calls.total, before.total
    column = words["column"]
    return [
        (column["offered"], _beside(str(total.offered), str(old.offered))),
        (column["answered"], _beside(str(total.answered), str(old.answered))),
        (column["abandoned"], _beside(str(total.abandoned), str(old.abandoned))),
        (column["three_rings"], _beside(percent(total.three_rings_share), percent(old.three_rings_share))),
        (column["service_level"], _beside(percent(total.service_level), percent(old.service_level))),
        (column["connected"], _beside(percent(total.connected), percent(old.connected))),
        (column["p50"], seconds(total.human_seconds.p50)),
        (column["p90"], seconds(total.human_seconds.p90)),
        (column["p99"], seconds(total.human_seconds.p99)),
        (words["complaints_share"], percent(service.complaints.share)),
        (words["satisfied_share"], percent(service.satisfied_share)),
        (words["promises_share"], percent(service.promises.share)),
        (words["collected_share"], percent(service.collected_share)),
    ]


def _sections(calls: CallsReport, agents: AgentsReport, service: ServiceReport) -> list[Section]:
    words = report_words()
    by_headings, by_cells = call_rows(calls)
    cause_headings, cause_cells = cause_rows(calls)
    agent_headings = [words["agent_column"][name] for name in AGENT_COLUMNS]
    agent_cells = [_agent(one, AGENT_COLUMNS) for one in agents.agents]
    return [
        Section(
            heading=words["by_title"][calls.by],
            headings=tuple(by_headings),
            rows=as_text(("", *CALL_COLUMNS), by_cells),
        ),
        Section(
            heading=words["causes"],
            headings=tuple(cause_headings),
            rows=as_text(("", ""), cause_cells),
            note="　".join(f"{words['late'][Lateness(one.name)]} {one.calls}" for one in calls.late),
        ),
        Section(heading=words["agents"], headings=tuple(agent_headings), rows=as_text(AGENT_COLUMNS, agent_cells)),
        *(_service_section(table, service) for table in ON_PAPER),
    ]


def _service_section(table: ServiceTable, service: ServiceReport) -> Section:
    headings, cells = service_rows(table, service)
    if table == "hot-spots":
        cells = cells[:HOT_SPOTS]
    return Section(heading=service_title(table), headings=tuple(headings), rows=as_text(COLUMNS[table], cells))


def _failed(failed: Sequence[Item], service: ServiceReport, zone: tzinfo) -> Section:
    words = report_words()
    own = words["behind_page"]
    missing = sum(one.failed for one in service.called_back) - len(failed)
    return Section(
        heading=words["failed_call_backs"],
        headings=tuple(own["column"][name] for name in ("handled", "kind", "home", "entry", "state")),
        rows=[
            (
                f"{one.at.astimezone(zone):%Y-%m-%d}" if one.at else "—",
                value_name("kind", one.kind),
                one.home or "—",
                f"№{one.entry}" if one.entry else "—",
                str(own["state"].get(one.state, one.state)),
            )
            for one in failed
        ],
        note=fill(words["more_rows"], n=missing) if missing > 0 else "",
    )


def _name(by: str, row: RowOut) -> str:
    return f"{row.value} {row.label}" if row.label else value_name(by, row.value)


def _times(row: RowOut) -> list[Cell]:
    times = row.times
    return [
        times.offered, times.answered, times.abandoned, times.short, times.three_rings_share, times.service_level,
        times.connected, times.late, times.human_seconds.p50, times.human_seconds.p90, times.human_seconds.p99,
    ]  # fmt: skip


def _agent(one: AgentOut, columns: Sequence[str]) -> list[Cell]:
    cells: dict[str, Cell] = {
        "agent": one.agent, "name": one.name, "calls": one.calls, "calls_out": one.calls_out, "talk": one.talk_seconds,
        "hold": one.hold_seconds, "wrap_up": one.wrap_up_seconds, "ready": one.ready_seconds,
        "paused": one.paused_seconds, "missed": one.missed, "marks": one.marks, "mark_mean": one.mark_mean,
        "drafts": one.drafts_share, "drafts_kept": one.drafts_kept, "drafts_changed": one.drafts_changed,
        "occupancy": one.occupancy, "p50": one.human_seconds.p50,
    }  # fmt: skip
    return [cells[name] for name in columns]


def _bar_name(above: int, up_to: int | None) -> str:
    return f">{above}" if up_to is None else f"≤{up_to}"


def _beside(now: str, before: str) -> str:
    return f"{now}（{before}）"
