"""Draft a call's duty-log entry from what is known: the request named by key, who called, what was said. Pure.

A draft only says what somebody said or pressed. What is not known stays empty for the agent to fill.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.entry import Kind
from hotline.residents.resident import KnownCaller
from hotline.transcribe.transcript import Side, Turn

# What a menu may name; "unknown" names nothing.
REQUESTS: Final = frozenset(Kind) - {Kind.UNKNOWN}

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
SERVED_BY_MENU: Final = "来电人在菜单中自助查询完毕，未转人工。"
INCIDENT_JOINED: Final = "来电人已登记楼栋事件，结束后告知。"
CALL_BACK_WISHED: Final = "来电人要求回电。"
MESSAGE: Final = "来电留言："
MESSAGE_UNHEARD: Final = "来电留言，请听录音。"
NOT_RECORDED: Final = "未录音：来电人不同意录音，没有对话文字，请坐席补写事项。"
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
    """Return the draft of the call's entry. How satisfied the caller was stays on the call: it is not the matter."""
    said = [turn for turn in turns if turn.side is Side.CALLER and not _is_polite_only(turn.text)]
    answered = [turn.text for turn in turns if turn.side is Side.AGENT]
    words = "".join(turn.text for turn in said)
    kind = _kind(call, words)
    resident = known.resident if known else None
    household = known.household if known else None
    return Draft(
        kind=kind,
        is_urgent=kind is Kind.SPECIAL_HELP or any(word in words for word in URGENT_WORDS),
        who=resident.salutation if resident else "",
        home=household.home.label if household else "",
        matter="\n".join(_matter(call, said))[:LONGEST_MATTER],
        promised="\n".join(text for text in answered if any(word in text for word in PROMISE_WORDS))[:LONGEST_MATTER],
        agent=call.agent,
    )


def _matter(call: CallRecord, said: Sequence[Turn]) -> Iterator[str]:
    """Yield what the agent must know before the words, then the words as told, those of a message named as such."""
    if call.joined_incident:
        yield INCIDENT_JOINED
    if call.outcome is Outcome.SERVED_BY_MENU:
        yield SERVED_BY_MENU
    elif call.state is CallState.ENDED and call.human_answer is None and call.outcome is not Outcome.INCIDENT_JOINED:
        yield UNANSWERED
    if call.call_back_at:
        yield CALL_BACK_WISHED
    if call.recording_refused and call.recording_start is None:  # a message left afterwards is recorded
        yield NOT_RECORDED
        return
    # The beep comes before the message: a turn that only ends after it is already the message.
    begins = call.message_at - call.recording_start if call.message_at and call.recording_start else None
    message = [turn.text for turn in said if begins is not None and turn.end > begins]
    yield from (turn.text for turn in said if begins is None or turn.end <= begins)
    if call.message_at:
        yield MESSAGE if message else MESSAGE_UNHEARD
    yield from message


def _kind(call: CallRecord, words: str) -> Kind:
    """An emergency comes first, by key or by words of danger; then the request named by key; then other words.

    A call from before the menus named requests has only its keys, whose meaning is no longer known: its words decide.
    """
    # Calls from before EMERGENCY was said have the queue of that name.
    if call.is_emergency or call.queue == "emergency" or any(word in words for word in SPECIAL_HELP_WORDS):
        return Kind.SPECIAL_HELP
    if call.request in REQUESTS:
        return Kind(call.request)
    for kind, signs in WORDS_BY_KIND:
        if any(sign in words for sign in signs):
            return kind
    return Kind.UNKNOWN


def _is_polite_only(text: str) -> bool:
    return set(text) <= POLITE_ONLY
