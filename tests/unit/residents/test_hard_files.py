"""Files as offices and attackers make them: other encodings, workbooks with everything that a sheet can hide."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hotline.cells import harmless
from hotline.residents import table_file
from hotline.residents.files import FileRefused, read_arrears, read_numbers, read_residents
from hotline.residents.resident import Home
from hotline.residents.table_file import LARGEST_BYTES, rows_of_file

ROOT = Path(__file__).parents[3]
HEADER = ["房号", "姓名", "电话"]
LIST = "房号,姓名,电话\n3-2-501,张伟,13800138501\n"


def workbook(*rows: list[Any], change: Callable[[Any], object] = lambda _book: None) -> bytes:
    """Return a workbook of these rows below the heading, changed before it is saved."""
    book = openpyxl.Workbook()
    for row in (HEADER, *rows):
        book.active.append(row)
    change(book)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def repacked(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """Return a workbook with one of its parts rewritten."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()).encode() if name == part else text)
    return made.getvalue()


def homes(content: bytes) -> list[str]:
    return [line.home.label for _, line in read_residents(content).lines]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "gb2312", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("between", [",", "\t"])
def test_lists_are_read_as_any_spreadsheet_saves_them(encoding: str, between: str) -> None:
    content = LIST.replace(",", between).replace("\n", "\r\n").encode(encoding)

    reading = read_residents(content)

    assert reading.problems == ()
    assert [(line.home.label, line.name) for _, line in reading.lines] == [("3-2-501", "张伟")]


def test_a_character_that_only_gb18030_has_is_read() -> None:
    ((_, line),) = read_residents(LIST.replace("张伟", "䶮㐂").encode("gb18030")).lines

    assert line.name == "䶮㐂"


@pytest.mark.parametrize("content", [LIST.encode("utf-16-be"), LIST.encode("utf-16-le"), b"\xff\xfe\xff", b"\x00" * 99])
def test_what_is_in_no_known_encoding_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read_residents(content)


@pytest.mark.parametrize(
    "cell", ["3栋2单元301", "3号楼2单元301室", "３－２－３０１", "3-2-301", " 3 栋 2 单元 301 室 "]
)
def test_a_home_is_read_in_the_forms_that_people_write(cell: str) -> None:
    ((_, line),) = read_residents(f"房号,姓名\n{cell},张伟\n".encode()).lines

    assert line.home == Home(3, 2, 301)


def test_wide_digits_are_digits_in_a_number_too() -> None:
    ((_, line),) = read_numbers("房号,姓名,电话\n3-2-501,张伟,１３８００１３８５０１\n".encode()).lines

    assert [number.e164 for number in line.numbers] == ["+8613800138501"]


@pytest.mark.parametrize("cell", ["张\x00伟", "=1+1", "\t=1+1", "＝1", "张" * 41, "x" * 100_000])
def test_a_name_that_no_screen_or_spreadsheet_could_bear_is_a_bad_cell_and_no_other_line_suffers(cell: str) -> None:
    reading = read_residents(f"房号,姓名\n3-2-501,{cell}\n3-2-502,李明\n".encode())

    assert [(wrong.line, wrong.column) for wrong in reading.problems] == [(2, "name")]
    assert [line.name for _, line in reading.lines] == ["李明"]


def test_a_column_that_is_named_twice_is_refused() -> None:
    with pytest.raises(FileRefused, match="twice"):
        read_residents("房号,姓名,电话,numbers\n3-2-501,张伟,1,2\n".encode())


def test_a_workbook_says_what_its_cells_show() -> None:
    book = openpyxl.Workbook()
    for row in (
        ["房号", "姓名", "月份", "金额"],
        ["3-2-501", "张伟", date(2026, 9, 1), 812.5],
        ["3-2-502", "李明", "2026-09", "=SUM(D2)"],  # a formula that nothing has reckoned yet
        [date(2003, 2, 1), "王芳", "2026-09", 1],  # 3-2-1, which the spreadsheet took for a day
    ):
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)

    reading = read_arrears(kept.getvalue())

    assert [(line.months, line.fen) for _, line in reading.lines] == [(("2026-09",), 81250)]
    assert [(wrong.line, wrong.column) for wrong in reading.problems] == [(3, "amount"), (4, "home")]


def test_a_number_that_a_sheet_keeps_as_a_number_is_one() -> None:
    ((_, line),) = read_residents(workbook(["3-2-501", "张伟", 13800138501.0])).lines

    assert [number.e164 for number in line.numbers] == ["+8613800138501"]


def test_rows_under_a_merged_cell_are_listed_and_not_guessed() -> None:
    content = workbook(
        ["3-2-501", "张伟", None], ["", "李明", None], change=lambda book: book.active.merge_cells("A2:A3")
    )

    reading = read_residents(content)

    assert [line.name for _, line in reading.lines] == ["张伟"]
    assert [(wrong.line, wrong.column) for wrong in reading.problems] == [(3, "home")]


