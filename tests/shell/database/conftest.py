"""A small SQLite file of its own, with one table."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from hotline.database import Database
from tests.fakes.databases import database, database_server

__all__ = ["database", "database_server"]


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE wrote (n INTEGER UNIQUE)"))
    yield database
    await database.close()
