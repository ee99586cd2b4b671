"""Which build of the pages this is: a page that was loaded from another one loads itself anew."""

import hashlib
from functools import cache
from pathlib import Path

from hotline.web.bundled import LIBRARIES, bundled
from hotline.web.words import STATIC


@cache
def build(libraries: Path | None) -> str:
    """Return a short hash of every script, style, template and bundled library. Blocking; read once."""
    told = hashlib.sha256()
    made = [bundled(libraries, name) for name in sorted(LIBRARIES)]
    for path in [*sorted([*STATIC.iterdir(), *(STATIC.parent / "templates").iterdir()]), *made]:
        if path is not None and path.is_file():
            told.update(path.name.encode())
            told.update(path.read_bytes())
    return told.hexdigest()[:12]
