from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.residents.resident import Home
from hotline.transcribe.punctuation import bare, punctuated
from hotline.transcribe.readable import Wishes, readable
from hotline.transcribe.transcript import Side, Turn, Word, joined, parts_of, turn_of
from hotline.transcribe.word_list import WordList

SITE = WordList(homes=frozenset({Home(3, 2, 501)}), surnames=frozenset({"张"}))


def words(text: str, *, confidence: float = 0.9, pause_after: dict[int, float] | None = None) -> list[Word]:
    found, at = [], 0.0
    for place, letter in enumerate(text):
        found.append(
            Word(text=letter, start=timedelta(seconds=at), end=timedelta(seconds=at + 0.2), confidence=confidence)
        )
        at += 0.2 + (pause_after or {}).get(place, 0.0)
    return found


def turn(text: str, *, confidence: float = 0.9) -> Turn:
    return turn_of(Side.CALLER, words(text, confidence=confidence))


def test_a_home_heard_wrong_is_mended_written_in_digits_and_keeps_what_was_heard() -> None:
    (read,) = readable([turn("三动二单圆五零一是。")], SITE, Wishes())

    assert read.text == "3栋2单元501室。"
    assert read.heard == "三动二单圆五零一是。"
    assert [(word.heard, word.text) for word in read.mended] == [("动", "栋"), ("单圆", "单元"), ("是", "室")]
    assert read.unsure == ()


def test_the_question_before_is_what_an_answer_is_understood_by() -> None:
    asked = turn_of(Side.AGENT, words("请问您住在哪一栋？"))

    _, answer = readable([asked, turn("三动。")], SITE, Wishes())

    assert answer.text == "3栋。"


def test_a_site_may_want_neither() -> None:
    said = turn("三动二单圆五零一是。")

    assert readable([said], SITE, Wishes(mends=False, writes_digits=False)) == (said,)


def test_what_is_readable_already_comes_out_the_same() -> None:
    once = readable([turn("三动二单圆五零一是。"), turn("好的。")], SITE, Wishes())

    assert readable(once, SITE, Wishes()) == once


def test_a_number_the_recogniser_doubts_is_marked() -> None:
    (read,) = readable([turn("三栋二单元五零一室。", confidence=0.3)], SITE, Wishes())

    assert [word.text for word in read.unsure] == ["3", "2", "501"]


def test_no_turn_and_no_time_is_lost() -> None:
    said = [turn("好的。"), turn("三动。"), turn("嗯")]

    read = readable(said, SITE, Wishes())

    assert [(one.start, one.end) for one in read] == [(one.start, one.end) for one in said]


def test_words_without_marks_get_them_by_pauses_and_by_what_asks() -> None:
    said = punctuated(words("你好我家漏水了请问怎么办", pause_after={1: 0.4, 6: 0.8}))

    assert "".join(word.text for word in said) == "你好，我家漏水了。请问怎么办？"


def test_words_with_marks_of_their_own_and_other_languages_are_left() -> None:
    marked, korean = words("好的，谢谢"), words("그는")

    assert punctuated(marked) == tuple(marked)
    assert punctuated(korean) == tuple(korean)
    assert punctuated([]) == ()


LETTERS = "三动栋二单圆元五零一是室找着火路漏水十百千万点块元角分月日号，。？ 啊我姓张先生abc9 "


@given(text=st.text(alphabet=LETTERS, min_size=1, max_size=40), before=st.text(alphabet=LETTERS, max_size=10))
def test_whatever_was_heard_comes_out_with_its_times_and_what_was_heard(text: str, before: str) -> None:
    said = [word for word in words(text) if word.text.strip()]
    if not said:
        return
    turns = [turn_of(Side.AGENT, words(before or "好")), turn_of(Side.CALLER, said)]

    read = readable(turns, SITE, Wishes())[1]

    assert (read.start, read.end) == (turns[1].start, turns[1].end)
    assert "".join(part.text for part in parts_of(read)) == read.text
    assert bare(joined([word.heard or word.text for word in read.words])) == bare(turns[1].text)
