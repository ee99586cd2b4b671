"""How soon a call is lifted, with the service leading callers and without it, on the same Asterisk in the same run.

    .venv/bin/python bench/answer_times.py [--seconds 15] [--rates 1 20 50] [--until 100]

Each caller dials 96000, listens through greeting and notice into the menu (or the queue, without the service), and
hangs up. Ring start -> 200 OK is SIPp's own measure; the wish to let it ring is set to 0 s here. Machines
are noisy: read the ratios, not the milliseconds.
"""

import argparse
import asyncio
import csv
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hotline.calls.cadence import THREE_RINGS
from hotline.simulate.scenario import Wait, caller
from hotline.simulate.sipp import LOOPBACK, free_port
from tests.fakes.site import Site

LISTENS = 10.0  # seconds from the answer: greeting and notice take 8, then the menu has begun
RTP_FROM, RTP_TO = 30000, 39999


@dataclass(frozen=True)
class Measured:
    p50: float
    p99: float
    placed: int
    failed: int  # not lifted, or not within three rings


async def place_calls(site: Site, rate: int, seconds: float) -> Measured:
    """Place `rate` calls a second for so long; return the answer times in milliseconds."""
    count = max(round(rate * seconds), 30)
    directory = site.home / "bench"
    directory.mkdir(exist_ok=True)
    for old in directory.glob("*"):
        old.unlink()
    path = directory / "caller.xml"
    scenario = caller([Wait(LISTENS)], number="1380013[call_number]", dialled="96000", hangs_up=True)
    timed = scenario.replace('rtd="true"', 'rtd="1"').replace("<send retrans", '<send start_rtd="1" retrans', 1)
    path.write_text(timed, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *site.parts.command("sipp"), f"{LOOPBACK}:{site.settings.sip.port}", "-sf", str(path), "-i", LOOPBACK, "-mi",
        LOOPBACK, "-p", str(free_port()), "-r", str(rate), "-m", str(count), "-l", str(count), "-nostdin", "-trace_rtt",
        "-rtt_freq", "1", "-trace_stat", "-fd", "1", "-min_rtp_port", "40000", "-max_rtp_port", "60000",
        "-timeout", f"{seconds + LISTENS + 40:.0f}s",
        cwd=directory, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await process.wait()
    rtt = next(directory.glob("*_rtt.csv"))
    times = sorted(float(row[1]) for row in list(csv.reader(rtt.open(), delimiter=";"))[1:] if len(row) > 1)
    if not times:
        return Measured(float("nan"), float("nan"), count, count)
    in_time = sum(time <= THREE_RINGS.total_seconds() * 1000 for time in times)
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    return Measured(p50=times[len(times) // 2], p99=p99, placed=count, failed=count - in_time)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rates", type=int, nargs="+", default=[1, 20, 50])
    parser.add_argument("--until", type=int, default=100, help="then raise the rate up to here, or until calls fail")
    wanted = parser.parse_args()
    site = Site(
        HOTLINE_ANSWERING_RING_FOR="0", HOTLINE_SIP_RTP_FROM=str(RTP_FROM), HOTLINE_SIP_RTP_TO=str(RTP_TO),
        HOTLINE_ANSWERING_MOST_CALLS="2000",
        HOTLINE_AGI_SESSIONS="5000",
    )  # fmt: skip
    await site.set_up()
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        await place_calls(site, 5, 2)  # warm
        print(f"{'calls/s':>8} {'':>14} {'p50 ms':>8} {'p99 ms':>8} {'placed':>7} {'failed':>7}")
        for rate in wanted.rates:
            led = await place_calls(site, rate, wanted.seconds)
            site.signal("serve", signal.SIGKILL)
            await asyncio.sleep(site.settings.answering.lease + 2)
            pure = await place_calls(site, rate, wanted.seconds)
            site.start("serve")
            await site.ready()
            tell(rate, "dialplan alone", pure)
            tell(rate, "with service", led)
            print(f"{'':>8} {'ratio':>14} {led.p50 / pure.p50:8.2f} {led.p99 / pure.p99:8.2f}")
        await until_it_fails(site, "with service", wanted.rates[-1], wanted.until)
        site.signal("serve", signal.SIGKILL)
        await asyncio.sleep(site.settings.answering.lease + 2)
        await until_it_fails(site, "dialplan alone", wanted.rates[-1], wanted.until)
    finally:
        await site.stop()


async def until_it_fails(site: Site, name: str, rate: int, until: int) -> None:
    """Raise the rate step by step until calls fail, five seconds each."""
    while rate < until:
        rate = round(rate * 1.3)
        seen = await place_calls(site, rate, 5)
        tell(rate, name, seen)
        if seen.failed:
            print(f"{name}: calls begin to fail at {rate} a second")
            return
    print(f"{name}: no call failed up to {rate} a second")


def tell(rate: int, name: str, seen: Measured) -> None:
    print(f"{rate:>8} {name:>14} {seen.p50:8.1f} {seen.p99:8.1f} {seen.placed:>7} {seen.failed:>7}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
