"""What the agent promised, and by when: phrases of time turned into a moment of the centre's zone. Pure.

A promise counts from the moment at which it was given. Where no time is in it (马上), the rule of the kind stands alone
(`hotline.dutylog.deadlines`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from hotline.dutylog.draft_fields import Certainty, Drafted, DraftField, Origin, second_of
from hotline.dutylog.draft_words import CLAUSE
from hotline.transcribe.figures import RUN, number_of
from hotline.transcribe.transcript import Side, Turn

# What makes a sentence of ours a promise: what we shall do, or by when.
PROMISE_WORDS: Final = (
    "小时内", "小时之内", "小时以内", "分钟内", "分钟之内", "分钟以内", "分钟到", "分钟就到", "马上", "立刻", "今天",
    "今晚", "明天", "明早", "后天", "下午", "上午", "回电", "上门", "安排", "答复", "之前", "点前", "派人",
    "通知您", "联系您",
)  # fmt: skip
_ASKS_BACK: Final = re.compile(r"(?:可以|行|好|方便|在家)[吗么]|(?:请问|有没有|是不是|需要.*吗)|什么时候|几点")
_SPAN: Final = re.compile(
    rf"(?P<half_hour>半个?小时)|(?P<hours>{RUN}+)个?(?P<and_half>半)?小时|(?P<minutes>{RUN}+)分钟|一刻钟(?P<quarter>)"
    rf"|(?P<days>{RUN}+)(?:天|日|个工作日)(?=之?内|以内)"
)
_WITHIN: Final = re.compile(r"^(?:之内|以内|内|之?后|左右|就?能?到|就来|就?过来|就?过去|上门)")
_DAY: Final = re.compile(
    r"今天|今晚|今早|明天|明早|明晚|后天|(?P<next>下个?)?(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])"
)
_PART: Final = re.compile(r"早上|上午|中午|下午|傍晚|晚上|今晚|明晚|今早|明早")
_CLOCK: Final = re.compile(
    rf"(?P<hour>{RUN}{{1,3}})(?:点|:)(?:(?P<half>半)|(?P<quarter>一刻)|(?P<three>三刻)|(?P<minute>{RUN}{{1,3}})分?)?"
    r"(?=(?P<to>[到至])?)"
)
_DAYS_ON: Final[Mapping[str, int]] = {"今": 0, "明": 1, "后": 2}
_WEEKDAYS: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
# By when a part of a day is over, where no hour is said; a day is the centre's: 9 to 18 [P].
_ENDS: Final[Mapping[str, int]] = {
    "早上": 10, "今早": 10, "明早": 10, "上午": 12, "中午": 14, "下午": 18,
    "傍晚": 19, "晚上": 22, "今晚": 22, "明晚": 22, "": 18,
}  # fmt: skip
_AFTERNOON: Final = frozenset({"下午", "傍晚", "晚上", "今晚", "明晚"})
_NIGHT: Final = frozenset({"晚上", "今晚", "明晚"})
_EARLIEST: Final = 7  # 三点 without a part of the day is in the afternoon


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedTime:
    """By when; `phrase` is what was said of it. `is_plain`: the hour was not guessed from what people mean."""

    due: datetime
    phrase: str
    is_plain: bool


def promises_in(turns: Iterable[Turn]) -> list[Turn]:
    """Return the agent's turns with a promise in them: what we shall do or by when, and not a question alone."""
    return [turn for turn in turns if turn.side is Side.AGENT and any(_promising(turn.text))]


def draft_promise(turns: Sequence[Turn]) -> Drafted:
    """Return what was promised, in the agent's words."""
    found = promises_in(turns)
    if not found:
        return Drafted(field=DraftField.PROMISE)
    phrase = next(_promising(found[0].text))
    return Drafted(
        field=DraftField.PROMISE,
        value="\n".join(turn.text for turn in found),
        origin=Origin.RECORDING,
        certainty=Certainty.LIKELY,
        side=Side.AGENT,
        second=second_of(found[0], phrase),
        phrase=phrase,
    )


def draft_due(turns: Sequence[Turn], began: datetime | None, zone: tzinfo) -> Drafted:
    """Return by when the promise is to be kept, ISO 8601 in the centre's zone; empty where no time was said.

    `began` is when the recording began. Of two times the later said counts, and is unsure.
    """
    times = [
        (turn, found)
        for turn in promises_in(turns)
        for clause in _promising(turn.text)
        if began is not None and (found := promised_time(clause, (began + turn.end).astimezone(zone)))
    ]
    if not times:
        return Drafted(field=DraftField.DUE)
    turn, last = times[-1]
    # Within half an hour of one another they are the same promise, said again.
    is_one = all(abs(found.due - last.due) < timedelta(minutes=30) for _, found in times)
    return Drafted(
        field=DraftField.DUE,
        value=last.due.isoformat(timespec="minutes"),
        origin=Origin.RECORDING,
        certainty=Certainty.LIKELY if is_one and last.is_plain and not turn.unsure else Certainty.UNSURE,
        side=Side.AGENT,
        second=second_of(turn, last.phrase),
        phrase=last.phrase,
    )


