"""Nothing is lost when the switch dies, Redis is away or a password is wrong."""

import asyncio
import signal
import sqlite3
from functools import partial

import pytest

from hotline.calls.cadence import THREE_RINGS
from hotline.calls.state import CallState, Outcome
from hotline.followups.follow_up import FollowUpKind
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import recording_of
from hotline.simulate.demo import ALAW_RATE, SPEECH
from hotline.simulate.scenario import Press, Say, Wait
from hotline.transcribe.store import TranscriptState, transcript_of
from tests.fakes.databases import PostgreSQLServer, database_server
from tests.fakes.site import Site, ended, lifted_after

__all__ = ["database_server"]


async def test_a_call_the_switch_died_with_is_ended_owed_and_its_recording_kept(bare: Site) -> None:
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    dialling = asyncio.create_task(bare.calls_in(Say(bare.silence(70), 70), limit=100))
    try:
        await bare.call_of("13800138501", where=lambda call: call.state is CallState.WAITING)

        async def three_seconds_are_recorded() -> bool:
            return any(
                file.stat().st_size > 3 * 16_000 for file in bare.settings.recordings_directory.rglob("*.caller.wav")
            )

        await bare.eventually(three_seconds_are_recorded, limit=20, what="the waiting caller is being recorded")
        bare.signal("asterisk", signal.SIGKILL)
        bare.start("asterisk")

        call = await bare.call_of("13800138501", where=ended)
    finally:
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)

    assert call.outcome is Outcome.SWITCH_LOST
    assert len(await bare.calls_from("13800138501")) == 1
    assert [one.kind for one in await bare.owed(call.id)] == [FollowUpKind.MISSED]

    async def kept() -> bool:
        async with bare.database.read() as session:
            found = await recording_of(session, call.id, bare.settings.recordings_directory)
        return found is not None and found.state is RecordingState.CUT and found.seconds > 1

    await bare.eventually(kept, limit=60, what="the cut recording is kept")
    phone = await bare.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(bare.agent_answers(phone, Wait(1), hangs_up=True))
        dialling = both.create_task(
            bare.calls_in(Say(bare.silence(1.5), 1.5), Press("0"), Wait(14), number="13900000601")
        )
    assert lifted_after(dialling.result()) < THREE_RINGS.total_seconds()
    assert (await bare.call_of("13900000601", where=ended)).outcome is Outcome.ANSWERED


async def talks(site: Site, number: str) -> float:
    """Have a resident reach 8001 and be spoken to; return the seconds in which the switch lifted."""
    speech = SPEECH / "repair-leak.agent.al"
    seconds = speech.stat().st_size / ALAW_RATE
    phone = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Say(speech, seconds), hangs_up=True))
        dialling = both.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), Wait(14), number=number, hangs_up=False)
        )
    await site.sign_phone(phone, "8001", lasts=0)
    return lifted_after(dialling.result())


async def is_written_down(site: Site, call_id: str) -> bool:
    async with site.database.read() as session:
        found = await transcript_of(session, call_id)
    return found is not None and found.state is TranscriptState.DONE


async def test_with_redis_gone_a_caller_is_lifted_in_three_rings_talks_and_is_written_down_when_it_is_back(
    bare: Site,
) -> None:
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    bare.signal("redis", signal.SIGKILL)

    assert await talks(bare, "13900000604") < THREE_RINGS.total_seconds()

    call = await bare.call_of("13900000604", where=ended)
    assert (call.outcome, call.without_service, call.menu_path) == (Outcome.ANSWERED, "", ("0",))
    bare.start("redis", "worker")
    await bare.eventually(lambda: is_written_down(bare, call.id), limit=120, what="the recording is written down")


@pytest.mark.alone  # a recogniser beside two talks in real time
@pytest.mark.timeout(400)
async def test_with_the_worker_killed_at_its_work_calls_go_on_and_the_sweep_finds_all_jobs_again(bare: Site) -> None:
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    await talks(bare, "13900000605")
    first = await bare.call_of("13900000605", where=ended)
    bare.start("worker")  # only now: it might be done before we look

    async def is_at_it() -> bool:
        async with bare.database.read() as session:
            found = await transcript_of(session, first.id)
        return found is not None and found.state is TranscriptState.RUNNING

    await bare.eventually(is_at_it, limit=30, what="the worker has begun")
    bare.signal("worker", signal.SIGKILL)
    assert not await is_written_down(bare, first.id), "it was killed too late to lose anything"

    assert await talks(bare, "13900000606") < THREE_RINGS.total_seconds()
    second = await bare.call_of("13900000606", where=ended)
    assert second.outcome is Outcome.ANSWERED

    async def is_kept() -> bool:
        async with bare.database.read() as session:
            found = await recording_of(session, second.id, bare.settings.recordings_directory)
        return found is not None and found.state is RecordingState.FINISHED and found.caller is not None

    await bare.eventually(is_kept, limit=20, what="the recording is finished without a worker")
    assert not await is_written_down(bare, second.id)
    bare.start("worker")
    for call in (first, second):
        written = partial(is_written_down, bare, call.id)
        await bare.eventually(written, limit=120, what="the recording is written down")


