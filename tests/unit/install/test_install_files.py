"""Secrets and the switch's own files: random, private, made once, and nothing breaks out of its line."""

import os
import sqlite3
import stat
import tomllib
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from hotline.install.errors import ConfigurationRefused, SetUpFailed
from hotline.install.parts import STAMP, Parts
from hotline.install.pbx import TEMPLATES, make_cel_store, write_configuration
from hotline.install.private_files import write_private
from hotline.install.secrets import as_toml, write_secrets
from hotline.settings import Settings, read_settings


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    """A tree that looks like an unpacked switch."""
    root = tmp_path / "parts" / "root"
    for name in ("lib/x-linux-gnu/asterisk/modules", "share/asterisk/sounds/en_US_f_Allison", "share/asterisk/moh",
                 "share/asterisk/documentation"):  # fmt: skip
        (root / "usr" / name).mkdir(parents=True)
    (root / STAMP).write_text('{"format": 1, "host": {}, "versions": {}}')
    return Parts(tmp_path / "parts")


def settings_of(tmp_path: Path, **variables: str) -> Settings:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    return read_settings({"HOTLINE_HOME": str(home), **variables})


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o077, 0o777], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_secrets_are_readable_by_their_owner_only_under_any_umask(tmp_path, umask):
    before = os.umask(0o022)
    settings = settings_of(tmp_path)
    os.umask(before)

    assert write_secrets(settings)

    assert mode_of(settings.home / "secrets.toml") == 0o600


def test_secrets_once_made_are_what_the_settings_read(tmp_path):
    write_secrets(settings_of(tmp_path))

    settings = settings_of(tmp_path)
    assert len(settings.ami.secret.get_secret_value()) >= 32
    assert Fernet(settings.web.session_key.get_secret_value())
    assert set(settings.sip.passwords) == {"8001", "8002", "8701", "8901"}


def test_secret_that_stands_there_is_kept_and_a_new_phone_gets_its_own(tmp_path):
    write_secrets(settings_of(tmp_path))
    path = tmp_path / "home" / "secrets.toml"
    before = tomllib.loads(path.read_text())

    more = settings_of(tmp_path, HOTLINE_SIP_AGENTS="8001,8002,8003")
    assert write_secrets(more)
    assert not write_secrets(more)

    after = tomllib.loads(path.read_text())
    assert after["sip"]["passwords"].pop("8003")
    assert after == before


def test_what_the_owner_wrote_among_the_secrets_stays(tmp_path):
    settings = settings_of(tmp_path)
    path = settings.home / "secrets.toml"
    path.write_text('[redis]\nurl = "redis://h/\\"1\\""\n[ami]\nsecret = "mine"\n')
    path.chmod(0o644)

    write_secrets(settings)

    told = tomllib.loads(path.read_text())
    assert told["redis"]["url"] == 'redis://h/"1"'
    assert told["ami"]["secret"] == "mine"
    assert mode_of(path) == 0o600


def test_secrets_that_cannot_be_read_are_never_overwritten(tmp_path):
    settings = settings_of(tmp_path)
    path = settings.home / "secrets.toml"
    path.write_text("[ami\n")

    with pytest.raises(SetUpFailed, match="mend it, or remove it"):
        write_secrets(settings)

    assert path.read_text() == "[ami\n"


def test_written_toml_reads_back_the_same():
    values = {"a": 1, "b": "引号\" \\ 'x'", "c": {"d": [1, "two"], "e": {"8001": "x", "yes": True}}}

    assert tomllib.loads(as_toml(values)) == values


def test_private_file_is_replaced_only_when_it_says_something_else(tmp_path):
    path = tmp_path / "file"

    assert write_private(path, "one\n")
    first = path.stat().st_ino
    assert not write_private(path, "one\n")
    assert path.stat().st_ino == first
    assert write_private(path, "two\n")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_configuration_from_the_real_templates_is_private_and_written_once(tmp_path, parts):
    write_secrets(settings_of(tmp_path))
    settings = settings_of(tmp_path)

    assert write_configuration(settings, parts)
    assert not write_configuration(settings, parts)

    etc = settings.home / "asterisk" / "etc"
    assert {path.name for path in etc.iterdir()} == {path.stem for path in TEMPLATES.glob("*.j2")}
    assert {mode_of(path) for path in etc.iterdir()} == {0o600}
    assert mode_of(etc) == 0o700
    assert settings.ami.secret.get_secret_value() in (etc / "manager.conf").read_text()
    assert (settings.home / "asterisk" / "data" / "moh").readlink() == parts.music


