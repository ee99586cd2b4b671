import pickle
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from hotline.transcribe.audio import LegFile, open_leg, resampled
from hotline.transcribe.errors import RecordingCut, RecordingMissing, RecordingTooLong, RecordingUnreadable
from tests.fakes.legs import write_leg

COUNT = np.arange(16000, dtype=np.int16)


def heard(path: Path, *, start: float = 0, was_cut: bool = False, piece: float = 0.3) -> np.ndarray:
    leg = open_leg(LegFile(path=path, start=timedelta(seconds=start), was_cut=was_cut))
    pieces = list(leg.pieces(timedelta(seconds=piece)))
    assert all(len(one) <= piece * leg.rate for one in pieces)
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_whole_leg_comes_out_in_pieces_sample_for_sample(tmp_path: Path, rate: int) -> None:
    path = write_leg(tmp_path / "leg.wav", COUNT, rate=rate)

    assert (heard(path) == COUNT).all()
    assert open_leg(LegFile(path=path)).length == timedelta(seconds=16000 / rate)


def test_agents_leg_is_start_the_human_answer_on(tmp_path: Path) -> None:
    path = write_leg(tmp_path / "leg.wav", COUNT)

    assert (heard(path, start=1.5) == COUNT[12000:]).all()
    assert open_leg(LegFile(path=path, start=timedelta(seconds=1.5))).starts_at == timedelta(seconds=1.5)


def test_leg_that_ends_before_it_is_to_be_heard_is_empty(tmp_path: Path) -> None:
    path = write_leg(tmp_path / "leg.wav", COUNT)

    assert open_leg(LegFile(path=path, start=timedelta(seconds=5))).is_empty
    assert len(heard(path, start=5)) == 0


def test_file_of_no_bytes_is_an_empty_leg(tmp_path: Path) -> None:
    path = tmp_path / "leg.wav"
    path.touch()

    assert open_leg(LegFile(path=path)).is_empty
    assert len(heard(path)) == 0


def test_file_of_44_bytes_is_an_empty_leg(tmp_path: Path) -> None:
    path = write_leg(tmp_path / "leg.wav")

    assert path.stat().st_size == 44
    assert open_leg(LegFile(path=path)).is_empty
    assert open_leg(LegFile(path=path)).length == timedelta(0)


def test_missing_leg_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(RecordingMissing, match="not there"):
        open_leg(LegFile(path=tmp_path / "leg.wav"))


def test_directory_is_no_leg(tmp_path: Path) -> None:
    with pytest.raises(RecordingUnreadable, match="not a file"):
        open_leg(LegFile(path=tmp_path))


def test_leg_shorter_than_its_header_says_is_cut_and_its_sound_is_heard_when_asked(tmp_path: Path) -> None:
    path = write_leg(tmp_path / "leg.wav", COUNT)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 5000 + 1])

    with pytest.raises(RecordingCut, match="5000 of 16000"):
        open_leg(LegFile(path=path))
    assert (heard(path, was_cut=True) == COUNT[:5000]).all()


def test_leg_whose_header_the_killed_switch_never_filled_in_is_cut_and_can_be_heard(tmp_path: Path) -> None:
    path = tmp_path / "leg.wav"
    path.write_bytes(write_leg(tmp_path / "empty.wav").read_bytes() + COUNT.tobytes())

    with pytest.raises(RecordingCut, match="never finished"):
        open_leg(LegFile(path=path))
    assert (heard(path, was_cut=True) == COUNT).all()


def test_leg_cut_inside_its_header_is_unreadable(tmp_path: Path) -> None:
    path = write_leg(tmp_path / "leg.wav", COUNT)
    path.write_bytes(path.read_bytes()[:30])

    with pytest.raises(RecordingUnreadable, match="WAV"):
        open_leg(LegFile(path=path))


@pytest.mark.parametrize(
    "content", [b"x", b"ID3" + bytes(500), bytes(100), b"RIFF\xff\xff\xff\xffWAVE", "录音".encode() * 50]
)
def test_file_that_is_no_wav_is_unreadable_and_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "leg.wav"
    path.write_bytes(content)

    with pytest.raises(RecordingUnreadable, match="take it out of the recordings"):
        open_leg(LegFile(path=path))


def test_stereo_is_refused_because_a_recogniser_would_write_garbage(tmp_path: Path) -> None:
    with pytest.raises(RecordingUnreadable, match="2 channels"):
        open_leg(LegFile(path=write_leg(tmp_path / "leg.wav", COUNT, channels=2)))


def test_rate_that_is_not_of_the_telephone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingUnreadable, match="44100 Hz"):
        open_leg(LegFile(path=write_leg(tmp_path / "leg.wav", COUNT, rate=44100)))


def test_8_bit_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingUnreadable, match="8 bits"):
        open_leg(LegFile(path=write_leg(tmp_path / "leg.wav", COUNT, width=1)))


def test_leg_of_two_hours_is_opened_and_one_above_four_is_refused(tmp_path: Path) -> None:
    two, five = tmp_path / "two.wav", tmp_path / "five.wav"
    for path, hours in ((two, 2), (five, 5)):
        size = hours * 3600 * 16000
        header = bytearray(write_leg(path).read_bytes())
        header[4:8], header[40:44] = (size + 36).to_bytes(4, "little"), size.to_bytes(4, "little")
        path.write_bytes(header)
        with path.open("r+b") as file:
            file.truncate(44 + size)  # sparse: takes no room on the disk

    assert open_leg(LegFile(path=two)).length == timedelta(hours=2)
    with pytest.raises(RecordingTooLong, match="4:00:00"):
        open_leg(LegFile(path=five))


def test_leg_that_shrinks_while_it_is_heard_is_cut(tmp_path: Path) -> None:
    path = write_leg(tmp_path / "leg.wav", COUNT)
    leg = open_leg(LegFile(path=path))
    path.write_bytes(path.read_bytes()[:1000])

    with pytest.raises(RecordingCut):
        list(leg.pieces(timedelta(seconds=1)))


def test_faults_cross_between_processes_whole(tmp_path: Path) -> None:
    fault = pickle.loads(pickle.dumps(RecordingCut(tmp_path, "ends early")))

    assert (type(fault), fault.path, fault.why, str(fault)) == (
        RecordingCut,
        tmp_path,
        "ends early",
        f"{tmp_path} ends early",
    )


def test_resampling_keeps_the_length_and_the_loudness() -> None:
    tone = (np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000) * 16384).astype(np.int16)

    sound = resampled(tone, 8000)

    assert len(sound) == 16000
    assert sound.dtype == np.float32
    assert np.abs(sound[1000:-1000]).max() == pytest.approx(0.5, abs=0.01)
