"""The trade's words for what a caller wants, what is broken, what is urgent and what is danger; found in turns. Pure.

Turns come mended by sound (`hotline.transcribe.readable`), so words are looked up as they are written.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hotline.dutylog.entry import Kind
from hotline.transcribe.transcript import Turn

# Danger to life, property or order [P: 特别求助], by what has happened.
EMERGENCIES: Final[Mapping[str, tuple[str, ...]]] = {
    "电梯困人": ("困在电梯", "电梯困人", "关在电梯", "卡在电梯", "困电梯", "被困"),
    "急救病人": (
        "晕倒", "昏倒", "昏迷", "叫不醒", "救护车", "心脏病", "中风", "抽搐", "喘不上气", "没有呼吸", "摔倒起不来",
    ),
    "火情": ("着火", "起火", "失火", "冒烟", "爆炸", "烧起来"),
    "燃气泄漏": ("煤气味", "煤气泄漏", "漏煤气", "煤气漏", "闻到煤气", "燃气味", "燃气泄漏", "天然气泄漏", "天然气味"),
    "触电": ("触电", "被电到"),
    "水淹": ("爆管", "水管爆", "水淹", "倒灌"),
    "盗抢": ("小偷", "抢劫", "入室盗窃", "被偷", "被盗"),
    "打架": ("打架", "打人", "斗殴"),
    "人命": ("溺水", "坠楼", "跳楼"),
}  # fmt: skip
# Urgent in any kind [P 4.4]: a power cut, a leak, a lift with people in it.
URGENT_WORDS: Final = (
    "停电", "断电", "没电", "没有电", "跳闸", "短路", "漏电", "漏水", "渗水", "跑水", "喷水", "冒水", "返水", "滴水",
    "电梯停", "电梯坏", "电梯不动", "电梯卡",
)  # fmt: skip
# In this order: a complaint about a repair is a complaint. Words that are in every talk (请问) come last.
WORDS_BY_KIND: Final[tuple[tuple[Kind, tuple[str, ...]], ...]] = (
    (Kind.COMPLAINT, ("投诉", "不满意", "态度", "扰民", "太吵", "噪音", "举报")),
    (
        Kind.REPAIR,
        (
            "报修", "维修", "坏了", "不亮", "堵", "没水", "不制冷", "不通", "打不开", "关不上", "掉下来", "裂了",
            "脱落", *URGENT_WORDS,
        ),
    ),
    (Kind.PAID_SERVICE, ("预约", "清洗", "怎么收费", "上门服务", "保洁", "疏通", "代办", "家政", "安装")),
    (Kind.GENERAL_HELP, ("帮忙", "帮我", "忘带钥匙", "钥匙忘", "迷路", "走失", "借用", "搬东西")),
    (Kind.ENQUIRY, ("物业费", "停车费", "怎么交", "怎么办理", "多少钱", "几点", "什么时候", "咨询", "想问", "请问")),
)  # fmt: skip
PLACES: Final = (
    "厨房", "卫生间", "厕所", "阳台", "客厅", "卧室", "楼道", "天花板", "外墙", "地下车库", "停车场", "大堂", "单元门",
    "楼上", "楼下", "隔壁",
)  # fmt: skip
THINGS: Final = (
    "下水道", "马桶", "水管", "水龙头", "水表", "电表", "燃气表", "阀门", "总闸", "电闸", "空调", "暖气", "地暖",
    "门禁", "门锁", "对讲机", "监控", "路灯", "声控灯", "墙皮", "防水", "电梯", "消防栓", "车位", "道闸", "充电桩",
    "垃圾", "油烟机", "热水器", "洗衣机", "物业费", "停车费", "发票", "装修", "电钻", "师傅", "保安",
)  # fmt: skip
_FAULTS: Final = (
    "漏水", "渗水", "跑水", "喷水", "冒水", "返水", "滴水", "停电", "断电", "没电", "没有电", "跳闸", "短路", "漏电",
    "停水", "没水", "堵", "坏了", "不亮", "不制冷", "不通", "打不开", "关不上", "掉下来", "裂了", "脱落", "太吵",
    "噪音", "扰民", "态度", "来晚", "不满意", "清洗", "疏通", "怎么交", "怎么收费",
)  # fmt: skip
FAULTS: Final = (*_FAULTS, *(word for words in EMERGENCIES.values() for word in words))

CLAUSE: Final = re.compile(r"[^，。！？；,.!?;\n]+[，。！？；,.!?;]?")
# Before a word: then it is denied, or not there now. 是不是 and 有没有 ask.
_DENIED: Final = re.compile(r"(?:(?<!是)不是|(?<!有)没有|没|不|不要|不用)$")
_PLANNED: Final = re.compile(r"(?:几点|什么时候|何时|计划|通知)[^，。！？]{0,4}$")


@dataclass(frozen=True, slots=True)
class Sign:
    """A word of a table, and where it was said."""

    word: str
    turn: Turn


def signs_of(words: Iterable[str], turns: Iterable[Turn]) -> Iterator[Sign]:
    """Yield the words of a table that were said, and neither denied nor asked after as something planned."""
    table = tuple(words)
    for turn in turns:
        for word in table:
            at = turn.text.find(word)
            while at >= 0:
                before = turn.text[:at]
                if not _DENIED.search(before) and not _PLANNED.search(before):
                    yield Sign(word, turn)
                    break
                at = turn.text.find(word, at + 1)


def emergency_in(turns: Sequence[Turn]) -> tuple[str, Sign] | None:
    """Return which emergency was told, the one told first, and by which word; None where none was."""
    found = [(name, sign) for name, words in EMERGENCIES.items() for sign in signs_of(words, turns)]
    return min(found, key=lambda one: (one[1].turn.start, one[1].turn.text.find(one[1].word)), default=None)


def kinds_in(turns: Sequence[Turn]) -> list[tuple[Kind, Sign]]:
    """Return the kinds that the words speak for, the strongest first, each with the first of its words."""
    found = ((kind, next(signs_of(words, turns), None)) for kind, words in WORDS_BY_KIND)
    return [(kind, sign) for kind, sign in found if sign is not None]


def symptom_in(turns: Iterable[Turn]) -> tuple[str, Sign] | None:
    """Return what is the matter, in words of the tables, as "厨房 水管 漏水": the clause that says most of it."""
    best: tuple[int, str, Sign] | None = None
    for turn in turns:
        for clause in CLAUSE.findall(turn.text):
            words = _listed(clause)
            weight = len(words) + any(word in FAULTS for word in words)
            if any(word not in PLACES for word in words) and (best is None or weight > best[0]):
                best = (weight, " ".join(words), Sign(words[0], turn))
    return best[1:] if best else None


def _listed(clause: str) -> list[str]:
    """Return the listed words of a clause in their order; of two that overlap the longer one."""
    found: dict[int, str] = {}
    for word in sorted((*PLACES, *THINGS, *FAULTS), key=len, reverse=True):
        at = clause.find(word)
        taken = range(at, at + len(word))
        if at >= 0 and not any(set(taken) & set(range(other, other + len(one))) for other, one in found.items()):
            found[at] = word
    return [word for _, word in sorted(found.items())]
