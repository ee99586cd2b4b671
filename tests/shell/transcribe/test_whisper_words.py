from datetime import timedelta

from hotline.transcribe.transcript import Word
from hotline.transcribe.whisper_engine import was_heard, whole_words


def pieces(*texts: str) -> list[Word]:
    return [
        Word(text=text, start=timedelta(seconds=at), end=timedelta(seconds=at + 1), confidence=1 - at / 10)
        for at, text in enumerate(texts)
    ]


def test_number_that_whisper_broke_is_one_word_and_as_sure_as_its_least_sure_piece() -> None:
    words = whole_words(pieces("电话", "13", "800", "138000"))

    assert [word.text for word in words] == ["电话", "13800138000"]
    assert (words[1].start, words[1].end) == (timedelta(seconds=1), timedelta(seconds=4))
    assert words[1].confidence == 0.7


def test_english_pieces_go_together_up_to_the_next_space() -> None:
    assert [word.text for word in whole_words(pieces(" re", "pair", " now"))] == ["repair", "now"]


def test_chinese_pieces_stay_as_they_are() -> None:
    assert [word.text for word in whole_words(pieces("漏", "水，", "了"))] == ["漏", "水，", "了"]


def test_words_that_took_no_time_were_not_heard() -> None:
    recited = [(0.98, 0.01), (0.0, 0.8), (0.0, 0.9), (0.0, 0.95)]  # as seen: a hint, in the silence after the last word

    assert not was_heard(recited)
    assert was_heard([(0.3, 0.9), (0.18, 0.2), (0.02, 0.5), (0.2, 0.99)])
    assert was_heard([(0.4, 0.3)])


def test_words_that_are_all_but_impossible_were_not_heard() -> None:
    assert not was_heard([(0.3, 0.02), (0.2, 0.1), (0.2, 0.05)])
