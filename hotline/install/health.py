"""Ask the running service whether it is ready, and where it can be reached."""

import json
import ssl
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

from hotline.certificate import CertificateRefused, read_certificate
from hotline.settings import Settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


@dataclass(frozen=True, slots=True)
class Health:
    """What /readyz said: ready or not, and what is missing."""

    ready: bool
    missing: tuple[str, ...]


def address(settings: Settings) -> str:
    """Return where the pages are reached from this machine."""
    host = EVERYWHERE.get(str(settings.web.host), str(settings.web.host))
    return f"http{'s' if settings.web.is_secure else ''}://{f'[{host}]' if ':' in host else host}:{settings.web.port}"


def page_address(settings: Settings) -> str:
    """Return the address of the pages as browsers shall write it: by a name that stands in the certificate."""
    certificate, key = settings.web.certificate_file, settings.web.key_file
    if certificate is None or key is None:
        return address(settings)
    try:
        names = read_certificate(certificate, key).names
    except CertificateRefused:
        return address(settings)
    named = [name for name in names if not name.startswith("*")]
    return f"https://{named[0]}:{settings.web.port}" if named else address(settings)


def ask(settings: Settings, limit: float = 3.0) -> Health:
    """Ask /readyz once; whatever goes wrong is an answer too."""
    # Our own machine is never behind a proxy. Its certificate names it as others call it, and may have ended: what is
    # asked here is no secret, and a desk with an old certificate must be told from one that is away.
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=anyone))
    try:
        with opener.open(f"{address(settings)}/readyz", timeout=limit) as answer:
            return Health(answer.status == 200, ())
    except HTTPError as refused:
        with refused:
            return Health(ready=False, missing=not_ready(refused.read(65_536)) or (f"HTTP {refused.code}",))
    except (URLError, HTTPException, OSError):
        return Health(ready=False, missing=("the service to answer",))


def not_ready(body: bytes) -> tuple[str, ...]:
    """Return the dependencies that are not ready, from the answer of /readyz (`HealthOut` in hotline/web/health.py)."""
    try:
        said = json.loads(body)
        missing = [each for each in said["dependencies"] if not each["is_ready"]]
        return tuple(f"{each['name']}: {each['detail']}" if each["detail"] else each["name"] for each in missing)
    except (ValueError, KeyError, TypeError):
        return ()
