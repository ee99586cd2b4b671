"""What each figure means, said once: for the page, for the PDF, for whoever asks later. Pure.

"No data" is no value at all, never 100 %.
"""

from dataclasses import dataclass
from typing import Final

from hotline.calls.cadence import PUBLIC_HOTLINE_LIMIT, THREE_RINGS
from hotline.calls.lateness import HUMAN_WITHIN
from hotline.calls.state import ABANDONED, Outcome

# Who left a message or a wish did so because nobody answered, and who was turned away was not let in at all: they count
# against the service level. A caller whom the switch lost did not give up, and one whom the menu served wanted nobody.
UNREACHED: Final = ABANDONED | {Outcome.MESSAGE_LEFT, Outcome.CALL_BACK_WISHED, Outcome.TURNED_AWAY}
_LIMIT: Final = PUBLIC_HOTLINE_LIMIT.seconds
_RINGS: Final = THREE_RINGS.seconds
_HUMAN: Final = HUMAN_WITHIN.seconds
_WANTED: Final = "（人工接起的来电 + 放弃、留言、要求回电或因线路已满未接入的来电，不含秒挂）"
SERVICE_LEVEL: Final = f"人工在 {_LIMIT} 秒内接起的来电 ÷{_WANTED}"


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure: its name in the API, its name and formula in both languages. `goal` is a share, where there is one.

    `goal` 0.95 is "at least 95 %".
    """

    key: str
    chinese: str
    english: str
    chinese_formula: str
    english_formula: str
    goal: float | None = None


ALL: Final = (
    Definition(
        "offered", "来电",
        "Calls offered",
        "在所选日期内开始振铃、现已结束的来电；仍在进行的来电结束后计入",
        "incoming calls that began to ring on these days and are over; one that goes on is counted when it is over",
    ),
    Definition(
        "answered", "人工接起",
        "Answered",
        "听到人工声音的来电（总机、菜单和提示音不算）",
        "calls that reached a human voice (the switch, the menu and announcements do not count)",
    ),
    Definition(
        "within-three-rings", "三声内接起率",
        "Within three rings",
        f"总机在 {_RINGS} 秒（第三声结束）内接起的来电 ÷ 来电（仍在进行的来电结束后计入）",
        f"calls lifted by the switch within {_RINGS} s (the end of the third ring) ÷ calls offered",
    ),
    Definition(
        "service-level", "服务水平",
        "Service level",
        SERVICE_LEVEL,
        f"calls answered by a human within {_LIMIT} s ÷ (answered + abandoned, message left, call-back wished or"
        " turned away, without short abandons)",
    ),
    Definition(
        "connected", "接通率",
        "Connection rate",
        f"人工接起的来电 ÷ {_WANTED}",
        "answered ÷ (answered + abandoned, message left, call-back wished or turned away, without short abandons)",
        0.95,
    ),
    Definition(
        "abandoned", "放弃",
        "Abandoned",
        f"在人工接起之前挂断的来电，不含秒挂；放弃率 = 放弃 ÷ {_WANTED}",
        "callers who hung up before a human answered, without short abandons; rate = abandoned ÷ (answered +"
        " abandoned, message left, call-back wished or turned away)",
    ),
    Definition(
        "short", "秒挂",
        "Short abandons",
        "振铃后很快（默认 3 秒内，见设置 short_abandon_below）就挂断的来电；不计入放弃和服务水平",
        "callers gone within seconds of the first ring (3 by default: setting short_abandon_below); part of neither"
        " abandoned nor service level",
    ),
    Definition(
        "answer-time", "总机应答时间",
        "Switch answer time",
        "振铃开始 → 总机接起。第一只时钟",
        "ring start → the switch answers. The first clock",
    ),
    Definition(
        "human-time", "人工应答时间",
        "Human answer time",
        "振铃开始 → 听到人工声音，含菜单、提示音和排队。第二只时钟，与第一只从不混用",
        "ring start → a human voice, with menu, announcements and queue. The second clock, never mixed with the first",
    ),
    Definition(
        "percentiles", "中位数、p90、p99",
        "p50, p90, p99",
        "按名次取值，向上取到 0.1 秒（30 秒内）、1 秒（5 分钟内）或 10 秒（更长）；"
        "按楼栋、按坐席时取到 1 秒、5 秒或 30 秒。显示值不小于真实值，最多大这么多",
        "by nearest rank, rounded up to 0.1 s (to 30 s), 1 s (to 5 min) or 10 s (beyond), by building or agent"
        " to 1, 5 or 30 s: what is shown is never less than the true value, and more by at most that",
    ),
    Definition(
        "late", "迟接",
        "Late",
        f"没有人工接起而结束，或人工超过 {_HUMAN} 秒，或总机超过三声；菜单已办妥的来电不要求人工",
        f"ended without a human, or no human within {_HUMAN} s, or not lifted within three rings; who was served by the"
        " menu is owed no human",
    ),
    Definition(
        "cause", "迟接原因",
        "Cause",
        "迟接来电的等待分段中，超出允许时间且最长的一段；每通迟接来电只计一次",
        "of the parts of a late call's wait that took more than they may, the longest; each late call counts once",
    ),
    Definition(
        "kind", "类别",
        "Kind of request",
        "值班记录最新一版的类别；没有记录时按来电者所按的键",
        "the kind of the call's newest duty-log entry; without one, what the caller's keys name",
    ),
    Definition(
        "building", "楼栋",
        "Building",
        "值班记录中的房号；没有时为坐席所选的房号，再没有时为该号码唯一登记的楼栋",
        "by the home in the duty-log entry, else the one the agent chose, else the only building of the number",
    ),
    Definition(
        "missed", "振铃未接",
        "Ring, no answer",
        "坐席话机振铃后未接（三声内因他人先接、或来电者被主管调走而停止的不算）",
        "an agent's phone rang and was not lifted (not those that stopped within three rings because another "
        "lifted, or the caller was led elsewhere by a supervisor)",
    ),
    Definition(
        "talk", "通话 / 保持",
        "Talk / hold",
        "与来电者或住户通话的时间，不含保持；保持单列。呼入呼出都计",
        "time with the caller or resident without holds, holds beside it; calls in and calls out",
    ),
    Definition(
        "desk-time", "就绪 / 话后 / 示忙",
        "Ready / wrap-up / paused",
        "坐席所选状态落在所选日期内的时间；就绪含通话；没有结束的一段最多计七天，仍在继续的计到现在",
        "how long what the agent chose lies in these days; ready includes talking; a stretch that nobody ended counts"
        " for seven days at most, one that goes on up to now",
    ),
    Definition(
        "marks", "满意度均值",
        "Mean mark",
        "来电者在通话后所按评价（1–5）的平均；记在最后与其通话的坐席",
        "mean of the marks (1 to 5) that callers pressed after the talk, for the agent they talked to last",
    ),
    Definition(
        "occupancy", "占用率",
        "Occupancy",
        "（通话 + 保持 + 话后处理）÷（就绪 + 话后处理）；就绪含通话，示忙不计；未签入时为“暂无数据”",
        "(talk + hold + wrap-up) ÷ (ready + wrap-up); ready includes talking, pauses do not count; no data for who was"
        " not signed in",
    ),
    Definition(
        "drafts", "草稿修改率",
        "Draft corrections",
        "确认时被改动的草稿栏目 ÷（保留 + 改动的栏目）",
        "drafted fields changed on confirmation ÷ (kept + changed)",
    ),
    Definition(
        "complaints", "投诉处理率",
        "Complaints handled",
        "在所选日期登记的投诉中已处理完的 ÷ 登记的投诉",
        "complaints written down on these days that are handled by now ÷ complaints written down",
        0.98,
    ),
    Definition(
        "satisfaction", "满意率",
        "Satisfied",
        "回访中回答满意的住户 ÷ 回答的住户",
        "residents who said they are satisfied when called back ÷ residents who answered",
        0.95,
    ),
    Definition(
        "hot-spots", "楼栋热点",
        "Hot spots",
        "各楼栋的来电数及其中的报修、投诉；报修与投诉多的在前",
        "calls of each building, and repairs and complaints among them; the most repairs and complaints first",
    ),
    Definition(
        "promises", "承诺按时率",
        "Promises kept in time",
        "按时完成 ÷（按时完成 + 逾期完成 + 逾期未完成），按到期日计",
        "done in time ÷ (done in time + done late + overdue), by the day it fell due",
    ),
    Definition(
        "called-back", "回访",
        "Call-backs",
        "按回访规定抽中的，在规定天数内回访的 ÷ 抽中的；按抽取的日期计：处理完、到中期或期满、发出或举办之时",
        "of what was drawn by the trade's table, those called back within its days ÷ drawn; by the day of the draw:"
        " when it was handled, came to its middle or end, went out or was held",
    ),
    Definition(
        "collection", "催缴收缴率",
        "Fees collected",
        "催缴名单上各户的应缴金额中，最新欠费名单已不再列出的部分 ÷ 应缴金额；所列月份均已缴清的按全额计，"
        "部分缴纳而又有新欠费的少计不多计；房号不详的不计",
        "of what the homes of campaigns begun on these days were reminded of, the part that the newest unpaid list does"
        " not name any more ÷ all of it; a home none of whose months is owed any more paid all; never more than it was",
        0.9,
    ),
    Definition(
        "repeats", "重复投诉 / 重复报修",
        "Repeats",
        "同一房号、同一位置和事物的投诉两次及以上，报修三次及以上；事物取自记录文字，未写明的不计",
        "of one home, place and thing: complained of twice or more, repaired three times or more; thing and place are"
        " read from the entry's words, entries that name none are not counted",
    ),
)  # fmt: skip
BY_KEY: Final = {one.key: one for one in ALL}
