"""Fetch one file over HTTP so that a cut line costs only what is still missing, and no wrong byte is kept."""

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotline.install.errors import SetUpFailed

SILENCE = 20.0  # seconds without a byte after which a connection is given up
TRIES = 4  # connections one after another that bring nothing new
PIECE = 1 << 18
Progress = Callable[[int], None]  # bytes there so far


class ModelRefused(SetUpFailed):
    """What came is not the file that the lock file names."""

    error_id = "model-refused"


class Unreachable(Exception):
    """An address did not give the file: no such host, refused, cut again and again. Says which."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file, known by its size and hash before it is fetched."""

    address: str
    size: int
    sha256: str


def download(wanted: Wanted, to: Path, progress: Progress, *, silence: float = SILENCE) -> None:
    """Bring a file to `to`, going on from what an earlier try left there.

    Raises Unreachable, keeping what came; ModelRefused, keeping nothing; OSError when the disk refuses.
    """
    fruitless = 0
    why = ""
    while _there(to) < wanted.size:
        before = _there(to)
        try:
            _go_on(wanted, to, progress, silence)
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as wrong:
            why = str(getattr(wrong, "reason", wrong)) or type(wrong).__name__
            if isinstance(wrong, urllib.error.HTTPError) and wrong.code < 500:
                raise Unreachable(f"HTTP {wrong.code}") from wrong
        fruitless = 0 if _there(to) > before else fruitless + 1
        # a name that cannot be found or a refused connection does not mend by asking again at once
        if fruitless and (before == 0 or fruitless >= TRIES):
            raise Unreachable(why or "the connection ends early")
    check_hash(to, wanted.sha256)


def check_hash(file: Path, sha256: str) -> None:
    """Raise ModelRefused, and remove the file, unless its content is the one we know."""
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != sha256:
        file.unlink()
        raise ModelRefused(
            f"{file.name} is not the file that hotline/install/models.toml names"
            f" (sha256 {found[:12]}…, not {sha256[:12]}…) and was removed: run again;"
            " if it happens twice, the source has changed and must not be used"
        )


def _go_on(wanted: Wanted, to: Path, progress: Progress, silence: float) -> None:
    begun = _there(to)
    request = urllib.request.Request(wanted.address, headers={"Range": f"bytes={begun}-"} if begun else {})  # noqa: S310
    with urllib.request.urlopen(request, timeout=silence) as answer:  # noqa: S310 - addresses are ours
        starts = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
        goes_on = answer.status == 206 and starts is not None and int(starts[1]) == begun
        at = begun if goes_on else 0
        with to.open("ab" if goes_on else "wb") as file:
            while piece := answer.read(min(PIECE, wanted.size - at)):
                file.write(piece)
                at += len(piece)
                progress(at)


def _there(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
