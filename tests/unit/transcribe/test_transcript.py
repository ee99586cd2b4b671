from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.transcribe.transcript import Side, Transcript, Word, conversation, joined, later, turns_of


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def word(text: str, start: float, end: float, confidence: float = 1.0) -> Word:
    return Word(text=text, start=seconds(start), end=seconds(end), confidence=confidence)


def test_words_without_a_long_pause_are_one_turn() -> None:
    [turn] = turns_of(Side.CALLER, [word("你好", 1, 1.5), word("漏水", 2.4, 3)])

    assert (turn.side, turn.text, turn.start, turn.end) == (Side.CALLER, "你好漏水", seconds(1), seconds(3))


def test_a_pause_longer_than_a_second_begins_a_new_turn() -> None:
    turns = turns_of(Side.AGENT, [word("您好", 1, 2), word("请讲", 3.0, 4), word("好的", 5.01, 6)])

    assert [turn.text for turn in turns] == ["您好请讲", "好的"]


def test_silent_leg_has_no_turns() -> None:
    assert turns_of(Side.CALLER, []) == []
    assert turns_of(Side.CALLER, [word("  ", 1, 2)]) == []


def test_both_sides_lie_in_the_order_in_which_they_began() -> None:
    turns = conversation([word("漏水了", 3, 5), word("三栋", 9, 10)], [word("您好", 1, 2), word("哪一栋", 6, 8)])

    assert [(turn.side.value, turn.text) for turn in turns] == [
        ("agent", "您好"),
        ("caller", "漏水了"),
        ("agent", "哪一栋"),
        ("caller", "三栋"),
    ]


def test_sides_that_talk_over_one_another_both_stay_whole() -> None:
    caller, agent = conversation([word("快来人", 1, 6)], [word("您别急", 2, 4)])

    assert (caller.text, caller.end) == ("快来人", seconds(6))
    assert (agent.text, agent.start) == ("您别急", seconds(2))


def test_caller_comes_first_when_both_begin_together() -> None:
    turns = conversation([word("喂", 1, 2)], [word("您好", 1, 2)])

    assert [turn.side for turn in turns] == [Side.CALLER, Side.AGENT]


def test_confidence_of_a_turn_weighs_long_words_more() -> None:
    [turn] = turns_of(Side.CALLER, [word("三", 1, 2, 0.0), word("物业费", 2, 3, 1.0)])

    assert turn.confidence == 0.75


def test_words_of_a_leg_heard_from_its_middle_count_from_the_recording_start() -> None:
    assert later([word("您好", 1, 2)], seconds(10)) == [word("您好", 11, 12)]


def test_chinese_words_are_joined_without_spaces() -> None:
    assert joined(["三栋", "二单元", "501", "室，", "谢谢"]) == "三栋二单元501室，谢谢"


def test_korean_and_english_words_keep_their_spaces() -> None:
    assert joined(["조금만", "생각을"]) == "조금만 생각을"
    assert joined([" and", " so ", "my"]) == "and so my"
    assert joined(["well", ",", "yes"]) == "well, yes"


def test_transcript_gives_what_one_side_said() -> None:
    turns = conversation([word("漏水了", 3, 5), word("三栋", 9, 10)], [word("您好", 1, 2)])
    transcript = Transcript(turns=turns, engine="vosk", model="m", version="1")

    assert transcript.said_by(Side.CALLER) == "漏水了\n三栋"
    assert transcript.said_by(Side.AGENT) == "您好"


spans = st.lists(
    st.tuples(st.floats(0, 7200), st.floats(0, 5), st.sampled_from(["好", "漏水", "yes", "501"])), max_size=30
)


@given(caller=spans, agent=spans)
def test_no_word_is_lost_or_doubled_whatever_the_order_and_overlap(
    caller: list[tuple[float, float, str]], agent: list[tuple[float, float, str]]
) -> None:
    spoken = {
        side: [word(text, start, start + length) for start, length, text in words]
        for side, words in ((Side.CALLER, caller), (Side.AGENT, agent))
    }

    turns = conversation(spoken[Side.CALLER], spoken[Side.AGENT])

    for side, words in spoken.items():
        kept = [one for turn in turns if turn.side is side for one in turn.words]
        assert sorted(kept, key=repr) == sorted(words, key=repr)
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
