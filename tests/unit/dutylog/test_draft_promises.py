from datetime import UTC, datetime, timedelta

import pytest

from hotline.dutylog.draft_fields import Certainty
from hotline.dutylog.draft_promises import draft_due, promised_time, promises_in
from hotline.dutylog.entry import CHINA
from hotline.transcribe.transcript import Side, Turn

AT = datetime(2026, 11, 18, 14, 0, tzinfo=CHINA)  # a Wednesday


def turn(text: str, side: Side = Side.AGENT, second: float = 0) -> Turn:
    start = timedelta(seconds=second)
    return Turn(side=side, start=start, end=start, text=text, confidence=0.9, words=())


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("半小时内上门", "18T14:30"),
        ("半个小时之内到", "18T14:30"),
        ("一个半小时内答复", "18T15:30"),
        ("两小时内给您回电", "18T16:00"),
        ("二十分钟内到您家", "18T14:20"),
        ("20分钟就到", "18T14:20"),
        ("一刻钟左右", "18T14:15"),
        ("三天内处理", "21T18:00"),
        ("今天下午六点前回电话", "18T18:00"),
        ("下午三点前", "18T15:00"),
        ("三点半之前", "18T15:30"),
        ("明天上午", "19T12:00"),
        ("明天上午9点到11点上门", "19T11:00"),
        ("明早八点半", "19T08:30"),
        ("后天", "20T18:00"),
        ("今晚", "18T22:00"),
        ("星期六上午", "21T12:00"),
        ("星期三上午", "25T12:00"),  # it is Wednesday afternoon
        ("下周一下午两点", "23T14:00"),
        ("今天上午", "18T23:59"),  # it is over: today at the latest
        ("晚上十二点", "19T00:00"),
    ],
)
def test_time_in_a_promise_becomes_a_moment_of_the_centre(said: str, due: str) -> None:
    found = promised_time(said, AT)

    assert found is not None
    assert found.due.isoformat() == f"2026-11-{due}:00+08:00"


@pytest.mark.parametrize("said", ["马上安排", "一小时八十元", "来晚了一个小时", "九十九点到", "请您留人"])
def test_where_no_time_is_promised_there_is_no_deadline(said: str) -> None:
    assert promised_time(said, AT) is None


@pytest.mark.parametrize("said", ["您明天上午方便吗？", "请问您下午在家吗？", "您什么时候上门方便？", "不客气，再见。"])
def test_question_to_the_caller_is_no_promise(said: str) -> None:
    assert promises_in([turn(said)]) == []


def test_promise_that_asks_for_assent_is_one() -> None:
    assert promises_in([turn("师傅20分钟内到您家，您看可以吗？")])


def test_what_the_caller_intends_is_no_promise_of_ours() -> None:
    assert promises_in([turn("我明天上午去交", Side.CALLER)]) == []


def test_time_is_of_the_centres_zone_whatever_the_switch_keeps() -> None:
    found = draft_due([turn("下午三点前回电")], datetime(2026, 11, 18, 5, 0, tzinfo=UTC), CHINA)

    assert found.value == "2026-11-18T15:00+08:00"


def test_of_two_times_the_later_said_counts_and_is_unsure() -> None:
    found = draft_due([turn("半小时内上门"), turn("明天上午上门", second=9)], AT, CHINA)

    assert (found.value, found.certainty) == ("2026-11-19T12:00+08:00", Certainty.UNSURE)


def test_without_a_recording_there_is_no_moment_to_count_from() -> None:
    assert draft_due([turn("半小时内上门")], None, CHINA).value == ""
