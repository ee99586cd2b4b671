"""The duty log's entries as rows of a sheet, under the headings of the trade's form. Pure."""

from datetime import datetime, tzinfo
from typing import Final

from hotline.dutylog.entry import KIND_IN_CHINESE, DutyEntry, Source

HEADINGS: Final = (
    "编号", "来电时间", "登记时间", "来源", "类别", "紧急", "房号", "来电人", "事项", "承诺", "处理结果", "坐席",
    "登记人", "更正", "链号", "校验",
)  # fmt: skip
SOURCE_IN_CHINESE: Final[dict[Source, str]] = {
    Source.CALL: "来电",
    Source.WALK_IN: "来访",
    Source.LETTER: "来信",
    Source.EMAIL: "邮件",
    Source.PATROL: "巡查",
}


def row_of(entry: DutyEntry, zone: tzinfo, happened_at: datetime | None = None) -> tuple[str, ...]:
    """Return an entry's cells, all text; `happened_at` is when its call rang."""
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
        entry.agent,
        entry.written_by,
        f"更正 №{entry.corrects}" if entry.corrects else "",
        str(entry.chain_position or ""),
        entry.chain_hash,
    )
