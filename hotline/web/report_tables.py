"""Reports in words, for files and paper: rows under headings, in the desk's language."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from hotline.calls.lateness import Lateness
from hotline.reports.ranges import Days
from hotline.reports.selection import OWED, OWED_MATTERS, WITH_VALUE, Selection
from hotline.sheets.report_sheet import MonthReport, Section
from hotline.sheets.row_files import Cell
from hotline.web.report_shapes import (
    AgentOut,
    AgentsReport,
    CallsReport,
    CampaignResultOut,
    RowOut,
    ServiceReport,
    definitions,
)
from hotline.web.words import fill, read_words

NO_DATA: Final = "暂无数据"
CALL_COLUMNS: Final = (
    "offered", "answered", "abandoned", "short", "three_rings", "service_level", "connected", "late",
    "p50", "p90", "p99",
)  # fmt: skip
CALLED_BACK_COLUMNS: Final = ("kind", "wanted", "handled", "drawn", "in_time", "failed", "share")
AGENT_COLUMNS: Final = (
    "agent", "name", "calls", "calls_out", "talk", "hold", "wrap_up", "ready", "paused", "missed", "marks",
    "mark_mean", "drafts", "occupancy",
)  # fmt: skip
SHARES: Final = frozenset({"three_rings", "service_level", "connected", "drafts", "occupancy"})
LENGTHS: Final = frozenset({"talk", "hold", "wrap_up", "ready", "paused"})


def call_rows(report: CallsReport) -> tuple[list[str], list[list[Cell]]]:
    """Return the headings and rows of answer times; shares are numbers of 1."""
    words = _words()
    headings = [words["by"][report.by], *(words["column"][name] for name in CALL_COLUMNS)]
    return headings, [[_name(report.by, row), *_times(row)] for row in report.rows]


def agent_rows(report: AgentsReport) -> tuple[list[str], list[list[Cell]]]:
    """Return the headings and rows of the agents' work; lengths are seconds."""
    words = _words()
    return [words["agent_column"][name] for name in AGENT_COLUMNS], [_agent(one) for one in report.agents]


def value_name(by: str, value: str) -> str:
    """Return how a value of a dimension is called."""
    words = _words()
    match by:
        case "kind":
            return str(read_words()["kind"].get(value, value)) if value else str(words["none"]["kind"])
        case "weekday":
            return str(words["weekdays"][int(value) - 1])
        case "hour":
            return f"{value}:00"
        case "queue":
            return str(read_words()["queue"].get(value, value)) if value else str(words["none"]["queue"])
        case "building":
            return f"{value}栋" if value else str(words["none"]["building"])
        case _:
            return value or str(words["none"].get(by, "—"))


def month_report(
    days: Days,
    calls: CallsReport,
    agents: AgentsReport,
    service: ServiceReport,
    before: CallsReport,
    *,
    made_at: datetime,
    zone: tzinfo,
    is_month: bool = True,
) -> MonthReport:
    """Return the report of a month, or of a week, in words, with the one before it beside the figures."""
    words = _words()
    made = f"{made_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return MonthReport(
        title=words["month_title" if is_month else "week_title"],
        period=f"{days.first} — {days.last}",
        made=fill(words["made" if is_month else "made_week"], at=made)
        + (fill(words["running_note"], n=calls.running) if calls.running else "")
        + ("" if calls.is_whole else words["not_whole"]),
        facts=chief_figures(calls, service, before),
        bars=[
            (words["trend"], [row.value[8:] for row in calls.days], [row.times.offered for row in calls.days]),
            (
                words["distribution"],
                [_bar_name(bar.above, bar.up_to) for bar in calls.distribution],
                [bar.calls for bar in calls.distribution],
            ),
        ],
        heat={(cell.weekday, cell.hour): cell.offered for cell in calls.heat},
        weekdays=words["weekdays"],
        heat_heading=words["heat"],
        sections=_sections(calls, agents, service),
        definitions=[(one.name, one.formula) for one in definitions()],
        definitions_heading=words["definitions"],
        empty=NO_DATA,
        signatures=(words["made_by"], words["checked_by"], words["approved_by"]),
    )


