from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from hotline.recordings.legs import COLUMNS, fingerprint_of, measure, open_leg
from tests.fakes.legs import write_leg
from tests.fakes.recorded_calls import voice

SPEECH = Path(__file__).parents[4] / "shared" / "speech" / "dialogues"


def sides(directory: Path, caller: object, agent: object) -> tuple[Path, Path]:
    paths = directory / "x.caller.wav", directory / "x.agent.wav"
    for path, samples in zip(paths, (caller, agent), strict=True):
        if samples is not None:
            write_leg(path, samples)  # type: ignore[arg-type]
    return paths


def test_both_sides_that_speak_are_heard_and_their_files_have_one_fingerprint(tmp_path: Path) -> None:
    paths = sides(tmp_path, voice(3), voice(3, seed=2))

    found = measure(*paths)

    assert (found.seconds, found.gap_seconds, found.silent) == (3.0, 0.0, ())
    assert found.sha256 == sha256(paths[0].read_bytes() + paths[1].read_bytes()).hexdigest()
    assert all(-30 < level < -5 for level in found.rms_db)


@pytest.mark.parametrize("silence", [np.zeros(24000, np.int16), np.full(24000, 20, np.int16), None])
def test_side_with_no_more_than_the_lines_own_noise_is_silent(tmp_path: Path, silence: object) -> None:
    found = measure(*sides(tmp_path, voice(3), silence))

    assert found.silent == ("agent",)


def test_click_of_the_switch_is_no_voice(tmp_path: Path) -> None:
    click = np.zeros(24000, np.int16)
    click[12000:12100] = 20000

    assert measure(*sides(tmp_path, click, voice(3))).silent == ("caller",)


def test_short_quiet_yes_is_heard(tmp_path: Path) -> None:
    yes = np.zeros(80000, np.int16)
    yes[40000:42400] = (voice(0.3) * 0.2).astype(np.int16)

    assert measure(*sides(tmp_path, yes, voice(10))).silent == ()


def test_sides_of_unequal_length_tell_by_how_much(tmp_path: Path) -> None:
    found = measure(*sides(tmp_path, voice(5), voice(2)))

    assert (found.seconds, found.gap_seconds) == (5.0, -3.0)


def test_picture_has_one_scale_of_time_for_both_sides(tmp_path: Path) -> None:
    picture = measure(*sides(tmp_path, voice(10), voice(5))).picture

    assert len(picture.caller) == len(picture.agent) == COLUMNS
    assert max(picture.caller) > 30
    assert min(picture.caller[5:-5]) > 0
    assert max(picture.agent[COLUMNS // 2 + 2 :]) == 0


def test_full_scale_of_either_sign_is_drawn_at_full_height(tmp_path: Path) -> None:
    picture = measure(*sides(tmp_path, np.full(800, -32768, np.int16), np.full(800, 32767, np.int16))).picture

    assert max(picture.caller) == max(picture.agent) == 255


def test_files_that_are_no_sound_have_no_length_and_no_voice(tmp_path: Path) -> None:
    paths = tmp_path / "a.wav", tmp_path / "b.wav"
    paths[0].write_bytes(b"\xff" * 3000)

    found = measure(*paths)

    assert (found.seconds, found.silent) == (0.0, ())
    assert found.sha256 == fingerprint_of([paths[0]])


def test_stretch_of_a_side_is_read_alone(tmp_path: Path) -> None:
    samples = voice(2)
    leg = open_leg(write_leg(tmp_path / "x.wav", samples))

    assert np.array_equal(np.concatenate(list(leg.pieces(5000, 9000))), samples[5000:9000])
    assert list(leg.pieces(16000)) == []


@pytest.mark.skipif(not SPEECH.is_dir(), reason="the spoken dialogues are not beside the checkout")
def test_no_side_of_a_real_talk_is_silent() -> None:
    talks = sorted(path.name.removesuffix(".caller.wav") for path in SPEECH.glob("*.caller.wav"))

    silent = {talk: measure(SPEECH / f"{talk}.caller.wav", SPEECH / f"{talk}.agent.wav").silent for talk in talks}

    assert silent == dict.fromkeys(talks, ())
