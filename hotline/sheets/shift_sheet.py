"""The hand-over sheet 交接班记录表 as a PDF of A4 pages, with room for both signatures in ink."""

import io
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from hotline.dutylog.entry import KIND_IN_CHINESE, Kind
from hotline.followups.follow_up import FollowUpKind
from hotline.sheets.paper import BODY, HEAD, SMALL, TITLE, NumberedPages, lines, register_font, text
from hotline.shifts.shift import OpenItem, Sheet, Shift

WIDTHS: Final = (10 * mm, 24 * mm, 26 * mm, 62 * mm, 26 * mm, 32 * mm)
ITEM_IN_CHINESE: Final[dict[str, str]] = {
    "dispatch": "派工",
    FollowUpKind.CALL_BACK: "回电",
    FollowUpKind.MISSED: "未接来电",
    FollowUpKind.MESSAGE: "留言",
    FollowUpKind.EMERGENCY: "紧急求助未接",
    FollowUpKind.UNSATISFIED: "不满意",
    FollowUpKind.INCIDENT: "事件告知",
    FollowUpKind.MATTER: "记录待办",
    FollowUpKind.OTHER: "其他",
}
STANDS_IN_CHINESE: Final = {"waiting": "无人领取", "taken": "已领取", "sent": "待接单", "accepted": "已接单"}


def shift_sheet(shift: Shift, sheet: Sheet, *, centre: str, names: Mapping[str, str], zone: tzinfo) -> bytes:
    """Return the sheet of a shift that has been signed out. Blocking: some ten milliseconds."""
    register_font()
    made = io.BytesIO()
    page = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm, topMargin=14 * mm, bottomMargin=14 * mm,
        title=f"交接班记录表 {shift.id}", author=centre,
    )  # fmt: skip

    def name(account: str) -> str:
        return names.get(account, account) or "—"

    def moment(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "—"

    facts = [
        ("当班人", name(shift.holder), "接班时间", moment(shift.began)),
        ("来电", f"{sheet.calls} 通", "交班签字", moment(shift.signed_out_at)),
        ("值班记录", _written(sheet), "未确认草稿", f"{sheet.drafts} 条"),
        ("物品清点", "；".join(f"{what} {found}" for what, found in sheet.property_found.items()) or "—", "", ""),
        ("交班说明", shift.remarks or "—", "", ""),
        ("接班说明", shift.successor_remarks or "—", "", ""),
    ]
    flow: list[Flowable] = [
        Paragraph(text(centre), SMALL),
        Paragraph("交接班记录表", TITLE),
        Spacer(1, 3 * mm),
        _facts(facts),
        Paragraph(f"移交的未了事项（{len(sheet.items)}）", HEAD),
        _items(sheet.items, name, zone),
        Spacer(1, 8 * mm),
        _signatures(shift, name, moment),
        Spacer(1, 4 * mm),
        Paragraph(
            f"交班时记录链：第 {sheet.chain_position} 条 {sheet.chain_head}。核对：python -m hotline duty-log verify",
            SMALL,
        ),
    ]
    page.build(flow, canvasmaker=NumberedPages)
    return made.getvalue()


def _written(sheet: Sheet) -> str:
    kinds = "、".join(f"{KIND_IN_CHINESE[Kind(kind)]} {count}" for kind, count in sheet.by_kind.items())
    pages = f"{sheet.first_page} 至 {sheet.last_page}，" if sheet.entries else ""
    return f"{pages}共 {sheet.entries} 条{f'（{kinds}）' if kinds else ''}"


def _facts(rows: list[tuple[str, str, str, str]]) -> Table:
    spans = [("SPAN", (1, place), (3, place)) for place, row in enumerate(rows) if not row[2]]
    table = Table(
        [[Paragraph(text(cell), BODY) for cell in row] for row in rows],
        (22 * mm, 84 * mm, 24 * mm, 50 * mm),
        splitInRow=1,
    )
    table.setStyle(lines(*spans))
    return table


def _items(items: tuple[OpenItem, ...], name: Any, zone: tzinfo) -> Flowable:
    if not items:
        return Paragraph("没有未了事项。", BODY)
    rows = [["序", "类别", "房号 / 住户", "事项", "期限、经办", "交代"]]
    for number, item in enumerate(items, start=1):
        marks = "".join((" 【紧急】" if item.is_urgent else "", " 【超时】" if item.is_overdue else ""))
        due = f"{item.due.astimezone(zone):%m-%d %H:%M}" if item.due else "—"
        if item.stands:
            held_by = f" {name(item.held_by)}" if item.held_by else ""
            due = f"{due}\n{STANDS_IN_CHINESE.get(item.stands, item.stands)}{held_by}"
        whose = " ".join(filter(None, (item.home, item.who))) or "—"
        rows.append(
            [
                str(number),
                f"{ITEM_IN_CHINESE.get(item.kind, item.kind)}{marks}",
                whose,
                item.what or "—",
                due,
                item.word or "—",
            ]
        )
    table = Table([[Paragraph(text(cell), BODY) for cell in row] for row in rows], WIDTHS, repeatRows=1, splitInRow=1)
    table.setStyle(lines(("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)))
    return table


def _signatures(shift: Shift, name: Any, moment: Any) -> Table:
    rows = [
        [f"交班人（签字）：{name(shift.signed_out_by)}", f"接班人（签字）：{name(shift.successor)}"],
        [f"时间：{moment(shift.signed_out_at)}", f"时间：{moment(shift.ended)}"],
    ]
    table = Table(
        [[Paragraph(text(cell), BODY) for cell in row] for row in rows], (90 * mm, 90 * mm), (16 * mm, 8 * mm)
    )
    table.setStyle(lines(("VALIGN", (0, 0), (-1, -1), "TOP")))
    return table
