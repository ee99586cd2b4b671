from pathlib import Path

import pytest

from hotline.install.errors import SetUpFailed
from hotline.install.recording_key import make_recording_key
from hotline.recordings.sealing import KEY_BYTES, read_key
from hotline.settings import RecordingSettings, Settings


def settings_of(home: Path, *, encrypt: bool = True) -> Settings:
    return Settings(home=home, recording=RecordingSettings(encrypt=encrypt))


def test_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "home")

    assert make_recording_key(settings)
    first = read_key(settings.recording_key_file)
    assert not make_recording_key(settings)

    assert (read_key(settings.recording_key_file), len(first)) == (first, KEY_BYTES)
    assert settings.recording_key_file.stat().st_mode & 0o777 == 0o600


def test_no_key_is_made_where_nothing_is_encrypted(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, encrypt=False)

    assert not make_recording_key(settings)
    assert not settings.recording_key_file.exists()


def test_lost_key_is_never_replaced_while_recordings_need_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    (tmp_path / "recordings" / "2026").mkdir(parents=True)
    (tmp_path / "recordings" / "2026" / "a.flac.sealed").write_bytes(b"x")

    with pytest.raises(SetUpFailed, match="put back your copy"):
        make_recording_key(settings)

    assert not settings.recording_key_file.exists()
