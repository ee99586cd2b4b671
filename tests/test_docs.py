"""The documents are held against the code: settings, error ids, commands, files named in the way of a call."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer

from hotline.__main__ import app
from hotline.residents.files import read_arrears, read_residents
from hotline.roster.files import Telephony, read_roster
from hotline.settings import as_markdown

ROOT = Path(__file__).parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CONTRACT_COMMANDS = (
    "serve",
    "worker",
    "migrate",
    "doctor",
    "user add",
    "token create",
    "import residents",
    "import arrears",
    "simulate",
)


def error_ids() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "hotline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
                    value = getattr(line, "value", None)
                    if getattr(target, "id", "") == "error_id" and isinstance(value, ast.Constant):
                        found.add(value.value)
    return found


def test_the_page_of_settings_is_what_the_command_prints() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").endswith(as_markdown() + "\n")


def test_every_error_id_is_explained_and_no_other() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))

    assert explained == error_ids()


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
    named = re.findall(r"`((?:hotline|worker|deploy|scripts|tests|bench|docs)/[\w./*-]+)`", text)

    missing = [name for name in linked if not (page.parent / name).exists()]
    missing += [name for name in named if not list(ROOT.glob(name.rstrip("/")))]

    assert missing == []


@pytest.mark.parametrize("command", CONTRACT_COMMANDS)
def test_every_promised_command_explains_itself(command: str) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "hotline", *command.split(), "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    assert said.returncode == 0, said.stderr
    assert "Usage" in said.stdout


def test_the_readme_names_every_promised_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [
        command
        for command in (*CONTRACT_COMMANDS, "scripts/up", "scripts/down", "scripts/test")
        if command not in readme
    ] == []


def every_command(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, inner in command.commands.items():
        yield from every_command(inner, (*path, name)) if hasattr(inner, "commands") else [(*path, name)]


@pytest.mark.parametrize("words", sorted(every_command(typer.main.get_command(app))), ids=" ".join)
def test_every_command_there_is_stands_in_the_readmes_table(words: tuple[str, ...]) -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert [row for row in rows if all(re.search(rf"[` ]{word}[` ]", row) for word in words)]


def test_the_roster_of_the_guide_for_clerks_is_taken_without_a_word() -> None:
    guide = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    (roster,) = re.findall(r"```csv\n(.*?)```", guide, re.DOTALL)

    read = read_roster(roster.encode("gb18030"), zone=ZoneInfo("Asia/Shanghai"), telephony=Telephony(phones=("8001",)))

    assert read.problems == ()
    assert len(read.turns) == 3


def test_the_sample_files_of_the_page_on_imports_are_taken_without_a_word() -> None:
    page = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    residents, arrears = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)

    assert read_residents(residents.encode("gb18030")).problems == ()
    assert len(read_residents(residents.encode()).lines) == 2
    assert read_arrears(arrears.encode()).problems == ()
