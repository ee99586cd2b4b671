from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError

import hotline.tables  # noqa: F401 -- every table is there
from hotline.database import Database
from hotline.jobs import Jobs
from hotline.recordings.recording import Form, RecordingState
from hotline.retention.days import RetentionDays
from hotline.settings import RetentionSettings, Settings
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.recorded_calls import RecordedCalls
from tests.fakes.redis_server import RedisServer
from worker.jobs import EXPIRED_LOOKED_FOR_EVERY, ROOMS, WorkerRooms, keep_recordings
from worker.settings import make_worker

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def rooms(tmp_path: Path, database: Database, redis_server: RedisServer) -> WorkerRooms:
    settings = Settings(home=tmp_path, retention=RetentionSettings(calls=10))
    return WorkerRooms(settings, database, Jobs(redis_server.url), ClockByHand(NOW))


async def test_worker_packs_what_is_written_down_and_removes_what_is_over_once_an_hour(rooms: WorkerRooms) -> None:
    calls = RecordedCalls(rooms.settings.recordings_directory, rooms.database, NOW)
    talk, old = await calls.call("talk", days_ago=0.1), await calls.call("old", days_ago=11)
    await calls.written_down(talk)

    await keep_recordings({ROOMS: rooms})

    assert (await calls.recording(talk)).form is Form.FLAC
    assert (await calls.recording(old)).state is RecordingState.EXPIRED
    later = await calls.call("later", days_ago=12)
    await keep_recordings({ROOMS: rooms})
    assert (await calls.recording(later)).state is RecordingState.FINISHED
    assert isinstance(rooms.clock, ClockByHand)
    rooms.clock.turn((EXPIRED_LOOKED_FOR_EVERY + timedelta(seconds=1)).total_seconds())
    await keep_recordings({ROOMS: rooms})
    assert (await calls.recording(later)).state is RecordingState.EXPIRED
    await rooms.jobs.close()


async def test_days_set_on_the_page_hold_at_the_next_sweep_without_a_restart(rooms: WorkerRooms) -> None:
    calls = RecordedCalls(rooms.settings.recordings_directory, rooms.database, NOW)
    old = await calls.call("old", days_ago=11)
    days = RetentionDays(
        database=rooms.database, clock=rooms.clock, settings=rooms.settings.retention, zone=ZoneInfo("Asia/Shanghai")
    )
    await days.change("calls", 12, version=0, by="root", reason="争议多")
    await keep_recordings({ROOMS: rooms})
    assert (await calls.recording(old)).state is RecordingState.FINISHED

    await days.change("calls", 5, version=1, by="root", reason="改回", is_sure=True)
    rooms.expired_looked_for = None
    await keep_recordings({ROOMS: rooms})
    assert (await calls.recording(old)).state is RecordingState.FINISHED, "the night has not come"
    assert isinstance(rooms.clock, ClockByHand)
    rooms.clock.turn(timedelta(days=1).total_seconds())
    await keep_recordings({ROOMS: rooms})

    assert (await calls.recording(old)).state is RecordingState.EXPIRED
    await rooms.jobs.close()


async def test_database_that_is_away_costs_the_worker_one_round(
    rooms: WorkerRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms.settings.recordings_directory.mkdir()

    def away() -> None:
        raise OperationalError("x", None, Exception())

    monkeypatch.setattr(rooms.database, "read", away)

    await keep_recordings({ROOMS: rooms})

    assert rooms.expired_looked_for is None


async def test_worker_looks_after_recordings_every_minute(tmp_path: Path) -> None:
    worker = make_worker(Settings(home=tmp_path))

    (job,) = worker.cron_jobs or ()
    assert (job.name, job.second, job.minute) == ("cron:keep_recordings", 20, None)
