"""The index is made anew beside a desk at work: neither fails, neither waits for long, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.database import Database
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import FollowUpStepTable, FollowUpTable, add_follow_up
from hotline.search import follow_store
from hotline.search.follow_store import follow_writes
from hotline.search.query import read_query
from hotline.search.row import Found, Row
from hotline.search.service import find, index_old, rebuild
from hotline.search.store import SearchRowTable, add_rows, put
from hotline.tables import ALL_TABLES
from tests.fakes.call_story import START

assert ALL_TABLES
LIMIT_S = 20.0


@pytest.fixture
async def house(database: Database) -> AsyncIterator[Database]:
    follow_writes(database, area_code="")
    async with asyncio.timeout(60):
        yield database


async def owed(database: Database, words: str = "漏水") -> int:
    debt = Debt(kind=FollowUpKind.OTHER, at=START, due=START)
    async with database.begin() as session:
        row = await add_follow_up(
            session, debt=debt, owed_by=Role.AGENT, call_id=None, number="", e164="", home="", who="", at=START,
            text=words,
        )  # fmt: skip
    return row.id


async def change(session: AsyncSession, number: int, matter: str) -> None:
    row = await session.get(FollowUpTable, number)
    assert row is not None
    row.text = matter
    await session.flush()


async def write_again(database: Database, number: int, matter: str) -> None:
    async with database.begin() as session:
        await change(session, number, matter)


async def anew(database: Database) -> int:
    return await rebuild(database, area_code="", tell=lambda _kind, _count: None)


async def items(database: Database, words: str) -> list[str]:
    async with database.read() as session:
        return sorted(hit.row.item for hit in (await find(session, read_query(words))).hits)


async def kept(database: Database) -> tuple[int, int]:
    async with database.read() as session:
        rows = await session.scalar(select(func.count()).select_from(SearchRowTable))
        return rows or 0, await session.scalar(text("SELECT count(*) FROM search_word")) or 0


async def test_desk_that_writes_while_a_page_is_not_yet_committed_waits_and_its_words_stand(house: Database) -> None:
    number = await owed(house)
    async with house.begin() as session:
        await session.run_sync(follow_store.empty_page, None)
    async with house.begin() as session:
        await session.run_sync(follow_store.rebuild_page, Found.FOLLOW_UP, None, area_code="")
        desk = asyncio.create_task(write_again(house, number, "停电"))
        await asyncio.wait([desk], timeout=0.5)
    await asyncio.wait_for(desk, LIMIT_S)

    assert await items(house, "停电") == [str(number)]
    assert await items(house, "漏水") == []
    assert await kept(house) == (1, 1)


async def test_rebuild_goes_on_after_a_desk_that_is_in_the_middle_of_writing(house: Database) -> None:
    number = await owed(house)
    async with house.begin() as session:
        await change(session, number, "停电")
        anew_too = asyncio.create_task(anew(house))
        await asyncio.wait([anew_too], timeout=0.5)
    assert await asyncio.wait_for(anew_too, LIMIT_S) == 1

    assert await items(house, "停电") == [str(number)]
    assert await kept(house) == (1, 1)


@pytest.mark.parametrize("again", [1, 2])
async def test_rebuilds_at_once_beside_a_busy_desk_all_end_and_everything_is_found(house: Database, again: int) -> None:
    numbers = [await owed(house) for _ in range(30)]
    busy = [write_again(house, number, f"停电 again{number}") for number in numbers[::3]]
    new = [owed(house, "停电") for _ in range(3)]

    await asyncio.gather(*(anew(house) for _ in range(again)), *busy, *new, index_old(house, area_code=""))

    assert len(await items(house, "停电")) == 13
    assert len(await items(house, "漏水")) == 20
    assert await kept(house) == (33, 33)


async def test_thing_removed_while_a_page_is_not_yet_committed_is_not_found_again(house: Database) -> None:
    number = await owed(house)

    async def remove() -> None:
        async with house.begin() as session:
            await session.execute(delete(FollowUpStepTable).where(FollowUpStepTable.follow_up_id == number))
            await session.execute(delete(FollowUpTable).where(FollowUpTable.id == number))

    async with house.begin() as session:
        await session.run_sync(follow_store.empty_page, None)
    async with house.begin() as session:
        await session.run_sync(follow_store.rebuild_page, Found.FOLLOW_UP, None, area_code="")
        removal = asyncio.create_task(remove())
        await asyncio.wait([removal], timeout=0.5)
    await asyncio.wait_for(removal, LIMIT_S)

    assert await kept(house) == (0, 0)


async def test_row_that_is_there_already_is_left_with_its_words(house: Database) -> None:
    old, new = (Row(kind=Found.ENTRY, item="7", at=START, text=words) for words in ("漏水", "停电"))
    async with house.begin() as session:
        assert await session.run_sync(lambda sync: put(sync.connection(), old))
        assert await session.run_sync(lambda sync: add_rows(sync.connection(), [new])) == 0

    assert await items(house, "漏水") == ["7"]
    assert await kept(house) == (1, 1)


async def test_two_that_write_one_thing_at_once_both_end_and_the_last_stands(house: Database) -> None:
    async def write(words: str) -> None:
        async with house.begin() as session:
            row = Row(kind=Found.RESIDENT, item="7", at=START, text=words)
            await session.run_sync(lambda sync: put(sync.connection(), row))
            await asyncio.sleep(0.2)  # both have looked, and the first is not yet committed

    await asyncio.gather(write("漏水甲"), write("漏水乙"))

    assert await kept(house) == (1, 1)