def chief_figures(calls: CallsReport, service: ServiceReport, before: CallsReport) -> list[tuple[str, str]]:
    """Return the figures at the head of a report, each with the one of the time before; nothing of a person."""
    words, total, old = _words(), calls.total, before.total
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


def percent(of_one: float | None) -> str:
    """Return a share in percent, never rounded up to a hundred; no data says so."""
    if of_one is None:
        return NO_DATA
    return "100%" if of_one == 1 else f"{int(of_one * 1000) / 10:.1f}%"


def seconds(length: float | None) -> str:
    """Return a length in seconds; no data says so."""
    return NO_DATA if length is None else f"{length:g} 秒"


def _sections(calls: CallsReport, agents: AgentsReport, service: ServiceReport) -> list[Section]:
    words, outcomes = _words(), read_words()["campaigns"]["outcomes"]
    agent_headings, agent_cells = agent_rows(agents)
    column = words["service_column"]
    by_headings, by_cells = call_rows(calls)
    by_rows = _as_text(("", *CALL_COLUMNS), by_cells)
    return [
        Section(heading=words["by_title"][calls.by], headings=tuple(by_headings), rows=by_rows),
        Section(
            heading=words["causes"],
            headings=(words["cause"], words["column"]["offered"]),
            rows=[(cause_name(one.name), str(one.calls)) for one in calls.causes],
            note="　".join(f"{words['late'][Lateness(one.name)]} {one.calls}" for one in calls.late),
        ),
        Section(heading=words["agents"], headings=tuple(agent_headings), rows=_as_text(AGENT_COLUMNS, agent_cells)),
        Section(
            heading=words["kinds"],
            headings=(words["by"]["kind"], words["column"]["offered"]),
            rows=[(value_name("kind", one.name), str(one.calls)) for one in service.kinds],
        ),
        Section(
            heading=words["called_back"],
            headings=tuple(column[name] for name in CALLED_BACK_COLUMNS),
            rows=[
                (value_name("kind", one.kind), percent(one.wanted), str(one.handled), str(one.drawn), str(one.in_time),
                 str(one.failed), percent(one.share))
                for one in service.called_back
            ],
        ),
        Section(
            heading=words["handled"],
            headings=tuple(column[name] for name in ("kind", "raised", "handled", "in_time", "share")),
            rows=[
                (value_name("kind", one.kind), str(one.raised), str(one.handled), str(one.in_time), percent(one.share))
                for one in service.handled
            ],
        ),
        Section(
            heading=words["owed"],
            headings=tuple(column[name] for name in ("kind", "in_time", "late", "overdue", "share")),
            rows=[
                (str(read_words()["follow_up_kind"].get(one.kind, one.kind)), str(one.in_time), str(one.late),
                 str(one.overdue), percent(one.share))
                for one in service.owed
            ],
        ),
        Section(
            heading=words["hot_spots"],
            headings=tuple(column[name] for name in ("building", "repairs", "complaints", "calls")),
            rows=[
                (value_name("building", one.building), str(one.repairs), str(one.complaints), str(one.calls))
                for one in service.hot_spots[:10]
            ],
        ),
        Section(
            heading=words["repeats"],
            headings=tuple(column[name] for name in ("kind", "home", "subject", "times")),
            rows=[(value_name("kind", one.kind), one.home, one.subject, str(one.times)) for one in service.repeats],
        ),
        Section(
            heading=words["campaigns"],
            headings=tuple(column[name] for name in ("campaign", "targets", "done", "collected", "outcomes")),
            rows=[
                (one.name, str(one.targets), str(one.by_state.get("done", 0)), collected(one),
                 "，".join(f"{outcomes.get(name, name)} {n}" for name, n in one.by_outcome.items()))
                for one in service.campaigns
            ],
        ),
    ]  # fmt: skip


