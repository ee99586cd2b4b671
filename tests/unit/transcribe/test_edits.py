from datetime import timedelta

import pytest

from hotline.transcribe.edits import Edit, edited, letters_of
from hotline.transcribe.transcript import Side, Word, joined, parts_of, turn_of


def words(*texts: str) -> list[Word]:
    return [
        Word(text=text, start=timedelta(seconds=n), end=timedelta(seconds=n + 1), confidence=0.8)
        for n, text in enumerate(texts)
    ]


def test_a_mended_character_keeps_its_time_and_what_was_heard() -> None:
    said = words("三", "动", "二")

    changed = edited(said, [Edit(start=1, end=2, text="栋", is_mended=True, likeness=0.5)])

    assert [word.text for word in changed] == ["三", "栋", "二"]
    assert (changed[1].heard, changed[1].is_mended, changed[1].confidence) == ("动", True, 0.4)
    assert (changed[1].start, changed[1].end) == (said[1].start, said[1].end)
    assert (changed[0], changed[2]) == (said[0], said[2])


def test_words_that_one_edit_touches_become_one_word_with_their_punctuation() -> None:
    changed = edited(words("我住", "五", "零", "一，", "谢谢"), [Edit(start=2, end=5, text="501")])

    assert [word.text for word in changed] == ["我住", "501，", "谢谢"]
    assert (changed[1].heard, changed[1].is_mended) == ("五零一，", False)
    assert (changed[1].start, changed[1].end) == (timedelta(seconds=1), timedelta(seconds=4))


def test_two_edits_in_one_word_leave_one_word() -> None:
    edits = [Edit(start=1, end=2, text="栋", is_mended=True), Edit(start=3, end=5, text="单元", is_mended=True)]

    changed = edited(words("三动二单圆"), edits)

    assert [(word.text, word.heard) for word in changed] == [("三栋二单元", "三动二单圆")]


def test_what_was_heard_at_first_stays_through_later_edits() -> None:
    once = edited(words("三", "动"), [Edit(start=1, end=2, text="栋", is_mended=True)])

    twice = edited(once, [Edit(start=0, end=2, text="3栋")])

    assert [(word.text, word.heard, word.is_mended) for word in twice] == [("3栋", "三动", True)]


def test_unsure_marks_without_changing_a_letter() -> None:
    changed = edited(words("一", "百", "二"), [Edit(start=0, end=3, text="一百二", is_unsure=True)])

    assert [(word.text, word.heard, word.is_unsure) for word in changed] == [("一百二", "", True)]


@pytest.mark.parametrize("texts", [("ok", "then", "五", "零"), ("그는", "길", "옆으로")])
def test_letters_are_those_of_the_shown_turn(texts: tuple[str, ...]) -> None:
    said = words(*texts)

    assert letters_of(said).text == joined(texts)
    assert len(letters_of(said).owners) == len(joined(texts))


def test_parts_together_are_the_turns_text_and_name_what_was_heard() -> None:
    said = edited(words("我", "住", "三", "动", "ok", "then"), [Edit(start=3, end=4, text="栋", is_mended=True)])
    turn = turn_of(Side.CALLER, said, heard="我住三动ok then")

    parts = parts_of(turn)

    assert "".join(part.text for part in parts) == turn.text == "我住三栋ok then"
    assert [(part.text, part.heard) for part in parts] == [("我住三", ""), ("栋", "动"), ("ok then", "")]
    assert turn.heard == "我住三动ok then"
