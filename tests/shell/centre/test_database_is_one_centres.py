"""A database is stamped once; nothing begins on another centre's; the command changes it, and the audit has it."""

import asyncio
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline import app as whole
from hotline.__main__ import app as command_line
from hotline.audit.store import Wanted, changes
from hotline.centre.service import Stamped, adopt, check_stamp, keep_stamp, rename, stamp_of
from hotline.centre.stamp import CentreDiffers, CentreStepRefused
from hotline.clock import SystemClock
from hotline.database import Base, Database
from hotline.install.doctor import _centre
from hotline.live import program as live
from hotline.settings import CentreSettings, read_settings

CLOCK = SystemClock()
EAST, WEST = CentreSettings(code="01", name="东苑"), CentreSettings(code="02", name="西苑")


async def test_database_is_stamped_once_however_many_begin_at_one_time(database: Database) -> None:
    stamps = await asyncio.gather(*(keep_stamp(database, EAST, CLOCK) for _ in range(5)))
    again = await check_stamp(database, EAST)

    assert {one.id for one in stamps} == {again.id if again else ""}
    assert (stamps[0].code, stamps[0].name, len(stamps[0].id)) == ("01", "东苑", 32)
    with pytest.raises(CentreDiffers):
        await keep_stamp(database, WEST, CLOCK)
    with pytest.raises(CentreDiffers):
        await check_stamp(database, WEST)


async def test_new_name_of_a_centre_is_taken_over_and_audited(database: Database) -> None:
    before = await keep_stamp(database, EAST, CLOCK)
    after = await keep_stamp(database, CentreSettings(code="01", name="东苑二期"), CLOCK)

    async with database.read() as session:
        (kept,) = await changes(session, Wanted(room="centres"), limit=9)
    assert (after.id, after.code, after.name, after.at) == (before.id, "01", "东苑二期", before.at)
    assert (kept.change.act, kept.change.before and kept.change.before["name"]) == ("named", "东苑")


async def test_renamed_centre_keeps_its_id_and_an_adopted_copy_gets_its_own(database: Database) -> None:
    first = await keep_stamp(database, EAST, CLOCK)
    with pytest.raises(CentreStepRefused):
        await rename(database, WEST, CLOCK, said="07")
    renamed = await rename(database, WEST, CLOCK, said="01")
    adopted = await adopt(database, WEST, CLOCK, said="02")

    async with database.read() as session:
        kept = [one.change for one in await changes(session, Wanted(room="centres"), limit=9)]
    assert (renamed.id, renamed.code, renamed.name) == (first.id, "02", "西苑")
    assert (adopted.id != first.id, adopted.code) == (True, "02")
    assert await stamp_of(database) == adopted
    assert [(one.act, one.subject) for one in kept] == [("adopted", "02"), ("renamed", "02")]
    assert kept[1].before == {"code": "01", "name": "东苑", "id": first.id}


async def test_database_from_before_stamps_is_no_other_centres(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.tables["centre"].drop)

    assert await check_stamp(database, WEST) is None
    assert await stamp_of(database) is None


async def test_desk_begins_while_its_database_is_away_and_asks_until_it_is_there(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'disk' / 'x.db'}")
    east, west = Stamped(database, EAST, CLOCK), Stamped(database, WEST, CLOCK)

    assert not await east.ask()
    assert east.id == ""
    (tmp_path / "disk").mkdir()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await east.run()
    with pytest.raises(CentreDiffers):
        await west.run()
    await database.close()

    assert len(east.id) == 32


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home whose database was made and stamped as centre 01."""
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "east"))
    monkeypatch.setenv("HOTLINE_WEB_SESSION_KEY", "a" * 43 + "=")
    said = CliRunner().invoke(command_line, ["migrate"])
    assert said.exit_code == 0, said.output
    return tmp_path / "east"


def told(*words: str) -> str:
    said = CliRunner().invoke(command_line, list(words))
    return said.output + (f"{said.exception}" if said.exception else "")


def test_copy_of_a_centre_under_another_code_does_not_begin_until_it_is_said_what_it_is(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(home, tmp_path / "west")
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "west"))
    monkeypatch.setenv("HOTLINE_CENTRE_CODE", "02")
    settings = read_settings()
    changed: list[str] = []
    monkeypatch.setattr("hotline.migrations.migrate", changed.append)

    for program in (whole, live):
        with pytest.raises(CentreDiffers):
            asyncio.run(asyncio.wait_for(program.run(settings), 20))
    refused = told("migrate"), told("user", "add", "chen", "--role", "agent")
    finding = asyncio.run(_centre(settings))
    shown = told("centre", "show")
    done = told("centre", "adopt", "01")
    later = asyncio.run(_centre(settings))

    assert all("holds the rows of centre 01" in one for one in refused)
    assert not changed, "another centre's tables are left as they are"
    assert (finding.verdict, "centre adopt 01" in finding.what) == ("fail", True)
    assert "centre 01" in shown
    assert "centre 02" in done
    assert shown.split("id ")[1][:32] != done.split("id ")[1][:32]
    assert later.verdict == "ok"
    assert "is stamped as centre 02" in told("centre", "rename", "01")
