"""However the log is cut, and wherever the reader dies, the ledger is what the whole log tells."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus
from hotline.calls import service
from hotline.calls.cel import CelPage, read_page
from hotline.calls.checking import Difference, Progress, check_calls, check_log, rebuild_calls
from hotline.calls.ledger import SHORT_ABANDON, CallRecord
from hotline.calls.rows_store import CelFamilyTable, CelRowTable, CelSourceTable
from hotline.calls.service import Ledger
from hotline.calls.store import CallTable, call_by_id
from hotline.database import Base, Database
from tests.fakes.cel_file import CelFile
from tests.fakes.many_calls import NAMES, Log, captured, logs, numbered, reference, renamed

TABLES = [Base.metadata.tables[one.__tablename__] for one in (CelSourceTable, CelRowTable, CelFamilyTable, CallTable)]


class Killed(BaseException):
    """The service died here."""


async def ledger_of(database: Database) -> dict[str, CallRecord]:
    async with database.read() as session:
        ids = (await session.scalars(select(CallTable.id))).all()
        found = {one: await call_by_id(session, one) for one in ids}
    return {one: record for one, record in found.items() if record is not None}


@contextmanager
def killed_after(database: Database, statements: int) -> Iterator[None]:
    """Die before the statement that comes after so many; a commit is one, too."""
    left = [statements]

    def count(*_: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)
        event.remove(engine, "commit", count)


def in_pages(monkeypatch: pytest.MonkeyPatch, *cuts: int) -> None:
    turn = iter(range(1_000_000))

    def read(path: Path, after: int) -> CelPage:
        return read_page(path, after, limit=cuts[next(turn) % len(cuts)])

    monkeypatch.setattr(service, "read_page", read)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=logs(most=3),
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    arrivals=st.lists(st.integers(1, 80), min_size=1, max_size=5),
    deaths=st.lists(st.integers(0, 60), max_size=6),
)
def test_any_log_in_any_cut_with_any_deaths_comes_to_its_reference(
    rows: Log, cuts: list[int], arrivals: list[int], deaths: list[int]
) -> None:
    async def follow(directory: Path) -> dict[str, CallRecord]:
        log, database = CelFile(directory / "log" / "master.db"), Database(f"sqlite+aiosqlite:///{directory / 'x.db'}")
        async with database.engine.begin() as connection:
            await connection.run_sync(lambda one: Base.metadata.create_all(one, tables=TABLES))
        left, turn = list(rows), 0
        while left:
            arrived = arrivals[turn % len(arrivals)]
            log.write(left[:arrived])
            left, turn = left[arrived:], turn + 1
            if deaths:
                with killed_after(database, deaths.pop()), pytest.MonkeyPatch.context() as monkeypatch:
                    in_pages(monkeypatch, *cuts)
                    with suppress(Killed):
                        await Ledger(cel_store=log.path, database=database, bus=Bus(), followers=[]).catch_up()
            with pytest.MonkeyPatch.context() as monkeypatch:
                in_pages(monkeypatch, *cuts)
                await Ledger(cel_store=log.path, database=database, bus=Bus(), followers=[]).catch_up()
        found = await ledger_of(database)
        await database.close()
        return found

    with TemporaryDirectory() as place:
        assert asyncio.run(follow(Path(place))) == reference(rows)


@pytest.fixture
def log_file(tmp_path: Path) -> CelFile:
    return CelFile(tmp_path / "log" / "master.db")


def a_day() -> Log:
    """Two calls that each were two linkedids, one that was picked up, one handed back to the queue."""
    names = ["attended_transfer_by_refer", "pick_up", "transferred_to_nobody"]
    assert set(names) <= set(NAMES)
    calls = [renamed(captured(name), place) for place, name in enumerate(names)]
    longest = max(map(len, calls))
    return numbered([call[place] for place in range(longest) for call in calls if place < len(call)])


async def test_service_killed_before_each_statement_of_each_page_loses_and_doubles_nothing(
    log_file: CelFile, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages(monkeypatch, 17)
    log_file.write(rows := a_day())
    told: list[str] = []

    async def follow(session: AsyncSession, call: CallRecord) -> None:
        told.append(call.id)

    async def absorb(session: AsyncSession, young: str, old: str) -> None:
        told.append(young)

    deaths, statements = 0, 0
    while True:
        before = await cursor(database)
        ledger = Ledger(cel_store=log_file.path, database=database, bus=Bus(), followers=[follow], absorbers=[absorb])
        try:
            with killed_after(database, statements):
                await ledger.catch_up()
            break
        except Killed:
            deaths += 1
        statements = 0 if await cursor(database) != before else statements + 1

    assert deaths > 60
    assert await ledger_of(database) == reference(rows)
    assert [one async for one in check_calls(database, Progress(), short_abandon=SHORT_ABANDON)] == []


async def cursor(database: Database) -> int:
    async with database.read() as session:
        return (await session.scalars(select(CelSourceTable.position))).one_or_none() or 0


async def test_part_of_a_call_that_was_a_call_of_its_own_is_taken_in_with_what_hangs_on_it(
    log_file: CelFile, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages(monkeypatch, 5)
    rows = numbered(captured("attended_transfer_by_refer"))
    young, old = sorted({row.linkedid for row in rows}, reverse=True)
    log_file.write(rows)
    absorbed: list[tuple[str, str]] = []

    async def absorb(session: AsyncSession, part: str, whole: str) -> None:
        assert await session.get(CallTable, part) is not None
        assert await session.get(CallTable, whole) is not None
        absorbed.append((part, whole))

    bus = Bus()
    with bus.listening() as changes:
        await Ledger(cel_store=log_file.path, database=database, bus=bus, followers=[], absorbers=[absorb]).catch_up()
        said = {changes.get_nowait().id for _ in range(changes.qsize())}

    assert absorbed == [(young, old)]
    assert {young, old} <= said
    assert set(await ledger_of(database)) == {old}
    async with database.read() as session:
        assert await call_by_id(session, young) == await call_by_id(session, old)


async def test_part_that_a_room_cannot_take_in_stays_and_is_tried_again(
    log_file: CelFile, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages(monkeypatch, 5)
    log_file.write(rows := numbered(captured("attended_transfer_by_refer")))
    fails = [True]

    async def absorb(session: AsyncSession, part: str, whole: str) -> None:
        if fails[0]:
            raise ValueError("not now")

    ledger = Ledger(cel_store=log_file.path, database=database, bus=Bus(), followers=[], absorbers=[absorb])
    await ledger.catch_up()
    assert len(await ledger_of(database)) == 2
    assert ledger.trouble

    fails[0] = False
    await ledger._sweep()

    assert not ledger.trouble
    assert await ledger_of(database) == reference(rows)


async def differences(database: Database, log: CelFile | None = None) -> list[Difference]:
    found = [one async for one in check_calls(database, Progress(), short_abandon=SHORT_ABANDON)]
    return found if log is None else [*found, *[one async for one in check_log(database, log.path, Progress())]]


async def test_check_finds_what_was_changed_by_hand_and_rebuild_mends_it(log_file: CelFile, database: Database) -> None:
    log_file.write(rows := a_day())
    await Ledger(cel_store=log_file.path, database=database, bus=Bus(), followers=[]).catch_up()
    assert await differences(database, log_file) == []

    ids = sorted(await ledger_of(database))
    async with database.begin() as session:
        changed = await session.get_one(CallTable, ids[0])
        changed.agent, changed.talks = "9999", []
        await session.delete(await session.get_one(CallTable, ids[1]))
        family = await session.scalars(select(CelFamilyTable).where(CelFamilyTable.call_id == ids[0]))
        for one in family.all():
            one.call_id = one.id
        row = await session.scalars(select(CelRowTable).order_by(CelRowTable.position).limit(1))
        row.one().values = {**row_values(rows), "channel": "PJSIP/changed-00000001"}
    found = await differences(database, log_file)
    assert {"family", "row 1"} <= {one.what for one in found}
    assert (ids[1], "state") in {(one.call_id, one.what) for one in found}

    async with database.begin() as session:
        row = await session.scalars(select(CelRowTable).order_by(CelRowTable.position).limit(1))
        row.one().values = row_values(rows)
    await rebuild_calls(database, Progress(), short_abandon=SHORT_ABANDON)

    assert await differences(database, log_file) == []
    assert await ledger_of(database) == reference(rows)


def row_values(rows: Log) -> dict[str, Any]:
    return {name: getattr(rows[0], name) for name in rows[0].__slots__ if name not in {"position", "at", "linkedid"}}