def promised_time(said: str, at: datetime) -> PromisedTime | None:
    """Return the time in a phrase (半小时内, 下午三点前, 明天上午), from `at`, which is in the centre's zone."""
    return _span_of(said, at) or _moment_of(said, at)


def _promising(text: str) -> Iterator[str]:
    for clause in CLAUSE.findall(text):
        is_limit = any(_WITHIN.match(clause[found.end() :]) for found in _SPAN.finditer(clause))
        if is_limit or (any(word in clause for word in PROMISE_WORDS) and not _ASKS_BACK.search(clause)):
            yield clause


def _span_of(said: str, at: datetime) -> PromisedTime | None:
    for found in _SPAN.finditer(said):
        is_limit = _WITHIN.match(said[found.end() :])
        length = _length(found)
        if is_limit and length is not None:
            phrase = found[0] + is_limit[0]
            if found["days"]:
                day = (at + length).date()
                return PromisedTime(due=datetime.combine(day, time(_ENDS[""]), at.tzinfo), phrase=phrase, is_plain=True)
            return PromisedTime(due=at + length, phrase=phrase, is_plain=True)
    return None


def _length(found: re.Match[str]) -> timedelta | None:
    if found["half_hour"]:
        return timedelta(minutes=30)
    if found["quarter"] is not None:
        return timedelta(minutes=15)
    for unit in ("hours", "minutes", "days"):
        number = number_of(found[unit]) if found[unit] else None
        if number is not None:
            return timedelta(**{unit: min(number, 1000)}) + timedelta(minutes=30 if found["and_half"] else 0)
    return None


def _moment_of(said: str, at: datetime) -> PromisedTime | None:
    day, part = _DAY.search(said), _PART.search(said)
    clocks = list(_CLOCK.finditer(said))
    # Nine to eleven: it is kept by eleven.
    clock = clocks[1] if len(clocks) > 1 and clocks[0]["to"] else (clocks[0] if clocks else None)
    if day is None and part is None and clock is None:
        return None
    named = part[0] if part else ""
    hour_of_day = _time_of(clock, named) if clock else (timedelta(hours=_ENDS[named]), True)
    if hour_of_day is None:
        return None
    due = datetime.combine((at + timedelta(days=_days_on(day, at))).date(), time(), at.tzinfo) + hour_of_day[0]
    is_plain = hour_of_day[1]
    if due <= at:  # 今天, said in the evening; 三点, said at four; 星期六上午, said on Saturday evening
        is_plain = False
        due = _after(due, day, at)
    begins = min(found.start() for found in (day, part, *clocks) if found)
    ends = max(found.end() for found in (day, part, *clocks) if found)
    return PromisedTime(due=due, phrase=said[begins:ends], is_plain=is_plain)


def _after(due: datetime, day: re.Match[str] | None, at: datetime) -> datetime:
    """Return what was meant by a time that is over: the next such day, or today's end where today was said."""
    if day is None or day["weekday"]:
        return due + timedelta(days=1 if day is None else 7)
    return datetime.combine(at.date(), time(23, 59), at.tzinfo)


def _days_on(day: re.Match[str] | None, at: datetime) -> int:
    if day is None:
        return 0
    if not day["weekday"]:
        return _DAYS_ON[day[0][0]]
    wanted = _WEEKDAYS[day["weekday"]]
    return wanted - at.weekday() + 7 if day["next"] else (wanted - at.weekday()) % 7


def _time_of(clock: re.Match[str], part: str) -> tuple[timedelta, bool] | None:
    """Return the time since midnight that was said, and whether it can be read in one way only; None for no time."""
    hour, minute = number_of(clock["hour"]), number_of(clock["minute"] or "零")
    if hour is None or minute is None or hour > 24 or minute > 59:
        return None
    if clock["half"]:
        minute = 30
    elif clock["quarter"]:
        minute = 15
    elif clock["three"]:
        minute = 45
    is_plain = bool(part) or hour > 12
    if hour == 12 and part in _NIGHT:
        hour = 24
    elif hour < 12 and (part in _AFTERNOON or (not part and hour < _EARLIEST) or (part == "中午" and hour < 4)):
        hour += 12
    return timedelta(hours=hour, minutes=minute), is_plain
