"""What a database refuses for good is told from a database that is away, busy, or of another shape."""

from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

import hotline.tables  # noqa: F401 -- every table is there
from hotline.aftercare.store import AftercareCountTable
from hotline.database import Database, is_refusal

COUNT: dict[str, Any] = {"kind": "repair", "places": 1}


async def refused(database: Database, statement: Any, values: dict[str, Any]) -> SQLAlchemyError:
    with pytest.raises(SQLAlchemyError) as wrong:
        async with database.begin() as session:
            await session.execute(statement, values)
    return wrong.value


async def test_a_rule_that_is_broken_is_a_refusal_on_either_database(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(insert(AftercareCountTable), COUNT)

    assert is_refusal(await refused(database, insert(AftercareCountTable), COUNT))
    assert is_refusal(await refused(database, insert(AftercareCountTable), {"kind": "other", "places": None}))


@pytest.mark.parametrize("wrong", [{"kind": "x" * 21}, {"kind": "a\0b"}, {"places": 2**31}])
async def test_a_value_that_postgresql_cannot_keep_is_a_refusal(database: Database, wrong: dict[str, Any]) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps it")

    assert is_refusal(await refused(database, insert(AftercareCountTable), COUNT | wrong))


async def test_another_shape_or_a_database_that_is_busy_refuses_nothing(database: Database) -> None:
    assert not is_refusal(await refused(database, text("INSERT INTO nowhere VALUES (:n)"), {"n": 1}))
    assert not is_refusal(OperationalError("INSERT", {}, Exception("database is locked")))
    assert not is_refusal(OSError("refused"))
