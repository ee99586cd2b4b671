"""A typed text is cleaned, read as people read it, and cut where one breathes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.voice.errors import TextRefused
from hotline.voice.spoken_text import CLAUSE, LONGEST, as_read, clauses, clean


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("电话0755-12345678。", "电话零七五五一二三四五六七八。"),
        ("手机13800138000", "手机一三八零零一三八零零零"),
        ("请拨打96000，或120。", "请拨打九六零零零，或一二零。"),
        ("欠费120元，共15000元", "欠费120元，共15000元"),
        ("物业费1,234.56元", "物业费1234.56元"),
        ("9:00至18:30停水", "9点整至18点30分停水"),
        ("9:05-18:30", "9点零5分至18点30分"),
        ("2026-12-05停电", "2026年12月5日停电"),
        ("2单元501室", "2单元五零一室"),
        ("3-5号楼", "3至5号楼"),
        ("最低温度-3℃", "最低温度零下3℃"),
        ("用水12345吨", "用水12345吨"),
        ("面积89㎡", "面积89平方米"),
    ],
)
def test_numbers_are_written_as_they_are_read(typed: str, read: str) -> None:
    assert as_read(typed) == read


def test_control_characters_pictures_and_double_spaces_are_gone() -> None:
    assert clean("停水\x00通知\r\n\t 请 储水\u200b😀") == "停水通知 请 储水"


@pytest.mark.parametrize("typed", ["", "   ", "。。。", "😀", "\x07"])
def test_text_with_nothing_to_say_is_refused(typed: str) -> None:
    with pytest.raises(TextRefused, match="nothing"):
        clean(typed)


def test_text_of_the_greatest_length_is_taken_and_one_more_is_not() -> None:
    assert len(clean("字" * LONGEST)) == LONGEST
    with pytest.raises(TextRefused, match="501"):
        clean("字" * (LONGEST + 1))


def test_sentences_are_clauses_and_a_long_one_is_cut_at_its_commas() -> None:
    assert clauses("停水。请储水！") == ["停水。", "请储水！"]
    assert clauses("一二三四五六七八九，" * 9) == ["一二三四五六七八九，" * 8, "一二三四五六七八九，"]
    assert clauses("price is 1.5 yuan. Good day.") == ["price is 1.5 yuan.", "Good day."]


@given(st.text(alphabet="停水a1 ，。.!；b", max_size=LONGEST))
def test_cutting_loses_nothing_that_is_said_and_no_piece_is_too_long(text: str) -> None:
    pieces = clauses(text)

    assert [sign for sign in "".join(pieces) if sign.isalnum()] == [sign for sign in text if sign.isalnum()]
    assert all(0 < len(piece) <= CLAUSE for piece in pieces)