def collected(one: CampaignResultOut) -> str:
    """Return how much of the fees came in: "1200.00 / 1500.00 元，80.0%"; no data for what is no campaign of fees."""
    if one.reminded_fen is None or one.collected_fen is None:
        return "—"
    return f"{one.collected_fen / 100:.2f} / {one.reminded_fen / 100:.2f} 元，{percent(one.collected_share)}"


def cause_name(name: str) -> str:
    """Return what a late call's wait was lost on."""
    return str(read_words()["leg"].get(name, name)) if name else str(_words()["none"]["cause"])


def _words() -> dict[str, Any]:
    found: dict[str, Any] = read_words()["reports"]
    return found


def _name(by: str, row: RowOut) -> str:
    return f"{row.value} {row.label}" if row.label else value_name(by, row.value)


def _times(row: RowOut) -> list[Cell]:
    times = row.times
    return [
        times.offered, times.answered, times.abandoned, times.short, times.three_rings_share, times.service_level,
        times.connected, times.late, times.human_seconds.p50, times.human_seconds.p90, times.human_seconds.p99,
    ]  # fmt: skip


def _agent(one: AgentOut) -> list[Cell]:
    return [
        one.agent, one.name, one.calls, one.calls_out, one.talk_seconds, one.hold_seconds, one.wrap_up_seconds,
        one.ready_seconds, one.paused_seconds, one.missed, one.marks, one.mark_mean, one.drafts_share, one.occupancy,
    ]  # fmt: skip


def _as_text(columns: Sequence[str], rows: list[list[Cell]]) -> list[tuple[str, ...]]:
    """Return cells for paper: shares in percent, lengths in whole seconds."""

    def said(column: str, cell: Cell) -> str:
        if cell is None:
            return "—"
        if column in SHARES:
            return percent(float(cell))
        if column in LENGTHS:
            return f"{float(cell):.0f}"
        return f"{cell:g}" if isinstance(cell, float) else str(cell)

    return [tuple(map(said, columns, row)) for row in rows]


def _bar_name(above: int, up_to: int | None) -> str:
    return f">{above}" if up_to is None else f"≤{up_to}"


def _beside(now: str, before: str) -> str:
    return f"{now}（{before}）"


def figure_in_words(wanted: Selection) -> str:
    """Return which calls stand behind a figure: "2026-11-01 — 2026-11-30 · 迟接 · 坐席 8001"."""
    words = _words()
    name, _, told = wanted.figure.partition(":")
    figure = str(words["figure"][name])
    if name in OWED:
        all_words = read_words()
        of_kind = all_words["kind" if name in OWED_MATTERS else "follow_up_kind"]
        figure = f"{figure} {of_kind.get(told, told)}"
    elif told or name in WITH_VALUE:
        all_words = read_words()
        of = {
            "outcome": all_words["outcome"],
            "cause": all_words["leg"],
            "kind": all_words["kind"],
            "late": words["late"],
        }
        figure = f"{figure} {of[name].get(told, told or words['none']['kind'])}"
    said = [f"{wanted.days.first} — {wanted.days.last}", figure]
    if wanted.by == "week-hour":
        weekday, _, hour = wanted.value.partition("-")
        said.append(f"{value_name('weekday', weekday) if weekday in set('1234567') else weekday} {hour}:00")
    elif wanted.by in {"spoke", "spoke-in", "spoke-out", "missed", "marked"}:
        said.append(f"{words['by'][wanted.by]} {wanted.value}")
    elif wanted.by == "weekday":
        said.append(value_name("weekday", wanted.value) if wanted.value in set("1234567") else wanted.value)
    elif wanted.by:
        said.append(f"{words['by'][wanted.by]} {value_name(wanted.by, wanted.value)}")
    if wanted.above is not None or wanted.up_to is not None:
        said.append(
            fill(
                words["between"],
                above=f"{wanted.above or 0:g}",
                up_to=f"{wanted.up_to:g}" if wanted.up_to is not None else "∞",
            )
        )
    return " · ".join(said)
