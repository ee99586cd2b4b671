"""Read a CSV file of the duty roster, line by line; list everything that is wrong with it.

Pure: bytes in, turns and problems out. The first line names the columns, in Chinese or English, in any order; times are
the centre's. What each column may hold: docs/roster.md.
"""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hotline.errors import HotlineError
from hotline.phone import PhoneNumber
from hotline.roster.duty import LONGEST_RING, MOST_PLACES, SHORTEST_RING, DutyContact, DutyTurn, overlapping

LARGEST_BYTES: Final = 2 * 1024 * 1024
MOST_LINES: Final = 10_000
LONGEST_TURN: Final = timedelta(days=400)
RINGS_FOR: Final = 20
MOMENT: Final = re.compile(r"(20\d\d)[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d\d)(?::00)?", re.ASCII)
DUTY: Final = re.compile(r"[a-z]{2,20}")  # the dialplan lets no other signs through
FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # what a spreadsheet would run

COLUMNS: Final = {
    "开始": "from", "结束": "until", "顺序": "place", "岗位": "duty", "姓名": "name", "电话": "number",
    "振铃秒数": "rings_for",
}  # fmt: skip
NEEDED: Final = ("from", "until", "place", "duty", "name", "number")
DUTIES: Final = {
    "值班台": "desk", "前台": "desk", "值班手机": "mobile", "手机": "mobile", "经理": "manager", "值班经理": "manager",
}  # fmt: skip


class RosterRefused(HotlineError):
    """The roster cannot be read at all: too large, in no known encoding, no CSV, or without a needed column."""

    error_id = "roster-refused"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a roster: its line (the first is 1), its column, and why, in both languages.

    The value itself is not repeated: a problem may be shown and logged.
    """

    line: int
    column: str
    chinese: str
    english: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephony:
    """What numbers mean at this centre: its area code and phones, and its own numbers, which nobody on duty has."""

    area_code: str = ""
    phones: Collection[str] = ()
    own_numbers: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The good lines of a roster, with their line numbers, and what is wrong with the others."""

    turns: tuple[tuple[int, DutyTurn], ...]
    problems: tuple[Problem, ...]


class _Wrong(Exception):
    def __init__(self, column: str, chinese: str, english: str) -> None:
        super().__init__(column)
        self.column, self.chinese, self.english = column, chinese, english


def read_roster(content: bytes, *, zone: ZoneInfo, telephony: Telephony) -> Reading:
    """Read a roster. Raises RosterRefused."""
    turns: list[tuple[int, DutyTurn]] = []
    problems: list[Problem] = []
    for line, cells in _rows(_text(content)):
        try:
            if cells is None:
                raise _Wrong("", "列数多于表头", "more cells than columns")
            turns.append((line, _turn(cells, zone, telephony)))
        except _Wrong as wrong:
            problems.append(Problem(line, wrong.column, wrong.chinese, wrong.english))
    lines = {id(turn): line for line, turn in turns}
    for pair in overlapping(turn for _, turn in turns):
        first, second = sorted(lines[id(turn)] for turn in pair)
        problems.append(overlap(second, f"第{first}行", f"line {first}"))
    return Reading(tuple(turns), tuple(sorted(problems, key=lambda problem: problem.line)))


def read_turn(cells: Mapping[str, str], *, zone: ZoneInfo, telephony: Telephony) -> DutyTurn | Problem:
    """Read one turn from its cells by column, as a line of a file; or say what is wrong with it (line 0)."""
    try:
        return _turn({column: cells.get(column, "").strip() for column in COLUMNS.values()}, zone, telephony)
    except _Wrong as wrong:
        return Problem(0, wrong.column, wrong.chinese, wrong.english)


def overlap(line: int, chinese: str, english: str) -> Problem:
    """Say that the turn of this line holds a place that is held already, by what."""
    return Problem(line, "from", f"与{chinese}的同一顺序时间重叠", f"overlaps with {english} for the same place")


