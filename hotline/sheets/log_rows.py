"""The duty log's entries as rows of a sheet, under the headings of the trade's form. Pure."""

from datetime import datetime, tzinfo
from typing import Final

from hotline.dutylog.entry import KIND_IN_CHINESE, DutyEntry, Source
from hotline.followups.follow_up import FollowUp, FollowUpState

HEADINGS: Final = (
    "编号", "来电时间", "登记时间", "来源", "类别", "紧急", "房号", "来电人", "事项", "承诺", "处理结果", "办结",
    "坐席", "登记人", "更正", "链号", "校验",
)  # fmt: skip
SOURCE_IN_CHINESE: Final[dict[Source, str]] = {
    Source.CALL: "来电",
    Source.WALK_IN: "来访",
    Source.LETTER: "来信",
    Source.EMAIL: "邮件",
    Source.PATROL: "巡查",
}


def row_of(
    entry: DutyEntry,
    zone: tzinfo,
    happened_at: datetime | None = None,
    *,
    matter: FollowUp | None = None,
    corrects: str = "",
) -> tuple[str, ...]:
    """Return an entry's cells, all text.

    `happened_at` is when its call rang, `matter` what it made us owe, `corrects` the page of the entry it corrects.
    """
    return (
        entry.page or f"№{entry.number}",
        f"{happened_at.astimezone(zone):%Y-%m-%d %H:%M}" if happened_at else "",
        f"{entry.written_at.astimezone(zone):%Y-%m-%d %H:%M}",
        SOURCE_IN_CHINESE[entry.source],
        KIND_IN_CHINESE[entry.kind],
        "紧急" if entry.is_urgent else "",
        entry.home,
        entry.who,
        entry.matter,
        entry.promised,
        entry.result,
        _settled(entry, matter, zone),
        entry.agent,
        entry.written_by,
        f"更正 {corrects or f'№{entry.corrects}'}" if entry.corrects else "",
        str(entry.chain_position or ""),
        entry.chain_hash,
    )


def _settled(entry: DutyEntry, matter: FollowUp | None, zone: tzinfo) -> str:
    """When, by whom and with what the matter was closed; the entry itself was written before, and is not altered."""
    if matter is None or matter.closed_at is None or matter.state is FollowUpState.OPEN:
        return ""
    said = "" if matter.result == entry.result else f"：{matter.result}"
    never = "（无需跟进）" if matter.state is FollowUpState.CANCELLED else ""
    return f"{matter.closed_at.astimezone(zone):%Y-%m-%d %H:%M} {matter.closed_by}{never}{said}"
