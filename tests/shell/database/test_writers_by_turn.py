"""Many writers of one process: each gets its turn, in the order they came."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hotline import database as door
from hotline.database import Database


async def write(database: Database, n: int) -> None:
    async with database.begin() as session:
        await session.execute(text("INSERT INTO wrote VALUES (:n)"), {"n": n})
        await asyncio.sleep(0)


async def test_writers_write_in_the_order_they_came(file: Database) -> None:
    async with asyncio.TaskGroup() as group:
        for n in range(40):
            group.create_task(write(file, n))

    async with file.read() as session:
        assert list(await session.scalars(text("SELECT n FROM wrote ORDER BY rowid"))) == list(range(40))


async def test_writer_whose_turn_does_not_come_is_refused_and_holds_nobody_up(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "TURN_WITHIN", 0.05)
    async with file.begin():
        with pytest.raises(SQLAlchemyError):
            await write(file, 1)

    await write(file, 2)

    async with file.read() as session:
        assert list(await session.scalars(text("SELECT n FROM wrote"))) == [2]


async def test_writer_that_fails_gives_its_turn_on(file: Database) -> None:
    async def breaks() -> None:
        async with file.begin() as session:
            await session.execute(text("INSERT INTO wrote VALUES (1)"))
            raise LookupError

    with pytest.raises(LookupError):
        await breaks()
    await write(file, 2)

    async with file.read() as session:
        assert list(await session.scalars(text("SELECT n FROM wrote"))) == [2]
