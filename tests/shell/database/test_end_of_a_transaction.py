"""What follows from a transaction's rows is done once, at its end, within it."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from hotline.database import Database


@pytest.fixture
async def file(tmp_path: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE wrote (n INTEGER)"))
    return database


async def numbers(database: Database) -> list[int]:
    async with database.read() as session:
        return list(await session.scalars(text("SELECT n FROM wrote ORDER BY rowid")))


async def test_it_is_done_once_however_many_parts_the_transaction_has(file: Database) -> None:
    file.before_end(lambda session: session.execute(text("INSERT INTO wrote VALUES (9)")))

    async with file.begin() as session:
        await session.execute(text("INSERT INTO wrote VALUES (1)"))
        async with session.begin_nested():
            await session.execute(text("INSERT INTO wrote VALUES (2)"))
            async with session.begin_nested():
                await session.execute(text("INSERT INTO wrote VALUES (3)"))

    assert await numbers(file) == [1, 2, 3, 9]
    await file.close()


async def test_what_it_raises_takes_the_transaction_with_it(file: Database) -> None:
    def breaks(_session: Session) -> None:
        raise LookupError

    file.before_end(breaks)

    with pytest.raises(LookupError):
        async with file.begin() as session:
            await session.execute(text("INSERT INTO wrote VALUES (1)"))

    assert await numbers(file) == []
    await file.close()
