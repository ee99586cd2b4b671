"""Read a file of residents, homes, numbers or unpaid fees, line by line; list everything that is wrong with it.

Pure: bytes in (CSV or XLSX), typed lines and problems out. The first line names the columns, in Chinese or English,
in any order:

residents: 房号 home, 姓名 name, and optionally 称呼 title, 关系 relation, 电话 numbers (several with ; or 、 between),
    独居老人 elderly_alone (是/否), 语言 language,
    称姓问候 greets_by_name (是/否, for the whole home; empty leaves it as it is)
homes: 房号 home, and optionally 称姓问候 greets_by_name
numbers: 房号 home, 姓名 name, 电话 numbers: those of this person from now on
arrears: 房号 home, 姓名 name, 月份 months ("2026-01至2026-06", or several with ; or 、 between), 金额 amount (yuan)
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, Final, Generic, TypeVar

from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Relation, Title, month_after
from hotline.residents.table_file import LARGEST_BYTES, FileRefused, rows_of_file, text_in

__all__ = ["LARGEST_BYTES", "FileRefused", "text_in"]  # known by this name elsewhere

MOST_LINES: Final = 200_000
MOST_MONTHS: Final = 240
MOST_PROBLEMS: Final = 200_000  # beyond it only the first of each line is told; every bad line is
BETWEEN: Final = re.compile(r"[;；、|/]")
MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
AMOUNT: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # what a spreadsheet would run

COLUMNS: Final = {
    "房号": "home", "姓名": "name", "称呼": "title", "关系": "relation", "电话": "numbers", "独居老人": "elderly_alone",
    "语言": "language", "称姓问候": "greets_by_name", "月份": "months", "金额": "amount",
}  # fmt: skip
TITLES: Final = {
    "": Title.UNKNOWN, "先生": Title.MR, "mr": Title.MR, "男": Title.MR,
    "女士": Title.MS, "ms": Title.MS, "女": Title.MS,
}  # fmt: skip
RELATIONS: Final = {
    "": Relation.OWNER, "业主": Relation.OWNER, "owner": Relation.OWNER, "租户": Relation.TENANT,
    "住户": Relation.TENANT, "tenant": Relation.TENANT, "家属": Relation.FAMILY, "family": Relation.FAMILY,
}  # fmt: skip
YES_NO: Final = {"": False, "否": False, "no": False, "0": False, "是": True, "yes": True, "1": True}
YES_NO_OR_NOTHING: Final[Mapping[str, bool | None]] = {**YES_NO, "": None}

T = TypeVar("T")
Checks = Mapping[str, Callable[[Mapping[str, str]], Any]]
OURS: Final = frozenset({"行号", "问题"})  # of our own files of bad rows: corrected, they are read again


class Put(StrEnum):
    """What putting a line of a file into the directory meant."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class FileKind(StrEnum):
    """What a file is about."""

    RESIDENTS = "residents"
    HOMES = "homes"
    NUMBERS = "numbers"
    ARREARS = "arrears"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: its line (the first is 1), its column, and why, in both languages.

    The value itself is not repeated: a problem may be shown and logged.
    """

    line: int
    column: str
    chinese: str
    english: str


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """The good lines of a file, with their line numbers, and what is wrong with the others."""

    lines: tuple[tuple[int, T], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentLine:
    """What one line says of one resident."""

    home: Home
    name: str = field(repr=False)
    title: Title
    relation: Relation
    numbers: tuple[PhoneNumber, ...]
    is_elderly_alone: bool
    language: str
    greets_by_name: bool | None = None  # None: the file does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearsLine:
    """What one line says a home owes; the name must be that of somebody there."""

    home: Home
    name: str = field(repr=False)
    months: tuple[str, ...]
    fen: int = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeLine:
    """What one line says of a home."""

    home: Home
    greets_by_name: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersLine:
    """The numbers of one known person, in place of those known before."""

    home: Home
    name: str = field(repr=False)
    numbers: tuple[PhoneNumber, ...]


AnyLine = ResidentLine | HomeLine | NumbersLine | ArrearsLine


class WrongCell(Exception):
    """A cell cannot be what it stands for: its column, and why, in both languages."""

    def __init__(self, column: str, chinese: str, english: str) -> None:
        super().__init__(column)
        self.column, self.chinese, self.english = column, chinese, english


def read_file(content: bytes, kind: FileKind, *, area_code: str = "") -> Reading[Any]:
    """Read a file of this kind. Raises FileRefused."""
    match kind:
        case FileKind.RESIDENTS:
            return read_residents(content, area_code=area_code)
        case FileKind.HOMES:
            return read_homes(content)
        case FileKind.NUMBERS:
            return read_numbers(content, area_code=area_code)
        case FileKind.ARREARS:
            return read_arrears(content)


def read_residents(content: bytes, *, area_code: str = "") -> Reading[ResidentLine]:
    """Read a file of residents. Raises FileRefused."""
    checks: Checks = {
        "home": home_in,
        "name": name_in,
        "title": partial(_one_of, TITLES, "title", "称呼只能是先生或女士", "title must be 先生 or 女士"),
        "relation": partial(_one_of, RELATIONS, "relation", "关系只能是业主、租户或家属", "not 业主, 租户 or 家属"),
        "numbers": partial(_numbers, area_code=area_code),
        "is_elderly_alone": partial(_one_of, YES_NO, "elderly_alone", "只能填是或否", "must be 是 or 否"),
        "language": _language,
        "greets_by_name": _greeting,
    }
    reading = _read(content, checks, ResidentLine, needed=("home", "name"))
    reading = _without_repeats(reading, _person, "name", "同一房号重复出现此人", "person repeated")
    return _without_contradictions(reading)


def read_homes(content: bytes) -> Reading[HomeLine]:
    """Read a list of homes. Raises FileRefused."""
    reading = _read(content, {"home": home_in, "greets_by_name": _greeting}, HomeLine, needed=("home",))
    return _without_repeats(reading, lambda line: line.home, "home", "房号重复", "home repeated")


def read_numbers(content: bytes, *, area_code: str = "") -> Reading[NumbersLine]:
    """Read a list of people's numbers. Raises FileRefused."""
    checks: Checks = {"home": home_in, "name": name_in, "numbers": partial(_some_numbers, area_code=area_code)}
    reading = _read(content, checks, NumbersLine, needed=("home", "name", "numbers"))
    return _without_repeats(reading, _person, "name", "同一房号重复出现此人", "person repeated")


