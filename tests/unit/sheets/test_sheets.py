"""What is taken away: every cell is text, Chinese opens rightly, and the hand-over sheet is a PDF that says it all."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree

from hotline.accounts.account import Role
from hotline.cells import harmless
from hotline.dutylog.entry import DutyEntry, EntryState, Kind
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState, Step
from hotline.sheets.log_files import Workbook, csv_lines
from hotline.sheets.log_rows import HEADINGS, row_of
from hotline.sheets.shift_sheet import shift_sheet
from hotline.shifts.shift import OpenItem, Sheet, Shift, ShiftState
from tests.fakes.pdf_text import text_of

AT = datetime(2026, 11, 21, 17, 5, tzinfo=UTC)  # 01:05 of the next day at the centre
CHINA = timezone(timedelta(hours=8))
ENTRY = DutyEntry(
    number=7, state=EntryState.CONFIRMED, call_id=None, kind=Kind.REPAIR, is_urgent=True, who="张先生", home="3-2-501",
    matter="=HYPERLINK(漏水)\n第二行，“引号”", promised="", agent="8001", written_at=AT, written_by="linjing",
    day=datetime(2026, 11, 22, tzinfo=UTC).date(), day_number=3, centre="01", chain_position=9, chain_hash="ab" * 32,
)  # fmt: skip
ITEM = OpenItem(
    key="follow-up-1", kind="missed", what="<b>无人接</b> 𠮷 & 😀", home="3-2-501", who="张先生", since=AT,
    due=AT + timedelta(hours=1), is_urgent=True, is_overdue=False, word="已打两次",
)  # fmt: skip
SHEET = Sheet(
    items=(ITEM,), entries=1, first_page="20261122-003", last_page="20261122-003", by_kind={"repair": 1}, calls=4,
    drafts=1, property_found={"电话机": "完好"}, chain_position=9, chain_head="ab" * 32,
)  # fmt: skip
SHIFT = Shift(
    id=2,
    state=ShiftState.SIGNED_OUT,
    holder="linjing",
    began=AT,
    sheet=SHEET,
    signed_out_at=AT,
    signed_out_by="linjing",
)


def test_a_row_has_the_time_of_the_centre_and_as_many_cells_as_there_are_headings() -> None:
    row = row_of(ENTRY, CHINA, ENTRY.written_at - timedelta(minutes=7))

    assert len(row) == len(HEADINGS)
    assert row[:7] == ("20261122-003", "2026-11-22 00:58", "2026-11-22 01:05", "来电", "报修", "紧急", "3-2-501")


def test_what_came_of_a_matter_later_and_which_page_is_corrected_stand_in_the_row() -> None:
    matter = FollowUp(
        id=1, kind=FollowUpKind.MATTER, state=FollowUpState.DONE, owed_by=Role.AGENT, call_id=None, calls=1, number="",
        home="", who="", text="", request="repair", mark=None, incident="", since=AT, last_at=AT, due=AT,
        play_from=None, taken_by="", result="换了角阀", closed_by="zhouying", closed_at=AT, closing=Step.CLOSED,
        is_kept_open=False, changed_at=AT,
    )  # fmt: skip
    row = row_of(replace(ENTRY, corrects=7), CHINA, matter=matter, corrects="20261122-002")
    cells = dict(zip(HEADINGS, row, strict=True))

    assert cells["办结"] == f"{AT.astimezone(CHINA):%Y-%m-%d %H:%M} zhouying：换了角阀"
    assert cells["更正"] == "更正 20261122-002"
    never = replace(matter, state=FollowUpState.CANCELLED, result=ENTRY.result)
    assert row_of(ENTRY, CHINA, matter=never)[11].endswith("zhouying（无需跟进）")
    assert row_of(ENTRY, CHINA)[11] == ""


def test_csv_opens_as_chinese_and_a_callers_words_are_no_formula() -> None:
    written = csv_lines((), is_first=True) + csv_lines([row_of(ENTRY, CHINA)])
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))

    assert written.startswith(b"\xef\xbb\xbf")
    assert tuple(rows[0]) == HEADINGS
    assert rows[1][8] == "'=HYPERLINK(漏水)\n第二行，“引号”"
    assert [harmless(cell) for cell in ("漏水", "-1", "＝1", "3-2-501")] == ["漏水", "'-1", "'＝1", "3-2-501"]


def test_workbook_holds_every_row_as_text(tmp_path: Path) -> None:
    book = Workbook(tmp_path / "log.xlsx")
    book.add([row_of(ENTRY, CHINA)])
    book.add([row_of(replace(ENTRY, number=8), CHINA)] * 700)
    book.close()

    with zipfile.ZipFile(tmp_path / "log.xlsx") as file:
        sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
    rows = [
        [cell.get("t") for cell in row]
        for row in sheet.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}row")
    ]
    assert len(rows) == 702
    assert {kind for row in rows for kind in row} <= {"inlineStr", "s", None}
    assert not list(sheet.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f")), "no formula"


def test_hand_over_sheet_is_a_pdf_of_one_page_and_grows_with_its_items() -> None:
    one = shift_sheet(SHIFT, SHEET, centre="翠湖花园", names={"linjing": "林静"}, zone=CHINA)
    many = replace(SHEET, items=(ITEM,) * 120)
    long = shift_sheet(replace(SHIFT, sheet=many), many, centre="翠湖花园", names={}, zone=CHINA)

    assert one.startswith(b"%PDF-")
    assert one.count(b"/Type /Page\n") == 1
    pages = long.count(b"/Type /Page\n")
    assert pages > 3
    # Each page says which of how many it is: nothing is torn out unseen.
    assert "第1页，共1页" in text_of(one)
    assert all(f"第{number}页，共{pages}页" in text_of(long) for number in range(1, pages + 1))


def test_hand_over_sheet_of_an_empty_shift_can_be_made() -> None:
    empty = replace(SHEET, items=(), entries=0, first_page="", last_page="", by_kind={}, property_found={})

    assert shift_sheet(replace(SHIFT, sheet=empty), empty, centre="", names={}, zone=CHINA).startswith(b"%PDF-")


def test_hand_over_sheet_can_be_made_whatever_length_people_write() -> None:
    long = replace(SHEET, items=(replace(ITEM, what="漏" * 4000, word="修\n" * 100),))
    shift = replace(SHIFT, sheet=long, remarks="雨\n" * 490, successor_remarks="x" * 1000)

    assert shift_sheet(shift, long, centre="", names={}, zone=CHINA).startswith(b"%PDF-")
