"""Both files of words say the same things: same keys, same gaps, and English that is English."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from hotline.web.words import LANGUAGES, STATIC, fill, read_words

# Words that residents and callers see or hear stay Chinese, whatever the clerk's pages speak.
CHINESE_IN_ENGLISH = {
    "other_language.name",
    "search_hint",
    "incident.placeholder.confirm",
    "incident.placeholder.notice",
}


def strings(words: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Give every string with its place: ("state.new", "新")."""
    if isinstance(words, str):
        yield place.removeprefix("."), words
    else:
        for name, inner in words.items() if isinstance(words, dict) else enumerate(words):
            yield from strings(inner, f"{place}.{name}")


ZH, EN = (dict(strings(read_words(language))) for language in LANGUAGES)


def gaps(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)[|}]", text))


def test_every_string_has_its_english() -> None:
    assert sorted(set(ZH) - set(EN)) == []
    assert sorted(set(EN) - set(ZH)) == []


def test_english_fills_the_same_gaps() -> None:
    assert [place for place in ZH.keys() & EN.keys() if not gaps(EN[place]) <= gaps(ZH[place])] == []
    left_out = [place for place in ZH.keys() & EN.keys() if gaps(ZH[place]) - gaps(EN[place])]
    assert left_out == []


def test_no_chinese_is_left_in_the_english() -> None:
    assert {place for place, text in EN.items() if re.search(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", text)} <= (
        CHINESE_IN_ENGLISH
    )


def test_nothing_is_empty_in_one_language_only() -> None:
    assert [place for place in ZH.keys() & EN.keys() if bool(ZH[place].strip()) != bool(EN[place].strip())] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_is_written_twice(language: str) -> None:
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice.extend(name for name in set(names) if names.count(name) > 1)
        return dict(pairs)

    json.loads((STATIC / f"words.{language}.json").read_text(encoding="utf-8"), object_pairs_hook=once)

    assert twice == []


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{n} {n|call|calls}", "2 calls"),
        ("{who}: {n|call|calls}", ": calls"),
        ("{n}{n}", "22"),
    ],
)
def test_gaps_are_filled_with_values_or_with_the_word_for_as_many(text: str, filled: str) -> None:
    assert fill(text, n=2) == filled


def test_one_of_a_thing_is_called_so() -> None:
    assert fill("{n} {n|call|calls}", n=1) == "1 call"
