"""What the next sweep would remove is told before: as the sweep judges it, and no more."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.database import Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from hotline.foretelling import foretell
from hotline.recordings.removal_store import hold_recording
from hotline.retention import over_store
from hotline.retention.days import KEPT
from hotline.retention.service import Retention
from hotline.settings import RetentionSettings
from hotline.transcribe.store import begin_transcript, keep_transcript
from hotline.transcribe.transcript import Transcript
from hotline.web.store import AccessLogTable
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.recorded_calls import ENGINE, RecordedCalls

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def calls(tmp_path: Path, database: Database) -> RecordedCalls:
    return RecordedCalls(tmp_path / "recordings", database, NOW)


async def written_down(calls: RecordedCalls, name: str, call_id: str) -> None:
    async with calls.database.begin() as session:
        await begin_transcript(session, recording=name, call_id=call_id, at=NOW, **ENGINE)
    async with calls.database.begin() as session:
        await keep_transcript(session, name, Transcript(turns=(), version="1", **ENGINE), NOW)


async def test_recordings_of_a_class_are_foretold_as_the_sweep_then_removes_them(calls: RecordedCalls) -> None:
    for name, days in (("b", 50), ("a", 60), ("young", 5)):
        await calls.call(name, days_ago=days)
    held = await calls.call("held", days_ago=90)
    await calls.call("grave", days_ago=90, is_emergency=True)
    await calls.call("nobody", days_ago=20, human_answer=None)
    async with calls.database.begin() as session:
        await hold_recording(session, held, is_held=True, who="boss", reason="争议", at=NOW)

    told = await foretell(calls.database, "calls", 30, NOW)

    assert (told.count, told.is_more, [one.what for one in told.first]) == (2, False, ["a", "b"])
    assert (await foretell(calls.database, "unanswered", 10, NOW)).count == 1
    assert (await foretell(calls.database, "grave", 80, NOW)).count == 1

    async def tell(_change: object) -> None:
        return None

    sweep = Retention(
        directory=calls.directory, database=calls.database, clock=ClockByHand(NOW), tell=tell,
        settings=RetentionSettings(calls=30),
    )  # fmt: skip
    assert await sweep.round() == told.count


async def test_words_that_are_held_are_not_foretold(calls: RecordedCalls) -> None:
    for call_id in ("a", "held"):
        await written_down(calls, await calls.call(call_id, days_ago=800), call_id)
    async with calls.database.begin() as session:
        await hold_recording(
            session, f"{NOW - timedelta(days=800):%Y/%m/%d}/held", is_held=True, who="boss", reason="争议", at=NOW
        )

    told = await foretell(calls.database, "transcripts", 730, NOW)

    assert (told.count, [one.what for one in told.first]) == (1, ["a"])


async def test_of_very_much_it_is_said_that_there_is_more(
    calls: RecordedCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    await calls.call("a", days_ago=60)
    monkeypatch.setattr(over_store, "MOST_STEPS", 1)

    told = await foretell(calls.database, "calls", 30, NOW)

    assert (told.count, told.is_more) == (1, True)


async def test_entries_and_rows_are_counted_with_the_first_of_them(calls: RecordedCalls) -> None:
    draft = Draft(kind=Kind.REPAIR, is_urgent=False, who="", home="3-2-501", matter="漏水", promised="", agent="8001")
    long_ago = NOW - timedelta(days=1200)
    async with calls.database.begin() as session:
        await add_entry(session, call_id=None, draft=draft, written_by="boss", at=long_ago)
        session.add_all(AccessLogTable(at=long_ago, who="boss", what="number", call_id="c") for _ in range(7))

    entries = await foretell(calls.database, "duty_log", 730, NOW)
    rows = await foretell(calls.database, "access_log", 1095, NOW)

    assert (entries.count, entries.first[0].at) == (1, long_ago)
    assert (rows.count, len(rows.first), rows.first[0].at) == (7, 5, long_ago)


async def test_everything_that_is_kept_can_be_foretold(calls: RecordedCalls) -> None:
    assert [(await foretell(calls.database, what, 36_500, NOW)).count for what in KEPT] == [0] * len(KEPT)
