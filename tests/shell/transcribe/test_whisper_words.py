from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from hotline.transcribe.audio import LegFile, open_leg
from hotline.transcribe.speech_detector import levelled
from hotline.transcribe.transcript import Word
from hotline.transcribe.whisper_engine import sections, was_heard, whole_words
from tests.fakes.legs import write_leg


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


def test_quiet_line_is_lifted_and_a_silent_one_stays_silent() -> None:
    tone = np.sin(np.arange(16000) / 10).astype(np.float32)

    assert np.abs(levelled(tone * 0.05)).max() == pytest.approx(0.7, abs=0.01)
    assert np.abs(levelled(tone * 0.0001)).max() < 0.003
    assert len(levelled(tone[:0])) == 0


def test_long_leg_is_heard_in_sections_that_lose_no_sample_and_end_where_it_is_quiet(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    sound = (rng.standard_normal(8000 * 60 * 25) * 3000).astype(np.int16)
    quiet = 8000 * (10 * 60 - 7)
    sound[quiet : quiet + 8000] = 0
    leg = open_leg(LegFile(write_leg(tmp_path / "long.wav", sound)))

    found = list(sections(leg))

    assert sum(len(samples) for _, samples in found) == pytest.approx(2 * len(sound), abs=10)
    assert found[0][0] == 0.0
    assert found[1][0] == pytest.approx(10 * 60 - 6.5, abs=0.6)
    assert found[2][0] == pytest.approx(found[1][0] + len(found[1][1]) / 16000)
    assert all(len(samples) <= 2 * 600 * 16000 for _, samples in found)
