"""The centre's own certificate, by which browsers and their phones trust us: read, and checked against its key.

The pages (hotline/web/https.py) and the switch's secure websocket use the same two files.
docs/browser-access.md says how to make them.
"""

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hotline.errors import HotlineError

WARN_DAYS: Final = 21  # time to ask whoever signs certificates, and to be on leave in between
LONGEST_FILE: Final = 1_000_000


class CertificateRefused(HotlineError):
    """The certificate or its key cannot be used; says which setting, which file and why."""

    error_id = "certificate-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Whom it names (host names and addresses), and from when until when it holds."""

    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    def days_left(self, now: datetime) -> int:
        """Return the whole days it still holds; negative once it is over."""
        return (self.ends - now).days

    def warning(self, now: datetime) -> str:
        """Return what browsers will soon or already complain about, or ""."""
        if now >= self.ends:
            return f"the certificate ended on {self.ends:%Y-%m-%d}: browsers refuse the pages"
        if now < self.begins:
            return f"the certificate begins only on {self.begins:%Y-%m-%d %H:%M} UTC: is this machine's clock right?"
        if self.days_left(now) < WARN_DAYS:
            return f"the certificate ends on {self.ends:%Y-%m-%d}, in {self.days_left(now)} days"
        if not self.names:
            return "the certificate names no host (subjectAltName): browsers refuse it"
        return ""


def read_certificate(certificate_file: Path, key_file: Path) -> Certificate:
    """Return what the certificate says. Blocking.

    Raises CertificateRefused where one of the files cannot be read or used, or the key is another certificate's.
    """
    certificate_text = _content(certificate_file, "web.certificate_file")
    key_text = _content(key_file, "web.key_file")
    try:
        certificate = x509.load_pem_x509_certificates(certificate_text)[0]
    except ValueError:
        raise CertificateRefused(f"web.certificate_file: {certificate_file} holds no certificate (PEM)") from None
    try:
        key = load_pem_private_key(key_text, password=None)
    except TypeError:
        raise CertificateRefused(
            f"web.key_file: {key_file} has a passphrase, and nobody is there to type it at a start: take it off"
            " with `openssl pkey -in KEY -out KEY`"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateRefused(f"web.key_file: {key_file} holds no private key (PEM)") from None
    if certificate.public_key() != key.public_key():
        raise CertificateRefused(f"web.key_file: {key_file} is not the key of {certificate_file}")
    return Certificate(
        names=_names(certificate), begins=certificate.not_valid_before_utc, ends=certificate.not_valid_after_utc
    )


def open_certificate(certificate_file: Path, key_file: Path) -> tuple[Certificate, ssl.SSLContext]:
    """Return what the certificate says and what serves it (TLS 1.2 or newer). Blocking. Raises CertificateRefused."""
    certificate = read_certificate(certificate_file, key_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate_file, key_file)
    except (ssl.SSLError, OSError) as wrong:
        raise CertificateRefused(f"web.certificate_file: {certificate_file} cannot be served: {wrong}") from wrong
    return certificate, context


def _content(path: Path, setting: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST_FILE)
    except OSError as wrong:
        raise CertificateRefused(f"{setting}: {path} cannot be read: {wrong.strerror}") from wrong


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(address) for address in names.get_values_for_type(x509.IPAddress)))
