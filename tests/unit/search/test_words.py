"""How text is split: two characters are enough, whatever stands around them."""

import pytest

from hotline.residents.resident import Home
from hotline.search.words import asked_for, folded, home_named, homes_in, in_digits, runs_of, split


def test_chinese_is_split_into_characters_and_overlapping_pairs() -> None:
    assert split("水管漏水") == ["水", "管", "漏", "水管", "管漏", "漏水"]


def test_words_of_two_characters_are_one_pair() -> None:
    assert asked_for("漏水") == ["漏水"]


def test_one_character_is_asked_for_as_it_is() -> None:
    assert asked_for("水") == ["水"]


def test_no_pair_reaches_over_a_sign_or_a_line() -> None:
    assert "漏水" not in split("有点漏，水不停") + split("漏\n水") + split("漏 水")


def test_letters_and_digits_are_words_as_written_however_wide_or_large() -> None:
    assert split("ＷｉＦｉ不通 A12") == ["wifi", "不", "通", "不通", "a12"]


@pytest.mark.parametrize("text", ["", "   ", "，。！", "😀😀", "\x00", '"" \' * ( ) ^ :'])
def test_signs_alone_are_no_words(text: str) -> None:
    assert split(text) == []


def test_rare_characters_and_emoji_harm_nothing() -> None:
    assert split("𠮷先生😀来电") == ["𠮷", "先", "生", "𠮷先", "先生", "来", "电", "来电"]


def test_each_folded_character_knows_its_place_in_the_text() -> None:
    plain, places = folded("㎡Ａb")

    assert (plain, places) == ("m2ab", [0, 0, 1, 2])


@pytest.mark.parametrize(
    "text",
    [
        "3-2-501", "3栋2单元501", "3栋2单元501室", "3号楼2单元501", "三栋二单元五零一", "三栋二单元五〇一室",
        "三栋二单元五百零一", "３栋２单元５０１", "三幢两单元五〇幺",
    ],
)  # fmt: skip
def test_a_home_is_known_in_every_form_people_write_and_say(text: str) -> None:
    assert home_named(text) == Home(3, 2, 501)
    assert homes_in(f"我家是{text}，厨房漏水") == [Home(3, 2, 501)]


@pytest.mark.parametrize(
    ("said", "read"), [("十二", "12"), ("二十", "20"), ("一百零五", "105"), ("五零一", "501"), ("一千二百", "1200")]
)
def test_numerals_become_digits(said: str, read: str) -> None:
    assert in_digits(said) == read


@pytest.mark.parametrize("text", ["", "漏水", "3-2", "0-0-0", "三栋", "3-2-501" * 20])
def test_what_is_no_home_is_none(text: str) -> None:
    assert home_named(text) is None


def test_runs_are_what_stands_between_signs() -> None:
    assert runs_of("厨房、漏水 WIFI") == ["厨房", "漏水", "wifi"]
