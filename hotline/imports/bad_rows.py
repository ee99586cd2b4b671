"""The file of bad rows: each as it stood, with its number and what is wrong, to be corrected and sent again. Pure."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence

from hotline.cells import harmless
from hotline.residents.files import Problem
from hotline.residents.table_file import rows_of_file

BOM = "\ufeff"
HEADINGS = ("行号", "问题")  # known to `residents.files`, which passes over them


def bad_rows_csv(content: bytes, problems: Sequence[Problem]) -> Iterator[bytes]:
    """Yield the file in pieces: UTF-8 with its mark, nothing in it that a spreadsheet would run."""
    wrong: dict[int, list[str]] = defaultdict(list)
    for one in problems:
        wrong[one.line].append(f"{one.column}: {one.chinese}" if one.column else one.chinese)
    heading = True
    for number, cells in rows_of_file(content):
        if heading:
            yield (BOM + _line([*HEADINGS, *cells])).encode()
            heading = False
        elif number in wrong:
            yield _line([str(number), "; ".join(wrong[number]), *cells]).encode()


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return text.getvalue()
