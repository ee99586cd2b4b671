"""A file of rows, CSV or XLSX, as rows of text: the one place that knows encodings and workbooks. Pure.

CSV in UTF-8 (with or without its mark), UTF-16 with its mark (Unicode text, as spreadsheets call it) or the GB18030 of
Chinese spreadsheets, GBK and GB2312 with it.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import openpyxl

from hotline.errors import HotlineError

LARGEST_BYTES: Final = 20 * 1024 * 1024
LARGEST_UNPACKED: Final = 200 * 1024 * 1024  # a small file that unpacks to more is no list
MOST_COLUMNS: Final = 100
MOST_ROWS: Final = 1_048_576  # of a sheet, most of them empty: more than that no spreadsheet writes
HEADING: Final = 2000  # characters in which the first line shows what stands between its cells
ZIP: Final = b"PK\x03\x04"
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class FileRefused(HotlineError):
    """The file cannot be read at all: too large, in no known encoding, no CSV, or without a needed column."""

    error_id = "file-refused"


def rows_of_file(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's line number and its cells, stripped. Raises FileRefused, also on the way."""
    if len(content) > LARGEST_BYTES:
        raise FileRefused(f"the file is larger than {LARGEST_BYTES // 1024 // 1024} MB: split it")
    if content.startswith(OLD_EXCEL):
        raise FileRefused("this is an old .xls file: save it as .xlsx or as CSV")
    return _of_workbook(content) if content.startswith(ZIP) else _of_csv(content)


def text_in(content: bytes) -> str:
    """Return a file's text: UTF-8, UTF-16 with its mark, or the GB18030 of Chinese spreadsheets. Raises FileRefused."""
    if len(content) > LARGEST_BYTES:
        raise FileRefused(f"the file is larger than {LARGEST_BYTES // 1024 // 1024} MB: split it")
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("utf-16" if content.startswith(UTF_16) else "gb18030")
    except UnicodeDecodeError:
        pass
    raise FileRefused("the file is neither UTF-8 nor GB18030: save it as CSV UTF-8")


def _of_csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = text_in(content)
    heading = text[:HEADING].partition("\n")[0]
    between = "\t" if "\t" in heading and "," not in heading else ","
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=between)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as wrong:
        raise FileRefused(f"line {reader.line_num} is not CSV: {wrong}") from None


def _of_workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet that is seen, but for empty ones; formulas as what they came to."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > LARGEST_UNPACKED:
                raise FileRefused("the file unpacks to more than a list can hold")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            seen = (sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
            sheet = next(seen, None) or book.worksheets[0]
            sheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be left out unsaid
            for line, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
                if line > MOST_ROWS:
                    raise FileRefused(f"the workbook has more than {MOST_ROWS} rows")
                if any(value is not None for value in cells):  # a column that was coloured has a million empty ones
                    yield line, [_cell(value) for value in cells]
        finally:
            book.close()
    except FileRefused:
        raise
    except Exception as wrong:  # noqa: BLE001  # an edge: a made-up workbook makes its library fail in any way there is
        raise FileRefused(
            f"the workbook cannot be read ({type(wrong).__name__}): save it as XLSX or CSV anew"
        ) from None


def _cell(value: Any) -> str:
    """Return a cell as it would be typed: 501 for 501.0, 2026-09 for a date on the first of a month."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m}" if value.day == 1 else f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    return str(value).strip()
