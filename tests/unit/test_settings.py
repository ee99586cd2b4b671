from pathlib import Path

import pytest

from hotline.errors import SettingsRefused
from hotline.settings import read_settings, sections, variables

TAKEN = ("service", "emergency", "duty", "message", "goodbye", "general", "desk", "waiting")  # in the switch's files


def settings_of(home: Path, **variables_given: str):
    return read_settings({"HOTLINE_HOME": str(home), **variables_given})


def test_without_anything_given_everything_is_on_loopback_at_the_promised_ports(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)

    ports = (settings.web.port, settings.sip.port, settings.ami.port, settings.agi.port, settings.sip.signalling_port)
    assert ports == (8080, 5060, 5038, 4573, 8088)
    assert (settings.sip.audiosocket_port, settings.sip.rtp_from, settings.sip.rtp_to) == (9092, 20000, 20999)
    assert all(room.host.is_loopback for room in (settings.web, settings.ami, settings.agi, settings.sip))


def test_the_environment_is_stronger_than_the_file_and_the_file_than_the_secrets(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('[ami]\nsecret = "from secrets"\nport = 1\n')
    (tmp_path / "hotline.toml").write_text("[ami]\nport = 2\n[web]\nport = 2\n")

    settings = settings_of(tmp_path, HOTLINE_WEB_PORT="3")

    assert (settings.ami.secret.get_secret_value(), settings.ami.port, settings.web.port) == ("from secrets", 2, 3)


def test_a_list_in_the_environment_is_written_with_commas(tmp_path: Path) -> None:
    assert settings_of(tmp_path, HOTLINE_SIP_AGENTS="8001, 8003").sip.agents == ("8001", "8003")


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("HOTLINE_WEB_PROT", "1", "HOTLINE_WEB_PROT"),
        ("HOTLINE_WEB_PORT", "many", "web.port"),
        ("HOTLINE_WEB_PORT", "70000", "web.port"),
        ("HOTLINE_SIP_AGENTS", "8001,bob", "sip.agents"),
        ("HOTLINE_DATABASE_URL", "mysql://x", "database.url"),
        ("HOTLINE_ANSWERING_RING_FOR", "12", "answering.ring_for"),
        ("HOTLINE_CONFIG", "/nowhere/at/all.toml", "HOTLINE_CONFIG"),
        ("HOTLINE_CENTRE_TIME_ZONE", "Mars/Base", "centre.time_zone"),
        ("HOTLINE_SIP_AGENTS", "8001,8001", "8001"),
        ("HOTLINE_SIP_SUPERVISORS", "8002", "8002"),
        *(("HOTLINE_QUEUES_SKILLS", f"repair,{own}", f"skills.*{own}") for own in TAKEN),
        ("HOTLINE_QUEUES_SKILLS", "repair,english,repair", "skills.*repair stands more than once"),
        ("HOTLINE_SIP_RTP_FROM", "40000", "rtp_from"),
        ("HOTLINE_ANSWERING_MOST_CALLS", "201", "most_calls = 201 .* at most 200 calls"),
        ("HOTLINE_ANSWERING_MOST_CALLS", "0", "answering.most_calls"),
        ("HOTLINE_SIP_RTP_TO", "20499", "most_calls = 200 .* at most 100 calls"),
        ("HOTLINE_AGI_HOST", "0.0.0.0", "agi.host"),
        ("HOTLINE_WEB_HOST", "::1", "web.host"),
    ],
)
def test_a_wrong_or_unknown_setting_is_refused_by_name(tmp_path: Path, variable: str, value: str, named: str) -> None:
    with pytest.raises(SettingsRefused, match=named):
        settings_of(tmp_path, **{variable: value})


@pytest.mark.parametrize("text", ["[web]\nprot = 1\n", "[wbe]\nport = 1\n", "port = ", "\xff\xfe", "home = '/x'"])
def test_a_wrong_file_is_refused_and_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "hotline.toml").write_bytes(text.encode("latin-1"))

    with pytest.raises(SettingsRefused, match=r"hotline\.toml"):
        settings_of(tmp_path)


def test_a_secret_prints_as_stars(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, HOTLINE_AMI_SECRET="open sesame", HOTLINE_WEB_SESSION_KEY="also secret")

    assert "sesame" not in repr(settings)
    assert "also secret" not in str(settings)


def test_the_value_of_a_refused_secret_is_not_said(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('[ami]\nsecret = ["open sesame"]\n')

    with pytest.raises(SettingsRefused) as refused:
        settings_of(tmp_path)

    assert "sesame" not in str(refused.value)


def test_every_setting_has_a_variable_but_the_tables() -> None:
    named = set(variables().values())
    missing = {
        (section, name)
        for section, kind in sections().items()
        for name in kind.model_fields
        if (section, name) not in named
    }

    assert missing == {("group", "centres"), ("sip", "passwords"), ("webhooks", "receivers")}
