"""The house rules that a linter does not know: one door for a library, names of the trade, files of one subject."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "hotline").rglob("*.py"), *(ROOT / "worker").rglob("*.py")])
NAMES_THAT_SAY_NOTHING = re.compile(r"(manager|handler|helper|util|utils|common|base|misc|core)s?", re.IGNORECASE)
LONGEST_FILE = 420

DOORS = {
    "panoramisk": {"hotline/ami/client.py", "hotline/ivr/agi.py"},
    "vosk": {"hotline/transcribe/vosk_engine.py"},
    "faster_whisper": {"hotline/transcribe/whisper_engine.py", "hotline/transcribe/speech_detector.py"},
    "arq": {"hotline/jobs.py", "worker/settings.py"},
    "aiohttp": {"hotline/web/"},
    "jinja2": {"hotline/web/", "hotline/install/pbx.py"},
    "supervisor": {"hotline/install/"},
    "phonenumbers": {"hotline/phone.py"},
    "argon2": {"hotline/accounts/passwords.py"},
    "prometheus_client": {"hotline/web/"},
    "reportlab": {"hotline/sheets/"},
    "xlsxwriter": {"hotline/sheets/"},
    "openpyxl": {"hotline/residents/table_file.py"},
}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("library", DOORS)
def test_each_outside_library_has_its_door(library: str) -> None:
    users = {str(path.relative_to(ROOT)) for path in SOURCES if library in imported(path)}
    strangers = {user for user in users if not any(user.startswith(door) for door in DOORS[library])}

    assert strangers == set()
    assert users or library == "supervisor", f"nobody uses {library}: take it off the lock file"


def test_which_sql_the_database_speaks_is_asked_in_the_database_room_alone() -> None:
    asked = {
        str(path.relative_to(ROOT)) for path in SOURCES if "sqlalchemy.dialects" in path.read_text(encoding="utf-8")
    }

    assert asked == {"hotline/database.py", "hotline/sqlite_driver.py"}


def test_sql_is_spoken_in_stores_and_the_database_room() -> None:
    may = re.compile(r"(store|database|tables)\.py$|migrations/|install/doctor\.py$")
    # A shell may name a session's type or a database's error; it does not build statements.
    statements = re.compile(r"from sqlalchemy import .*\b(select|insert|update|delete|Column)\b|import sqlalchemy\b")

    speakers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if not may.search(str(path)) and statements.search(path.read_text(encoding="utf-8"))
    ]

    assert speakers == []


def test_no_file_or_class_has_a_name_that_says_nothing() -> None:
    files = [path for path in SOURCES if NAMES_THAT_SAY_NOTHING.fullmatch(path.stem)]
    classes = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Handler|Helper|Utils?|Misc)$", node.name)
    ]

    assert files == []
    assert classes == []


def test_no_file_grows_past_reading() -> None:
    # A revision of the tables is drawn from them, and grows with a night's work.
    read = [path for path in SOURCES if "versions" not in path.parts]
    long = {str(path.relative_to(ROOT)): lines for path in read
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE}  # fmt: skip

    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "versions" not in path.parts and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_every_error_id_is_its_own() -> None:
    ids: dict[str, list[str]] = {}
    for path in SOURCES:
        for found in re.finditer(
            r"^    error_id(?:: ClassVar\[str\])? = \"([a-z-]+)\"", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            ids.setdefault(found[1], []).append(str(path.relative_to(ROOT)))

    assert {name: where for name, where in ids.items() if len(where) > 1} == {}
