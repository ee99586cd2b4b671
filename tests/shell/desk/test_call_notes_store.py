"""Notes are written by compare-and-set on both databases, move with their call and go when their time is over."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hotline.database import Database
from hotline.desk.notes import Notes, NotesChanged
from hotline.desk.notes_store import absorb_notes, keep_notes, notes_on, remove_notes_before
from tests.fakes.databases import database, database_server

__all__ = ["database", "database_server"]
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MINE = Notes(call_id="c-1", by="xiaowang", text="漏水")


async def kept(database: Database, notes: Notes, at: datetime = AT) -> Notes:
    async with database.begin() as session:
        return await keep_notes(session, notes, at)


async def test_of_many_writings_on_one_version_exactly_one_is_kept(database: Database) -> None:
    first = await kept(database, MINE)

    async def write(n: int) -> bool:
        try:
            await kept(database, Notes(call_id="c-1", by="xiaowang", version=first.version, text=str(n)))
        except NotesChanged:
            return False
        return True

    written = await asyncio.gather(*(write(n) for n in range(4)))

    assert written.count(True) == 1
    async with database.read() as session:
        [one] = await notes_on(session, "c-1")
    assert (one.version, one.text) == (2, str(written.index(True)))
    with pytest.raises(NotesChanged) as refused:
        await kept(database, MINE)
    assert refused.value.newer == one


async def test_notes_move_with_their_call_each_persons_own_however_often_it_is_told(database: Database) -> None:
    await kept(database, MINE)
    await kept(database, Notes(call_id="c-2", by="xiaowang", text="停电"), AT + timedelta(minutes=1))
    await kept(database, Notes(call_id="c-2", by="boss", text="已通知"))

    for _ in range(2):
        async with database.begin() as session:
            await absorb_notes(session, "c-2", "c-1")

    async with database.read() as session:
        assert {(one.by, one.text) for one in await notes_on(session, "c-1")} == {
            ("xiaowang", "漏水\n停电"),
            ("boss", "已通知"),
        }
        assert await notes_on(session, "c-2") == []


async def test_notes_go_when_their_time_is_over(database: Database) -> None:
    await kept(database, MINE)
    await kept(database, Notes(call_id="c-2", by="xiaowang"), AT + timedelta(days=1))

    async with database.begin() as session:
        assert await remove_notes_before(session, AT + timedelta(hours=1)) == 1
    async with database.read() as session:
        assert (await notes_on(session, "c-1"), len(await notes_on(session, "c-2"))) == ([], 1)
