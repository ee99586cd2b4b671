"""Our cursor for SQLite answers as SQLAlchemy's own does, and asks the connection's thread once a statement."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from hotline import sqlite_driver

DRIVERS = ["aiosqlite", sqlite_driver.DRIVER]


@pytest.fixture(params=DRIVERS)
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(f"sqlite+{request.param}:///{tmp_path / 'x.db'}")
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
        yield connection
    await engine.dispose()


async def add(line: AsyncConnection, *names: str) -> Any:
    return await line.execute(text("INSERT INTO person (name) VALUES (:name)"), [{"name": name} for name in names])


async def test_rows_come_in_order_and_by_name(line: AsyncConnection) -> None:
    await add(line, "zhang", "wang", "li")

    found = await line.execute(text("SELECT id, name FROM person ORDER BY id"))

    assert list(found.keys()) == ["id", "name"]
    assert [tuple(row) for row in found] == [(1, "zhang"), (2, "wang"), (3, "li")]


async def test_nothing_found_is_an_empty_answer(line: AsyncConnection) -> None:
    found = await line.execute(text("SELECT name FROM person"))

    assert list(found.keys()) == ["name"]
    assert found.all() == []


async def test_one_row_added_tells_its_id(line: AsyncConnection) -> None:
    await add(line, "zhang", "wang")

    added = await line.execute(text("INSERT INTO person (name) VALUES ('li')"))

    assert added.lastrowid == 3


async def test_changed_rows_are_counted(line: AsyncConnection) -> None:
    added = await add(line, "zhang", "wang")
    changed = await line.execute(text("UPDATE person SET name = name || '!' WHERE id < 3"))
    none = await line.execute(text("DELETE FROM person WHERE id = 9"))

    assert (added.rowcount, changed.rowcount, none.rowcount) == (2, 2, 0)


async def test_row_that_a_statement_returns_is_read(line: AsyncConnection) -> None:
    added = await line.execute(text("INSERT INTO person (name) VALUES ('li') RETURNING id, name"))

    assert added.one() == (1, "li")


async def test_what_is_refused_is_the_error_that_it_was_and_the_line_lives(line: AsyncConnection) -> None:
    await add(line, "zhang")

    with pytest.raises(IntegrityError):
        await add(line, "zhang")
    with pytest.raises(OperationalError):
        await line.execute(text("SELECT * FROM nowhere"))

    assert await line.scalar(text("SELECT count(*) FROM person")) == 1


async def test_long_answer_is_read_in_pieces_where_that_is_asked(line: AsyncConnection) -> None:
    await add(line, *(str(number) for number in range(100)))

    seen = [row.id async for row in await line.stream(text("SELECT id FROM person ORDER BY id"))]

    assert seen == list(range(1, 101))


async def test_statement_is_one_turn_at_the_connections_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = 0
    ask = aiosqlite.Connection._execute

    async def counted(connection: aiosqlite.Connection, *asked: Any, **named: Any) -> Any:
        nonlocal turns
        turns += 1
        return await ask(connection, *asked, **named)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    engine = create_async_engine(f"sqlite+{sqlite_driver.DRIVER}:///{tmp_path / 'x.db'}")
    async with engine.connect() as connection:
        before = turns
        assert await connection.scalar(text("SELECT 1")) == 1
        assert turns - before == 1
    await engine.dispose()
