"""One call that a room above cannot follow holds nobody up: it is marked, said, and tried again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from hotline.bus import Bus
from hotline.calls import service
from hotline.calls.ledger import CallRecord
from hotline.calls.service import Follower, Ledger
from hotline.calls.store import CallTable, call_by_id, unfollowed_calls
from hotline.database import Database
from hotline.errors import HotlineError
from tests.fakes.call_story import CALL, CallStory
from tests.fakes.cel_file import CelFile

OTHER = "hotline-2.0"


class Refused(HotlineError):
    """What a room says that cannot follow a call."""

    error_id = "refused"


@pytest.fixture
def log_file(tmp_path: Path) -> CelFile:
    return CelFile(tmp_path / "log" / "master.db")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SWEEP_EVERY", 0.05)
    monkeypatch.setattr(service, "LOOK_EVERY", 0.05)


def two_calls() -> list[CallStory]:
    return [
        CallStory(call=call, number=number).rings().lifted().announced().queues().hangs_up(after=40)
        for call, number in ((CALL, "13800138501"), (OTHER, "13900139000"))
    ]


def writes(mark: str) -> Follower:
    """Return a follower that leaves its mark on the call's row."""

    async def follow(session: AsyncSession, call: CallRecord) -> None:
        row = await session.get_one(CallTable, call.id, populate_existing=True)
        row.notice_version += mark

    return follow


def raises_for(call_id: str, times: int, wrong: Callable[[], Exception]) -> Follower:
    """Return a follower that writes and then raises, for this call, so many times."""
    left = [times]

    async def follow(session: AsyncSession, call: CallRecord) -> None:
        row = await session.get_one(CallTable, call.id, populate_existing=True)
        row.dialled = "half"
        await session.flush()
        if call.id == call_id and left[0]:
            left[0] -= 1
            raise wrong()

    return follow


async def row_of(database: Database, call_id: str) -> CallRecord | None:
    async with database.read() as session:
        return await call_by_id(session, call_id)


async def marked(database: Database) -> list[str]:
    async with database.read() as session:
        return await unfollowed_calls(session)


@asynccontextmanager
async def running(ledger: Ledger) -> AsyncIterator[None]:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(ledger.run())
        yield
        assert not task.done(), "the loop lives"
        task.cancel()


def ledger_of(log_file: CelFile, database: Database, *followers: Follower) -> Ledger:
    return Ledger(cel_store=log_file.path, database=database, bus=Bus(), followers=followers)


@pytest.mark.parametrize("wrong", [
    lambda: Refused("13800138501 said something"), lambda: ValueError("no mark"), lambda: KeyError("x"),
])  # fmt: skip
async def test_one_room_that_fails_takes_nothing_from_the_others_nor_from_other_calls(
    log_file: CelFile, database: Database, wrong: Callable[[], Exception]
) -> None:
    stories = two_calls()
    log_file.write(row for story in stories for row in story.rows)
    ledger = ledger_of(log_file, database, writes("-first"), raises_for(CALL, 99, wrong), writes("-last"))

    with capture_logs() as said:
        await ledger.catch_up()

    [line] = [line for line in said if line["log_level"] == "error"]
    assert (line["linkedid"], line["reason"]) == (CALL, getattr(wrong(), "error_id", type(wrong()).__name__))
    assert "13800138501" not in str(said)
    failed, other = await row_of(database, CALL), await row_of(database, OTHER)
    assert failed is not None
    assert other is not None
    assert failed.outcome == stories[0].record.outcome
    assert (failed.notice_version, failed.dialled) == ("2026-11-first-last", "96000"), "its own half is undone"
    assert (other.notice_version, other.dialled) == ("2026-11-first-last", "half")
    assert await marked(database) == [CALL]
    assert ledger.trouble == "1 call not followed"


