import asyncio

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.calls.store import call_by_id
from hotline.database import Database
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


async def test_a_call_of_the_first_shape_is_there_after_the_second_and_was_not_refused(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url, "2026_11_21_first")
    database = Database(database_url)
    try:
        async with database.begin() as session:
            await session.execute(
                text(
                    "INSERT INTO call (id, state, direction, caller_number, caller_name, dialled, notice_version,"
                    " recording, menu_path, without_service, queue, rings, agent, hangup_cause, oddities) VALUES"
                    " ('hotline-1.1', 'ended', 'inbound', '13800138501', '', '96000', '', '', '[]', '', '', '[]', '',"
                    " 16, '[]')"
                )
            )
        await asyncio.to_thread(migrate, database_url)
        async with database.read() as session:
            call = await call_by_id(session, "hotline-1.1")
    finally:
        await database.close()

    assert call is not None
    assert (call.recording_refused, call.language, call.is_emergency, call.joined_incident) == (
        False,
        "zh",
        False,
        False,
    )


async def test_the_account_of_a_big_screen_outlives_the_way_back_to_the_fourth_shape(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url)
    database = Database(database_url)
    try:
        await add_user(database, "tv", Role.WALL, None, "three rings and no more")
        await database.close()
        await asyncio.to_thread(command.downgrade, configuration(database_url), "2026_11_22_fourth")
        async with database.read() as session:
            roles = (await session.scalars(text("SELECT role FROM account"))).all()
    finally:
        await database.close()

    assert roles == ["wall"]
