"""Every sound leaves for the telephone at one rate, one loudness, without long silences."""

import io
import wave

import numpy as np
import pytest

from hotline.voice.sound import PEAK, RATE, Samples, as_wav, for_telephone, speech_level


def hum(seconds: float, level: float = 0.1, rate: int = RATE) -> Samples:
    return (level * np.sin(2 * np.pi * 300 * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def silence(seconds: float, rate: int = RATE) -> Samples:
    return np.zeros(int(seconds * rate), np.float32)


@pytest.mark.parametrize("level", [0.003, 0.05, 0.9])
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_every_loudness_and_rate_comes_to_the_prompts_level(level: float, rate: int) -> None:
    made = for_telephone(hum(1, level, rate), rate)

    assert 20 * np.log10(speech_level(made)) == pytest.approx(-20, abs=0.2)


def test_silence_around_the_words_is_cut_to_a_breath() -> None:
    made = for_telephone(np.concatenate([silence(3), hum(1), silence(2)]), RATE)

    assert len(made) / RATE == pytest.approx(1.3, abs=0.03)


def test_pause_within_the_words_stays_and_makes_nothing_louder() -> None:
    made = for_telephone(np.concatenate([hum(1), silence(2), hum(1)]), RATE)

    assert len(made) / RATE == pytest.approx(4.3, abs=0.03)
    assert 20 * np.log10(speech_level(made)) == pytest.approx(-20, abs=0.2)


def test_a_lively_voice_is_rounded_off_and_never_clips() -> None:
    lively = hum(2, 0.02)
    lively[8000:8400] *= 40

    assert np.abs(for_telephone(lively, RATE)).max() <= PEAK


def test_a_constant_offset_is_no_sound() -> None:
    assert len(for_telephone(np.full(8000, 0.3, np.float32), RATE)) == 0


def test_nothing_at_all_comes_back_empty() -> None:
    assert len(for_telephone(silence(0), RATE)) == 0
    assert len(for_telephone(silence(1), RATE)) == 0


def test_the_file_is_what_asterisk_plays() -> None:
    with wave.open(io.BytesIO(as_wav(hum(0.5)))) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth(), sound.getnframes()) == (
            8000,
            1,
            2,
            4000,
        )