def _turn(cells: Mapping[str, str], zone: ZoneInfo, telephony: Telephony) -> DutyTurn:
    starts, ends = _moment(cells, "from", zone), _moment(cells, "until", zone)
    if ends <= starts:
        raise _Wrong("until", "结束应晚于开始", "until must be after from")
    if ends - starts > LONGEST_TURN:
        raise _Wrong("until", "一班最长 400 天", "a turn lasts 400 days at most")
    contact = DutyContact(
        place=_whole(cells, "place", 1, MOST_PLACES),
        duty=_duty(cells),
        name=_name(cells),
        number=_number(cells, telephony),
        rings_for=_whole(cells, "rings_for", SHORTEST_RING, LONGEST_RING) if cells.get("rings_for") else RINGS_FOR,
    )
    return DutyTurn(starts=starts, ends=ends, contact=contact)


def _moment(cells: Mapping[str, str], column: str, zone: ZoneInfo) -> datetime:
    written = MOMENT.fullmatch(cells[column])
    try:
        if written is None:
            raise ValueError
        year, month, day, hour, minute = (int(part) for part in written.groups())
        is_midnight = (hour, minute) == (24, 0)  # the end of the day, as people write it
        moment = datetime(year, month, day, 0 if is_midnight else hour, minute, tzinfo=zone)
        return moment + timedelta(days=is_midnight)
    except ValueError:
        raise _Wrong(column, "时间应写成 2026-11-22 18:00", "time must look like 2026-11-22 18:00") from None


def _whole(cells: Mapping[str, str], column: str, least: int, most: int) -> int:
    written = cells[column]
    if not (written.isascii() and written.isdigit() and len(written) < 5 and least <= int(written) <= most):
        raise _Wrong(column, f"应为 {least} 到 {most} 的整数", f"must be a whole number from {least} to {most}")
    return int(written)


def _duty(cells: Mapping[str, str]) -> str:
    duty = DUTIES.get(cells["duty"], cells["duty"].lower())
    if not DUTY.fullmatch(duty):
        raise _Wrong(
            "duty", "岗位应为值班台、值班手机、经理", "duty must be desk, mobile, manager or another such word"
        )
    return duty


def _name(cells: Mapping[str, str]) -> str:
    name = cells["name"]
    if not name or len(name) > 40 or not name.isprintable() or name.startswith(FORMULA):
        raise _Wrong(
            "name", "姓名应为 1 到 40 个字, 不以 = + - @ 开头", "name must have 1 to 40 signs, none of = + - @ first"
        )
    return name


def _number(cells: Mapping[str, str], telephony: Telephony) -> PhoneNumber:
    number = PhoneNumber.parse(cells["number"], area_code=telephony.area_code)
    if number is None:
        raise _Wrong("number", "电话号码无法识别", "not a telephone number")
    if number.national in telephony.own_numbers:
        raise _Wrong("number", "这是本中心自己的号码", "this is a number of the centre's own")
    if number.is_internal and number.national not in telephony.phones:
        raise _Wrong("number", "没有这个分机", "no such extension")
    return number


def _text(content: bytes) -> str:
    if len(content) > LARGEST_BYTES:
        raise RosterRefused(f"the file is larger than {LARGEST_BYTES // 1024 // 1024} MB: is it a roster?")
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.removeprefix(codecs.BOM_UTF8).decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterRefused("the file is neither UTF-8 nor GB18030: save it as CSV UTF-8")


def _rows(text: str) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Give each line's number and cells by column, None when it has more cells than there are columns."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [COLUMNS.get(cell.strip(), cell.strip().lower()) for cell in next(reader, [])]
        while header and not header[-1]:  # spreadsheets leave empty columns at the end
            header.pop()
        missing = [column for column in NEEDED if column not in header]
        if missing:
            raise RosterRefused(f"the first line must name the columns; missing: {', '.join(missing)}")
        if not set(header) <= set(COLUMNS.values()) or len(set(header)) < len(header):
            raise RosterRefused(
                f"the first line names an unknown column, or one twice; known: {', '.join(COLUMNS.values())}"
            )
        for cells in reader:
            if reader.line_num > MOST_LINES:
                raise RosterRefused(f"the file has more than {MOST_LINES} lines: split it")
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                padded = stripped + [""] * len(header)
                has_more = any(stripped[len(header) :])
                yield reader.line_num, None if has_more else dict(zip(header, padded, strict=False))
    except csv.Error as wrong:
        raise RosterRefused(f"line {reader.line_num} is not CSV: {wrong}") from None
