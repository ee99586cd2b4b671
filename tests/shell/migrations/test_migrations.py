import asyncio

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.calls.store import call_by_id
from hotline.database import Database
from hotline.migrations import configuration, migrate

FOLLOW_UP = (
    "INSERT INTO follow_up (id, kind, state, owed_by, calls, number, e164, home, who, text, request, incident, since,"
    " last_at, taken_by, result, closed_by, is_kept_open, changed_at) VALUES ({number}, 'matter', 'done', 'agent', 0,"
    " '', '', '1-1-101', '', '', 'repair', '', '2026-11-22 01:00:00', '2026-11-22 01:00:00', '', '', '', FALSE,"
    " '2026-11-22 01:00:00')"
)
DRAWS = "SELECT matter, moment, entry, place, follow_up FROM aftercare_draw ORDER BY matter"


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


async def test_draws_of_the_sixth_shape_stay_and_go_back_without_those_that_it_cannot_hold(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url, "2026_11_22_sixth")
    database = Database(database_url)
    try:
        async with database.begin() as session:
            for number in (1, 2, 3):
                await session.execute(text(FOLLOW_UP.format(number=number)))
            await session.execute(text("UPDATE follow_up SET due = '2026-11-25 01:00:00' WHERE id = 2"))
            await session.execute(
                text(
                    "INSERT INTO aftercare_draw (matter, entry, kind, place, percent, seed, is_drawn, follow_up, at)"
                    " VALUES (1, 7, 'repair', 1, 30, '01', TRUE, 2, '2026-11-22 01:00:00'),"
                    " (3, 8, 'repair', 2, 30, '01', FALSE, NULL, '2026-11-22 02:00:00')"
                )
            )
        await database.close()
        await asyncio.to_thread(migrate, database_url)
        async with database.begin() as session:
            kept = (await session.execute(text(DRAWS))).tuples().all()
            due = await session.scalar(text("SELECT due FROM follow_up WHERE id = 2"))
            call_by = (await session.scalars(text("SELECT call_by FROM aftercare_draw ORDER BY matter"))).all()
            await session.execute(
                text(
                    "INSERT INTO aftercare_draw (matter, moment, home, entry, kind, percent, seed, is_drawn, at)"
                    " VALUES (1, 'end', '', 7, 'paid-service-end', 30, '01', FALSE, '2026-11-23 01:00:00')"
                )
            )
        await database.close()
        await asyncio.to_thread(command.downgrade, configuration(database_url), "2026_11_22_sixth")
        async with database.read() as session:
            back = (await session.execute(text(DRAWS.replace("moment", "'handled'")))).tuples().all()
    finally:
        await database.close()

    assert [tuple(row) for row in kept] == [(1, "handled", 7, 1, 2), (3, "handled", 8, 2, None)]
    assert back == kept
    assert due is not None
    assert list(call_by) == [due, None]


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