def read_arrears(content: bytes) -> Reading[ArrearsLine]:
    """Read a list of unpaid fees. Raises FileRefused."""
    checks: Checks = {"home": home_in, "name": name_in, "months": months_in, "fen": fen_in}
    reading = _read(content, checks, ArrearsLine, needed=("home", "name", "months", "amount"))
    return _without_repeats(reading, lambda line: line.home, "home", "房号重复", "home repeated")


def _person(line: ResidentLine | NumbersLine) -> object:
    return line.home, line.name


def _read(content: bytes, checks: Checks, build: Callable[..., T], *, needed: tuple[str, ...]) -> Reading[T]:
    """Read every line; of a bad one every wrong cell is told."""
    lines: list[tuple[int, T]] = []
    problems: list[Problem] = []
    for number, cells in rows_in(content, needed):
        if cells is None:
            problems.append(Problem(number, "", "列数多于表头", "more cells than columns"))
            continue
        values: dict[str, Any] = {}
        wrongs: list[Problem] = []
        for name, check in checks.items():
            try:
                values[name] = check(cells)
            except WrongCell as wrong:
                wrongs.append(Problem(number, wrong.column, wrong.chinese, wrong.english))
        if wrongs:
            problems.extend(wrongs if len(problems) < MOST_PROBLEMS else wrongs[:1])
        else:
            lines.append((number, build(**values)))
    return Reading(tuple(lines), tuple(problems))


def _without_repeats(
    reading: Reading[T], key: Callable[[T], object], column: str, chinese: str, english: str
) -> Reading[T]:
    first: dict[object, int] = {}
    problems = list(reading.problems)
    for number, line in reading.lines:
        before = first.setdefault(key(line), number)
        if before != number:
            problems.append(Problem(number, column, f"{chinese}(第{before}行)", f"{english} (line {before})"))
    return Reading(reading.lines, tuple(sorted(problems, key=lambda problem: problem.line)))


def _without_contradictions(reading: Reading[ResidentLine]) -> Reading[ResidentLine]:
    """Name the lines that answer for their home what an earlier line answered otherwise."""
    first: dict[Home, tuple[int, bool]] = {}
    problems = list(reading.problems)
    for number, line in reading.lines:
        if line.greets_by_name is None:
            continue
        before, said = first.setdefault(line.home, (number, line.greets_by_name))
        if said != line.greets_by_name:
            chinese, english = f"与第{before}行同一房号的填写不一致", f"the home's line {before} says otherwise"
            problems.append(Problem(number, "greets_by_name", chinese, english))
    return Reading(reading.lines, tuple(sorted(problems, key=lambda problem: problem.line)))


