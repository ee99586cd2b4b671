"""A roster from a spreadsheet: good lines become turns, every bad one is named with its line, column and reason."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hotline.roster.files import Reading, RosterRefused, Telephony, read_roster

HEADER = "from,until,place,duty,name,number,rings_for"
SHANGHAI = ZoneInfo("Asia/Shanghai")
CENTRE = Telephony(area_code="0755", phones=("8001", "8701"), own_numbers=("96000", "4008001234"))


def read(*lines: str, header: str = HEADER) -> Reading:
    return read_roster("\n".join((header, *lines)).encode(), zone=SHANGHAI, telephony=CENTRE)


def line(**changed: str) -> str:
    plain = {
        "from": "2026-11-22 18:00", "until": "2026-11-23 09:00", "place": "2", "duty": "mobile", "name": "李娜",
        "number": "13800138501", "rings_for": "25",
    }  # fmt: skip
    return ",".join({**plain, **changed}.values())


def test_line_becomes_a_turn_in_the_centres_own_time() -> None:
    ((number, turn),) = read(line()).turns

    assert number == 2
    assert turn.starts.astimezone(UTC) == datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    assert turn.ends.astimezone(UTC) == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert (turn.place, turn.contact.duty, turn.contact.name) == (2, "mobile", "李娜")
    assert (turn.contact.number.e164, turn.contact.rings_for) == ("+8613800138501", 25)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_roster_is_read_in_chinese_in_any_encoding_and_order_of_columns(encoding: str) -> None:
    text = "姓名,电话,岗位,顺序,开始,结束\n王强,8001,值班台,1,2026/11/22 8:00,2026/11/22 24:00\n"

    ((_, turn),) = read_roster(text.encode(encoding), zone=SHANGHAI, telephony=CENTRE).turns

    assert (turn.contact.duty, turn.contact.number.e164, turn.contact.rings_for) == ("desk", "8001", 20)
    assert turn.ends == datetime(2026, 11, 23, 0, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"from": "22.11.2026 18:00"}, "from"),
        ({"from": ""}, "from"),
        ({"from": "2026-02-30 18:00"}, "from"),
        ({"until": "2026-11-23 25:00"}, "until"),
        ({"until": "2026-11-22 18:00"}, "until"),
        ({"until": "2028-11-22 18:00"}, "until"),
        ({"place": "0"}, "place"),
        ({"place": "10"}, "place"),
        ({"place": "一"}, "place"),
        ({"duty": "on-call"}, "duty"),
        ({"duty": "保洁"}, "duty"),
        ({"name": ""}, "name"),
        ({"name": "=HYPERLINK()"}, "name"),
        ({"name": "李" * 41}, "name"),
        ({"number": ""}, "number"),
        ({"number": "138001385"}, "number"),
        ({"number": "8002"}, "number"),
        ({"number": "120"}, "number"),
        ({"number": "96000"}, "number"),
        ({"number": "${SHELL(id)}"}, "number"),
        ({"rings_for": "4"}, "rings_for"),
        ({"rings_for": "121"}, "rings_for"),
        ({"rings_for": "-20"}, "rings_for"),
    ],
)
def test_bad_value_is_named_with_line_and_column_and_is_not_repeated(changed: dict[str, str], column: str) -> None:
    reading = read(line(place="1"), line(**changed))

    (problem,) = reading.problems
    assert (problem.line, problem.column) == (3, column)
    (value,) = changed.values()
    assert len(value) < 2 or value not in problem.english + problem.chinese


def test_local_number_is_read_within_the_centres_area_code() -> None:
    ((_, turn),) = read(line(number="8888 8888")).turns

    assert turn.contact.number.national == "075588888888"


def test_turns_that_overlap_for_one_place_are_told_with_both_lines() -> None:
    reading = read(
        line(),
        line(**{"from": "2026-11-23 09:00", "until": "2026-11-23 18:00"}),
        line(**{"from": "2026-11-23 08:00", "until": "2026-11-23 09:00"}),
        line(place="3"),
    )

    assert [(each.line, each.english) for each in reading.problems] == [(4, "overlaps with line 2 for the same place")]


def test_line_with_more_cells_than_columns_is_told() -> None:
    assert [each.line for each in read(line() + ",more").problems] == [2]


def test_empty_lines_are_passed_over() -> None:
    assert [number for number, _ in read("", ",,,", line()).turns] == [4]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name,number\n",
        f"{HEADER},colour\n".encode(),
        f"{HEADER},place\n".encode(),
        b"\xff\xff\xff",
        f'{HEADER}\n"2026'.encode(),
        b"x" * (2 * 1024 * 1024 + 1),
        (HEADER + "\n" + (line() + "\n") * 10_001).encode(),
    ],
)
def test_what_is_no_roster_is_refused_whole(content: bytes) -> None:
    with pytest.raises(RosterRefused):
        read_roster(content, zone=SHANGHAI, telephony=CENTRE)


def test_sample_of_the_page_on_the_roster_is_taken_without_a_word() -> None:
    page = (Path(__file__).parents[3] / "docs" / "roster.md").read_text(encoding="utf-8")
    (sample,) = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)

    reading = read_roster(sample.encode("gb18030"), zone=SHANGHAI, telephony=CENTRE)

    assert reading.problems == ()
    assert [turn.contact.duty for _, turn in reading.turns] == ["desk", "mobile", "manager"]
