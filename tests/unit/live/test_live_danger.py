"""Words of danger: found by writing and by sound, believed when they stand, told once; a wrong table names its line."""

from pathlib import Path

import pytest

from hotline.live.danger import DangerTable, DangerWatch, DangerWord
from hotline.live.danger_file import DangerFileRefused, read_danger_file
from hotline.settings import SHIPPED_DANGER


def table(*words: str, language: str = "zh") -> DangerTable:
    return DangerTable(tuple(DangerWord.parse(word) for word in words), language)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("我家着火了", "着火"),
        ("我家找火了快来", "着火"),  # the homophone that a recogniser wrote
        ("着 火 了", "着火"),
        ("楼道里有没汽味", "煤气味"),
        ("我被困在店梯里", "困在电梯"),
        ("有人在打人", "打人"),
    ],
)
def test_word_is_found_by_writing_and_by_sound(text: str, word: str) -> None:
    assert table("着火", "煤气味", "困在电梯", "=打人").found_in(text) == {word}


@pytest.mark.parametrize("text", ["", "  ", "我家停电了", "大人都不在家", "电梯坏了没有人困"])
def test_harmless_words_raise_nothing(text: str) -> None:
    assert table("着火", "煤气味", "困在电梯", "=打人").found_in(text) == frozenset()


def test_other_languages_are_found_by_writing_whatever_the_spaces() -> None:
    korean = table("불이 났", language="ko")

    assert korean.found_in("부엌에 불 이 났어요") == {"불이 났"}
    assert korean.found_in("불을 켰어요") == frozenset()


def test_word_in_a_finished_turn_is_told_once() -> None:
    watch = DangerWatch(table("着火", "晕倒"))

    assert watch.hear("有人晕倒了 着火了", is_final=True) == ("着火", "晕倒")
    assert watch.hear("着火了", is_final=True) == ()


def test_word_that_stands_in_two_looks_is_told_while_the_turn_goes_on() -> None:
    watch = DangerWatch(table("着火"))

    assert watch.hear("家里着火", is_final=False) == ()
    assert watch.hear("家里着火了", is_final=False) == ("着火",)
    assert watch.hear("家里着火了快", is_final=False) == ()


def test_word_that_is_taken_back_at_once_alarms_nobody() -> None:
    watch = DangerWatch(table("着火"))

    assert watch.hear("家里着火", is_final=False) == ()
    assert watch.hear("家里找货", is_final=False) in ((), ("着火",))  # by sound it is the same
    assert DangerWatch(table("=着火")).hear("家里着火", is_final=False) == ()
    taken_back = DangerWatch(table("=着火"))
    taken_back.hear("家里着火", is_final=False)
    assert taken_back.hear("家里找货", is_final=False) == ()
    assert taken_back.hear("家里找货", is_final=True) == ()


def test_word_heard_again_in_the_next_turn_needs_two_looks_again() -> None:
    watch = DangerWatch(table("=着火"))
    watch.hear("着火", is_final=False)
    watch.hear("没有", is_final=True)

    assert watch.hear("着火", is_final=False) == ()


@pytest.mark.parametrize("language", ["zh", "ko"])
def test_the_shipped_table_is_right(language: str) -> None:
    assert len(read_danger_file(SHIPPED_DANGER, language).words) > 10


def test_language_without_a_table_has_no_words() -> None:
    assert read_danger_file(SHIPPED_DANGER, "fr").words == ()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[zh]\nfire = ["着火"]\n\ngas = "煤气味"\n', 4, "must be a list"),
        ('[zh]\nfire = ["着火", 3]\n', 2, "must be a list"),
        ('[zh]\nfire = ["火"]\n', 2, "too short"),
        ('[zh]\nfire = ["着火"]\nmore = ["着火"]\n', 3, "stands twice"),
        ('[zh]\nfire = [\n  "着火",\n', 4, "no TOML"),
        ('words = ["着火"]\n', 1, "no language's table"),
        ('[chinese]\nfire = ["着火"]\n', 1, "no language's table"),
        (f'[zh]\nfire = ["{"着" * 41}"]\n', 2, "41 characters"),
    ],
)
def test_wrong_table_is_refused_with_its_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    file = tmp_path / "danger.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(DangerFileRefused, match=reason) as refused:
        read_danger_file(file, "zh")

    assert refused.value.line == line
    assert str(file) in str(refused.value)


def test_table_with_too_many_words_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "danger.toml"
    words = ", ".join(f'"着火{number}"' for number in range(501))
    file.write_text(f"[zh]\nfire = [{words}]\n", encoding="utf-8")

    with pytest.raises(DangerFileRefused, match="501 words"):
        read_danger_file(file, "zh")


@pytest.mark.parametrize("content", [b'[zh]\nfire = ["\xff\xfe"]\n', b"#" * 70_000, None])
def test_table_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "danger.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(DangerFileRefused, match=r"UTF-8|over 64 KiB|cannot be read"):
        read_danger_file(file, "zh")