async def test_a_wrong_ami_password_is_said_plainly_and_callers_are_still_answered(bare: Site) -> None:
    bare.environment["HOTLINE_AMI_SECRET"] = "not-the-password"
    bare.start("redis", "asterisk", "serve")
    await bare.switch_ready()
    phone = await bare.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(bare.agent_answers(phone, Wait(1), hangs_up=True))
        both.create_task(bare.calls_in(hangs_up=False))

    call = await bare.call_of("13800138501", where=ended)
    assert (call.outcome, call.without_service) == (Outcome.ANSWERED, "absent")

    async def said() -> bool:
        return "secrets.toml" in (bare.home / "logs" / "serve.log").read_text()

    await bare.eventually(said, limit=10, what="the log names what to do")


async def test_with_the_database_locked_a_caller_is_led_on_as_unknown_and_all_is_complete_afterwards(
    bare: Site,
) -> None:
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    phone = await bare.sign_in_phone("8001")
    holder = sqlite3.connect(bare.home / "hotline.db", isolation_level=None, timeout=10, check_same_thread=False)
    await asyncio.to_thread(holder.execute, "BEGIN EXCLUSIVE")
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(bare.agent_answers(phone, Wait(1), hangs_up=True))
            dialling = both.create_task(bare.calls_in(Say(bare.silence(1.5), 1.5), Press("1"), hangs_up=False))
        assert await bare.calls_from("13800138501") == []
    finally:
        holder.execute("ROLLBACK")
        holder.close()

    assert lifted_after(dialling.result()) < THREE_RINGS.total_seconds()
    call = await bare.call_of("13800138501", where=ended)
    assert (call.outcome, call.menu_path, call.without_service) == (Outcome.ANSWERED, ("1",), "")


@pytest.mark.parametrize("database_server", ["postgresql"], indirect=True)
async def test_with_the_database_gone_callers_reach_people_or_the_message_box_and_all_is_complete_afterwards(
    database_server: PostgreSQLServer,
) -> None:
    site = Site(HOTLINE_DATABASE_URL=database_server.url(await database_server.create()))
    await site.set_up()
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        phone = await site.sign_in_phone("8001")
        database_server.kill()
        async with asyncio.TaskGroup() as both:
            both.create_task(site.agent_answers(phone, Wait(1), hangs_up=True))
            dialling = both.create_task(site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), hangs_up=False))
        await site.sign_phone(phone, "8001", lasts=0)
        await site.calls_in(
            Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(15), 15), Press("2"), Say(site.silence(12), 12),
            number="13900000602",
        )  # fmt: skip
        database_server.revive()

        answered = await site.call_of("13800138501", where=ended)
        left = await site.call_of("13900000602", where=ended)
        owed = [one.kind for one in await site.owed(left.id)]
    finally:
        await site.stop()
    assert lifted_after(dialling.result()) < THREE_RINGS.total_seconds()
    assert (answered.outcome, left.outcome) == (Outcome.ANSWERED, Outcome.MESSAGE_LEFT)
    assert (answered.oddities, left.oddities) == ((), ())
    assert owed == [FollowUpKind.MESSAGE]


async def test_with_nothing_but_the_switch_a_caller_leaves_a_message_that_is_owed_once_the_service_is_there(
    bare: Site,
) -> None:
    bare.start("asterisk")
    await bare.switch_ready()
    await bare.calls_in(
        Say(bare.silence(16), 16), Press("2"), Say(bare.silence(9), 9), Press("#"), number="13900000603", hangs_up=False
    )
    bare.start("redis", "serve")

    call = await bare.call_of("13900000603", where=ended)
    assert (call.outcome, call.without_service) == (Outcome.MESSAGE_LEFT, "absent")
    assert [one.kind for one in await bare.owed(call.id)] == [FollowUpKind.MESSAGE]
