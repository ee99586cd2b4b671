"""How well the switch tells a machine from a person, on recorded greetings: one call each, through the real dialplan.

People: voices of ../shared/speech cut as people in China lift, a short 喂?, 喂你好, 喂? … 你好哪位, on quiet and noisy
lines, and somebody who says nothing. Machines: the same voices reading on, our own prompts as a carrier's voice,
greetings with pauses. Prints a table: how many were taken for what, and how long a person waits until the desk speaks.

    PYTHONPATH=. .venv/bin/python bench/amd.py
"""

import asyncio
import sqlite3
import statistics
import sys
import wave
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from hotline.ami import actions
from hotline.ami.client import AmiClient, LinkState
from hotline.ami.errors import AmiError
from hotline.campaigns.attempt import attempt_id
from hotline.simulate.alaw import RATE, as_alaw, silence
from hotline.simulate.scenario import Say, agent
from hotline.simulate.sipp import Telephone
from tests.fakes.site import Site

Samples = NDArray[np.float32]
CLIPS: Final = Path(__file__).resolve().parent.parent.parent / "shared" / "speech" / "clips"
AT_ONCE: Final = 6
PROMPTS: Final = ("leave-message", "duty-nobody", "out-machine", "menu-closed", "call-back-kept", "message-kept")


@dataclass(frozen=True, slots=True)
class Greeting:
    """What lifts: `kind` is a row of the table."""

    kind: str
    is_machine: bool
    sound: Samples


def voices() -> list[Samples]:
    """Return the recorded Mandarin speakers at the telephone's rate, from their first word on, equally loud."""
    found = []
    for path in sorted(CLIPS.glob("zh_*.wav")):
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
            samples = soxr.resample(samples, file.getframerate(), RATE)
        found.append(from_first_word(samples / np.abs(samples).max() * 0.5))
    return found