async def test_rows_after_a_call_that_cannot_be_followed_are_read(log_file: CelFile, database: Database) -> None:
    one, other = two_calls()
    log_file.write(one.rows)
    ledger = ledger_of(log_file, database, raises_for(CALL, 99, lambda: Refused("x")))
    await ledger.catch_up()

    log_file.write(other.rows)
    await ledger.catch_up()

    assert await row_of(database, OTHER) is not None
    assert await marked(database) == [CALL]


async def test_call_is_tried_again_until_it_is_followed_and_is_then_no_trouble(
    log_file: CelFile, database: Database
) -> None:
    log_file.write(row for story in two_calls() for row in story.rows)
    ledger = ledger_of(log_file, database, raises_for(CALL, 3, lambda: Refused("x")), writes("-last"))

    async with running(ledger):
        while (found := await row_of(database, CALL)) is None or found.dialled != "half":
            await asyncio.sleep(0.01)
        while ledger.trouble:
            await asyncio.sleep(0.01)

    assert await marked(database) == []
    found = await row_of(database, CALL)
    assert found is not None
    assert found.notice_version == "2026-11-last", "folded anew each time, and followed once in what is kept"


async def test_loop_lives_with_a_call_that_can_never_be_followed(log_file: CelFile, database: Database) -> None:
    one, other = two_calls()
    tries: list[str] = []

    async def never(session: AsyncSession, call: CallRecord) -> None:
        tries.append(call.id)
        if call.id == CALL:
            raise Refused("x")

    log_file.write(one.rows)
    ledger = ledger_of(log_file, database, never)
    async with running(ledger):
        while tries.count(CALL) < 4:
            await asyncio.sleep(0.01)
        log_file.write(other.rows)
        while await row_of(database, OTHER) is None:
            await asyncio.sleep(0.01)

    assert await marked(database) == [CALL]
    assert ledger.trouble


async def test_service_that_starts_anew_knows_what_was_not_followed(log_file: CelFile, database: Database) -> None:
    log_file.write(two_calls()[0].rows)
    await ledger_of(log_file, database, raises_for(CALL, 1, lambda: Refused("x"))).catch_up()

    again = ledger_of(log_file, database, raises_for(CALL, 0, lambda: Refused("x")))
    async with running(again):
        while await marked(database):
            await asyncio.sleep(0.01)


async def test_many_that_never_work_leave_a_turn_to_those_that_would(
    log_file: CelFile, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SWEEP_AT_MOST", 1)
    log_file.write(row for story in two_calls() for row in story.rows)
    may_follow = False

    async def follow(_session: AsyncSession, call: CallRecord) -> None:
        if not may_follow or call.id == CALL:
            raise Refused("x")

    ledger = ledger_of(log_file, database, follow)
    await ledger.catch_up()
    assert await marked(database) == sorted([CALL, OTHER])
    may_follow = True

    async with running(ledger):
        while await marked(database) != [CALL]:
            await asyncio.sleep(0.01)


async def test_what_a_savepoint_undoes_is_undone_and_what_surrounds_it_stays(database: Database) -> None:
    record = two_calls()[0].record
    with pytest.raises(Refused):
        async with database.begin() as session:
            session.add(CallTable(**_values(record.id)))
            await session.flush()
            raise Refused("x")
    async with database.begin() as session:
        session.add(CallTable(**_values("kept")))
        try:
            async with session.begin_nested():
                session.add(CallTable(**_values("undone")))
                await session.flush()
                raise Refused("x")
        except Refused:
            pass
        session.add(CallTable(**_values("kept too")))

    assert [await row_of(database, call) is not None for call in (record.id, "kept", "undone", "kept too")] == [
        False, True, False, True,
    ]  # fmt: skip


def _values(call_id: str) -> dict[str, object]:
    texts = ("direction", "caller_number", "caller_name", "dialled", "notice_version", "recording", "without_service")
    return {
        "id": call_id, "state": "ended", "menu_path": [], "queue": "", "rings": [], "agent": "", "hangup_cause": 0,
        "oddities": [], "late": [], **dict.fromkeys(texts, ""),
    }  # fmt: skip
