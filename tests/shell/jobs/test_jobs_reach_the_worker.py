import asyncio
import pickle
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from arq.connections import create_pool
from arq.worker import Worker, func

from hotline.bus import RESYNC, Bus, Change, Subject
from hotline.jobs import CHANGES, QUEUE_NAME, TRANSCRIBE, Jobs, from_json, redis_settings, to_json
from tests.fakes.redis_server import RedisServer


@pytest.fixture
async def jobs(redis_server: RedisServer) -> AsyncIterator[Jobs]:
    jobs = Jobs(redis_server.url)
    yield jobs
    await jobs.close()


async def worked_off(server: RedisServer) -> list[str]:
    """Run a burst worker; return the names of the recordings it was given."""
    seen: list[str] = []

    async def note(_context: dict, name: str) -> None:
        seen.append(name)

    worker = Worker(
        functions=[func(note, name=TRANSCRIBE, keep_result=0)],
        redis_settings=redis_settings(server.url), queue_name=QUEUE_NAME, burst=True, poll_delay=0.01,
        job_serializer=to_json, job_deserializer=from_json, handle_signals=False,
    )  # fmt: skip
    await worker.main()
    await worker.close()
    return seen


async def test_a_recording_asked_for_is_given_to_the_worker_by_its_name_only(
    jobs: Jobs, redis_server: RedisServer
) -> None:
    assert await jobs.transcribe("2026/11/21/a")

    assert await worked_off(redis_server) == ["2026/11/21/a"]


async def test_a_recording_asked_for_twice_waits_once(jobs: Jobs, redis_server: RedisServer) -> None:
    assert await jobs.transcribe("a")
    assert await jobs.transcribe("a")

    assert await worked_off(redis_server) == ["a"]


async def test_once_worked_off_a_recording_may_be_asked_for_again(jobs: Jobs, redis_server: RedisServer) -> None:
    await jobs.transcribe("a")
    await worked_off(redis_server)
    await jobs.transcribe("a")

    assert await worked_off(redis_server) == ["a"]


async def test_a_new_attempt_is_not_held_up_by_one_whose_worker_died(jobs: Jobs, redis_server: RedisServer) -> None:
    await jobs.transcribe("a", 0)
    await jobs.transcribe("a", 1)

    assert await worked_off(redis_server) == ["a", "a"]


async def test_nothing_in_the_queue_is_a_pickle(jobs: Jobs, redis_server: RedisServer) -> None:
    await jobs.transcribe("a")

    pool = await create_pool(redis_settings(redis_server.url))
    raw = await pool.get(f"arq:job:{TRANSCRIBE}:a:0")
    await pool.aclose(close_connection_pool=True)
    assert raw is not None
    assert from_json(raw)["f"] == TRANSCRIBE
    with pytest.raises((pickle.UnpicklingError, KeyError, ValueError, EOFError)):
        pickle.loads(raw)


async def test_with_redis_away_asking_says_no_soon_and_works_when_it_is_back(
    jobs: Jobs, redis_server: RedisServer
) -> None:
    redis_server.stop()
    assert not await jobs.is_reachable()
    assert not await jobs.transcribe("a")

    redis_server.start()

    assert await jobs.transcribe("a")


async def test_a_change_told_by_the_worker_reaches_the_pages(jobs: Jobs, redis_server: RedisServer) -> None:
    bus, worker = Bus(), Jobs(redis_server.url)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        with bus.listening() as changes:
            hearing = tasks.create_task(jobs.hear(bus))
            assert await changes.get() == RESYNC
            await worker.tell(Change(Subject.CALL, "c.1"))
            heard = await changes.get()
            hearing.cancel()
    await worker.close()

    assert heard == Change(Subject.CALL, "c.1")


async def test_after_redis_was_away_the_pages_start_from_a_snapshot(jobs: Jobs, redis_server: RedisServer) -> None:
    bus = Bus()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        with bus.listening() as changes:
            hearing = tasks.create_task(jobs.hear(bus))
            await changes.get()
            redis_server.stop()
            redis_server.start()
            again = await changes.get()
            hearing.cancel()

    assert again == RESYNC


async def test_a_word_that_is_no_change_is_passed_over(jobs: Jobs, redis_server: RedisServer) -> None:
    bus, pool = Bus(), await create_pool(redis_settings(redis_server.url))
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        with bus.listening() as changes:
            hearing = tasks.create_task(jobs.hear(bus))
            await changes.get()
            for word in (b"\xff", b"[]", b'["no-such", "x"]', b"null", b'["call"]'):
                await pool.publish(CHANGES, word)
            await jobs.tell(Change(Subject.QUEUE))
            heard = await changes.get()
            hearing.cancel()
    await pool.aclose(close_connection_pool=True)

    assert heard == Change(Subject.QUEUE)


def test_an_error_in_a_job_is_kept_as_its_name_never_as_its_words() -> None:
    assert b"13800138501" not in to_json({"r": ValueError("caller 13800138501")})


def test_a_bus_listener_that_falls_behind_starts_again_and_others_are_not_told_so(tmp_path: Path) -> None:
    bus = Bus(box=2)
    with bus.listening() as slow, bus.listening() as quick:
        for number in range(3):
            bus.publish(Change(Subject.CALL, str(number)))
            quick.get_nowait()

        assert [slow.get_nowait() for _ in range(slow.qsize())] == [RESYNC]
        assert quick.empty()
