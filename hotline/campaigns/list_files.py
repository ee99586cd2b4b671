"""Read a list of homes to be rung, CSV or XLSX: every good row, and everything that is wrong with the others. Pure.

The first row names the columns, in Chinese or English, in any order: 房号 home, and for a fee reminder 月份 months and
金额 amount; optionally 姓名 name and 电话 numbers. Columns the centre's finance keeps beside are passed over.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hotline.campaigns.campaign import CampaignKind
from hotline.phone import PhoneNumber
from hotline.residents.files import (
    COLUMNS,
    MOST_LINES,
    FileRefused,
    Problem,
    WrongCell,
    fen_in,
    home_in,
    months_in,
    name_in,
)
from hotline.residents.resident import Home
from hotline.residents.table_file import rows_of_file

MOST_PROBLEMS: Final = 1000
MOST_HOMES: Final = 2  # of one number; who has more is spoken with by a person
EXTENSION_SIGNS: Final = ("转", "分机", "ext", "x", "#", ",", "，")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One row: whom to ring. No number: the records know it."""

    line: int
    home: Home
    name: str = field(default="", repr=False)
    number: PhoneNumber | None = None
    months: tuple[str, ...] = ()
    fen: int = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class ListReading:
    """The good rows of a list, and what is wrong with the others."""

    rows: tuple[ListRow, ...]
    problems: tuple[Problem, ...]


def read_list(content: bytes, kind: CampaignKind, *, area_code: str = "") -> ListReading:
    """Read a list. Raises FileRefused where it cannot be read at all. Blocking for large ones."""
    lines = rows_of_file(content)
    is_fee = kind is CampaignKind.FEE_REMINDER
    rows: list[ListRow] = []
    problems: list[Problem] = []
    for line, cells in _by_column(lines, needed=("home", "months", "amount") if is_fee else ("home",)):
        try:
            rows.append(
                ListRow(
                    line=line,
                    home=home_in(cells),
                    name=name_in(cells) if cells.get("name") else "",
                    number=_number(cells.get("numbers", ""), area_code),
                    months=months_in(cells) if is_fee else (),
                    fen=fen_in(cells) if is_fee else 0,
                )
            )
        except WrongCell as wrong:
            problems.append(Problem(line, wrong.column, wrong.chinese, wrong.english))
            if len(problems) >= MOST_PROBLEMS:
                break
    good, doubled = _once(rows)
    return ListReading(good, tuple(sorted([*problems, *doubled], key=lambda problem: problem.line)))


def _once(rows: Iterable[ListRow]) -> tuple[tuple[ListRow, ...], list[Problem]]:
    """Take out rows whose home stands above, and those of a number that stands for more homes than a machine rings."""
    first: dict[Home, int] = {}
    kept: list[ListRow] = []
    problems: list[Problem] = []
    for row in rows:
        before = first.setdefault(row.home, row.line)
        if before != row.line:
            problems.append(Problem(row.line, "home", f"房号重复(第{before}行)", f"home repeated (line {before})"))
        else:
            kept.append(row)
    homes = Counter(row.number for row in kept if row.number is not None)
    good: list[ListRow] = []
    for row in kept:
        if row.number is not None and homes[row.number] > MOST_HOMES:
            count = homes[row.number]
            chinese, english = f"同一号码对应{count}套房,请由专人联系", f"one number for {count} homes: a person calls"
            problems.append(Problem(row.line, "numbers", chinese, english))
        else:
            good.append(row)
    return tuple(good), problems


def _number(written: str, area_code: str) -> PhoneNumber | None:
    """Return the number to ring; None where the row has none. Raises WrongCell for one that a machine cannot ring."""
    if not written:
        return None
    number = PhoneNumber.parse(written, area_code=area_code)
    if number is None:
        if any(sign in written.lower() for sign in EXTENSION_SIGNS):
            raise WrongCell("numbers", "带分机的号码无法自动拨打", "a number with an extension cannot be dialled")
        raise WrongCell("numbers", "电话号码无法识别", "not a telephone number")
    if number.is_internal:
        raise WrongCell("numbers", "内部号码或短号不能外呼", "an extension or short number is no resident's")
    if not number.e164.startswith("+86"):
        raise WrongCell("numbers", "境外号码不自动拨打", "a number abroad is not rung by a machine")
    if not number.is_private_line:
        raise WrongCell("numbers", "服务号码或收费号码不自动拨打", "a service or paid number is no resident's")
    return number


def _by_column(lines: Iterable[tuple[int, list[str]]], needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    header: list[str] | None = None
    for line, cells in lines:
        if line > MOST_LINES:
            raise FileRefused(f"the file has more than {MOST_LINES} lines: split it")
        if not any(cells):
            continue
        if header is None:
            header = [COLUMNS.get(cell, cell.lower()) for cell in cells]
            known = [name for name in header if name in COLUMNS.values()]
            missing = [column for column in needed if column not in known]
            if missing:
                raise FileRefused(f"the first line must name the columns; missing: {', '.join(missing)}")
            if len(set(known)) < len(known):
                raise FileRefused("the first line names a column twice")
            continue
        given = {name: cell for name, cell in zip(header, cells, strict=False) if name in COLUMNS.values()}
        yield line, {**dict.fromkeys(needed, ""), **given}
    if header is None:
        raise FileRefused("the file is empty")
