"""What follows from a transaction's rows is done once, at its end, within it; what fails of it holds no other up."""

from collections.abc import Collection

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database

NAME = "numbers that follow"


def follow(connection: Connection, numbers: Collection[int]) -> None:
    for number in numbers:
        connection.execute(text("INSERT INTO wrote VALUES (:n)"), {"n": number})


async def write(session: AsyncSession, number: int) -> None:
    await session.execute(text("INSERT INTO wrote VALUES (:n)"), {"n": number})


async def numbers(database: Database) -> list[int]:
    async with database.read() as session:
        return list(await session.scalars(text("SELECT n FROM wrote ORDER BY rowid")))


async def test_it_is_done_once_however_many_parts_the_transaction_has(file: Database) -> None:
    file.before_end(NAME, follow)

    async with file.begin() as session:
        session.info[NAME] = [8, 9]
        await write(session, 1)
        async with session.begin_nested():
            await write(session, 2)
            async with session.begin_nested():
                await write(session, 3)

    assert await numbers(file) == [1, 2, 3, 8, 9]


async def test_nothing_is_done_where_nothing_follows(file: Database) -> None:
    file.before_end(NAME, lambda connection, _things: follow(connection, [9]))

    async with file.begin() as session:
        await write(session, 1)

    assert await numbers(file) == [1]


@pytest.mark.parametrize("poison", [1, 0], ids=["the database refuses it", "it cannot be made"])
async def test_one_thing_that_fails_is_left_out_and_holds_no_other_up(file: Database, poison: int) -> None:
    def follow_some(connection: Connection, things: Collection[int]) -> None:
        for one in things:
            assert 1 / one
            follow(connection, [one])

    file.before_end(NAME, follow_some)

    async with file.begin() as session:
        await write(session, 1)
        session.info[NAME] = [7, poison, 9]

    assert await numbers(file) == [1, 7, 9]


async def test_a_database_that_fails_takes_the_transaction_with_it(file: Database) -> None:
    file.before_end(NAME, lambda connection, _things: connection.execute(text("SELECT * FROM nowhere")))

    with pytest.raises(OperationalError):
        async with file.begin() as session:
            await write(session, 1)
            session.info[NAME] = [9]

    assert await numbers(file) == []
