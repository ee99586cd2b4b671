"""Rows of a report as CSV or XLSX: a heading, then cells of text or numbers. A spreadsheet runs none of them."""

import csv
import io
from collections.abc import Sequence
from typing import Final

import xlsxwriter

from hotline.cells import harmless
from hotline.sheets.log_files import BOM

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | None


def rows_as_csv(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return the rows as CSV, UTF-8 with its mark; no data is an empty cell."""
    written = io.StringIO()
    written.write(BOM)
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(map(_plain, headings))
    lines.writerows([_plain(cell) for cell in row] for row in rows)
    return written.getvalue().encode()


def rows_as_xlsx(title: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return the rows as a workbook, numbers as numbers. Blocking."""
    return as_workbook((title, headings, rows))


def as_workbook(*sheets: tuple[str, Sequence[str], Sequence[Sequence[Cell]]]) -> bytes:
    """Return a workbook of these sheets: a title each, headings, rows. Blocking."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        for title, headings, rows in sheets:
            sheet = book.add_worksheet(title[:31])
            sheet.freeze_panes(1, 0)
            for place, said in enumerate(headings):
                sheet.write_string(0, place, said, heading)
            sheet.set_column(0, len(headings) - 1, 14)
            for number, row in enumerate(rows, start=1):
                for place, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, place, cell)
                    elif cell is not None:
                        sheet.write_number(number, place, cell)
    return made.getvalue()


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    return harmless(cell) if isinstance(cell, str) else str(cell)
