"""In which line of a TOML text a name stands. Pure.

The standard reader (tomllib) gives values without lines, and the kept libraries that give them are writers of TOML,
ten times this size. So the text is cut into statements, each as short as tomllib itself will read it, and each
statement's names are kept with the line in which it begins. For text that tomllib accepts as a whole.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]


def lines_of(text: str) -> dict[Path, int]:
    """Return for each name, written out from the top, the first line in which it stands; lines count from 1."""
    found: dict[Path, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        paths = list(_paths(tomllib.loads(statement)))
        if statement.lstrip().startswith("["):
            table, paths = next(iter(paths), ()), [()]
        for path in paths:
            for length in range(1, len(table + path) + 1):
                found.setdefault((table + path)[:length], line)
    return found


def line_at(lines: Mapping[Path, int], place: Path) -> int:
    """Return the line of a name, or of the nearest name around it; 1 for the whole."""
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return 1


def _statements(text: str) -> Iterator[tuple[int, str]]:
    begun, first = "", 1
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if not begun:
            first = number
            if not line.strip() or line.lstrip().startswith("#"):
                continue
        begun += line
        try:
            tomllib.loads(begun)
        except tomllib.TOMLDecodeError:
            continue  # it goes on in the next line
        yield first, begun
        begun = ""


def _paths(value: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the names of a table, the outer ones first; those of an inline table as well."""
    for name, inner in value.items():
        if not isinstance(inner, Mapping) or not inner:
            yield (name,)
        else:
            for path in _paths(inner):
                yield (name, *path)
