"""What a question means, what truly answers it, and what is marked."""

from datetime import UTC, datetime

import pytest

from hotline.search.hits import Piece, holds, quoted, weight
from hotline.search.query import numbers_asked, read_query, without_numbers
from hotline.search.row import Found, Row

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def row(text: str = "", kind: Found = Found.ENTRY, **values: str) -> Row:
    return Row(kind=kind, item="1", at=AT, text=text, **values)  # type: ignore[arg-type]


def test_home_and_number_among_the_words_are_taken_for_what_they_are() -> None:
    query = read_query("漏水 三栋二单元五零一 13800138501")

    assert (query.runs, query.homes, query.numbers) == (("漏水",), ("3-2-501",), ("+8613800138501",))
    assert query.words == ["n:+8613800138501", "h:3-2-501", "漏水"]


def test_every_word_of_a_question_is_a_word_of_the_row_that_answers_it() -> None:
    found = row("厨房水管漏水", request="repair", number="+8613800138501", home="3-2-501", who="张先生", names="张伟")
    query = read_query(
        "水管漏水 张先生", home="3栋2单元501", number="138 0013 8501", name="张伟", kind=Found.ENTRY, request="repair"
    )

    assert set(query.words) <= set(found.words)
    assert holds(found, query)


def test_home_that_was_only_spoken_of_is_found_too() -> None:
    assert "h:3-2-501" in row("我家三栋二单元五零一漏水").words


def test_pairs_that_stand_apart_are_no_hit() -> None:
    query = read_query("水管漏")

    assert set(query.words) <= set(row("水管好好的，只是管漏").words)
    assert not holds(row("水管好好的，只是管漏"), query)
    assert holds(row("水管漏了"), query)


def test_name_asked_for_as_a_name_is_not_found_in_the_words() -> None:
    query = read_query(name="欧阳先生")

    assert not holds(row("欧阳先生来过"), query)
    assert holds(row("漏水", who="欧阳先生"), query)


@pytest.mark.parametrize("words", ["，。", "😀", '"', "*", "''"])
def test_question_of_signs_alone_finds_nothing_instead_of_everything(words: str) -> None:
    assert read_query(words).is_empty


@pytest.mark.parametrize(
    ("words", "number", "asked"),
    [
        ("漏水", "", ""), ("漏水 13800138501", "", "13800138501"), ("漏水", "0755-88888888", "0755-88888888"),
        ("3-2-501", "", ""), ("0755-88888888", "", "0755-88888888"), ("20261122-007", "", ""), ("12-3-1501", "", ""),
        ("3-2-501 2026", "", ""), ("3-2-501 13800138501", "", "13800138501"), ("", "110", "110"),
    ],
)  # fmt: skip
def test_a_number_among_the_words_counts_as_looking_for_a_number(words: str, number: str, asked: str) -> None:
    assert numbers_asked(words, number=number) == ([asked] if asked else [])


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("13800138501", "*"), ("13800138501 13900139001", "* *"), ("１３８００１３８５０１", "*"),
        ("电话13800138501", "电话*"), ("电话138 0013 8501", "电话*"), ("3-2-501 2026", "3-2-501 2026"),
        ("+86-138-0013-8501", "*"), ("138-0013-8501", "*"), ("+86 13800138501", "+86 *"), ("138 0013 8501", "*"),
        ("138,0013,8501", "*"), ("138.0013.8501找", "*找"), ("a13800138501b", "a*b"), ("١٣٨٠٠١٣٨٥٠١", "*"),
        ("一三八零零一三八五零一", "*"), ("1234567", "*"), ("123456", "123456"), ("漏水 3-2-501", "漏水 3-2-501"),
        ("12-3-1501", "12-3-1501"), ("3-2-501,3-2-502", "3-2-501,3-2-502"), ("20261122-007", "20261122-007"),
        ("三栋二单元五零一", "三栋二单元五零一"), ("3-2-501 13800138501 漏水", "3-2-501 * 漏水"),
    ],
)  # fmt: skip
def test_every_form_of_a_number_is_masked_and_counted_and_a_home_is_not(words: str, shown: str) -> None:
    assert without_numbers(words, lambda _: "*") == shown
    assert len(numbers_asked(words)) == (shown.count("*") or words == "123456")  # six digits are counted, as before


def test_hit_is_marked_where_it_stands() -> None:
    assert quoted("厨房漏水，漏水不停", ["漏水"]) == (
        Piece("厨房"), Piece("漏水", is_hit=True), Piece("，"), Piece("漏水", is_hit=True), Piece("不停"),
    )  # fmt: skip


def test_quote_begins_near_the_first_hit_and_ends() -> None:
    pieces = quoted("前" * 100 + "漏水" + "后" * 300, ["漏水"])

    assert pieces[0] == Piece("…")
    assert pieces[1] == Piece("前" * 24)
    assert pieces[2] == Piece("漏水", is_hit=True)
    assert pieces[-1] == Piece("…")


def test_marking_finds_wide_and_large_letters() -> None:
    assert Piece("ＷｉＦｉ", is_hit=True) in quoted("家里ＷｉＦｉ不通", ["wifi"])


def test_quote_without_a_hit_is_the_beginning() -> None:
    assert quoted("无关", ["漏水"]) == (Piece("无关"),)
    assert quoted("", ["漏水"]) == ()


def test_what_says_it_more_often_and_was_written_by_a_person_weighs_more() -> None:
    query = read_query("漏水")

    assert weight(row("漏水漏水"), query) > weight(row("漏水"), query) > weight(row("漏水", Found.TRANSCRIPT), query)


def test_long_question_is_cut_for_the_index_and_still_held_whole() -> None:
    long = "".join(chr(0x4E00 + place) for place in range(200))
    query = read_query(long)

    assert len(query.words) == 40
    assert holds(row(long), query)
    assert not holds(row(long[:150]), query)
