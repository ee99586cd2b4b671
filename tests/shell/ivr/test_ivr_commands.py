"""`python -m hotline ivr …` as an operator runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotline.settings import SHIPPED_MENUS

ROOT = Path(__file__).parents[3]
TEXT = SHIPPED_MENUS.read_text(encoding="utf-8")


@pytest.fixture
def hotline(tmp_path: Path):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {"HOTLINE_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
        return subprocess.run(
            [sys.executable, "-m", "hotline", "ivr", *words],
            cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=50, check=False,
        )  # fmt: skip

    return run


def test_check_says_what_the_menus_in_use_do(hotline) -> None:
    said = hotline("check")

    assert said.returncode == 0, said.stderr
    assert "is good: version 2026-11-22" in said.stdout
    assert "  1       报修 → queue:repair" in said.stdout


def test_check_says_each_wrong_line_of_a_file_and_ends_with_one(hotline, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(TEXT.replace("queue:repair", "queue:repairs").replace("fees-menu", "no-menu"), encoding="utf-8")

    said = hotline("check", str(wrong))

    assert said.returncode == 1
    assert "menus.main.choices.1.to: there is no queue 'repairs'" in said.stderr
    assert "there is no sound of the prompt 'no-menu'" in said.stderr
    assert "Traceback" not in said.stderr


def test_check_warns_of_what_is_good_today_and_will_not_be_for_long(hotline, tmp_path: Path) -> None:
    file = tmp_path / "menus.toml"  # HOME/menus.toml: the site's own is what is in use
    file.write_text(TEXT.replace('holidays = "open"', 'holidays = "closed"')
                    .replace('# 2027-02-16 = "closed"', '\n2001-01-01 = "closed"'), encoding="utf-8")  # fmt: skip

    said = hotline("check")

    assert str(file) in said.stdout
    assert "warning: exceptions over a year back: 1, the first on 2001-01-01" in said.stdout


def test_graph_draws_into_a_file_or_on_the_screen(hotline, tmp_path: Path) -> None:
    out = tmp_path / "menu.svg"

    assert hotline("graph", str(SHIPPED_MENUS), "-o", str(out)).returncode == 0
    assert out.read_text(encoding="utf-8").startswith("<svg ")
    assert hotline("graph", str(SHIPPED_MENUS), "--mermaid").stdout.startswith("flowchart LR\n")


def test_graph_into_a_folder_that_is_not_there_is_told_in_one_line(hotline, tmp_path: Path) -> None:
    said = hotline("graph", str(SHIPPED_MENUS), "-o", str(tmp_path / "nowhere" / "menu.svg"))

    assert said.returncode == 1
    assert "Traceback" not in said.stderr
