"""Campaigns on the command line: who may approve what, and the results that are taken away."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import hotline.tables  # noqa: F401 -- every table is there
from hotline.__main__ import app
from hotline.accounts.account import Account, Role
from hotline.accounts.store import add_account
from hotline.bus import Change
from hotline.campaigns.campaign import CampaignEmpty
from hotline.database import Base, Database
from hotline.jobs import Jobs
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident

LIST = "房号,姓名,月份,金额\n3-2-501,张伟,2026-09至2026-10,123.45\n"


async def made(url: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.begin() as session:
        home = await add_home(session, Home(building=3, unit=2, room=501))
        await add_resident(session, home, "张伟", title=Title.MR, numbers=[PhoneNumber("+8613800138501")])
        for name, role in (("wang", Role.SUPERVISOR), ("chen", Role.ADMIN), ("li", Role.AGENT)):
            await add_account(session, Account(name=name, role=role), "no hash")
    await database.close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    async def nobody_hears(_jobs: Jobs, _change: Change) -> None:
        return None

    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    monkeypatch.setattr(Jobs, "tell", nobody_hears)
    asyncio.run(made(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"))
    return tmp_path


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["campaign", *words])


def drafted(tmp_path: Path, *, is_filled: bool = True) -> None:
    assert said("new", "fee-reminder", "十一月催缴", "--by", "wang").output == "campaign 1 is drafted\n"
    if is_filled:
        (tmp_path / "list.csv").write_text(LIST, "utf-8")
        assert said("import", "1", str(tmp_path / "list.csv"), "--by", "wang").exit_code == 0


def test_only_the_account_of_a_supervisor_or_administrator_approves(tmp_path: Path) -> None:
    drafted(tmp_path)

    assert [said("approve", "1", "--by", by).exit_code for by in ("zhao", "li", "console", "Chen")] == [2, 2, 2, 2]
    assert "draft" in said("show", "1").output
    assert said("approve", "1").exit_code == 2  # it needs a name
    assert said("approve", "1", "--by", "chen").output == "campaign 1 is approved\n"


def test_stranger_writes_nothing_into_a_history(tmp_path: Path) -> None:
    drafted(tmp_path)
    said("approve", "1", "--by", "chen")

    assert [said(act, "1", "--by", "zhao").exit_code for act in ("start", "stop")] == [2, 2]
    assert said("new", "survey", "回访", "--by", "zhao").exit_code == 2
    assert said("start", "1").output == "campaign 1 is running\n"  # whoever sits at the machine, without a name


def test_empty_list_is_neither_approved_nor_started(tmp_path: Path) -> None:
    drafted(tmp_path, is_filled=False)

    refused = said("approve", "1", "--by", "chen")

    assert isinstance(refused.exception, CampaignEmpty)
    assert "nobody stands on this campaign's list" in str(refused.exception)
    assert "draft" in said("show", "1").output


def test_results_are_those_of_the_page_in_words_or_in_codes(tmp_path: Path) -> None:
    drafted(tmp_path)
    words, codes = tmp_path / "words.csv", tmp_path / "codes.csv"

    assert said("export", "1", str(words)).output.startswith("1 targets written")
    assert said("export", "1", str(codes), "--codes").exit_code == 0

    assert words.read_text("utf-8-sig").splitlines() == [
        "房号,称呼,金额（元）,状态,未呼叫原因,呼叫次数,结果,按键", "3-2-501,张先生,123.45,待呼叫,,0,,",
    ]  # fmt: skip
    assert codes.read_text("utf-8-sig").splitlines() == [
        "home,who,yuan,state,reasons,attempts,outcome,keys", "3-2-501,张先生,123.45,waiting,,0,,",
    ]  # fmt: skip
