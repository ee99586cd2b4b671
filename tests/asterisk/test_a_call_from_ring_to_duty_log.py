"""One real call through everything: SIP, menu by keys, queue, agent, both legs recorded, written down, in the log."""

import asyncio
import socket
import wave
from pathlib import Path

import numpy as np
import pytest

from hotline.calls.cadence import THREE_RINGS
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.entry import EntryState, Kind
from hotline.dutylog.store import entries_of
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import recording_of
from hotline.simulate.demo import ALAW_RATE, SPEECH
from hotline.simulate.scenario import Press, Say, Wait
from hotline.transcribe.store import TranscriptState, transcript_of
from hotline.transcribe.transcript import Side
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANNOUNCED = 12.0  # seconds of sound before the key, which cover greeting and notice
TALK = 14.0


def cut(path: Path, seconds: float, to: Path) -> Path:
    """Keep the first seconds of a raw A-law file."""
    to.write_bytes(path.read_bytes()[: int(seconds * ALAW_RATE)])
    return to


def may_open_raw_sockets() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP).close()
    except OSError:
        return False
    return True


def loudness(path: Path) -> float:
    """Return the loudest tenth of a second's RMS, 0 to 1."""
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (8000, 1)
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype=np.int16) / 32768
    pieces = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    return float(np.sqrt((pieces**2).mean(axis=1)).max())


async def test_a_resident_is_answered_led_recorded_written_down_and_logged(site: Site) -> None:
    phone = await site.sign_in_phone("8001")
    agent_voice = cut(SPEECH / "repair-leak.agent.al", TALK, site.home / "agent.al")
    caller_voice = cut(SPEECH / "repair-leak.caller.al", TALK, site.home / "caller.al")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Say(agent_voice, TALK), rings_for=1.0))
        dialling = both.create_task(
            site.calls_in(
                Say(site.silence(ANNOUNCED), ANNOUNCED), Press("1"), Wait(6), Say(caller_voice, TALK), Wait(2)
            )
        )

    heard = dialling.result()
    lifted = next(message.at for message in heard if message.line.startswith("SIP/2.0 200"))
    assert lifted - heard[0].at < THREE_RINGS
    assert any(message.line.startswith("SIP/2.0 180") for message in heard), "the caller heard no ringing"

    call = await site.call_of("13800138501", where=lambda found: found.state is CallState.ENDED)
    assert call.outcome is Outcome.ANSWERED
    assert (call.menu_path, call.request, call.queue, call.agent) == (("1",), "repair", "repair", "8001")
    assert call.answer_wait is not None
    assert call.answer_wait < THREE_RINGS
    assert call.human_wait is not None
    assert call.talk_time is not None
    assert (call.rings_heard, call.without_service, call.oddities) == (1, "", ())
    assert call.ended_by_caller is True

    async with site.database.read() as session:
        recording = await recording_of(session, call.id, site.settings.recordings_directory)
    assert recording is not None
    assert recording.caller is not None
    assert recording.agent is not None
    assert loudness(recording.caller) > 0.05
    assert loudness(recording.agent) > 0.05
    assert recording.caller.stat().st_mode & 0o077 == 0, "others on this machine could listen"

    async def written_down() -> bool:
        async with site.database.read() as session:
            found = await transcript_of(session, call.id)
            return found is not None and found.state is not TranscriptState.RUNNING

    await site.eventually(written_down, limit=120, what="the recording is written down")
    async with site.database.read() as session:
        transcript = await transcript_of(session, call.id)
        recording = await recording_of(session, call.id, site.settings.recordings_directory)
        entries = await entries_of(session, call.id)
    assert recording is not None
    assert recording.state is RecordingState.FINISHED
    assert transcript is not None
    assert transcript.state is TranscriptState.DONE, transcript.reason
    assert {turn.side for turn in transcript.turns} == set(Side)
    assert [turn.start for turn in transcript.turns] == sorted(turn.start for turn in transcript.turns)

    [entry] = entries
    assert (entry.state, entry.kind, entry.agent) == (EntryState.DRAFT, Kind.REPAIR, "8001")
    assert entry.matter
    if transcript.engine == "whisper":  # a Chinese recogniser: the caller's own words can be asked for
        assert "水" in entry.matter


async def test_a_rotary_caller_who_presses_nothing_reaches_a_human(site: Site) -> None:
    phone = await site.sign_in_phone("8002")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(1), hangs_up=True))
        both.create_task(site.calls_in(number="02088886666", hangs_up=False))

    call = await site.call_of("02088886666", where=lambda found: found.state is CallState.ENDED)
    assert (call.outcome, call.menu_path, call.agent) == (Outcome.ANSWERED, ("",), "8002")
    assert call.ended_by_caller is False


async def test_the_emergency_key_in_the_menu_rings_the_supervisor_too(site: Site) -> None:
    phone = await site.sign_in_phone("8901")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(11), hangs_up=True))
        both.create_task(
            site.calls_in(Say(site.silence(ANNOUNCED), ANNOUNCED), Press("9"), number="13900139009", hangs_up=False)
        )

    call = await site.call_of("13900139009", where=lambda found: found.state is CallState.ENDED)
    assert (call.is_emergency, call.menu_path, call.agent) == (True, ("9",), "8901")
    assert (call.outcome, call.oddities) == (Outcome.ANSWERED, ())
    async with site.database.read() as session:
        [entry] = await entries_of(session, call.id)
    assert entry.kind is Kind.SPECIAL_HELP


@pytest.mark.skipif(not may_open_raw_sockets(), reason="keys told beside the sound (RFC 4733) need SIPp to be root")
async def test_a_carrier_that_tells_keys_beside_the_sound_is_understood_too(site: Site) -> None:
    phone = await site.sign_in_phone("8002")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(1), hangs_up=True))
        both.create_task(
            site.calls_in(
                Say(site.silence(ANNOUNCED), ANNOUNCED),
                Press("2"),
                number="13900139002",
                hangs_up=False,
                rfc4733=site.parts.sipp_pcaps,
            )
        )

    call = await site.call_of("13900139002", where=lambda found: found.state is CallState.ENDED)
    assert (call.menu_path, call.outcome) == (("2",), Outcome.ANSWERED)
