"""`python -m hotline recordings …` as somebody at the command line has it."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

import hotline.tables  # noqa: F401 -- every table is there
from hotline.__main__ import app
from hotline.bus import Change
from hotline.clock import SystemClock
from hotline.database import Base, Database
from hotline.recordings.errors import HoldRefused, RemovalsBroken
from hotline.recordings.files import side_file
from hotline.recordings.removal_store import RemovalTable
from hotline.retention.days import RetentionDays
from hotline.retention.service import Retention
from hotline.settings import RetentionSettings
from tests.fakes.recorded_calls import RecordedCalls


class Home:
    """A home with one young and one old recording."""

    def __init__(self, place: Path) -> None:
        self.recordings = place / "recordings"
        self._url = f"sqlite+aiosqlite:///{place / 'hotline.db'}"
        self.names = asyncio.run(self._make())

    async def _make(self) -> list[str]:
        database = Database(self._url)
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        calls = RecordedCalls(self.recordings, database, SystemClock().now())
        names = [await calls.call("young"), await calls.call("old", days_ago=400)]
        await database.close()
        return names

    def expire(self) -> int:
        async def remove() -> int:
            async def tell(_change: Change) -> None:
                return None

            database = Database(self._url)
            removed = await Retention(
                directory=self.recordings, database=database, clock=SystemClock(), settings=RetentionSettings(),
                tell=tell,
            ).round()  # fmt: skip
            await database.close()
            return removed

        return asyncio.run(remove())

    def set_days(self, what: str, days: int) -> None:
        async def change() -> None:
            database = Database(self._url)
            kept = RetentionDays(
                database=database, clock=SystemClock(), settings=RetentionSettings(), zone=ZoneInfo("Asia/Shanghai")
            )
            await kept.change(what, days, version=0, by="root", reason="争议多")
            await database.close()

        asyncio.run(change())

    def forge(self) -> None:
        async def change() -> None:
            database = Database(self._url)
            async with database.begin() as session:
                await session.execute(update(RemovalTable).values(rule="nobody's"))
            await database.close()

        asyncio.run(change())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    return Home(tmp_path)


def said(*words: str, ends: int = 0) -> list[str]:
    result = CliRunner().invoke(app, ["recordings", *words])
    assert result.exit_code == ends, result.output
    return result.stdout.strip().splitlines()


def test_check_says_that_all_is_well(home: Home) -> None:
    assert said("check", "--deep") == ["2 recordings (2 finished), 4 files, 0 findings"]


def test_check_lists_each_finding_with_what_to_do_and_ends_with_1(home: Home) -> None:
    side_file(home.recordings, home.names[0], "agent").unlink()
    stray = home.recordings / "stray.wav"
    stray.write_bytes(b"x")
    long_ago = (SystemClock().now() - timedelta(hours=2)).timestamp()
    os.utime(stray, (long_ago, long_ago))

    lines = said("check", ends=1)

    assert lines[0] == f"missing   {home.names[0]}.agent.wav"
    assert lines[2] == "orphan    stray.wav"
    assert lines[-1] == "2 recordings (2 finished), 4 files, 2 findings"


def test_removals_are_listed_with_their_rule_and_the_chain_is_verified(home: Home) -> None:
    assert said("removals") == ["0 removals, the chain holds; its head is none"]
    assert home.expire() == 1

    line, summary = said("removals")

    assert f"recording {home.names[1]}  calls (retention.calls = 180 days)  sha256 " in line
    assert summary.startswith("1 removals, the chain holds; its head is ")


def test_forged_removal_is_an_error(home: Home) -> None:
    home.expire()
    home.forge()

    result = CliRunner().invoke(app, ["recordings", "removals"])

    assert isinstance(result.exception, RemovalsBroken)


def test_held_recording_outlives_its_time_until_it_is_released(home: Home) -> None:
    assert said("hold", "old", "--reason", "dispute") == [f"{home.names[1]}: held"]
    assert home.expire() == 0
    assert isinstance(CliRunner().invoke(app, ["recordings", "hold", "none", "--reason", "x"]).exception, HoldRefused)

    assert said("release", "old", "--reason", "settled") == [f"{home.names[1]}: released"]
    assert home.expire() == 1


def test_days_are_told_with_whence_they_come(home: Home) -> None:
    home.set_days("messages", 400)

    lines = {line.split()[0]: line for line in said("days")}

    assert lines["calls"].endswith("180 days  settings file")
    assert " 400 days  page, by root " in lines["messages"]
    assert lines["messages"].endswith("(settings file: 180)")
