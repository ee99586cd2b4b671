"""The tables of the report of service as rows under headings: for files and for paper. Shares are of 1."""

from collections.abc import Sequence
from typing import Final, Literal

from hotline.sheets.row_files import Cell
from hotline.web.report_shapes import CampaignResultOut, ServiceReport
from hotline.web.report_words import report_words, value_name
from hotline.web.words import read_words

ServiceTable = Literal["kinds", "handled", "called-back", "owed", "hot-spots", "campaigns", "repeats"]
NAMES_HOMES: Final = frozenset({"repeats"})  # who takes these away says why
COLUMNS: Final[dict[ServiceTable, tuple[str, ...]]] = {
    "kinds": ("kind", "calls"),
    "handled": ("kind", "raised", "handled", "in_time", "share"),
    "called-back": ("kind", "wanted", "handled", "drawn", "called", "in_time", "failed", "share"),
    "owed": ("debt", "in_time", "late", "overdue", "share"),
    "hot-spots": ("building", "repairs", "complaints", "calls"),
    "campaigns": ("campaign", "targets", "done", "reminded", "came_in", "share", "outcomes"),
    "repeats": ("kind", "home", "subject", "times", "entries"),
}
TITLES: Final[dict[ServiceTable, str]] = {"called-back": "called_back", "hot-spots": "hot_spots"}


def service_title(table: ServiceTable) -> str:
    """Return what a table is called."""
    return str(report_words()[TITLES.get(table, table)])


def service_rows(table: ServiceTable, report: ServiceReport) -> tuple[list[str], list[list[Cell]]]:
    """Return the headings and the rows of a table."""
    headings = report_words()["service_column"]
    return [str(headings[name]) for name in COLUMNS[table]], [list(row) for row in _rows(table, report)]


def _rows(table: ServiceTable, report: ServiceReport) -> Sequence[Sequence[Cell]]:
    match table:
        case "kinds":
            return [(value_name("kind", one.name), one.calls) for one in report.kinds]
        case "handled":
            return [
                (value_name("kind", one.kind), one.raised, one.handled, one.in_time, one.share)
                for one in report.handled
            ]
        case "called-back":
            return [
                (value_name("kind", one.kind), one.wanted, one.handled, one.drawn, one.called, one.in_time, one.failed,
                 one.share)
                for one in report.called_back
            ]  # fmt: skip
        case "owed":
            names = read_words()["follow_up_kind"]
            return [
                (names.get(one.kind, one.kind), one.in_time, one.late, one.overdue, one.share) for one in report.owed
            ]
        case "hot-spots":
            return [
                (value_name("building", one.building), one.repairs, one.complaints, one.calls)
                for one in report.hot_spots
            ]
        case "campaigns":
            return [_campaign(one) for one in report.campaigns]
        case "repeats":
            return [
                (value_name("kind", one.kind), one.home, one.subject, one.times,
                 " ".join(f"№{entry}" for entry in one.entries))
                for one in report.repeats
            ]  # fmt: skip


def _campaign(one: CampaignResultOut) -> Sequence[Cell]:
    outcomes = read_words()["campaigns"]["outcomes"]
    return (
        one.name,
        one.targets,
        one.by_state.get("done", 0),
        one.reminded_fen / 100 if one.reminded_fen is not None else None,
        one.collected_fen / 100 if one.collected_fen is not None else None,
        one.collected_share,
        "，".join(f"{outcomes.get(name, name)} {n}" for name, n in one.by_outcome.items()),
    )
