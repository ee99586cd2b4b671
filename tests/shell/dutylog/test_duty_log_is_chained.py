"""Numbers of the day and the chain: given once, without a gap, and whatever is done to a row by hand is found."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

import hotline.tables  # noqa: F401 -- every table is there
from hotline.database import Database
from hotline.dutylog.acts import chain_old_entries
from hotline.dutylog.chain import Fault, Finding, Head
from hotline.dutylog.chain_store import head_of_chain, remove_oldest, verify_chain
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import DutyEntry, EntryState, Kind, LogBook, Source
from hotline.dutylog.store import (
    EntryConfirmed,
    EntryCorrected,
    add_entry,
    correct_entry,
    entries_between,
    entries_of,
    entries_page,
    keep_draft,
    move_entries,
)
from tests.fakes.call_story import CALL, START

DRAFT = Draft(
    kind=Kind.REPAIR, is_urgent=True, who="张先生", home="3-2-501", matter="水管漏水", promised="半小时内", agent="8001"
)


async def wrote(database: Database, how_many: int = 5, *, at: datetime = START) -> list[DutyEntry]:
    """Confirm this many entries of no call, one a minute."""
    entries = []
    for number in range(how_many):
        async with database.begin() as session:
            entries.append(
                await add_entry(
                    session, call_id=None, draft=DRAFT, written_by="linjing", at=at + timedelta(minutes=number)
                )
            )
    return entries


async def by_hand(database: Database, *statements: str, guarded: bool = False, **values: Any) -> None:
    """Do to the rows what somebody with a key to the database does, who takes the guards away first."""
    async with database.begin() as session:
        if not guarded:
            await unguard(session)
        for statement in statements:
            await session.execute(text(statement), values)


async def unguard(session: AsyncSession) -> None:
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("ALTER TABLE duty_entry DISABLE TRIGGER USER"))
    else:
        await session.execute(text("DROP TRIGGER IF EXISTS duty_entry_is_not_changed"))
        await session.execute(text("DROP TRIGGER IF EXISTS duty_entry_is_not_removed"))


async def test_entries_are_numbered_from_one_on_each_day_of_the_centre(database: Database) -> None:
    evening = datetime(2026, 11, 22, 15, 58, tzinfo=UTC)  # 23:58 at the centre

    entries = await wrote(database, 4, at=evening)

    assert [entry.page for entry in entries] == ["20261122-001", "20261122-002", "20261123-001", "20261123-002"]
    assert [entry.number for entry in entries] == [1, 2, 3, 4]


async def test_each_centre_counts_its_own_day(database: Database) -> None:
    pages = []
    for centre in ("01", "02", "01"):
        async with database.begin() as session:
            entry = await add_entry(
                session, call_id=None, draft=DRAFT, written_by="a", at=START, book=LogBook(centre=centre)
            )
            pages.append((entry.centre, entry.page))

    assert pages == [("01", "20261121-001"), ("02", "20261121-001"), ("01", "20261121-002")]


async def test_a_draft_has_no_number_of_the_day_and_no_place_until_a_person_confirms_it(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
        [draft] = await entries_of(session, CALL)
        confirmed = await add_entry(session, call_id=CALL, draft=DRAFT, written_by="linjing", at=START)

    assert (draft.page, draft.chain_position, draft.chain_hash) == ("", None, "")
    assert (confirmed.page, confirmed.chain_position, confirmed.number) == ("20261121-001", 1, draft.number)
    assert isinstance(await verify_chain(database), Head)


async def test_entries_confirmed_at_the_same_moment_are_numbered_and_chained_without_gap(database: Database) -> None:
    async def confirm(number: int) -> None:
        async with database.begin() as session:
            await add_entry(session, call_id=f"call-{number}", draft=DRAFT, written_by="linjing", at=START)

    async with asyncio.timeout(30), asyncio.TaskGroup() as clerks:
        for number in range(10):
            clerks.create_task(confirm(number))

    async with database.read() as session:
        entries = await entries_page(session)
    assert sorted(entry.page for entry in entries) == [f"20261121-{number:03}" for number in range(1, 11)]
    assert await verify_chain(database) == Head(10, max(entries, key=lambda one: one.chain_position or 0).chain_hash)


async def test_of_two_people_who_confirm_one_call_at_once_the_second_is_told(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)

    async def confirm(who: str) -> DutyEntry | Exception:
        try:
            async with database.begin() as session:
                return await add_entry(session, call_id=CALL, draft=DRAFT, written_by=who, at=START)
        except EntryConfirmed as late:
            return late

    both = await asyncio.gather(confirm("linjing"), confirm("zhouying"))

    assert sorted(type(one).__name__ for one in both) == ["DutyEntry", "EntryConfirmed"]
    assert isinstance(await verify_chain(database), Head)


async def test_of_two_people_who_correct_one_entry_at_once_the_second_is_told_of_the_first(database: Database) -> None:
    [old] = await wrote(database, 1)

    async def correct(home: str) -> DutyEntry | EntryCorrected:
        try:
            async with database.begin() as session:
                return await correct_entry(
                    session, old.number, draft=replace(DRAFT, home=home), written_by="a", at=START
                )
        except EntryCorrected as late:
            return late

    both = await asyncio.gather(correct("3-2-502"), correct("3-2-503"))

    [first] = [one for one in both if isinstance(one, DutyEntry)]
    [second] = [one for one in both if isinstance(one, EntryCorrected)]
    assert second.details == {"corrected_by": first.number}


async def test_a_correction_is_corrected_in_its_turn_and_all_of_them_are_in_the_chain(database: Database) -> None:
    [entry] = await wrote(database, 1)
    for home in ("3-2-502", "3-2-503", "3-2-504"):
        async with database.begin() as session:
            entry = await correct_entry(
                session, entry.number, draft=replace(DRAFT, home=home), written_by="zhouying", at=START
            )

    async with database.read() as session:
        entries = (await entries_page(session))[::-1]
    assert [(one.corrects, one.corrected_by, one.home) for one in entries] == [
        (None, 2, "3-2-501"), (1, 3, "3-2-502"), (2, 4, "3-2-503"), (3, None, "3-2-504"),
    ]  # fmt: skip
    assert await verify_chain(database) == Head(4, entries[-1].chain_hash)


@pytest.mark.parametrize("name", ["𠮷田太太", "㐱先生", "👨‍👩‍👧 一家", "e\u0301 é", "\u202e反", "ﷺ"])
async def test_rare_characters_come_back_as_they_were_written_and_hold_in_the_chain(
    database: Database, name: str
) -> None:
    async with database.begin() as session:
        await add_entry(
            session, call_id=None, draft=replace(DRAFT, who=name, matter=name * 20), written_by="a", at=START
        )

    async with database.read() as session:
        [entry] = await entries_page(session)
    assert (entry.who, entry.matter) == (name, name * 20)
    assert isinstance(await verify_chain(database), Head)


COLUMNS = {
    "state": "'draft'", "call_id": "'other'", "draft_of": "'other'", "kind": "'complaint'", "who": "'李女士'",
    "home": "'9-9-999'", "matter": "'没有漏水'", "promised": "''", "agent": "'8002'", "written_by": "'boss'",
    "written_at": "written_at_later", "corrects": "1", "source": "'letter'", "result": "'已修好'", "centre": "'02'",
    "day": "'2026-01-01'", "day_number": "77", "chain_hash": "'" + "0" * 64 + "'", "is_urgent": "false",
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
async def test_any_column_changed_by_hand_is_found_at_its_entry(database: Database, column: str) -> None:
    entries = await wrote(database)
    value, values = COLUMNS[column], {}
    if column == "written_at":
        later = START + timedelta(seconds=1)
        is_sqlite = database.engine.dialect.name == "sqlite"
        value, values = ":later", {"later": later.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else later}

    await by_hand(database, f"UPDATE duty_entry SET {column} = {value} WHERE number = 3", **values)

    found = await verify_chain(database)
    assert isinstance(found, Finding)
    assert (found.fault, found.position) == (Fault.ALTERED, 3)
    assert found.number in {entries[2].number, None}


async def test_a_column_filled_with_what_we_never_write_is_found_and_not_an_error(database: Database) -> None:
    await wrote(database)

    await by_hand(database, "UPDATE duty_entry SET kind = 'gossip' WHERE number = 4")

    assert await verify_chain(database) == Finding(fault=Fault.ALTERED, position=4)


@pytest.mark.parametrize("number", [1, 3, 5])
async def test_an_entry_removed_by_hand_is_missed(database: Database, number: int) -> None:
    await wrote(database)

    await by_hand(database, f"DELETE FROM duty_entry WHERE number = {number}")

    assert await verify_chain(database) == Finding(fault=Fault.MISSING, position=number)


async def test_entries_that_changed_places_are_out_of_order(database: Database) -> None:
    entries = await wrote(database)

    await by_hand(
        database,
        "UPDATE duty_entry SET chain_position = 99 WHERE number = 2",
        "UPDATE duty_entry SET chain_position = 2 WHERE number = 4",
        "UPDATE duty_entry SET chain_position = 4 WHERE number = 2",
    )

    found = await verify_chain(database)
    assert found == Finding(fault=Fault.OUT_OF_ORDER, position=2, number=4, page=entries[3].page)


async def test_an_entry_pushed_in_beside_the_chain_is_found(database: Database) -> None:
    await wrote(database, 2)

    await by_hand(
        database,
        "INSERT INTO duty_entry (number, state, kind, is_urgent, who, home, matter, promised, agent, written_at,"
        " written_by) SELECT 7, 'confirmed', kind, is_urgent, who, home, matter, promised, agent, written_at,"
        " written_by FROM duty_entry WHERE number = 1",
    )

    assert await verify_chain(database) == Finding(fault=Fault.OUTSIDE, position=None, number=7)


async def test_a_chain_written_anew_from_some_entry_on_is_not_the_one_on_paper(database: Database) -> None:
    await wrote(database, 2)
    async with database.read() as session:
        on_paper = await head_of_chain(session)
    assert await verify_chain(database, printed=on_paper.hash) == on_paper

    await by_hand(database, "DELETE FROM duty_entry", "DELETE FROM duty_chain", "DELETE FROM duty_day")
    await wrote(database, 2, at=START + timedelta(minutes=1))

    assert isinstance(await verify_chain(database), Head)
    assert await verify_chain(database, printed=on_paper.hash) == Finding(fault=Fault.REWRITTEN, position=2)


@pytest.mark.parametrize(
    "statement", ["UPDATE duty_entry SET matter = 'x' WHERE number = 1", "DELETE FROM duty_entry WHERE number = 1"]
)
async def test_the_database_itself_refuses_to_change_or_remove_a_confirmed_entry(
    database: Database, statement: str
) -> None:
    await wrote(database, 2)

    with pytest.raises(DBAPIError, match="a confirmed entry of the duty log is not"):
        await by_hand(database, statement, guarded=True)

    assert isinstance(await verify_chain(database), Head)


async def test_drafts_may_still_be_redrawn_under_the_guard(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
        await keep_draft(session, CALL, replace(DRAFT, matter="厨房漏水"), START)


async def test_entries_from_before_the_chain_are_chained_once_oldest_first(database: Database) -> None:
    await by_hand(
        database,
        "INSERT INTO duty_entry (number, state, call_id, draft_of, kind, is_urgent, who, home, matter, promised, agent,"
        " written_at, written_by) VALUES"
        + ", ".join(
            f"({number}, '{state}', {call}, {draft_of}, 'repair', false, '', '', 'x', '', '',"
            f" '2026-11-{day} 09:00:00.000000', 'a')"
            for number, state, call, draft_of, day in (
                (1, "confirmed", "'c-1'", "NULL", 20),
                (2, "draft", "'c-2'", "'c-2'", 20),
                (3, "confirmed", "NULL", "NULL", 19),
                (4, "confirmed", "'c-4'", "NULL", 20),
            )
        ),
    )

    await chain_old_entries(database, LogBook())
    first = await verify_chain(database)
    await chain_old_entries(database, LogBook())

    assert await verify_chain(database) == first
    async with database.read() as session:
        entries = await entries_page(session)
    assert [(one.number, one.chain_position, one.page, one.source) for one in entries] == [
        (4, 3, "20261120-002", Source.CALL),
        (3, 1, "20261119-001", Source.WALK_IN),
        (2, None, "", Source.CALL),
        (1, 2, "20261120-001", Source.CALL),
    ]


async def test_what_is_too_old_goes_from_the_chains_beginning_and_the_rest_still_holds(database: Database) -> None:
    entries = await wrote(database, 5)

    async with database.begin() as session:
        gone = await remove_oldest(session, START + timedelta(minutes=2))

    assert [entry.number for entry in gone] == [1, 2]
    assert await verify_chain(database) == Head(5, entries[-1].chain_hash)
    async with database.read() as session:
        assert [entry.number for entry in await entries_page(session)] == [5, 4, 3]


async def test_what_was_confirmed_in_a_stretch_is_read_in_the_order_of_the_chain(database: Database) -> None:
    await wrote(database, 5)

    async with database.read() as session:
        found = await entries_between(session, START + timedelta(minutes=1), START + timedelta(minutes=4), limit=2)
        more = await entries_between(
            session,
            START + timedelta(minutes=1),
            START + timedelta(minutes=4),
            after=found[-1].chain_position or 0,
        )

    assert [entry.number for entry in [*found, *more]] == [2, 3, 4]


class Killed(Exception):
    """The process died here."""


@pytest.mark.parametrize("statement", range(1, 12))
async def test_a_crash_between_any_two_statements_of_a_confirmation_leaves_nothing_of_it(
    database: Database, statement: int
) -> None:
    await wrote(database, 2)
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
    before = await verify_chain(database)

    async def confirm(session: AsyncSession) -> None:
        await add_entry(session, call_id=CALL, draft=DRAFT, written_by="linjing", at=START)

    died = await dies_at(database, statement, confirm)

    assert (await verify_chain(database) == before) is died
    async with database.begin() as session:
        [entry] = await entries_of(session, CALL)
        if died:
            assert entry.page == ""
            entry = await add_entry(session, call_id=CALL, draft=DRAFT, written_by="linjing", at=START)
    assert (entry.number, entry.page, entry.chain_position) == (3, "20261121-003", 3)


async def dies_at(database: Database, statement: int, act: Callable[[AsyncSession], Awaitable[None]]) -> bool:
    """Let the process die before its n-th statement; return whether it got that far."""
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            raise Killed

    engine = database.engine.sync_engine
    async with database.begin() as warm:  # the connection's own first statements are not counted
        await warm.execute(text("SELECT 1"))
    event.listen(engine, "before_cursor_execute", count)
    try:
        async with database.begin() as session:
            await act(session)
    except Killed:
        return True
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return False


async def test_a_draft_of_a_call_that_is_part_of_another_moves_there(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, "part", DRAFT, START)
        await move_entries(session, "part", CALL)
        await move_entries(session, "part", CALL)

        [entry] = await entries_of(session, CALL)
        assert (entry.state, entry.call_id) == (EntryState.DRAFT, CALL)
        assert await entries_of(session, "part") == []


async def test_of_two_drafts_of_one_call_the_parts_is_void_and_keeps_its_number(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
        await keep_draft(session, "part", DRAFT, START)
        await move_entries(session, "part", CALL)

        entries = await entries_of(session, CALL)
    assert [(entry.number, entry.state) for entry in entries] == [(1, EntryState.DRAFT), (2, EntryState.VOID)]


async def test_a_confirmed_entry_of_a_part_is_found_under_the_whole_call_and_still_holds(database: Database) -> None:
    async with database.begin() as session:
        await add_entry(session, call_id="part", draft=DRAFT, written_by="linjing", at=START)
    async with database.begin() as session:
        await move_entries(session, "part", "middle")
        await move_entries(session, "middle", CALL)

        [entry] = await entries_of(session, CALL)
        assert entry.call_id == CALL
        assert await keep_draft(session, CALL, DRAFT, START) is None
    assert isinstance(await verify_chain(database), Head)


async def test_a_call_without_a_draft_gets_one_entry_whoever_writes_at_the_same_moment(database: Database) -> None:
    async def confirm(who: str) -> str:
        try:
            async with database.begin() as session:
                await add_entry(session, call_id=CALL, draft=DRAFT, written_by=who, at=START)
        except EntryConfirmed:
            return "told"
        return "written"

    async def draw() -> str:
        async with database.begin() as session:
            await keep_draft(session, CALL, DRAFT, START)
        return "drawn"

    for _ in range(5):
        done = await asyncio.gather(confirm("linjing"), draw(), confirm("zhouying"), draw())

    assert sorted(done) == ["drawn", "drawn", "told", "told"]
    async with database.read() as session:
        [entry] = await entries_of(session, CALL)
    assert (entry.number, entry.chain_position) == (1, 1)
