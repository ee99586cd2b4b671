"""The set phrases on disk: the site's own file wins, is taken over while calls go on, and is written by supervisors.

A changed file that is wrong is refused aloud, once, and what was there before stays. Every text that was in use is kept
in HOME/phrases-history; the first line of one written on the page says who wrote it.
"""

import hashlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from hotline.clock import Clock
from hotline.desk.phrases import Fault, Phrases, as_toml, check_phrases, faults_of, read_phrases
from hotline.errors import HotlineError

log = structlog.get_logger()

OWN: Final = "phrases.toml"
HISTORY: Final = "phrases-history"
MOST_BYTES: Final = 64 * 1024


class PhraseFileRefused(HotlineError):
    """The phrases are wrong; names each line and the reason. `faults` is empty if the file cannot be read at all."""

    error_id = "phrase-file-refused"

    def __init__(self, file: Path | None, faults: tuple[Fault, ...], reason: str = "") -> None:
        told = f"cannot be read: {reason}" if reason else "refused\n" + "\n".join(f"  {one}" for one in faults)
        super().__init__(f"{file or 'the phrases'} {told}")
        self.file, self.faults = file, faults
        self.details = {"faults": [str(fault) for fault in faults]}


class PhrasesChanged(HotlineError):
    """Somebody else changed the phrases since this page read them; read them again."""

    error_id = "phrases-changed"

    def __init__(self, version: str) -> None:
        super().__init__("the phrases were changed meanwhile: read them again")
        self.details = {"version": version}


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """The phrases that are shown now. `version` names their text; `is_own`: they are the site's."""

    phrases: Phrases
    version: str
    is_own: bool


def read_phrase_file(file: Path, *, is_own: bool = False) -> InUse:
    """Read and check a file of phrases. Raises PhraseFileRefused. Blocking."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as wrong:
        raise PhraseFileRefused(file, (), str(wrong.strerror)) from wrong
    if len(content) > MOST_BYTES:
        raise PhraseFileRefused(file, (), f"it has over {MOST_BYTES // 1024} KiB")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise PhraseFileRefused(file, (Fault(line, "", "is not UTF-8: save it as UTF-8"),)) from wrong
    read = read_phrases(text)
    if not isinstance(read, Phrases):
        raise PhraseFileRefused(file, read)
    return InUse(phrases=read, version=hashlib.sha256(content).hexdigest()[:16], is_own=is_own)


class PhraseBook:
    """The phrases of one installation. Every method blocks: call it off the loop."""

    def __init__(self, home: Path, shipped: Path, clock: Clock) -> None:
        self._own, self._shipped, self._history = home / OWN, shipped, home / HISTORY
        self._clock = clock
        self._turn = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._in_use: InUse | None = None
        self.trouble = ""
        """Why the site's own file is not in use; "" when it is, or when there is none."""

    def now(self) -> InUse:
        """Return the phrases in use, read again if their file changed. Raises PhraseFileRefused for the shipped one."""
        with self._turn:
            return self._look()

    def replace(self, values: Mapping[str, Any], version: str, by: str) -> InUse:
        """Take over phrases written on a page that had read `version`; `by` is an account's name.

        Raises PhrasesChanged, PhraseFileRefused.
        """
        checked = check_phrases(values)
        if not isinstance(checked, Phrases):
            raise PhraseFileRefused(None, faults_of(values))
        with self._turn:
            present = self._look()
            if present.version != version:
                raise PhrasesChanged(present.version)
            now = self._clock.now()
            text = as_toml(checked, f"Written on the page by {by}, {now:%Y-%m-%d %H:%M:%S} UTC")
            try:
                if self._own.exists():
                    self._history.mkdir(mode=0o700, exist_ok=True)
                    (self._history / f"{now:%Y%m%dT%H%M%S%f}-{version}.toml").write_bytes(self._own.read_bytes())
                beside = self._own.with_name(f".{OWN}.{os.getpid()}")
                with beside.open("w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(self._own)
            except OSError as wrong:
                raise PhraseFileRefused(self._own, (), f"and not written: {wrong.strerror}") from wrong
            log.info("phrases written", version=version)
            return self._look()

    def _look(self) -> InUse:
        file = self._own if self._own.exists() else self._shipped
        try:
            status = file.stat()
            seen: tuple[object, ...] = (file, status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            seen = (file, "absent")
        if seen == self._seen and self._in_use is not None:
            return self._in_use
        try:
            self._in_use, self.trouble = read_phrase_file(file, is_own=file == self._own), ""
        except PhraseFileRefused as refused:
            if str(refused) != self.trouble:
                log.error("phrases refused: they stay as they were", reason=str(refused))
            self.trouble = str(refused)
            self._in_use = self._in_use or read_phrase_file(self._shipped)
        self._seen = seen
        return self._in_use
