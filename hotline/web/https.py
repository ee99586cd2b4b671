"""The pages over https: the centre's certificate, taken up anew when its files are renewed, without a stop."""

import asyncio
import ssl
from pathlib import Path
from typing import Final

import structlog

from hotline.certificate import CertificateRefused, open_certificate
from hotline.clock import Clock
from hotline.settings import WebSettings

LOOK_EVERY_S: Final = 60.0

log = structlog.get_logger()


class HttpsDoor:
    """What TLS is served with. `context` goes to the listening socket; who comes meets the newest certificate."""

    def __init__(self, certificate_file: Path, key_file: Path, clock: Clock) -> None:
        """Read the files. Blocking. Raises CertificateRefused."""
        self._files, self._clock = (certificate_file, key_file), clock
        self._seen = self._marks()
        self.context = self._newest = self._read()
        # A context's own certificate cannot be taken back once it is loaded; another context can be handed out.
        self.context.sni_callback = self._hand_out

    async def keep_fresh(self) -> None:
        """Look at the files again and again: whoever renews a certificate need not stop the desk."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Take up files that were changed; wrong ones are told of and the old certificate stays. Blocking."""
        marks = self._marks()
        if marks == self._seen:
            return
        try:
            self._newest = self._read()
        except CertificateRefused as wrong:
            log.warning("the renewed certificate cannot be used, the old one stays", reason=str(wrong))
        else:
            log.info("the renewed certificate is served")
        self._seen = marks

    def _read(self) -> ssl.SSLContext:
        certificate, context = open_certificate(*self._files)
        if warning := certificate.warning(self._clock.now()):
            log.warning("certificate", reason=warning)
        return context

    def _marks(self) -> tuple[tuple[int, int], ...]:
        try:
            return tuple((found.st_mtime_ns, found.st_ino) for found in map(Path.stat, self._files))
        except OSError:
            return ()

    def _hand_out(self, tls: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        tls.context = self._newest


def https_door(settings: WebSettings, clock: Clock) -> HttpsDoor | None:
    """Return what https is served with, or None where the pages go over plain http. Raises CertificateRefused."""
    if settings.certificate_file is None or settings.key_file is None:
        return None
    return HttpsDoor(settings.certificate_file, settings.key_file, clock)