def rows_in(content: bytes, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Give each line's number and cells by column, None when it has more cells than there are columns.

    Raises FileRefused.
    """
    header: list[str] | None = None
    for number, cells in rows_of_file(content):
        if number > MOST_LINES:
            raise FileRefused(f"the file has more than {MOST_LINES} lines: split it")
        if header is None:
            header = _header(cells, needed)
        elif any(cells):
            yield number, _by_column(header, cells)
    if header is None:
        _header([], needed)


def _header(cells: list[str], needed: tuple[str, ...]) -> list[str]:
    header = [COLUMNS.get(cell, cell.lower()) for cell in cells]
    while header and not header[-1]:  # spreadsheets leave empty columns at the end
        header.pop()
    missing = [column for column in needed if column not in header]
    if missing:
        raise FileRefused(f"the first line must name the columns; missing: {', '.join(missing)}")
    known = [name for name in header if name not in OURS]
    if not set(known) <= set(COLUMNS.values()) or len(set(known)) < len(known):
        # What stands there is not repeated: without a header it would be a person.
        raise FileRefused(f"the first line names an unknown column, or one twice; known: {', '.join(COLUMNS.values())}")
    return header


def _by_column(header: list[str], cells: list[str]) -> dict[str, str] | None:
    if any(cells[len(header) :]):
        return None
    filled = cells + [""] * len(header)
    return {name: _as_typed(cell) for name, cell in zip(header, filled, strict=False) if name not in OURS}


def _as_typed(cell: str) -> str:
    """Return a cell without the sign that our own files of bad rows put before what a spreadsheet would run."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def home_in(cells: Mapping[str, str]) -> Home:
    """Return the home that a line names. Raises WrongCell."""
    home = Home.parse(cells["home"])
    if home is None:
        raise WrongCell("home", "房号应写成 3-2-501 或 3栋2单元501室", "home must look like 3-2-501")
    return home


def name_in(cells: Mapping[str, str]) -> str:
    """Return the name in a line. Raises WrongCell."""
    name = cells["name"]
    if not name:
        raise WrongCell("name", "姓名不能为空", "name is empty")
    if name.startswith(FORMULA):
        raise WrongCell("name", "姓名不能以 = + - @ 开头", "name starts with = + - or @")
    if len(name) > 40 or not name.isprintable():
        raise WrongCell("name", "姓名过长或含有控制字符", "name longer than 40 or with control characters")
    return name


def _one_of(words: Mapping[str, T], column: str, chinese: str, english: str, cells: Mapping[str, str]) -> T:
    word = cells.get(column, "").lower()
    if word not in words:
        raise WrongCell(column, chinese, english)
    return words[word]


def _greeting(cells: Mapping[str, str]) -> bool | None:
    return _one_of(YES_NO_OR_NOTHING, "greets_by_name", "只能填是或否", "must be 是 or 否", cells)


def _some_numbers(cells: Mapping[str, str], area_code: str) -> tuple[PhoneNumber, ...]:
    numbers = _numbers(cells, area_code)
    if not numbers:
        raise WrongCell("numbers", "电话不能为空", "no number is given")
    return numbers


def _numbers(cells: Mapping[str, str], area_code: str) -> tuple[PhoneNumber, ...]:
    read: dict[str, PhoneNumber] = {}
    for written in filter(None, (part.strip() for part in BETWEEN.split(cells.get("numbers", "")))):
        number = PhoneNumber.parse(written, area_code=area_code)
        if number is None or number.is_internal:
            raise WrongCell("numbers", "电话号码无法识别", "not a telephone number")
        read[number.e164] = number
    if len(read) > 20:
        raise WrongCell("numbers", "一人最多 20 个号码", "more than 20 numbers")
    return tuple(read[e164] for e164 in sorted(read))


def _language(cells: Mapping[str, str]) -> str:
    language = cells.get("language", "") or "zh"
    if not LANGUAGE.fullmatch(language):
        raise WrongCell("language", "语言应为 zh、yue、en 等代码", "language must be a code like zh, yue, en")
    return language


def months_in(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Return the months in a line, in order. Raises WrongCell."""
    months: set[str] = set()
    for part in filter(None, (part.strip() for part in BETWEEN.split(cells["months"]))):
        first, _, last = (end.strip() for end in part.replace("至", "~").partition("~"))
        last = last or first
        if not MONTH.fullmatch(first) or not MONTH.fullmatch(last) or last < first:
            months.clear()
            break
        month = first
        while month <= last and len(months) <= MOST_MONTHS:
            months.add(month)
            month = month_after(month)
    if not 0 < len(months) <= MOST_MONTHS:
        raise WrongCell(
            "months", "月份应写成 2026-01 或 2026-01至2026-06", "months must look like 2026-01 or 2026-01~2026-06"
        )
    return tuple(sorted(months))


def fen_in(cells: Mapping[str, str]) -> int:
    """Return the amount in a line, in fen; above zero. Raises WrongCell."""
    written = cells["amount"].replace(",", "")
    if not AMOUNT.fullmatch(written) or not (fen := int(Decimal(written) * 100)):
        raise WrongCell(
            "amount", "金额应为大于 0 的元,最多两位小数", "amount must be yuan above 0, with 2 decimals at most"
        )
    return fen
