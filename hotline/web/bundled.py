"""The libraries of the pages that come from npm, bundled by set-up (hotline/install/browser_parts.py).

Pages ask for them beside our own scripts. Each may be missing: then a page says what it cannot show, and does the rest.
"""

from pathlib import Path
from typing import Final

CHARTS: Final = "echarts.js"
TELEPHONE: Final = "jssip.js"
LIBRARIES: Final = frozenset({CHARTS, TELEPHONE})


def bundled(directory: Path | None, name: str) -> Path | None:
    """Return the file of this library; None: it is none, or set-up could not make it yet. Looks at the disk."""
    if directory is None or name not in LIBRARIES:
        return None
    path = directory / name
    return path if path.is_file() else None
