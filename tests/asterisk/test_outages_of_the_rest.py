"""Nothing is lost when the switch dies, Redis is away or a password is wrong."""

import asyncio
import signal

from hotline.calls.state import CallState, Outcome
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import recording_of
from hotline.simulate.scenario import Say, Wait
from hotline.transcribe.store import TranscriptState, transcript_of
from tests.fakes.site import Site, ended


async def test_a_call_the_switch_died_with_is_ended_owed_and_its_recording_kept(bare: Site) -> None:
    bare.start("redis", "asterisk", "serve")
    await bare.ready()
    dialling = asyncio.create_task(bare.calls_in(Say(bare.silence(70), 70), limit=100))
    try:
        await bare.call_of("13800138501", where=lambda call: call.state is CallState.WAITING)
        bare.signal("asterisk", signal.SIGKILL)
        bare.start("asterisk")

        call = await bare.call_of("13800138501", where=ended)
    finally:
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)

    assert call.outcome is Outcome.SWITCH_LOST
    assert len(await bare.calls_from("13800138501")) == 1

    async def kept() -> bool:
        async with bare.database.read() as session:
            found = await recording_of(session, call.id, bare.settings.recordings_directory)
        return found is not None and found.state is RecordingState.CUT and found.seconds > 1

    await bare.eventually(kept, limit=60, what="the cut recording is kept")


async def test_a_recording_made_while_redis_was_away_is_written_down_when_it_is_back(bare: Site) -> None:
    bare.start("asterisk", "serve")
    await bare.switch_ready()
    phone = await bare.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(bare.agent_answers(phone, Say(bare.silence(2), 2), hangs_up=True))
        both.create_task(bare.calls_in(Say(bare.silence(30), 30), hangs_up=False))
    call = await bare.call_of("13800138501", where=ended)

    bare.start("redis", "worker")

    async def written_down() -> bool:
        async with bare.database.read() as session:
            found = await transcript_of(session, call.id)
        return found is not None and found.state is TranscriptState.DONE

    await bare.eventually(written_down, limit=120, what="the recording is written down")


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
