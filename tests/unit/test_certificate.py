"""The certificate is looked at before anybody trusts it: what is wrong is said by setting, file and reason."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotline.certificate import CertificateRefused, open_certificate, read_certificate
from hotline.errors import SettingsRefused
from hotline.settings import read_settings
from tests.fakes.own_certificate import make_certificate

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_certificate_says_whom_it_names_and_until_when(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, names=("desk.lan", "192.0.2.7"), begins=NOW - DAY, ends=NOW + 90 * DAY)

    certificate = read_certificate(made.certificate_file, made.key_file)

    assert certificate.names == ("desk.lan", "192.0.2.7")
    assert certificate.days_left(NOW) == 90
    assert certificate.warning(NOW) == ""


def test_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    one, other = make_certificate(tmp_path / "one"), make_certificate(tmp_path / "other")

    with pytest.raises(CertificateRefused, match=r"web\.key_file: .*other/desk\.key is not the key of .*one/desk\.crt"):
        read_certificate(one.certificate_file, other.key_file)


def test_key_with_a_passphrase_is_refused_with_the_command_that_takes_it_off(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, passphrase=b"open sesame")

    with pytest.raises(CertificateRefused, match=r"web\.key_file: .*passphrase.*openssl pkey"):
        read_certificate(made.certificate_file, made.key_file)


@pytest.mark.parametrize("setting", ["certificate_file", "key_file"])
@pytest.mark.parametrize(
    "text", ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_file_that_holds_something_else_is_refused_by_name(tmp_path: Path, setting: str, text: str) -> None:
    made = make_certificate(tmp_path)
    getattr(made, setting).write_text(text)

    with pytest.raises(CertificateRefused, match=rf"web\.{setting}: .*holds no"):
        read_certificate(made.certificate_file, made.key_file)


@pytest.mark.parametrize("setting", ["certificate_file", "key_file"])
def test_file_that_is_not_there_is_refused_by_name(tmp_path: Path, setting: str) -> None:
    made = make_certificate(tmp_path)
    getattr(made, setting).unlink()

    with pytest.raises(CertificateRefused, match=rf"web\.{setting}: .*cannot be read: No such file"):
        open_certificate(made.certificate_file, made.key_file)


@pytest.mark.parametrize(
    ("begins", "ends", "names", "warned"),
    [
        (NOW - 9 * DAY, NOW - DAY, ("desk.lan",), "ended on 2026-11-21"),
        (NOW + DAY, NOW + 9 * DAY, ("desk.lan",), "begins only on 2026-11-23"),
        (NOW - DAY, NOW + 9 * DAY, ("desk.lan",), "in 9 days"),
        (NOW - DAY, NOW + 90 * DAY, (), "names no host"),
    ],
)
def test_what_browsers_will_complain_about_is_told_before(
    tmp_path: Path, begins: datetime, ends: datetime, names: tuple[str, ...], warned: str
) -> None:
    made = make_certificate(tmp_path, begins=begins, ends=ends, names=names)

    assert warned in read_certificate(made.certificate_file, made.key_file).warning(NOW)


@pytest.mark.parametrize("given", ["CERTIFICATE", "KEY"])
def test_certificate_and_key_are_set_both_or_neither(tmp_path: Path, given: str) -> None:
    with pytest.raises(SettingsRefused, match="both or neither"):
        read_settings({"HOTLINE_HOME": str(tmp_path), f"HOTLINE_WEB_{given}_FILE": "/etc/desk.pem"})
