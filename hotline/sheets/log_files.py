"""The duty log as a file, written page by page: two years of it take no more memory than one page."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import xlsxwriter

from hotline.cells import harmless
from hotline.sheets.log_rows import HEADINGS

BOM: Final = "\ufeff"  # without it the commonest spreadsheet reads Chinese as noise
WIDTHS: Final = (14, 16, 16, 6, 8, 6, 10, 10, 48, 32, 32, 8, 12, 10, 8, 18)


def csv_lines(rows: Iterable[Iterable[str]], *, is_first: bool = False) -> bytes:
    """Return rows as CSV, UTF-8; the first piece of a file has the mark and the headings."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    if is_first:
        written.write(BOM)
        lines.writerow(HEADINGS)
    lines.writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue().encode()


class Workbook:
    """One XLSX file being written, row by row. Blocking; call it off the loop, and `close` it whatever happens."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
        self._sheet = self._book.add_worksheet("值班记录")
        wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})
        for place, width in enumerate(WIDTHS):
            self._sheet.set_column(place, place, width, wrapped)
        self._sheet.freeze_panes(1, 0)
        heading = self._book.add_format({"bold": True, "bottom": 1})
        for place, text in enumerate(HEADINGS):
            self._sheet.write_string(0, place, text, heading)
        self._next = 1

    def add(self, rows: Iterable[Iterable[str]]) -> None:
        """Write rows below the others."""
        for row in rows:
            for place, text in enumerate(row):
                self._sheet.write_string(self._next, place, text)
            self._next += 1

    def close(self) -> None:
        """Complete the file."""
        if self._next > 1:
            self._sheet.autofilter(0, 0, self._next - 1, len(HEADINGS) - 1)
        self._book.close()
