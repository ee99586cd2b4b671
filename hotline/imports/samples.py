"""A small file of each kind, to be filled in: the columns asked for, and lines that are taken in. Pure."""

from collections.abc import Mapping
from typing import Final

Lines = tuple[tuple[str, ...], ...]

# The first line names the columns; docs/import.md says what may stand in each.
SAMPLES: Final[Mapping[str, Lines]] = {
    "residents": (
        ("房号", "姓名", "称呼", "关系", "电话", "独居老人", "语言", "称姓问候"),
        ("3-2-501", "张建国", "先生", "业主", "13800138501;13900139501", "否", "zh", "是"),
        ("8-1-102", "王秀英", "女士", "业主", "13800138102", "是", "", ""),
    ),
    "homes": (("房号", "称姓问候"), ("3-2-501", "是"), ("3-2-502", "")),
    "numbers": (("房号", "姓名", "电话"), ("3-2-501", "张建国", "13800138501;13900139501")),
    "arrears": (("房号", "姓名", "月份", "金额"), ("3-2-501", "张建国", "2026-01至2026-06", "1234.56")),
}
