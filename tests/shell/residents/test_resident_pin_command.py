"""`python -m hotline resident pin`: set, refused, taken away."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from hotline.__main__ import app
from hotline.database import Base, Database
from hotline.residents.noted import HomeUnknown
from hotline.residents.pin import PinRefused
from hotline.residents.resident import Home
from hotline.residents.store import HomeRow, add_home
from hotline.settings import read_settings
from hotline.tables import ALL_TABLES


def with_database(work: str) -> str | None:
    """Make the tables with one home, or read that home's hash."""

    async def run() -> str | None:
        database = Database(read_settings().database_url)
        try:
            if work == "make":
                async with database.engine.begin() as connection:
                    await connection.run_sync(Base.metadata.create_all)
                async with database.begin() as session:
                    await add_home(session, Home(3, 2, 501))
                return None
            async with database.read() as session:
                return await session.scalar(select(HomeRow.pin_hash))
        finally:
            await database.close()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"home", "pin_try"} <= ALL_TABLES
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    with_database("make")


def test_pin_is_asked_for_twice_kept_and_taken_away() -> None:
    kept = CliRunner().invoke(app, ["resident", "pin", "3-2-501"], input="90210\n90210\n")

    assert (kept.exit_code, "90210" in kept.output) == (0, False)
    assert (with_database("read") or "").startswith("$argon2id$")

    gone = CliRunner().invoke(app, ["resident", "pin", "3栋2单元501室", "--clear"])
    assert (gone.exit_code, with_database("read")) == (0, None)


@pytest.mark.parametrize(
    ("words", "typed", "wrong"),
    [
        (["3-2-501"], "1234\n1234\n", PinRefused),
        (["9-9-999"], "90210\n90210\n", HomeUnknown),
        (["9-9-999", "--clear"], "", HomeUnknown),
        (["here"], "", HomeUnknown),
    ],
)
def test_guessable_pin_and_unknown_home_are_refused(words: list[str], typed: str, wrong: type[Exception]) -> None:
    refused = CliRunner().invoke(app, ["resident", "pin", *words], input=typed)

    assert isinstance(refused.exception, wrong)
    assert with_database("read") is None
