"""Changes are recorded with what they change, chained without a gap, searched, and never changed: on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hotline.audit.change import Change, Fault, Finding, Head
from hotline.audit.store import Wanted, changes, head_of_audit, people_and_rooms, record, verify_audit
from hotline.database import Database

AT = datetime(2026, 11, 22, 1, 40, 0, 123, tzinfo=UTC)


async def wrote(database: Database, *subjects: str, **more: Any) -> None:
    for place, subject in enumerate(subjects):
        values: dict[str, Any] = {
            "by": "root",
            "room": "staff",
            "act": "changed",
            "at": AT + timedelta(hours=place),
        } | more
        async with database.begin() as session:
            await record(session, Change(subject=subject, **values))


async def by_hand(database: Database, statement: str) -> None:
    """Do to the rows what somebody with a key to the database does, who takes the guards away first."""
    async with database.begin() as session:
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        else:
            await session.execute(text("DROP TRIGGER audit_is_not_changed"))
            await session.execute(text("DROP TRIGGER audit_is_not_removed"))
        await session.execute(text(statement))


async def test_nothing_changed_yet_is_a_whole_chain(database: Database) -> None:
    assert await verify_audit(database) == Head()


async def test_changes_of_the_same_moment_stand_in_one_chain_without_a_gap(database: Database) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as admins:
        for number in range(8):
            admins.create_task(wrote(database, f"user-{number}", after={"名": f"张{number}", "skills": ("b", "a")}))

    async with database.read() as session:
        found = await changes(session, Wanted(), limit=20)
        head = await head_of_audit(session)
    assert [kept.position for kept in found] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert await verify_audit(database) == head == Head(8, found[0].hash)
    assert await verify_audit(database, printed=found[5].hash) == head
    assert await verify_audit(database, printed="f" * 64) == Finding(fault=Fault.REWRITTEN, position=8)


async def test_change_that_is_given_up_leaves_no_line(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as session:
            await record(session, Change(by="root", room="staff", act="changed", subject="x", at=AT))
            raise ZeroDivisionError

    assert await verify_audit(database) == Head()


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET done_by = 'me'", "DELETE FROM audit WHERE position = 1", "DELETE FROM audit"]
)
async def test_database_itself_refuses_to_change_what_was_audited(database: Database, statement: str) -> None:
    await wrote(database, "one", "two")

    with pytest.raises(DBAPIError):
        async with database.begin() as session:
            await session.execute(text(statement))

    assert isinstance(await verify_audit(database), Head)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE audit SET done_by = 'boss' WHERE position = 2", Finding(fault=Fault.ALTERED, position=2)),
        (
            """UPDATE audit SET became = '{"role":"agent"}' WHERE position = 2""",
            Finding(fault=Fault.ALTERED, position=2),
        ),
        ("UPDATE audit SET was = 'nonsense' WHERE position = 3", Finding(fault=Fault.ALTERED, position=3)),
        ("DELETE FROM audit WHERE position = 2", Finding(fault=Fault.MISSING, position=2)),
        ("DELETE FROM audit WHERE position = 3", Finding(fault=Fault.MISSING, position=3)),
        ("UPDATE audit_head SET position = 2", Finding(fault=Fault.REWRITTEN, position=3)),
    ],
)
async def test_what_was_done_by_hand_is_found(database: Database, statement: str, finding: Finding) -> None:
    await wrote(database, "one", "two", "three", after={"role": "admin"})
    await by_hand(database, statement)

    assert await verify_audit(database) == finding


async def test_changes_are_found_by_who_room_time_and_word(database: Database) -> None:
    await wrote(database, "xiaowang", "xiaoli", after={"姓名": "王敏 100%"})
    await wrote(database, "main@3", by="boss", room="menus", act="activated")

    async def found(**wanted: Any) -> list[str]:
        async with database.read() as session:
            return [kept.change.subject for kept in await changes(session, Wanted(**wanted), limit=10)]

    assert await found(by="boss") == ["main@3"]
    assert await found(room="staff") == ["xiaoli", "xiaowang"]
    assert await found(since=AT + timedelta(minutes=1)) == ["xiaoli"]
    assert await found(room="staff", until=AT + timedelta(minutes=1)) == ["xiaowang"]
    assert await found(word="王敏") == ["xiaoli", "xiaowang"]
    assert await found(word="0%") == ["xiaoli", "xiaowang"]
    assert await found(word="XIAOLI") == ["xiaoli"]
    assert await found(word="_") == []
    assert await found(before=3) == ["xiaoli", "xiaowang"]
    async with database.read() as session:
        assert await people_and_rooms(session) == (("boss", "root"), ("menus", "staff"))
