"""`agent skills`, `import roster` and `roster show`, as somebody at the command line has them; no Redis is running."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotline.__main__ import app
from hotline.audit.store import AuditHeadTable, AuditTable
from hotline.database import Base, Database
from hotline.queues.membership import SkillsRefused
from hotline.queues.store import QueueMembershipRow
from hotline.roster.store import DutyTurnRow

ROSTER = """开始,结束,顺序,岗位,姓名,电话
2020-01-01 00:00,2020-01-02 00:00,1,值班台,王强,8001
2098-01-01 00:00,2098-06-01 00:00,2,值班手机,李娜,13800138501
2099-01-01 00:00,2099-06-01 00:00,1,值班台,王强,8001
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))

    async def make() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}")
        async with database.engine.begin() as connection:
            rows = (QueueMembershipRow, DutyTurnRow, AuditTable, AuditHeadTable)
            tables = [Base.metadata.tables[each.__tablename__] for each in rows]
            await connection.run_sync(lambda plain: Base.metadata.create_all(plain, tables=tables))
        await database.close()

    asyncio.run(make())
    return tmp_path


def said(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def last_line(*words: str) -> str:
    result = said(*words)
    assert result.exit_code == 0, result.output
    return result.stdout.strip().splitlines()[-1]


def test_agent_has_every_skill_until_something_is_said() -> None:
    assert last_line("agent", "skills", "8001") == "8001: repair complaint english"
    assert last_line("agent", "skills", "8001", "repair", "english:2") == "8001: english:2 repair"
    assert last_line("agent", "skills", "8001") == "8001: english:2 repair"
    assert last_line("agent", "skills", "8002") == "8002: repair complaint english"


def test_agents_skills_can_be_taken_away_and_given_back() -> None:
    assert last_line("agent", "skills", "8001", "--none") == "8001: no skill, only the queue of everybody"
    assert last_line("agent", "skills", "8001", "--every") == "8001: repair complaint english"
    assert last_line("audit", "verify").startswith("2 changes, none altered or missing")


@pytest.mark.parametrize("words", [("8901",), ("8001", "gardening"), ("8001", "repair", "--none")])
def test_skill_or_extension_that_is_not_known_is_refused(words: tuple[str, ...]) -> None:
    assert isinstance(said("agent", "skills", *words).exception, SkillsRefused)


def test_roster_is_taken_in_and_shown_with_masked_numbers(home: Path) -> None:
    file = home / "roster.csv"
    file.write_text(ROSTER, "utf-8")
    assert last_line("roster", "show").startswith("nobody is on the roster now")

    assert last_line("import", "roster", str(file), "--dry-run") == (
        "dry run, nothing was written: 3 added, 0 changed, 0 unchanged, 0 removed"
    )
    assert last_line("import", "roster", str(file)) == "3 added, 0 changed, 0 unchanged, 0 removed"

    shown = said("roster", "show").stdout
    assert "next  1  desk       20 s  2099-01-01 00:00 – 2099-06-01 00:00  8001" in shown
    assert "138****8501" in shown
    assert "13800138501" not in shown
    assert "outside numbers cannot be rung" in shown


def test_bad_roster_is_told_line_by_line_and_not_taken_in(home: Path) -> None:
    file = home / "roster.csv"
    file.write_text(ROSTER.replace("13800138501", "138"), "utf-8")

    result = said("import", "roster", str(file))

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].startswith("line 3, number: ")
    assert "nothing was taken in" in result.stdout