def prompt(site: Site, name: str) -> Samples:
    with wave.open(str(site.settings.sounds_directory / f"{name}.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768


def from_first_word(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 0.1)
    return samples[loud[0] : loud[-1]]


def cut(voice: Samples, begin: float, seconds: float) -> Samples:
    """Return so much of a voice, faded at both ends."""
    piece = voice[int(begin * RATE) : int((begin + seconds) * RATE)].copy()
    fade = np.linspace(0, 1, RATE // 50, dtype=np.float32)
    piece[: len(fade)] *= fade
    piece[-len(fade) :] *= fade[::-1]
    return piece


def pause(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def greetings(site: Site) -> Iterator[Greeting]:
    noise = np.random.default_rng(1)
    people = voices()
    for voice in people:
        short, hello = cut(voice, 0, 0.35), cut(voice, 0, 0.9)
        asks = np.concatenate((cut(voice, 0, 0.35), pause(0.45), cut(voice, 0.6, 0.9)))
        yield Greeting("person: 喂? (0.35 s)", False, np.concatenate((pause(0.3), short)))
        yield Greeting("person: 喂你好 (0.9 s)", False, np.concatenate((pause(0.2), hello)))
        yield Greeting("person: 喂? … 你好哪位", False, np.concatenate((pause(0.4), asks)))
        line = noise.normal(0, 0.004, RATE * 8).astype(np.float32)
        line[RATE // 2 : RATE // 2 + len(hello)] += hello
        yield Greeting("person: 喂你好, noisy line", False, line)
        yield Greeting("person: whole sentence (1.8 s)", False, np.concatenate((pause(0.2), cut(voice, 0, 1.8))))
    for one, other in zip(people, people[1:] + people[:1], strict=True):
        yield Greeting("machine: a voice reads on", True, np.concatenate((pause(0.4), one, pause(0.25), other)))
        broken = np.concatenate((cut(one, 0, 0.8), pause(0.5), cut(one, 0.8, 1.6), pause(0.4), other))
        yield Greeting("machine: 您好 … and reads on", True, np.concatenate((pause(0.4), broken)))
    for name in PROMPTS:
        yield Greeting("machine: a carrier's voice", True, np.concatenate((pause(0.6), prompt(site, name))))
    for _ in range(3):
        yield Greeting("person: says nothing", False, pause(1.0))


async def judged(site: Site, client: AmiClient, number: int, greeting: Greeting) -> tuple[str, float]:
    """Ring what lifts so; return what it was taken for, and the seconds from the answer until that was known."""
    sound = site.home / f"greeting-{number}.al"
    sound.write_bytes(as_alaw((greeting.sound * 32767).clip(-32768, 32767).astype(np.int16)) + silence(9))
    phone = Telephone(
        site.parts.command("sipp"), switch_port=site.settings.sip.port, directory=site.home / "lifts", name=f"l{number}"
    )
    lifting = asyncio.get_running_loop().create_task(
        phone.call(agent([Say(sound, 1)], rings_for=0.3, hangs_up=False, patience=30), limit=40)
    )
    await asyncio.sleep(0.5)
    attempt = attempt_id(site.clock.now(), number)
    order = actions.originate(
        f"PJSIP/outside/sip:13800138000@127.0.0.1:{phone.port}",
        channel_id=attempt,
        context="campaign",
        extension="fee",
        ring_for=timedelta(seconds=10),
        variables={"SAY_ASK": "beep", "SAY_BODY": "beep"},
    )
    await client.ask(order)
    try:
        async with asyncio.timeout(20):
            while (found := await asyncio.to_thread(read, site.settings.cel_store, attempt)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    except TimeoutError:
        found = ("nothing", 0.0)
    with suppress(AmiError):  # a machine's call is over by itself
        await client.ask(actions.hangup(attempt))
    lifting.cancel()
    await asyncio.gather(lifting, return_exceptions=True)
    return found


def read(store: Path, attempt: str) -> tuple[str, float] | None:
    with sqlite3.connect(store) as log:
        rows = dict(
            log.execute(
                "SELECT CASE WHEN userdeftype = 'AMD' THEN eventextra ELSE eventtype END, eventtime FROM cel"
                " WHERE uniqueid = ? AND (eventtype = 'ANSWER' OR userdeftype = 'AMD')",
                (attempt,),
            ).fetchall()
        )
    known = [extra for extra in rows if extra != "ANSWER"]
    if not known:
        return None
    return known[0].split('"')[3], float(rows[known[0]]) - float(rows["ANSWER"])


async def main() -> None:
    site = Site()
    await site.set_up()
    site.start("redis", "asterisk")
    client = AmiClient(site.settings.ami, site.clock)
    keeping = asyncio.get_running_loop().create_task(client.run())
    try:
        await site.switch_ready()
        while client.link.state is not LinkState.UP:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await measure(site, client)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await site.stop()


async def measure(site: Site, client: AmiClient) -> None:
    few = asyncio.Semaphore(AT_ONCE)
    all_greetings = list(greetings(site))

    async def one(number: int, greeting: Greeting) -> tuple[Greeting, str, float]:
        async with few:
            return greeting, *await judged(site, client, number, greeting)

    results = await asyncio.gather(*(one(number, greeting) for number, greeting in enumerate(all_greetings, 1)))
    rows: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for greeting, taken_for, took in results:
        rows[greeting.kind].append((taken_for, took))
    print("| what lifts | calls | HUMAN | NOTSURE | MACHINE | else | until known: median, worst |")
    print("|---|---|---|---|---|---|---|")
    for kind, seen in rows.items():
        words = [word for word, _ in seen]
        counted = [words.count(word) for word in ("HUMAN", "NOTSURE", "MACHINE")]
        took = [seconds for _, seconds in seen]
        print(
            f"| {kind} | {len(seen)} | {' | '.join(map(str, counted))} | {len(seen) - sum(counted)} |"
            f" {statistics.median(took):.1f} s, {max(took):.1f} s |"
        )
    people = [taken for greeting, taken, _ in results if not greeting.is_machine]
    machines = [taken for greeting, taken, _ in results if greeting.is_machine]
    print(
        f"\npeople taken for machines: {people.count('MACHINE')} of {len(people)};"
        f" machines taken for people: {len(machines) - machines.count('MACHINE')} of {len(machines)}"
    )


if __name__ == "__main__":
    if not CLIPS.exists():
        sys.exit(f"no recorded speech in {CLIPS}")
    asyncio.run(main())
