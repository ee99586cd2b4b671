"""Which build of the pages this is: a page that was loaded from another one loads itself anew."""

import hashlib
from functools import cache

from hotline.web.words import STATIC


@cache
def build() -> str:
    """Return a short hash of every script, style and template. Blocking; read once."""
    told = hashlib.sha256()
    for path in sorted([*STATIC.iterdir(), *(STATIC.parent / "templates").iterdir()]):
        if path.is_file():
            told.update(path.name.encode())
            told.update(path.read_bytes())
    return told.hexdigest()[:12]
