"""Draft a call's duty-log entry from what is known: keys pressed, who called, what was said. Pure.

A draft only says what somebody said or pressed. What is not known stays empty for the agent to fill.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.dutylog.entry import Kind
from hotline.residents.resident import KnownCaller
from hotline.transcribe.transcript import Side, Turn

# Menu of the demo plan (contract): what a key says about the kind of request.
KIND_BY_KEY: Final = {
    "1": Kind.REPAIR,
    "2": Kind.COMPLAINT,
    "3": Kind.ENQUIRY,
    "4": Kind.ENQUIRY,
    "9": Kind.SPECIAL_HELP,
}

# Danger to life, property or order [P: 特别求助], heard in the caller's words.
SPECIAL_HELP_WORDS: Final = (
    "困在电梯", "电梯困人", "晕倒", "叫不醒", "救护车", "着火", "起火", "煤气", "燃气泄漏",
    "小偷", "抢劫", "打架", "打人",
)  # fmt: skip
URGENT_WORDS: Final = ("停电", "漏水", "电梯", "爆管", "水管爆", "跳闸", "没电")  # [P 4.4]: handled first
WORDS_BY_KIND: Final = (
    (Kind.COMPLAINT, ("投诉", "不满意", "态度", "扰民")),
    (Kind.REPAIR, ("报修", "漏水", "停电", "坏了", "不亮", "堵", "维修", "跳闸", "没电", "没水")),
    (Kind.PAID_SERVICE, ("预约", "清洗", "怎么收费", "上门服务", "保洁")),
    (Kind.ENQUIRY, ("物业费", "怎么交", "多少钱", "请问", "咨询")),
)
PROMISE_WORDS: Final = (
    "小时内", "分钟内", "分钟到", "马上", "今天", "明天", "下午", "上午", "回电", "上门", "安排", "答复",
    "之前", "点前",
)  # fmt: skip
POLITE_ONLY: Final = frozenset("好的是嗯啊哦喂对行谢您你再见，。！？、 ")
UNANSWERED: Final = "未接通：来电人未等到人工接听，需回电。"
LONGEST_MATTER: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the entry of a call would say."""

    kind: Kind
    is_urgent: bool
    who: str
    home: str
    matter: str
    promised: str
    agent: str


def draft_entry(call: CallRecord, known: KnownCaller | None, turns: Sequence[Turn]) -> Draft:
    """Return the draft of the call's entry."""
    said = [turn.text for turn in turns if turn.side is Side.CALLER and not _is_polite_only(turn.text)]
    answered = [turn.text for turn in turns if turn.side is Side.AGENT]
    words = "".join(said)
    kind = _kind(call, words)
    resident = known.resident if known else None
    household = known.household if known else None
    is_owed = call.state is CallState.ENDED and call.human_answer is None
    matter = "\n".join([UNANSWERED, *said] if is_owed else said)[:LONGEST_MATTER]
    return Draft(
        kind=kind,
        is_urgent=kind is Kind.SPECIAL_HELP or any(word in words for word in URGENT_WORDS),
        who=resident.salutation if resident else "",
        home=household.home.label if household else "",
        matter=matter,
        promised="\n".join(text for text in answered if any(word in text for word in PROMISE_WORDS))[:LONGEST_MATTER],
        agent=call.agent,
    )


def _kind(call: CallRecord, words: str) -> Kind:
    """The caller's words of danger come first, then the key pressed last, then other words."""
    if any(word in words for word in SPECIAL_HELP_WORDS):
        return Kind.SPECIAL_HELP
    for key in reversed(call.menu_path):
        if key in KIND_BY_KEY:
            return KIND_BY_KEY[key]
    if call.queue == "emergency":
        return Kind.SPECIAL_HELP
    for kind, signs in WORDS_BY_KIND:
        if any(sign in words for sign in signs):
            return kind
    return Kind.UNKNOWN


def _is_polite_only(text: str) -> bool:
    return set(text) <= POLITE_ONLY
