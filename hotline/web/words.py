"""The words on the screen, from one file for each language, which server and browser both read; Chinese comes first."""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

STATIC: Final = Path(__file__).parent / "static"
FIRST: Final = "zh"
LANGUAGES: Final = (FIRST, "en")
_GAP: Final = re.compile(r"{(\w+)(?:\|([^|}]*)\|([^|}]*))?}")


@cache
def read_words(language: str = FIRST) -> dict[str, Any]:
    """Return every string of the pages in this language. Blocking; read once at start."""
    words: dict[str, Any] = json.loads((STATIC / f"words.{language}.json").read_text(encoding="utf-8"))
    return words


def fill(text: str, **gaps: object) -> str:
    """Return the text with its gaps filled: "{n}" by the value, "{n|call|calls}" by the word for one or for more."""

    def filled(gap: re.Match[str]) -> str:
        name, one, many = gap.groups()
        if one is None:
            return str(gaps.get(name, ""))
        return one if str(gaps.get(name)) == "1" else many

    return _GAP.sub(filled, text)


def moment(at: datetime, form: str) -> str:
    """Return the moment in one of the forms of `words.moments`. Months are written in English or as numbers."""
    return at.strftime(form)