def test_a_hidden_sheet_is_not_the_list() -> None:
    def hide_the_first(book: Any) -> None:
        seen = book.create_sheet("名单")
        for row in (HEADER, ["8-1-102", "王秀英", None]):
            seen.append(row)
        book.worksheets[0].sheet_state = "hidden"
        book.active = 1

    assert homes(workbook(["3-2-501", "张伟", None], change=hide_the_first)) == ["8-1-102"]


@pytest.mark.parametrize("said", ["A1", "A1:C1", "A1:XFD1048576"])
def test_rows_beyond_a_size_that_is_written_wrong_are_read_all_the_same(said: str) -> None:
    content = workbook(["3-2-501", "张伟", None], ["3-2-502", "李明", None])

    lying = repacked(content, "xl/worksheets/sheet1.xml", lambda text: text.replace("A1:C3", said))
    assert lying != content
    assert homes(lying) == ["3-2-501", "3-2-502"]


def test_rows_that_are_empty_are_no_lines_however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.residents.files.MOST_LINES", 3)
    below = "".join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(4, 5000))
    content = repacked(
        workbook(["3-2-501", "张伟", None], ["3-2-502", "李明", None]),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace("</sheetData>", f"{below}</sheetData>"),
    )

    assert homes(content) == ["3-2-501", "3-2-502"]


def test_a_row_that_says_it_is_beyond_every_sheet_is_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_file, "MOST_ROWS", 1000)
    far = '<row r="999999999999"><c r="A999999999999" t="n"><v>1</v></c></row>'
    content = repacked(
        workbook(["3-2-501", "张伟", None]),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace("</sheetData>", f"{far}</sheetData>"),
    )

    with pytest.raises(FileRefused):
        read_residents(content)


def test_a_workbook_that_unpacks_to_a_flood_is_refused_before_it_does() -> None:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w") as one,
    ):
        for _ in range(table_file.LARGEST_UNPACKED // (1 << 20) + 1):
            one.write(b" " * (1 << 20))
    assert len(made.getvalue()) < LARGEST_BYTES

    with pytest.raises(FileRefused, match="unpacks"):
        list(rows_of_file(made.getvalue()))


def test_words_that_stand_for_more_words_without_end_are_refused() -> None:
    grows = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{grows}]>'
    content = repacked(
        workbook(["3-2-501", "张伟", None]),
        "xl/worksheets/sheet1.xml",
        lambda text: bomb + text.replace("<sheetData>", "<sheetData>&l9;"),
    )

    with pytest.raises(FileRefused):
        read_residents(content)


@pytest.mark.parametrize("place", range(0, 3000, 97))
def test_a_workbook_that_was_damaged_anywhere_is_refused_or_read_and_nothing_else(place: int) -> None:
    content = bytearray(workbook(*(["3-2-501", f"张{n}", None] for n in range(20))))
    content[place % len(content)] ^= 0xFF

    with suppress(FileRefused):
        read_residents(bytes(content))


@pytest.mark.parametrize(
    ("part", "was", "now"),
    [
        ("xl/workbook.xml", 'sheetId="1"', ""),
        ("xl/workbook.xml", "<sheets>", "<sheets><sheet/>"),
        ("xl/worksheets/sheet1.xml", 'r="A1"', 'r="1A"'),
        ("xl/worksheets/sheet1.xml", "<v>", "<v>x"),
        ("xl/styles.xml", "<styleSheet", "<nothing"),
        ("[Content_Types].xml", "<Types", "<nothing"),
    ],
)
def test_a_workbook_with_a_part_that_is_not_as_it_should_be_is_refused_or_read(part: str, was: str, now: str) -> None:
    content = workbook(["3-2-501", "张伟", None])

    with suppress(FileRefused):
        read_residents(repacked(content, part, lambda text: text.replace(was, now)))


def test_an_encrypted_workbook_is_refused() -> None:
    content = bytearray(workbook(["3-2-501", "张伟", None]))
    place = 0
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag in each part's heads
        place = 0
        while (place := content.find(mark, place)) >= 0:
            content[place + at] |= 1
            place += 4

    with pytest.raises(FileRefused):
        read_residents(bytes(content))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x"])
def test_no_cell_of_ours_is_run_by_a_spreadsheet(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_every_csv_that_we_write_goes_through_the_door_for_cells() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "hotline").rglob("*.py")}
    writers = {path: text for path, text in sources.items() if "csv.writer(" in text or "csv.DictWriter(" in text}

    assert len(writers) >= 4
    assert [
        path.name for path, text in writers.items() if "harmless(" not in text and "result_cells(" not in text
    ] == []
