"""Which centres a group has, and where their tokens come from."""

from pathlib import Path

import pytest

from hotline.errors import SettingsRefused
from hotline.settings import GroupSettings, read_settings

ONE = '[group.centres.01]\nname = "东苑"\nurl = "http://127.0.0.1:8081"\n'
TOKEN = "a-token-of-that-centre"


def settings_of(home: Path, text: str, **environment: str) -> GroupSettings:
    (home / "hotline.toml").write_text(text, encoding="utf-8")
    return read_settings({"HOTLINE_HOME": str(home), **environment}).group


def test_a_token_comes_from_the_secrets_a_file_or_the_environment_the_last_the_strongest(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text(f'[group.centres.01]\ntoken = "{TOKEN}-of-secrets"\n', encoding="utf-8")
    (tmp_path / "token").write_text(f"{TOKEN}-of-file\n", encoding="ascii")

    of_secrets = settings_of(tmp_path, ONE)
    of_file = settings_of(tmp_path, f'{ONE}token_file = "{tmp_path / "token"}"\n')
    of_environment = settings_of(tmp_path, ONE, HOTLINE_GROUP_TOKENS=f"01={TOKEN}-of-environment")

    assert of_secrets.token_of("01").get_secret_value() == f"{TOKEN}-of-secrets"
    assert of_file.token_of("01").get_secret_value() == f"{TOKEN}-of-file"
    assert of_environment.token_of("01").get_secret_value() == f"{TOKEN}-of-environment"
    assert TOKEN not in f"{of_secrets!r}{of_environment!r}"


@pytest.mark.parametrize("pair", ["02=a-token-of-nobody", "01", "=x"])
def test_a_token_of_no_centre_is_refused_and_not_said(tmp_path: Path, pair: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        settings_of(tmp_path, ONE, HOTLINE_GROUP_TOKENS=pair)

    assert "02=TOKEN" in str(refused.value)
    assert "nobody" not in str(refused.value)


def test_a_centre_without_a_token_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match=r"group\.centres\.01 has no token"):
        settings_of(tmp_path, ONE).token_of("01")


@pytest.mark.parametrize("url", ["ftp://x", "http://user:pw@x", "http://x/below", "x"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsRefused, match=r"group\.centres\.01\.url"):
        settings_of(tmp_path, ONE.replace("http://127.0.0.1:8081", url))
