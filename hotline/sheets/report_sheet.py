"""The report 月报 of a month, a week or a quarter as a PDF of A4 pages: figures, charts, tables, room for signatures.

The charts are drawn by the PDF library's own plotting part (reportlab.graphics): as lines and letters, not pixels.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from hotline.sheets.paper import BODY, FONT, HEAD, SMALL, TITLE, NumberedPages, lines, register_font, text

WIDE: Final = 180 * mm
BARS_HIGH: Final = 48 * mm
CELL: Final = 6.4 * mm
BLANK_HIGH: Final = 40 * mm
GREEN: Final = colors.HexColor("#0f766e")
LAST: Final = 4  # meanings that stay with the signatures
LABELS: Final = 16  # most under a chart's bars; of more every n-th is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table under its heading; the first row has the headings."""

    heading: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """All that stands on the sheet, in words. `bars` are charts: a heading, labels and numbers; `heat` is by hour."""

    title: str
    period: str
    made: str
    facts: Sequence[tuple[str, str]]
    bars: Sequence[tuple[str, Sequence[str], Sequence[int]]]
    heat: Mapping[tuple[int, int], int]
    weekdays: Sequence[str]
    heat_heading: str
    sections: Sequence[Section]
    blanks: Sequence[str] = ()  # headings of empty boxes to write in by hand
    definitions: Sequence[tuple[str, str]]
    definitions_heading: str
    empty: str
    signatures: tuple[str, str, str]


def month_sheet(report: MonthReport, *, centre: str) -> bytes:
    """Return the sheet. Blocking: some hundred milliseconds."""
    register_font()
    made = io.BytesIO()
    page = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm, topMargin=14 * mm, bottomMargin=14 * mm,
        title=f"{report.title} {report.period}", author=centre,
    )  # fmt: skip
    flow: list[Flowable] = [
        Paragraph(text(centre), SMALL),
        Paragraph(text(report.title), TITLE),
        Paragraph(text(f"{report.period}　{report.made}"), BODY),
        Spacer(1, 3 * mm),
        _facts(report.facts),
    ]
    for heading, labels, numbers in report.bars:
        flow.append(KeepTogether([Paragraph(text(heading), HEAD), _bars(labels, numbers, report.empty)]))
    flow.append(KeepTogether([Paragraph(text(report.heat_heading), HEAD), _heat(report)]))
    for section in report.sections:
        # A heading never stands alone at the foot of a page.
        flow += [CondPageBreak(30 * mm), Paragraph(text(section.heading), HEAD), _table(section, report.empty)]
        if section.note:
            flow.append(Paragraph(text(section.note), SMALL))
    flow += [_blank(heading) for heading in report.blanks]
    flow.append(Paragraph(text(report.definitions_heading), HEAD))
    meanings = [Paragraph(f"<b>{text(name)}</b>：{text(formula)}", SMALL) for name, formula in report.definitions]
    # Nor do the signatures alone on a page.
    flow += [*meanings[:-LAST], KeepTogether([*meanings[-LAST:], Spacer(1, 8 * mm), _signatures(report.signatures)])]
    page.build(flow, canvasmaker=NumberedPages)
    return made.getvalue()


def _facts(facts: Sequence[tuple[str, str]]) -> Table:
    """Return names and figures, three pairs in a row."""
    filled = [*facts, *[("", "")] * (-len(facts) % 3)]
    rows = [[cell for pair in filled[place : place + 3] for cell in pair] for place in range(0, len(filled), 3)]
    table = Table([[Paragraph(text(cell), BODY) for cell in row] for row in rows], (34 * mm, 26 * mm) * 3)
    table.setStyle(lines())
    return table


def _bars(labels: Sequence[str], numbers: Sequence[int], empty: str) -> Flowable:
    if not any(numbers):
        return Paragraph(text(empty), BODY)
    drawing, chart = Drawing(WIDE, BARS_HIGH), VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 10 * mm, 9 * mm, WIDE - 14 * mm, BARS_HIGH - 14 * mm
    chart.data = [list(numbers)]
    chart.bars[0].fillColor, chart.bars[0].strokeColor = GREEN, None
    chart.valueAxis.valueMin, chart.valueAxis.labels.fontName = 0, FONT
    chart.valueAxis.labelTextFormat = "%d"
    if max(numbers) <= 7:  # of few calls the library's own steps are parts of a call
        chart.valueAxis.valueStep = 1
    every = -(-len(labels) // LABELS)
    chart.categoryAxis.categoryNames = [label if place % every == 0 else "" for place, label in enumerate(labels)]
    chart.categoryAxis.labels.fontName, chart.categoryAxis.labels.fontSize = FONT, 6.5
    if len(labels) <= LABELS:
        chart.barLabelFormat, chart.barLabels.nudge = "%d", 5
        chart.barLabels.fontName, chart.barLabels.fontSize = FONT, 6.5
    drawing.add(chart)
    return drawing


def _heat(report: MonthReport) -> Flowable:
    most = max(report.heat.values(), default=0)
    if not most:
        return Paragraph(text(report.empty), BODY)
    drawing = Drawing(WIDE, 8 * CELL)
    for hour in range(24):
        drawing.add(String((hour + 3) * CELL, 7.2 * CELL, f"{hour}", fontName=FONT, fontSize=6.5, textAnchor="middle"))
    for row, name in enumerate(report.weekdays):
        y = (6 - row) * CELL
        drawing.add(String(0, y + 2, name, fontName=FONT, fontSize=7))
        for hour in range(24):
            calls = report.heat.get((row + 1, hour), 0)
            shade = colors.linearlyInterpolatedColor(colors.HexColor("#f1f5f4"), GREEN, 0, most, calls)
            drawing.add(Rect((hour + 2.5) * CELL, y, CELL, CELL, fillColor=shade, strokeColor=colors.white))
            if calls:
                ink = colors.white if calls > most / 2 else colors.black
                place = {"fontName": FONT, "fontSize": 5.5, "textAnchor": "middle", "fillColor": ink}
                drawing.add(String((hour + 3) * CELL, y + 2.2 * mm, str(calls), **place))
    return drawing


def _table(section: Section, empty: str) -> Flowable:
    if not section.rows:
        return Paragraph(text(empty), BODY)
    cells = [[Paragraph(text(cell), BODY) for cell in row] for row in (section.headings, *section.rows)]
    table = Table(cells, (WIDE / len(section.headings),) * len(section.headings), repeatRows=1, splitInRow=1)
    table.setStyle(lines(("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)))
    return table


def _blank(heading: str) -> Flowable:
    box = Table([[""]], (WIDE,), (BLANK_HIGH,))
    box.setStyle(lines())
    return KeepTogether([Paragraph(text(heading), HEAD), box])


def _signatures(names: tuple[str, str, str]) -> Flowable:
    rows: list[list[Any]] = [[Paragraph(text(name), BODY) for name in names]]
    table = Table(rows, (WIDE / 3,) * 3, (18 * mm,))
    table.setStyle(lines(("VALIGN", (0, 0), (-1, -1), "TOP")))
    return table
