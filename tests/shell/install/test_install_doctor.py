"""The doctor looks at everything, names what is wrong, and is never stuck on something that does not answer."""

import asyncio
import sqlite3

import pytest

from hotline.install import doctor
from hotline.install.pbx import make_cel_store
from hotline.install.secrets import write_secrets
from hotline.settings import read_settings

PORTS = ("WEB_PORT", "SIP_PORT", "AMI_PORT", "AGI_PORT", "SIP_AUDIOSOCKET_PORT", "SIP_SIGNALLING_PORT")


@pytest.fixture
def settings_in(home, free_ports):
    """Return a function that reads the settings of a home of its own."""
    ports = {f"HOTLINE_{name}": str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    variables = {**ports, "HOTLINE_HOME": str(home), "HOTLINE_PARTS_DIRECTORY": str(home / "parts")}
    return lambda: read_settings(variables)


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
