import asyncio

from alembic import command
from alembic.script import ScriptDirectory

from hotline.migrations import configuration, migrate


async def test_an_empty_database_is_brought_to_the_shape_the_code_has(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url)

    await asyncio.to_thread(command.check, configuration(database_url))  # raises when a table or column differs


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url)

    await asyncio.to_thread(migrate, database_url)


async def test_a_migration_can_be_taken_back(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url)

    await asyncio.to_thread(command.downgrade, configuration(database_url), "base")
    await asyncio.to_thread(migrate, database_url)


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(configuration("sqlite+aiosqlite://")).get_heads()) == 1
