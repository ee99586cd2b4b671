"""Lists of homes to be rung, as finance writes them: every bad row is told, with its line and its reason."""

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter

from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.list_files import read_list
from hotline.residents.files import FileRefused
from hotline.residents.resident import Home

FEE, SURVEY = CampaignKind.FEE_REMINDER, CampaignKind.SURVEY
HEAD = "房号,姓名,电话,月份,金额\n"


def fee(*rows: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    return (head + "\n".join(rows)).encode(encoding)


def workbook(*rows: tuple[object, ...]) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm"})
    sheet = book.add_worksheet()
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(line, column, value)
            else:
                sheet.write(line, column, value)
    book.close()
    return content.getvalue()


def reasons(content: bytes, kind: CampaignKind = FEE) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in read_list(content, kind).problems]


@pytest.mark.parametrize("written", ["0755-16812345", "075512590123", "16812345678", "4008123123", "0755 1101 2345"])
def test_number_that_is_no_residents_line_is_told_with_its_line(written: str) -> None:
    assert reasons(fee(f"3-2-501,张伟,{written},2026-09,100")) == [(2, "numbers")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_list_is_read_in_every_encoding_of_a_chinese_office(encoding: str) -> None:
    (row,) = read_list(fee('3-2-501,张伟,13800138501,2026-09至2026-10,"1,234.50"', encoding=encoding), FEE).rows

    assert (row.home, row.name, row.months, row.fen) == (Home(3, 2, 501), "张伟", ("2026-09", "2026-10"), 123450)
    assert row.number is not None
    assert row.number.e164 == "+8613800138501"


def test_workbook_is_read_as_it_looks() -> None:
    content = workbook(
        ("房号", "姓名", "电话", "月份", "金额", "备注"),
        ("3-2-501", "张伟", 13800138501, date(2026, 9, 1), 1234.5, "财务"),
        (None, None), ("3栋2单元502室", "李娜", "", "2026-10", "88", ""),
    )  # fmt: skip

    first, second = read_list(content, FEE).rows

    assert (first.months, first.fen, first.line) == (("2026-09",), 123450, 2)
    assert first.number is not None
    assert (second.home, second.number, second.fen, second.line) == (Home(3, 2, 502), None, 8800, 4)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("3-2,张伟,,2026-09,10", "home"), ("3-2-501,张伟,,2026-13,10", "months"), ("3-2-501,张伟,,2026-09,0", "amount"),
        ("3-2-501,张伟,,2026-09,-5", "amount"), ("3-2-501,张伟,,2026-09,1e9", "amount"),
        ("3-2-501,张伟,,2026-09,", "amount"),
        ("3-2-501,张伟,0755-88888888转801,2026-09,10", "numbers"),
        ("3-2-501,张伟,+1 415 555 2671,2026-09,10", "numbers"),
        ("3-2-501,张伟,8001,2026-09,10", "numbers"), ("3-2-501,张伟,12345678901234,2026-09,10", "numbers"),
        ("3-2-501,=cmd(),,2026-09,10", "name"), ("3-2-501,张伟", "months"),
    ],
)  # fmt: skip
def test_bad_row_is_told_with_its_line_and_column(row: str, column: str) -> None:
    good = "3-2-601,李娜,,2026-09,10"

    reading = read_list(fee(good, row), FEE)

    assert [(problem.line, problem.column) for problem in reading.problems] == [(3, column)]
    assert len(reading.rows) == 1


def test_home_that_stands_twice_is_taken_once() -> None:
    assert reasons(fee("3-2-501,,,2026-09,10", "3栋2单元501室,,,2026-10,20")) == [(3, "home")]


def test_person_with_five_homes_is_for_a_person_to_call() -> None:
    rows = [f"3-2-50{room},王强,13800138501,2026-09,10" for room in range(1, 6)]

    reading = read_list(fee(*rows, "3-2-601,李娜,13800138502,2026-09,10"), FEE)

    assert [problem.line for problem in reading.problems] == [2, 3, 4, 5, 6]
    assert "5套房" in reading.problems[0].chinese
    assert len(reading.rows) == 1


def test_survey_needs_homes_only() -> None:
    assert len(read_list("房号\n3-2-501\n".encode(), SURVEY).rows) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n\n", "房号,金额\n3-2-501,5\n".encode(), "房号,房号,月份,金额\n".encode(), b"\xd0\xcf\x11\xe0old",
        b"PK\x03\x04broken", b'"a\n', b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_file_that_is_no_list_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read_list(content, FEE)


def test_workbook_that_unpacks_to_gigabytes_is_refused() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (201 * 1024 * 1024))

    with pytest.raises(FileRefused, match="unpacks"):
        read_list(content.getvalue(), FEE)
