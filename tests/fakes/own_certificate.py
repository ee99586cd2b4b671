"""A certificate as a centre makes itself one: signed by itself, for names and addresses of this machine."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hotline.clock import SystemClock

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """Where the two files lie."""

    certificate_file: Path
    key_file: Path


def make_certificate(
    directory: Path,
    *,
    names: tuple[str, ...] = ("localhost", "127.0.0.1"),
    begins: datetime | None = None,
    ends: datetime | None = None,
    passphrase: bytes = b"",
) -> OwnCertificate:
    """Write a certificate and its key, over those of the same directory; it holds from yesterday for 90 days."""
    directory.mkdir(parents=True, exist_ok=True)
    now = SystemClock().now()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hotline test")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now - DAY)
        .not_valid_after(ends or now + 90 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
    made = OwnCertificate(directory / "desk.crt", directory / "desk.key")
    made.certificate_file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    made.key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    made.key_file.chmod(0o600)
    return made


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
