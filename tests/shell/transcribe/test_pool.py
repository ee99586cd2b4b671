import asyncio
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.transcribe.audio import LegFile
from hotline.transcribe.errors import (
    RecogniserDied,
    RecogniserFailed,
    RecogniserTooSlow,
    RecordingMissing,
    RecordingUnreadable,
)
from hotline.transcribe.pool import Pool
from hotline.transcribe.recogniser import Recogniser
from hotline.transcribe.transcript import Side, Transcript
from tests.fakes.legs import spoken, write_leg
from tests.fakes.recognisers import ABORTS, HANGS, REFUSES, LoudnessRecogniser, PidRecogniser, never_loads

SOUND = spoken((1, False), (0.5, True), (2, False), (0.3, True))


def pool_of(make: Callable[[], Recogniser] = PidRecogniser, *, files: int = 100, timeout: float = 30) -> Pool:
    return Pool(make, files_per_process=files, timeout=timedelta(seconds=timeout))


def leg(directory: Path, *, begins: int = 0) -> LegFile:
    samples = SOUND.copy()
    samples[0] = begins
    return LegFile(path=write_leg(directory / f"{begins}.wav", samples))


def told(transcript: Transcript) -> list[tuple[str, str, float]]:
    return [(turn.side.value, turn.text, turn.start.total_seconds()) for turn in transcript.turns]


def children() -> set[int]:
    return {process.pid for process in multiprocessing.active_children() if process.pid}


async def test_two_legs_become_one_conversation_in_recording_time(tmp_path: Path) -> None:
    caller = leg(tmp_path)
    agent = LegFile(path=write_leg(tmp_path / "agent.wav", SOUND), start=timedelta(seconds=2))

    async with pool_of(LoudnessRecogniser) as pool:
        transcript = await pool.transcribe(caller, agent)

    assert told(transcript) == [("caller", "0.5s", 1.0), ("caller", "0.3s", 3.5), ("agent", "0.3s", 3.5)]
    assert (transcript.engine, transcript.model, transcript.version) == ("loudness", "none", "1")


async def test_call_that_no_agent_answered_has_the_callers_words_only(tmp_path: Path) -> None:
    async with pool_of() as pool:
        transcript = await pool.transcribe(leg(tmp_path), None)

    assert {turn.side for turn in transcript.turns} == {Side.CALLER}


async def test_empty_legs_make_an_empty_transcript(tmp_path: Path) -> None:
    (tmp_path / "none.wav").touch()
    async with pool_of() as pool:
        transcript = await pool.transcribe(
            LegFile(path=tmp_path / "none.wav"), LegFile(path=write_leg(tmp_path / "header.wav"))
        )

    assert transcript.turns == ()
    assert transcript.unheard == ()


async def test_one_unreadable_leg_is_named_and_the_other_is_written_down(tmp_path: Path) -> None:
    async with pool_of() as pool:
        transcript = await pool.transcribe(leg(tmp_path), LegFile(path=tmp_path / "gone.wav"))

    assert [turn.side for turn in transcript.turns] == [Side.CALLER, Side.CALLER]
    assert [(one.side, one.error_id) for one in transcript.unheard] == [(Side.AGENT, "recording-missing")]


async def test_recording_of_which_nothing_can_be_read_is_an_error_and_the_process_lives_on(tmp_path: Path) -> None:
    stereo = LegFile(path=write_leg(tmp_path / "stereo.wav", SOUND, channels=2))
    async with pool_of() as pool:
        before = (await pool.transcribe(leg(tmp_path), None)).version
        with pytest.raises(RecordingUnreadable, match="2 channels"):
            await pool.transcribe(stereo, LegFile(path=tmp_path / "gone.wav"))
        with pytest.raises(RecordingMissing):
            await pool.transcribe(LegFile(path=tmp_path / "gone.wav"), None)
        after = (await pool.transcribe(leg(tmp_path), None)).version

    assert before == after


async def test_recogniser_that_aborts_costs_one_leg_and_the_next_gets_a_new_process(tmp_path: Path) -> None:
    async with pool_of() as pool:
        first = (await pool.transcribe(leg(tmp_path), None)).version
        with pytest.raises(RecogniserDied, match="out of memory"):
            await pool.transcribe(leg(tmp_path, begins=ABORTS), None)
        second = (await pool.transcribe(leg(tmp_path), None)).version

    assert first != second