@pytest.mark.parametrize("bad", ["hot;line", "hot\nline", "hot\rline", "hot\x00line", "${SHELL(id)}", "$[1+1]"])
def test_value_that_would_break_out_of_its_line_is_refused_by_name(tmp_path, parts, bad):
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "manager.conf.j2").write_text("[general]\n\nusername = {{ settings.ami.username }}\n")
    settings = settings_of(tmp_path).model_copy(
        update={"ami": settings_of(tmp_path).ami.model_copy(update={"username": bad})}
    )

    with pytest.raises(ConfigurationRefused, match=r"manager\.conf\.j2, line 3 \(username = .*settings\.ami\.username"):
        write_configuration(settings, parts, templates)

    assert not (settings.home / "asterisk" / "etc" / "manager.conf").exists()


@pytest.mark.parametrize("first", ["menu", "people"])
def test_full_house_is_looked_for_before_anything_rings_or_waits_whoever_comes_first(tmp_path, parts, first):
    write_secrets(settings_of(tmp_path))
    settings = settings_of(tmp_path, HOTLINE_ANSWERING_FIRST=first, HOTLINE_ANSWERING_MOST_CALLS="7")

    write_configuration(settings, parts)

    plan = (settings.home / "asterisk" / "etc" / "extensions.conf").read_text()
    assert "\nMOST_CALLS = 7\n" in plan
    door = plan[plan.index("[from-carrier]") : plan.index("[full-house]")]
    looks = door.index("full-house,start,1)")
    assert door.index("exten => 96000,1,") < looks < door.index("Set(GROUP(calls)=carrier)") < door.index("Ringing()")
    assert looks < door.index("Wait(")
    assert first == "menu" or looks < door.index("people-first,start,1")


def test_secret_is_not_printed_into_a_file_by_mistake(tmp_path, parts):
    (tmp_path / "x.conf.j2").write_text("{{ settings.ami.secret }}")

    with pytest.raises(ConfigurationRefused, match="revealed on purpose"):
        write_configuration(settings_of(tmp_path), parts, tmp_path)


def test_name_a_template_does_not_know_is_an_error_and_not_an_empty_line(tmp_path, parts):
    (tmp_path / "x.conf.j2").write_text("{{ nobody_gave_this }}")

    with pytest.raises(SetUpFailed, match="nobody_gave_this"):
        write_configuration(settings_of(tmp_path), parts, tmp_path)


def test_home_with_a_space_is_refused_before_anything_is_written(tmp_path, parts):
    home = tmp_path / "my home"
    settings = read_settings({"HOTLINE_HOME": str(home)})

    with pytest.raises(ConfigurationRefused, match="HOTLINE_HOME"):
        write_configuration(settings, parts)

    assert not home.exists()


def test_file_whose_template_is_gone_is_taken_away(tmp_path, parts):
    (tmp_path / "x.conf.j2").write_text("x\n")
    settings = settings_of(tmp_path)
    write_configuration(settings, parts, tmp_path)
    (settings.home / "asterisk" / "etc" / "old.conf").write_text("old\n")

    assert write_configuration(settings, parts, tmp_path)

    assert [path.name for path in (settings.home / "asterisk" / "etc").iterdir()] == ["x.conf"]


def test_call_diary_is_in_write_ahead_mode_with_an_id_and_never_made_twice(tmp_path):
    path = tmp_path / "master.db"
    make_cel_store(path)
    connection = sqlite3.connect(path)
    mode = connection.execute("PRAGMA journal_mode").fetchone()
    first = connection.execute("SELECT id FROM source").fetchall()
    connection.close()

    make_cel_store(path)

    connection = sqlite3.connect(path)
    again = connection.execute("SELECT id FROM source").fetchall()
    connection.close()
    assert mode == ("wal",)
    assert len(first) == 1
    assert again == first
    assert mode_of(path) == 0o600
