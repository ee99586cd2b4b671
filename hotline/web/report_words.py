"""How reports say things, in the desk's language: values of a dimension, causes, shares, lengths, what a figure is."""

from collections.abc import Sequence
from typing import Any, Final

from hotline.reports.selection import WITH_VALUE, Selection
from hotline.sheets.row_files import Cell
from hotline.web.words import fill, read_words

NO_DATA: Final = "暂无数据"
SHARES: Final = frozenset({"three_rings", "service_level", "connected", "drafts", "occupancy", "wanted", "share"})
LENGTHS: Final = frozenset({"talk", "hold", "wrap_up", "ready", "paused"})
YUAN: Final = frozenset({"reminded", "came_in"})


def report_words() -> dict[str, Any]:
    """Return the words of the page of reports."""
    found: dict[str, Any] = read_words()["reports"]
    return found


def value_name(by: str, value: str) -> str:
    """Return how a value of a dimension is called."""
    words = report_words()
    match by:
        case "kind":
            names = read_words()["after"] | read_words()["kind"]
            return str(names.get(value, value)) if value else str(words["none"]["kind"])
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


def cause_name(name: str) -> str:
    """Return what a late call's wait was lost on."""
    return str(read_words()["leg"].get(name, name)) if name else str(report_words()["none"]["cause"])


def percent(of_one: float | None) -> str:
    """Return a share in percent, never rounded up to a hundred; no data says so."""
    if of_one is None:
        return NO_DATA
    return "100%" if of_one == 1 else f"{int(of_one * 1000) / 10:.1f}%"


def seconds(length: float | None) -> str:
    """Return a length in seconds; no data says so."""
    return NO_DATA if length is None else f"{length:g} 秒"


def as_text(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[tuple[str, ...]]:
    """Return cells for paper: shares in percent, lengths in whole seconds, money to the fen."""

    def said(column: str, cell: Cell) -> str:
        if cell is None:
            return "—"
        if column in SHARES:
            return percent(float(cell))
        if column in LENGTHS:
            return f"{float(cell):.0f}"
        if column in YUAN:
            return f"{float(cell):.2f}"
        return f"{cell:g}" if isinstance(cell, float) else str(cell)

    return [tuple(map(said, columns, row)) for row in rows]


def figure_in_words(wanted: Selection) -> str:
    """Return which calls stand behind a figure: "2026-11-01 — 2026-11-30 · 迟接 · 坐席 8001"."""
    words = report_words()
    name, _, told = wanted.figure.partition(":")
    figure = str(words["figure"][name])
    if told or name in WITH_VALUE:
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
    elif wanted.by in {"spoke", "spoke-in", "spoke-out", "held", "marked"}:
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
