"""The table of danger words on disk: read when the program starts, refused with the line where it is wrong."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from hotline.errors import HotlineError
from hotline.live.danger import DangerTable, DangerWord
from hotline.toml_lines import line_at, lines_of

MOST_BYTES: Final = 64 * 1024
MOST_WORDS: Final = 500
LONGEST_WORD: Final = 40
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_AT_LINE: Final = re.compile(r"at line (\d+)")
Place = tuple[str, ...]


class DangerFileRefused(HotlineError):
    """The table of danger words is wrong; names the file, the line and the reason."""

    error_id = "danger-file-refused"

    def __init__(self, file: Path, reason: str, line: int = 0) -> None:
        where = f"line {line}: " if line else ""
        super().__init__(f"{file}: {where}{reason}")
        self.file, self.line, self.reason = file, line, reason


def read_danger_file(file: Path, language: str) -> DangerTable:
    """Return the words of a language; none, where the file has no such table. Raises DangerFileRefused. Blocking."""
    text = _text(file)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        at = _AT_LINE.search(str(wrong))
        line = int(at[1]) if at else text.count("\n") + 1
        raise DangerFileRefused(file, f"is no TOML: {wrong}", line) from None
    lines = lines_of(text)
    words: dict[str, tuple[DangerWord, ...]] = {}
    for name, groups in tables.items():
        try:
            words[name] = _words(name, groups)
        except _Wrong as wrong:
            raise DangerFileRefused(file, str(wrong), line_at(lines, wrong.place)) from None
    return DangerTable(words.get(language, ()), language)


class _Wrong(Exception):
    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(reason)
        self.place = place


def _words(language: str, groups: Any) -> tuple[DangerWord, ...]:
    if not _LANGUAGE.fullmatch(language) or not isinstance(groups, dict):
        raise _Wrong((language,), f"'{language}' is no language's table: write [zh] or [ko]")
    found: dict[str, DangerWord] = {}
    for group, listed in groups.items():
        place = (language, group)
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise _Wrong(place, f"'{group}' must be a list of words in quotes")
        for text in listed:
            if len(text) > LONGEST_WORD:
                raise _Wrong(place, f"a word has {len(text)} characters and may have {LONGEST_WORD}")
            try:
                word = DangerWord.parse(text)
            except ValueError as wrong:
                raise _Wrong(place, str(wrong)) from None
            if word.text in found:
                raise _Wrong(place, f"'{word.text}' stands twice")
            found[word.text] = word
    if len(found) > MOST_WORDS:
        raise _Wrong((language,), f"{len(found)} words, and at most {MOST_WORDS} are listened for")
    return tuple(found.values())


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as wrong:
        raise DangerFileRefused(file, f"cannot be read: {wrong.strerror}") from wrong
    if len(content) > MOST_BYTES:
        raise DangerFileRefused(file, f"it has over {MOST_BYTES // 1024} KiB")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise DangerFileRefused(file, "is not UTF-8: save it as UTF-8", line) from wrong
