"""The doctor looks at everything, names what is wrong, and is never stuck on something that does not answer."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest

from hotline.clock import SystemClock
from hotline.install import doctor, health
from hotline.install.pbx import make_cel_store
from hotline.install.secrets import write_secrets
from hotline.settings import read_settings
from tests.fakes.own_certificate import make_certificate

PORTS = ("WEB_PORT", "SIP_PORT", "AMI_PORT", "AGI_PORT", "SIP_AUDIOSOCKET_PORT", "SIP_SIGNALLING_PORT")


@pytest.fixture
def settings_in(home, free_ports):
    """Return a function that reads the settings of a home of its own, with further variables."""
    ports = {f"HOTLINE_{name}": str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    variables = {**ports, "HOTLINE_HOME": str(home), "HOTLINE_PARTS_DIRECTORY": str(home / "parts")}
    return lambda **more: read_settings(variables | {name: str(value) for name, value in more.items()})


def found(settings):
    return {finding.name: finding for finding in doctor.examine(settings)}


def test_empty_home_is_described_with_something_to_do_about_each_fault(settings_in):
    findings = found(settings_in())

    assert {name for name, each in findings.items() if each.verdict == "fail"} >= {
        "parts", "secrets", "call diary", "database", "redis", "switch",
    }  # fmt: skip
    assert all(each.to_do for each in findings.values() if each.verdict != "ok")


def test_secrets_that_others_can_read_are_a_fault(settings_in, home):
    write_secrets(settings_in())
    assert found(settings_in())["secrets"].verdict == "ok"

    (home / "secrets.toml").chmod(0o640)

    finding = found(settings_in())["secrets"]
    assert (finding.verdict, finding.to_do) == ("fail", f"chmod 600 {home / 'secrets.toml'}")


def test_call_diary_out_of_write_ahead_mode_is_a_fault(settings_in):
    store = settings_in().cel_store
    store.parent.mkdir(parents=True)
    make_cel_store(store)
    assert found(settings_in())["call diary"].verdict == "ok"

    connection = sqlite3.connect(store)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()

    finding = found(settings_in())["call diary"]
    assert finding.verdict == "fail"
    assert "delete mode" in finding.what


def test_pages_without_charts_are_warned_of(settings_in):
    finding = found(settings_in())["charts"]

    assert (finding.verdict, "scripts/up" in finding.to_do) == ("warn", True)


def test_home_that_was_never_looked_after_is_not_changed_by_looking(settings_in, home):
    found(settings_in())

    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "verdict", "what"),
    [
        (b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n", "ok", "Asterisk Call Manager"),
        (b"Response: Error\r\nMessage: Authentication failed\r\n\r\n", "fail", "refuses our name or secret"),
        (b"", "fail", "no manager"),
        (None, "fail", "no manager"),
    ],
    ids=["accepted", "refused", "hangs up", "silent"],
)
async def test_switch_is_judged_by_its_answer_to_a_log_in(settings_in, monkeypatch, answer, verdict, what):
    monkeypatch.setattr(doctor, "WITHIN", 0.5)
    settings = settings_in()

    gone = asyncio.Event()

    async def manager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        request = await reader.readuntil(b"\r\n\r\n")
        assert b"Username: hotline\r\n" in request
        if answer is None:
            await reader.read()
        writer.write(answer or b"")
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_server(manager, "127.0.0.1", settings.ami.port):
        finding = await doctor._ami(settings)
        async with asyncio.timeout(5):
            await gone.wait()

    assert finding.verdict == verdict
    assert what in finding.what


@pytest.mark.parametrize(
    ("days", "verdict", "what"), [(90, "ok", "89 days left"), (5, "warn", "in 4 days"), (-1, "warn", "ended on")]
)
def test_doctor_says_how_long_the_certificate_holds(settings_in, home, days, verdict, what):
    now = SystemClock().now()
    made = make_certificate(home / "tls", begins=now - timedelta(days=30), ends=now + timedelta(days=days))
    settings = settings_in(HOTLINE_WEB_CERTIFICATE_FILE=made.certificate_file, HOTLINE_WEB_KEY_FILE=made.key_file)

    finding = found(settings)["https"]

    assert finding.verdict == verdict
    assert what in finding.what


def test_doctor_calls_a_key_that_does_not_fit_a_fault(settings_in, home):
    one, other = make_certificate(home / "one"), make_certificate(home / "other")
    settings = settings_in(HOTLINE_WEB_CERTIFICATE_FILE=one.certificate_file, HOTLINE_WEB_KEY_FILE=other.key_file)

    assert found(settings)["https"].verdict == "fail"


def test_pages_without_https_on_an_address_of_the_net_are_warned_of(settings_in):
    assert found(settings_in())["https"].verdict == "ok"
    assert found(settings_in(HOTLINE_WEB_HOST="192.0.2.7"))["https"].verdict == "warn"


def test_pages_are_called_by_a_name_that_stands_in_the_certificate(settings_in, home):
    made = make_certificate(home / "tls", names=("desk.lan",))
    settings = settings_in(
        HOTLINE_WEB_CERTIFICATE_FILE=made.certificate_file,
        HOTLINE_WEB_KEY_FILE=made.key_file,
        HOTLINE_WEB_HOST="0.0.0.0",
    )

    assert health.page_address(settings) == f"https://desk.lan:{settings.web.port}"
    assert health.address(settings) == f"https://127.0.0.1:{settings.web.port}"


def test_live_words_need_a_model_of_their_own_engine_and_the_doctor_says_what_is_lost_without(settings_in, tmp_path):
    missing = found(settings_in(HOTLINE_PARTS_MODELS=tmp_path / "none"))["live words"]
    off = found(settings_in(HOTLINE_LIVE_LEGS=0))["live words"]

    assert (missing.verdict, off.verdict) == ("warn", "ok")
    assert "danger" in missing.what
