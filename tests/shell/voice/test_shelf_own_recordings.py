"""What a person records passes one door, wins from then on, and can be taken back."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from hotline.voice.errors import OwnRecordingRefused, SoundUnknown
from hotline.voice.intake import read_recording
from hotline.voice.own import OwnRecordings
from hotline.voice.phoned import IncomingRecordings, PhonedIn
from hotline.voice.shelf import Shelf
from hotline.voice.sound import speech_level
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.voice_shelf import hum, shelf_in, write_sound


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path, zh=("greeting", "digits/7"), en=("greeting", "only-english"))


@pytest.fixture
def own(shelf: Shelf) -> OwnRecordings:
    return OwnRecordings(shelf, ClockByHand())


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("b.wav", "PCM_24"),
        ("c.wav", "FLOAT"),
        ("d.wav", "ULAW"),
        ("e.flac", None),
        ("f.ogg", None),
        ("g.mp3", None),
    ],
)
def test_whatever_a_computer_records_is_taken_in(tmp_path: Path, name: str, subtype: str | None) -> None:
    studio = soxr.resample(hum(2, 0.3), 8000, 44100)
    soundfile.write(tmp_path / name, np.stack([studio, studio / 3], axis=1), 44100, subtype=subtype)

    samples = read_recording(tmp_path / name)

    assert len(samples) / 8000 == pytest.approx(2.3, abs=0.1)
    assert 20 * np.log10(speech_level(samples)) == pytest.approx(-20, abs=0.2)


@pytest.mark.parametrize(
    "content", ["playlist", "words", "empty", "cut", "silent", "too long", "too short", "click", "folder", "missing"]
)
def test_what_cannot_be_played_to_callers_is_refused_with_its_reason(tmp_path: Path, content: str) -> None:
    file = tmp_path / "try.wav"
    why = {
        "words": "broken",
        "cut": "its end is missing",
        "click": "less than",
        "too short": "less than",
        "too long": "longer than 60 s",
        "folder": "not a file",
        "missing": "cannot be read",
    }
    if content == "playlist":  # FFmpeg would open what it names
        other = write_sound(tmp_path / "other.wav", 2)
        file.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{other}\n#EXT-X-ENDLIST\n")
    elif content == "words":
        file.write_bytes(b"not a sound at all" * 99)
    elif content == "empty":
        file.touch()
    elif content == "folder":
        file.mkdir()
    elif content == "click":
        soundfile.write(file, np.eye(1, 8000, 4000).ravel() * 0.9, 8000)
    elif content != "missing":
        write_sound(file, {"too long": 61, "too short": 0.2}.get(content, 3), 0.0005 if content == "silent" else 0.1)
    if content == "cut":
        file.write_bytes(file.read_bytes()[:20_000])

    with pytest.raises(OwnRecordingRefused, match=why.get(content, content if content != "playlist" else "broken")):
        read_recording(file)


def test_recording_wins_and_who_made_it_is_kept(own: OwnRecordings, shelf: Shelf, tmp_path: Path) -> None:
    file = write_sound(tmp_path / "mine.wav", 2)

    sound = own.put("digits/7", file, by="wang")

    kept = own.kept("digits/7")
    assert shelf.is_own("digits/7")
    assert shelf.sound("digits/7") == sound
    assert (tmp_path / "laid/zh/digits/7.wav").resolve() == tmp_path / "prompts/zh/digits/7.wav"
    assert kept
    assert (kept.by, kept.way, kept.at) == ("wang", "file", ClockByHand().now())
    assert file.exists()


def test_refused_recording_changes_nothing(own: OwnRecordings, shelf: Shelf, tmp_path: Path) -> None:
    own.put("greeting", write_sound(tmp_path / "good.wav", 2), by="wang")
    before = shelf.sound("greeting")

    with pytest.raises(OwnRecordingRefused):
        own.put("greeting", write_sound(tmp_path / "silent.wav", 2, 0.0001), by="li")

    kept = own.kept("greeting")
    assert shelf.sound("greeting") == before
    assert kept
    assert kept.by == "wang"


@pytest.mark.parametrize("prompt_id", ["greting", "../../etc/x", "site/../x", ""])
def test_recording_that_nothing_would_play_is_refused(own: OwnRecordings, tmp_path: Path, prompt_id: str) -> None:
    with pytest.raises(SoundUnknown):
        own.put(prompt_id, write_sound(tmp_path / "a.wav", 2), by="wang")


def test_site_may_have_sounds_of_its_own(own: OwnRecordings, shelf: Shelf, tmp_path: Path) -> None:
    own.put("site/water-off", write_sound(tmp_path / "a.wav", 2), by="wang")

    assert shelf.sound("site/water-off").name == "site/water-off"
    assert (tmp_path / "laid/en/site/water-off.wav").exists()


def test_removed_recording_leaves_the_rendered_prompt_and_can_be_undone(
    own: OwnRecordings, shelf: Shelf, tmp_path: Path
) -> None:
    own.put("greeting", write_sound(tmp_path / "a.wav", 2), by="wang")
    own.remove("greeting")
    rendered = shelf.sound("greeting").seconds
    own.undo("greeting")

    kept = own.kept("greeting")
    assert rendered == 1.0
    assert shelf.sound("greeting").seconds == pytest.approx(2.3, abs=0.05)
    assert kept
    assert kept.by == "wang"


def test_undone_twice_is_as_before(own: OwnRecordings, shelf: Shelf, tmp_path: Path) -> None:
    for who, seconds in (("wang", 2), ("li", 3)):
        own.put("greeting", write_sound(tmp_path / "a.wav", seconds), by=who)
    own.undo("greeting")
    undone = own.kept("greeting")
    own.undo("greeting")

    again = own.kept("greeting")
    assert undone
    assert undone.by == "wang"
    assert again
    assert again.by == "li"
    assert shelf.sound("greeting").seconds == pytest.approx(3.3, abs=0.05)


def test_five_former_recordings_are_kept_the_latest_first(own: OwnRecordings, tmp_path: Path) -> None:
    for number in range(8):
        own.put("greeting", write_sound(tmp_path / "a.wav", 1 + number), by=f"try {number}")

    formers = sorted((tmp_path / "prompts/zh").glob("greeting.?.wav"))
    assert [file.name for file in formers] == [f"greeting.{number}.wav" for number in (1, 2, 3, 4, 5)]
    assert [file.with_suffix(".json").read_text().count(f"try {6 - at}") for at, file in enumerate(formers)] == [1] * 5


def test_nothing_to_remove_or_to_undo_is_said(own: OwnRecordings) -> None:
    for act in (own.remove, own.undo):
        with pytest.raises(OwnRecordingRefused):
            act("greeting")


def phone_in(tmp_path: Path, prompt_id: str, seconds: float, *, by: str = "", language: str = "zh") -> Path:
    file = write_sound(tmp_path / "prompts/incoming" / language / f"{prompt_id}.wav", seconds)
    file.with_suffix(".done").write_text(by)
    return file


def test_phoned_in_recording_wins_once_it_is_finished(own: OwnRecordings, shelf: Shelf, tmp_path: Path) -> None:
    incoming = IncomingRecordings(tmp_path, own)
    unfinished = write_sound(tmp_path / "prompts/incoming/zh/greeting.wav", 2)
    before = incoming.take_in_phoned()
    phone_in(tmp_path, "greeting", 2, by="8901")
    phone_in(tmp_path, "only-english", 2, language="en")

    taken = incoming.take_in_phoned()

    kept = own.kept("greeting")
    assert before == []
    assert taken == [PhonedIn("greeting", "zh", ""), PhonedIn("only-english", "en", "")]
    assert kept
    assert (kept.by, kept.way) == ("8901", "telephone")
    assert not unfinished.exists()
    assert incoming.take_in_phoned() == []
    assert shelf.is_own("only-english", "en")


def test_phoned_in_recording_that_is_refused_is_kept_with_the_reason(
    own: OwnRecordings, shelf: Shelf, tmp_path: Path
) -> None:
    file = phone_in(tmp_path, "greeting", 0.1)
    phone_in(tmp_path, "no-such", 2)
    (tmp_path / "prompts/incoming/zh/digits").mkdir()
    (tmp_path / "prompts/incoming/zh/digits/7.done").touch()

    incoming = IncomingRecordings(tmp_path, own)
    results = incoming.take_in_phoned()

    assert {result.prompt_id for result in results if result.refused} == {"greeting", "no-such", "digits/7"}
    assert "less than" in file.with_name("greeting.refused.txt").read_text()
    assert file.with_name("greeting.refused.wav").exists()
    assert not shelf.is_own("greeting")
    assert incoming.take_in_phoned() == []
