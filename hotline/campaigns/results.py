"""A campaign's results as rows of a sheet: in the words of the trade, or in codes where a machine reads them. Pure.

The words are those of the page (words.zh.json); a test holds them alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hotline.campaigns.attempt import Outcome, Said
from hotline.campaigns.may_call import Reason
from hotline.campaigns.target import TargetState
from hotline.cells import harmless

HEADINGS: Final = ("房号", "称呼", "金额（元）", "状态", "未呼叫原因", "呼叫次数", "结果", "按键")
CODE_HEADINGS: Final = ("home", "who", "yuan", "state", "reasons", "attempts", "outcome", "keys")

STATES: Final[dict[str, str]] = {
    TargetState.WAITING: "待呼叫",
    TargetState.IN_HAND: "呼叫中",
    TargetState.SUPPRESSED: "不呼叫",
    TargetState.DONE: "已完成",
    TargetState.GIVEN_UP: "未能联系",
}
REASONS: Final[dict[str, str]] = {
    Reason.TOO_EARLY: "未到时间",
    Reason.OUTSIDE_WINDOW: "不在拨打时段",
    Reason.HOLIDAY: "节假日",
    Reason.DAY_CAP: "当天已呼叫",
    Reason.WEEK_CAP: "本周次数已满",
    Reason.MONTH_CAP: "本月次数已满",
    Reason.GAP: "间隔太短",
    Reason.SISTER_RUNG: "同户另一号码刚呼叫",
    Reason.IN_CALL: "正在通话",
    Reason.IN_HAND: "正在呼叫",
    Reason.OPEN_COMPLAINT: "投诉未结",
    Reason.DO_NOT_CALL: "免打扰",
    Reason.OPTED_OUT: "已拒绝外呼",
    Reason.WRONG_NUMBER: "号码有误",
    Reason.NOT_OF_HOME: "号码已不属该户",
    Reason.PAID: "已缴清",
    Reason.DISPUTED: "有争议",
    Reason.HARDSHIP: "困难户",
    Reason.UNKNOWN: "资料不全",
    Reason.SKIPPED: "坐席跳过",
    Reason.LINE_DOUBTED: "线路存疑",
    Reason.SETTLED: "事项已了结",
}
OUTCOMES: Final[dict[str, str]] = {
    Outcome.HUMAN: "本人接听",
    Outcome.MACHINE: "语音信箱",
    Outcome.FAX: "传真",
    Outcome.BUSY: "忙线",
    Outcome.NO_ANSWER: "无人接听",
    Outcome.SWITCHED_OFF: "关机",
    Outcome.INVALID: "空号",
    Outcome.REFUSED: "拒接",
    Outcome.CONGESTION: "线路拥塞",
    Outcome.FAILED_HERE: "我方故障",
}
SAID: Final[dict[str, str]] = {
    Said.IS_PERSON: "确认本人",
    Said.WRONG_PERSON: "不是本人",
    Said.HEARD: "知道了",
    Said.REPEATED: "再听一遍",
    Said.PAID: "已缴费",
    Said.DISPUTED: "有异议",
    Said.CLERK: "转人工",
    Said.LATER: "改时间",
    Said.NO_MORE: "不再接听",
    Said.UNSATISFIED: "不满意",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """What came of one target. `home` is "" where only a number is known; `said` is in the order it was pressed."""

    home: str
    who: str
    fen: int
    state: str
    reasons: Sequence[str]
    attempts: int
    outcome: str
    said: Sequence[str]


def result_cells(result: TargetResult, *, in_codes: bool = False) -> tuple[str, ...]:
    """Return a target's cells under HEADINGS, or under CODE_HEADINGS; a spreadsheet runs none of them."""
    cells = (
        result.home,
        result.who,
        f"{result.fen / 100:.2f}",
        result.state if in_codes else STATES.get(result.state, result.state),
        " ".join(result.reasons) if in_codes else "、".join(REASONS.get(one, one) for one in result.reasons),
        str(result.attempts),
        result.outcome if in_codes else OUTCOMES.get(result.outcome, result.outcome),
        " ".join(result.said) if in_codes else "、".join(SAID.get(one, one) for one in result.said),
    )
    return tuple(harmless(cell) for cell in cells)
