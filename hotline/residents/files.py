"""Read a CSV file of residents or of unpaid fees, line by line; list everything that is wrong with it.

Pure: bytes in, typed lines and problems out. The first line names the columns, in Chinese or English, in any order:

residents: 房号 home, 姓名 name, and optionally 称呼 title, 关系 relation, 电话 numbers (several with ; or 、 between),
    独居老人 elderly_alone (是/否), 语言 language,
    称姓问候 greets_by_name (是/否, for the whole home; empty leaves it as it is)
arrears: 房号 home, 姓名 name, 月份 months ("2026-01至2026-06", or several with ; or 、 between), 金额 amount (yuan)
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Generic, TypeVar

from hotline.errors import HotlineError
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Relation, Title, month_after

LARGEST_BYTES: Final = 20 * 1024 * 1024
MOST_LINES: Final = 200_000
MOST_MONTHS: Final = 240
MOST_PROBLEMS: Final = 1000
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


class FileRefused(HotlineError):
    """The file cannot be read at all: too large, in no known encoding, no CSV, or without a needed column."""

    error_id = "file-refused"


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


class WrongCell(Exception):
    """A cell cannot be what it stands for: its column, and why, in both languages."""

    def __init__(self, column: str, chinese: str, english: str) -> None:
        super().__init__(column)
        self.column, self.chinese, self.english = column, chinese, english


def read_residents(content: bytes, *, area_code: str = "") -> Reading[ResidentLine]:
    """Read a file of residents. Raises FileRefused."""

    def read(cells: Mapping[str, str]) -> ResidentLine:
        return ResidentLine(
            home=home_in(cells),
            name=name_in(cells),
            title=_one_of(TITLES, cells, "title", "称呼只能是先生或女士", "title must be 先生 or 女士"),
            relation=_one_of(RELATIONS, cells, "relation", "关系只能是业主、租户或家属", "not 业主, 租户 or 家属"),
            numbers=_numbers(cells, area_code),
            is_elderly_alone=_one_of(YES_NO, cells, "elderly_alone", "只能填是或否", "must be 是 or 否"),
            language=_language(cells),
            greets_by_name=_one_of(YES_NO_OR_NOTHING, cells, "greets_by_name", "只能填是或否", "must be 是 or 否"),
        )

    reading = _read(content, read, needed=("home", "name"))
    reading = _without_repeats(
        reading, lambda line: (line.home, line.name), "name", "同一房号重复出现此人", "person repeated"
    )
    return _without_contradictions(reading)


def read_arrears(content: bytes) -> Reading[ArrearsLine]:
    """Read a list of unpaid fees. Raises FileRefused."""

    def read(cells: Mapping[str, str]) -> ArrearsLine:
        return ArrearsLine(home=home_in(cells), name=name_in(cells), months=months_in(cells), fen=fen_in(cells))

    reading = _read(content, read, needed=("home", "name", "months", "amount"))
    return _without_repeats(reading, lambda line: line.home, "home", "房号重复", "home repeated")


def _read(content: bytes, read: Callable[[Mapping[str, str]], T], *, needed: tuple[str, ...]) -> Reading[T]:
    lines: list[tuple[int, T]] = []
    problems: list[Problem] = []
    for number, cells in rows_in(text_in(content), needed):
        try:
            if cells is None:
                raise WrongCell("", "列数多于表头", "more cells than columns")
            lines.append((number, read(cells)))
        except WrongCell as wrong:
            problems.append(Problem(number, wrong.column, wrong.chinese, wrong.english))
            if len(problems) >= MOST_PROBLEMS:
                break
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


def text_in(content: bytes) -> str:
    """Return a file's text: UTF-8, or the GB18030 of Chinese spreadsheets. Raises FileRefused."""
    if len(content) > LARGEST_BYTES:
        raise FileRefused(f"the file is larger than {LARGEST_BYTES // 1024 // 1024} MB: split it")
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError:
        raise FileRefused("the file is neither UTF-8 nor GB18030: save it as CSV UTF-8") from None


def rows_in(text: str, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Give each line's number and cells by column, None when it has more cells than there are columns."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [COLUMNS.get(cell.strip(), cell.strip().lower()) for cell in next(reader, [])]
        while header and not header[-1]:  # spreadsheets leave empty columns at the end
            header.pop()
        missing = [column for column in needed if column not in header]
        if missing:
            raise FileRefused(f"the first line must name the columns; missing: {', '.join(missing)}")
        if not set(header) <= set(COLUMNS.values()) or len(set(header)) < len(header):
            # What stands there is not repeated: without a header it would be a person.
            raise FileRefused(
                f"the first line names an unknown column, or one twice; known: {', '.join(COLUMNS.values())}"
            )
        for cells in reader:
            if reader.line_num > MOST_LINES:
                raise FileRefused(f"the file has more than {MOST_LINES} lines: split it")
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, _by_column(header, stripped)
    except csv.Error as wrong:
        raise FileRefused(f"line {reader.line_num} is not CSV: {wrong}") from None


def _by_column(header: list[str], cells: list[str]) -> dict[str, str] | None:
    if any(cells[len(header) :]):
        return None
    return dict(zip(header, cells + [""] * len(header), strict=False))


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


def _one_of(words: Mapping[str, T], cells: Mapping[str, str], column: str, chinese: str, english: str) -> T:
    word = cells.get(column, "").lower()
    if word not in words:
        raise WrongCell(column, chinese, english)
    return words[word]


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
