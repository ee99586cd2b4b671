"""The words on the screen, from one file for both server and browser; English follows by one more file."""

import json
from pathlib import Path
from typing import Any, Final

STATIC: Final = Path(__file__).parent / "static"


def read_words(language: str = "zh") -> dict[str, Any]:
    """Return every string of the pages in this language. Blocking; read once at start."""
    words: dict[str, Any] = json.loads((STATIC / f"words.{language}.json").read_text(encoding="utf-8"))
    return words