async def test_recogniser_that_dies_while_idle_costs_no_leg(tmp_path: Path) -> None:
    async with pool_of() as pool:
        first = int((await pool.transcribe(leg(tmp_path), None)).version)
        [process] = [one for one in multiprocessing.active_children() if one.pid == first]
        process.kill()
        process.join(10)
        second = await pool.transcribe(leg(tmp_path), None)

    assert second.version != str(first)
    assert len(second.turns) == 2


async def test_leg_that_takes_too_long_is_given_up_with_its_process(tmp_path: Path) -> None:
    async with pool_of(timeout=0.5) as pool:
        with pytest.raises(RecogniserTooSlow, match=r"transcribe\.timeout"):
            await pool.transcribe(leg(tmp_path, begins=HANGS), None)

        assert not children()
        assert told(await pool.transcribe(leg(tmp_path), None))


async def test_cancelled_job_leaves_no_process_working(tmp_path: Path) -> None:
    async with pool_of() as pool:
        await pool.transcribe(leg(tmp_path), None)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await pool.transcribe(leg(tmp_path, begins=HANGS), None)

        assert not children()
        assert told(await pool.transcribe(leg(tmp_path), None))


async def test_engine_that_refuses_a_leg_says_so(tmp_path: Path) -> None:
    async with pool_of() as pool:
        with pytest.raises(RecogniserFailed, match="refused"):
            await pool.transcribe(leg(tmp_path, begins=REFUSES), None)
        assert told(await pool.transcribe(leg(tmp_path), None))


async def test_model_that_does_not_load_is_an_error_each_time(tmp_path: Path) -> None:
    async with pool_of(never_loads) as pool:
        for _ in range(2):
            with pytest.raises(RecogniserFailed, match="broken"):
                await pool.transcribe(leg(tmp_path), None)

    assert not children()


async def test_process_is_renewed_after_so_many_legs(tmp_path: Path) -> None:
    async with pool_of(files=2) as pool:
        lived_in = [(await pool.transcribe(leg(tmp_path), None)).version for _ in range(4)]

    assert lived_in[0] == lived_in[1] != lived_in[2] == lived_in[3]


async def test_recordings_asked_for_together_are_heard_one_after_another_in_one_process(tmp_path: Path) -> None:
    async with pool_of() as pool, asyncio.TaskGroup() as group:
        tasks = [group.create_task(pool.transcribe(leg(tmp_path), leg(tmp_path))) for _ in range(4)]
        first = await tasks[0]
        rest = [await task for task in tasks[1:]]

    assert {one.version for one in rest} == {first.version}


async def test_recogniser_gives_way_to_calls(tmp_path: Path) -> None:
    async with pool_of() as pool:
        process = int((await pool.transcribe(leg(tmp_path), None)).version)

        assert os.getpriority(os.PRIO_PROCESS, process) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)


async def test_closed_pool_leaves_no_process(tmp_path: Path) -> None:
    async with pool_of() as pool:
        await pool.transcribe(leg(tmp_path), None)
        assert children()

    assert not children()


OWNER = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from hotline.transcribe.audio import LegFile
from hotline.transcribe.pool import Pool
from tests.fakes.recognisers import PidRecogniser

async def own():
    pool = Pool(PidRecogniser, files_per_process=9, timeout=timedelta(seconds=60))
    idle = await pool.transcribe(LegFile(path=Path(sys.argv[1])), None)
    print(idle.version, file=sys.stderr, flush=True)
    await pool.transcribe(LegFile(path=Path(sys.argv[2])), None)

if __name__ == "__main__":
    asyncio.run(own())
"""


async def test_recogniser_dies_with_a_worker_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "owner.py"
    script.write_text(OWNER)
    paths = [str(leg(tmp_path).path), str(leg(tmp_path, begins=HANGS).path)]
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, str(script), *paths],
        cwd=root,
        env={"PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as owner:
        try:
            assert owner.stderr
            recogniser = int(await asyncio.to_thread(owner.stderr.readline))
        finally:
            owner.kill()

    async with asyncio.timeout(10):
        while is_running(recogniser):
            await asyncio.sleep(0.05)


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
