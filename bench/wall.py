"""A hundred walls at twenty calls a second: processor of the service's process, and how late a wall is told.

    .venv/bin/python bench/wall.py --viewers 100 --rate 20 --seconds 30

The web room runs in a process of its own on SQLite, where this bench writes the calls into the ledger as
the switch would have them written (begin, menu, queue, talk, end). The viewers are sockets of another process, so their
reading costs the service nothing. Two lags are told: from the moment the figures of a message were read (its `at`) to
its arrival, and from each change's commit to the first message that has it, on every screen: what a supervisor waits.
"""

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from bisect import bisect_left
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from aiohttp import ClientSession

from hotline.accounts.account import Role
from hotline.accounts.service import create_token
from hotline.calls.state import CallState, Outcome
from hotline.clock import SystemClock
from tests.fakes.web_desk import WebDesk, web_desk

CLOCK = SystemClock()
STEPS = (
    (CallState.RINGING, {}), (CallState.IN_MENU, {"switch_answer": 1}), (CallState.WAITING, {"queued_at": 1}),
    (CallState.TALKING, {"human_answer": 1}), (CallState.ENDED, {"ended_at": 1}),
)  # fmt: skip
EACH_S = 2.0  # between two steps of one call


async def serve(rate: float, seconds: float) -> None:
    """Be the service: say where it is, wait for a line, make calls, say what it cost."""
    with tempfile.TemporaryDirectory() as home:
        async with web_desk(Path(home), clock=SystemClock()) as room:
            token = await create_token(room.database, Role.WALL, "bench", clock=room.clock)
            print(json.dumps({"origin": room.origin, "token": token}), flush=True)
            await asyncio.to_thread(sys.stdin.readline)
            print(json.dumps(await quiet(room, seconds / 3)), flush=True)
            print(json.dumps(await calls(room, rate, seconds)), flush=True)
            await asyncio.to_thread(sys.stdin.readline)


async def quiet(room: WebDesk, seconds: float) -> dict[str, float]:
    """Return what it costs while nothing happens."""
    before, began = spent(), CLOCK.monotonic()
    await asyncio.sleep(seconds)
    return {"quiet_cpu": (spent() - before) / (CLOCK.monotonic() - began)}


async def calls(room: WebDesk, rate: float, seconds: float) -> dict[str, object]:
    """Begin so many calls a second; each takes a step each two seconds."""
    before, began, written = spent(), CLOCK.monotonic(), list[float]()

    async def one(place: int) -> None:
        call_id, number = f"b-{place}", f"138{place:08}"
        for state, moments in STEPS:
            now = room.clock.now()
            values: dict[str, Any] = dict.fromkeys(moments, now)
            if state is CallState.ENDED:
                values["outcome"] = Outcome.ANSWERED
            await room.goes_on(call_id, caller_number=number, state=state, **values)
            written.append(CLOCK.now().timestamp())
            await asyncio.sleep(EACH_S)

    async with asyncio.TaskGroup() as group:
        for place in range(int(rate * seconds)):
            group.create_task(one(place))
            await asyncio.sleep(max(0.0, began + (place + 1) / rate - CLOCK.monotonic()))
    took = CLOCK.monotonic() - began
    return {"cpu": (spent() - before) / took, "took": took, "written": written}


def seen_after(written: list[float], shown: list[tuple[float, float]]) -> list[float]:
    """Return after how many seconds one screen had each change; what came after the last message is left out."""
    read = [at for at, _ in shown]
    places = (bisect_left(read, moment) for moment in written)
    return [shown[place][1] - moment for place, moment in zip(places, written, strict=True) if place < len(shown)]


def spent() -> float:
    """Return the processor seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def watch(origin: str, token: str, shown: list[tuple[float, float]], news: list[int]) -> None:
    """Be one wall: note when the figures of each message were read, and when it came."""
    async with (
        ClientSession(headers={"Authorization": f"Bearer {token}"}) as client,
        client.ws_connect(f"{origin}/api/v1/live?view=wall", max_msg_size=0) as socket,
    ):
        async for message in socket:
            told, now = json.loads(message.data), CLOCK.now()
            if told["type"] == "wall" and "today" in told["wall"]:
                shown.append((datetime.fromisoformat(told["at"]).timestamp(), now.timestamp()))
                news.append(len(message.data))


async def main(viewers: int, rate: float, seconds: float) -> None:
    """Run the service beside its viewers, once without and once with them."""
    found = {}
    for many in (0, viewers):
        service = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--serve", "--rate", str(rate), "--seconds", str(seconds),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=2**24,
        )  # fmt: skip
        assert service.stdout is not None
        assert service.stdin is not None
        where = json.loads(await service.stdout.readline())
        screens, news = [list[tuple[float, float]]() for _ in range(many)], list[int]()
        async with asyncio.TaskGroup() as group:
            walls = [group.create_task(watch(where["origin"], where["token"], shown, news)) for shown in screens]
            await asyncio.sleep(1 + many / 50)
            service.stdin.write(b"\n")
            cost = json.loads(await service.stdout.readline()) | json.loads(await service.stdout.readline())
            await asyncio.sleep(2)
            for wall in walls:
                wall.cancel()
        service.stdin.write(b"\n")
        await service.wait()
        found[many] = cost | {
            "lags": [arrived - read for shown in screens for read, arrived in shown],
            "waits": [wait for shown in screens for wait in seen_after(cost["written"], shown)],
            "bytes": news,
        }
    none, all_ = found[0], found[viewers]
    changes = len(all_["written"])
    print(f"calls {rate:g}/s for {seconds:g} s, {changes} changes; processor of the service, % of one core:")
    print(f"  no viewer        quiet {100 * none['quiet_cpu']:.0f}  busy {100 * none['cpu']:.0f}")
    print(f"  {viewers} viewers  quiet {100 * all_['quiet_cpu']:.0f}  busy {100 * all_['cpu']:.0f}")
    print(f"  ratio of busy {all_['cpu'] / none['cpu']:.2f}")
    if lags := all_["lags"]:
        for name, times in (("figures read -> arrived", lags), ("change committed -> on a screen", all_["waits"])):
            p99 = sorted(times)[int(0.99 * (len(times) - 1))]
            print(f"  {name}, ms: p50 {1000 * statistics.median(times):.0f}  p99 {1000 * p99:.0f}")
        rounds = len(lags) / viewers / all_["took"]
        print(f"  rounds a second {rounds:.2f}, a message {statistics.mean(all_['bytes']) / 1000:.1f} kB")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--viewers", type=int, default=100)
    asked.add_argument("--rate", type=float, default=20)
    asked.add_argument("--seconds", type=float, default=30)
    asked.add_argument("--serve", action="store_true")
    given = asked.parse_args()
    asyncio.run(serve(given.rate, given.seconds) if given.serve else main(given.viewers, given.rate, given.seconds))
