"""Joined sentences have no click, are kept by content, and take no more room than they may."""

import io
import os
import shutil
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from hotline.settings import REPOSITORY
from hotline.voice import pieces
from hotline.voice.joining import OVERLAP, JoinedSounds, SoundNotJoined, join
from hotline.voice.pieces import LANGUAGES

SOUNDS = REPOSITORY / "deploy" / "asterisk" / "sounds"
TODAY = date(2026, 11, 22)


def samples(content: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.int32)


def sentences() -> Iterator[list[Path]]:
    for language in LANGUAGES:
        every = [SOUNDS / language / f"{piece}.wav" for piece in pieces.vocabulary(language)]
        for start in range(0, len(every), 10):  # every piece once, with neighbours it would not have in a sentence
            yield every[start : start + 10]


def spoken() -> list[Path]:
    ids = pieces.open_matter("repair", date(2026, 11, 21), TODAY) + pieces.amount(1234)
    return [SOUNDS / "zh" / f"{one}.wav" for one in (*ids, "case-in-progress")]


@pytest.fixture
def kept(tmp_path: Path) -> JoinedSounds:
    return JoinedSounds(tmp_path / "joined", most=5)


def test_joint_jumps_no_more_than_the_sounds_themselves():
    for sentence in sentences():
        parts = [samples(sound.read_bytes()) for sound in sentence]
        whole = samples(join(sentence))
        inside = max(np.abs(np.diff(part)).max() for part in parts)
        ends = np.cumsum([len(part) - OVERLAP for part in parts])[:-1]

        for end in ends:
            joint = whole[end - 1 : end + OVERLAP + 1]
            assert np.abs(np.diff(joint)).max() <= inside


def test_no_piece_begins_or_ends_with_a_step_out_of_silence():
    for sound in (sound for sentence in sentences() for sound in sentence):
        heard = samples(sound.read_bytes())
        for way in (heard, heard[::-1]):
            assert np.abs(way[np.flatnonzero(way)[0]]) <= 655, sound.stem  # 2 % of full scale


def test_joined_sentence_is_its_parts_in_their_order():
    parts = [samples(sound.read_bytes()) for sound in spoken()]
    whole = samples(join(spoken()))

    assert len(whole) == sum(map(len, parts)) - OVERLAP * (len(parts) - 1)
    assert (whole[: len(parts[0]) - OVERLAP] == parts[0][:-OVERLAP]).all()
    assert (whole[-len(parts[-1]) + OVERLAP :] == parts[-1][OVERLAP:]).all()


def test_sound_alone_stays_as_it_is():
    assert (samples(join(spoken()[:1])) == samples(spoken()[0].read_bytes())).all()


def test_same_sentence_is_made_once(kept: JoinedSounds):
    first = kept.file(spoken())
    made = first.stat().st_ino

    assert kept.file(spoken()) == first
    assert first.stat().st_ino == made
    assert samples(first.read_bytes()).size == samples(join(spoken())).size


def test_recording_that_replaces_a_piece_makes_another_sentence(kept: JoinedSounds, tmp_path: Path):
    own = Path(shutil.copy(spoken()[0], tmp_path / "own.wav"))
    sentence = [own, *spoken()[1:]]
    before = kept.file(sentence)
    shutil.copy(SOUNDS / "zh" / "goodbye.wav", own)

    assert kept.file(sentence) != before


def test_sentences_used_longest_ago_make_room(kept: JoinedSounds):
    rows = [[SOUNDS / "zh" / "pieces" / f"yuan-{n}.wav", spoken()[-1]] for n in range(1, 8)]
    files = []
    for at, row in enumerate(rows[:5]):
        files.append(kept.file(row))
        os.utime(files[-1], (at + 1, at + 1))
    kept.file(rows[0])  # used again: it stays
    kept.file(rows[5])
    kept.file(rows[6])

    assert [file.exists() for file in files] == [True, False, False, True, True]
    assert len(list(files[0].parent.iterdir())) == 5


def test_calls_at_the_same_moment_get_whole_sentences(kept: JoinedSounds):
    rows = [[SOUNDS / "zh" / "pieces" / f"yuan-{n}.wav", spoken()[-1]] for n in range(1, 10)] * 5

    with ThreadPoolExecutor(8) as threads:
        files = list(threads.map(kept.file, rows))

    assert len({file.name for file in files}) == 9
    assert all(file.suffix == ".wav" for file in files[0].parent.iterdir())


@pytest.mark.parametrize(("content", "reason"), [(None, "cannot be read"), (b"", "no WAV"), (b"RIFF", "no WAV")])
def test_missing_or_broken_piece_is_refused_by_name(
    kept: JoinedSounds, tmp_path: Path, content: bytes | None, reason: str
):
    piece = tmp_path / "broken.wav"
    if content is not None:
        piece.write_bytes(content)

    with pytest.raises(SoundNotJoined, match=rf"broken\.wav: .*{reason}"):
        kept.file([piece])


def test_sound_of_another_rate_is_refused(tmp_path: Path):
    wide = tmp_path / "wide.wav"
    with wave.open(str(wide), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(bytes(3200))

    with pytest.raises(SoundNotJoined, match="8 kHz"):
        join([wide])


def test_nothing_is_not_joined():
    with pytest.raises(ValueError, match="nothing to join"):
        join([])
