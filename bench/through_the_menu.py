"""Thousands of callers through the whole menu, a third of them gone at some point; then the same, the service killed.

    .venv/bin/python bench/through_the_menu.py [--calls 10000] [--rate 20] [--kill-every 30] [--most-calls 400]

Each run has an installation of its own (tests/fakes/site.py) with the demo centre's residents, from whose numbers every
tenth call comes. Six agents lift at once and hang up after a second, so that some callers reach a human; the rest wait
in the queue for a bounded time (bench/menu_callers.py). Every call on its way to people is recorded, as it always is:
nothing in the product turns that off, and it is part of what a call costs. Who comes when as many are there as are let
in (`answering.most_calls`) is turned away: lifted, told, owed a call, counted as such. No worker runs: writing calls
down is measured elsewhere. With --kill-every 0 the second run is left out; KEEP_SITES=1 leaves the homes behind.

The killed service starts anew from this tree again and again: run it in a clone that nobody edits meanwhile.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.menu_callers import CallerKind, caller_kinds, numbers_of, shares
from bench.menu_figures import Seen, Usage, counted, show
from bench.sipp_figures import answer_times, counters, failures
from hotline.calls.cel import read_page, read_source
from hotline.calls.rows_store import cursor_of
from hotline.calls.store import calls_page
from hotline.demo import load_demo
from hotline.followups.store import FollowUpCallTable
from hotline.residents.demo_centre import demo_centre
from hotline.simulate.demo import SPEECH
from hotline.simulate.scenario import Say, agent
from hotline.simulate.sipp import LOOPBACK, Telephone, free_port
from tests.fakes.site import Site

AGENTS = ("8001", "8002", "8003", "8004", "8005", "8006")
SKILLS = {"8001": "repair", "8002": "repair", "8003": "complaint", "8004": "english"}
TALKS = 1.0  # seconds an agent talks
RTP = (10_000, 13_999)  # the switch's ports for sound: two a call; below the ports that programs are given by chance
SIPP_RTP, SIPP_RTP_EACH = 14_000, 800  # each SIPp process has its own
LOOK_EVERY = 2.0  # seconds between two looks at memory and processor
MOST_CALLS = 400  # about what two cores carry that also run SIPp; the product's default, 200, is for its default ports
STUCK_AFTER = 60.0
LEVEL_WITHIN = 900.0
BACK_WITHIN = 240.0
_TROUBLE = re.compile(r"\b(WARNING|ERROR)\[\d+\](?:\[C-[0-9a-f]+\])? (\S+?):\d* ?(?:in )?(.{0,90})")


async def one_run(calls: int, rate: float, kill_every: float, most_calls: int) -> Seen:
    """Set up an installation, place the calls, wait until all is quiet and the ledger level; return what was seen."""
    site = Site(
        HOTLINE_SIP_RTP_FROM=str(RTP[0]), HOTLINE_SIP_RTP_TO=str(RTP[1]), HOTLINE_SIP_AGENTS=",".join(AGENTS),
        HOTLINE_AGI_SESSIONS="2000",  # 20 a second, each up to half a minute in menus
        HOTLINE_ANSWERING_MOST_CALLS=str(most_calls),
        HOTLINE_QUEUES_OVERFLOW_AFTER="5",  # so that short waits meet it, too
    )  # fmt: skip
    await site.set_up()
    await load_demo(site.database, site.settings, site.clock)
    people = (person for household in demo_centre(site.clock.now()) for person in household.people)
    residents = [number.national for person in people for number in person.numbers]
    site.start("redis", "asterisk", "serve")
    phones: list[asyncio.subprocess.Process] = []
    seen = Seen()
    try:
        await site.ready()
        await with_skills(site)
        for extension in AGENTS:
            phone = site.telephone(f"agent-{extension}")
            await site.sign_phone(phone, extension, lasts=7200)
            phones.append(await answering(site, phone, talks=TALKS))
        phones.append(await answering(site, site.outside(), talks=3))  # who is called back lifts, too
        await place(site, seen, calls, rate, kill_every, residents)
        began = site.clock.monotonic()
        await site.ready(limit=BACK_WITHIN)
        if await is_soon_level(site):
            seen.level_after = site.clock.monotonic() - began
        await asyncio.sleep(max(0, began + STUCK_AFTER - site.clock.monotonic()))
        seen.stuck = await asyncio.to_thread(site.console, "core show channels count")
        if any(counted(seen.stuck).values()):
            seen.stuck += await asyncio.to_thread(site.console, "core show channels verbose")
        await is_soon_level(site)
        async with site.database.read() as session:
            seen.calls = await calls_page(session, limit=10 * calls + 1000)
            seen.owed = {(row.call_id, row.kind) for row in await session.scalars(select(FollowUpCallTable))}
        seen.troubles = troubles(site)
    except BaseException:
        print(site.last_words(), file=sys.stderr)
        raise
    finally:
        for process in phones:
            process.terminate()
        for process in phones:
            await process.wait()
        await site.stop()
    return seen


async def with_skills(site: Site) -> None:
    for extension, skill in SKILLS.items():
        await site.has_skills(extension, skill)


async def answering(site: Site, phone: Telephone, *, talks: float) -> asyncio.subprocess.Process:
    """Let a telephone lift every call at once, and hang up after so many seconds."""
    place = site.home / "phones" / f"answering-{phone.port}"
    place.mkdir(parents=True)
    scenario = agent([Say(SPEECH / "repair-leak.agent.al", talks)], rings_for=0, hangs_up=True, patience=3600)
    return await sipp(site, place, scenario, "-p", str(phone.port), "-m", "1000000")


async def sipp(site: Site, place: Path, scenario: str, *options: str) -> asyncio.subprocess.Process:
    (place / "scenario.xml").write_text(scenario, encoding="utf-8")
    never = "1000000"  # SIPp gives up by itself when it was late too often: here it may be late
    return await asyncio.create_subprocess_exec(
        *site.parts.command("sipp"), f"{LOOPBACK}:{site.settings.sip.port}", "-sf", "scenario.xml", "-i", LOOPBACK,
        "-mi", LOOPBACK, "-nostdin", "-aa", "-timer_resol", "5", "-watchdog_minor_maxtriggers", never,
        "-watchdog_major_maxtriggers", never, "-trace_err", "-error_file", "errors.log", *options,
        cwd=place, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def place(site: Site, seen: Seen, calls: int, rate: float, kill_every: float, residents: list[str]) -> None:
    """Place all calls, one SIPp process for each kind of caller; return when the last has ended."""
    kinds = caller_kinds(site.settings.sip.hotline_number)
    period = round(calls / rate * 1000)
    began = site.clock.monotonic()
    running: list[asyncio.subprocess.Process] = []
    try:
        async with asyncio.TaskGroup() as beside:
            tasks = [beside.create_task(look_again(site, seen, running))]
            if kill_every:
                tasks.append(beside.create_task(kill_again(site, seen, kill_every)))
            for number, (kind, count) in enumerate(zip(kinds, shares(kinds, calls), strict=True)):
                if count:
                    running.append(await calling(site, seen, number, kind, count, period, residents))
                await asyncio.sleep(1 / rate)  # so that not all kinds call in the same moment
            for process in running:
                await process.wait()
            seen.placing_took = site.clock.monotonic() - began
            for task in tasks:
                task.cancel()
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
                await process.wait()
    for number, kind in enumerate(kinds):
        directory = site.home / "callers" / str(number)
        if directory.exists():
            counted_by_sipp = counters((directory / "statistics.csv").read_text())
            seen.placed += counted_by_sipp.get("TotalCallCreated", 0)
            seen.otherwise.update({f"{kind.name}: {why}": n for why, n in failures(counted_by_sipp).items()})
            seen.times += [time for file in directory.glob("*_rtt.csv") for time in answer_times(file.read_text())]
    seen.times.sort()


async def calling(
    site: Site, seen: Seen, number: int, kind: CallerKind, count: int, period: int, residents: list[str]
) -> asyncio.subprocess.Process:
    directory = site.home / "callers" / str(number)
    directory.mkdir(parents=True)
    numbers = numbers_of(number, count, residents)
    (directory / "numbers.csv").write_text("SEQUENTIAL\n" + "".join(f"{one};\n" for one in numbers))
    seen.wanted.update(numbers)
    seen.to_be_lifted += count if kind.is_lifted else 0
    sound = SIPP_RTP + number * SIPP_RTP_EACH
    return await sipp(
        site, directory, kind.scenario, "-p", str(free_port()), "-inf", "numbers.csv", "-r", str(count), "-rp",
        str(period), "-m", str(count), "-l", str(count), "-trace_stat", "-stf", "statistics.csv", "-fd", "5",
        "-trace_rtt", "-rtt_freq", "1", "-min_rtp_port", str(sound), "-max_rtp_port", str(sound + SIPP_RTP_EACH - 1),
        "-timeout", f"{period // 1000 + 400}s",
    )  # fmt: skip


async def kill_again(site: Site, seen: Seen, every: float) -> None:
    """Kill the service every so many seconds, start it at once, and note how long callers then find nobody there."""
    while True:
        await asyncio.sleep(max(1.0, every - (seen.away[-1] if seen.away else 0)))
        site.signal("serve", signal.SIGKILL)
        began = site.clock.monotonic()
        site.start("serve")
        await site.eventually(
            lambda: listens(site.settings.agi.port), limit=BACK_WITHIN, what="the service listens again"
        )
        seen.away.append(site.clock.monotonic() - began)


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


async def look_again(site: Site, seen: Seen, running: list[asyncio.subprocess.Process]) -> None:
    """Follow memory and processor of every program, and how many calls the switch has at once."""
    round_number = 0
    while True:
        for name, process in site.processes.items():
            seen.usage.setdefault(name, Usage()).look(process.pid)
        for caller_process in running:
            seen.usage.setdefault("sipp", Usage()).look(caller_process.pid)
        if round_number % 5 == 0:
            try:
                said = await asyncio.to_thread(site.console, "core show channels count")
            except subprocess.TimeoutExpired:
                said = ""  # a console that is slow under load is no reason to stop the run
            seen.most_calls = max(seen.most_calls, counted(said).get("call", 0))
        round_number += 1
        await asyncio.sleep(LOOK_EVERY)


async def is_soon_level(site: Site) -> bool:
    """Wait until the ledger is level; tell whether that came about in time. If not, the table shows what is missing."""
    try:
        await site.eventually(lambda: is_level(site), limit=LEVEL_WITHIN, what="the ledger is level")
    except AssertionError as behind:
        print(behind, file=sys.stderr)
        return False
    return True


async def is_level(site: Site) -> bool:
    """Tell whether the ledger has read all that the switch has written."""
    source = await asyncio.to_thread(read_source, site.settings.cel_store)
    async with site.database.read() as session:
        after = await cursor_of(session, source)
    page = await asyncio.to_thread(read_page, site.settings.cel_store, after, limit=1)
    return page.position == after


def troubles(site: Site) -> Counter[str]:
    """Count what the switch and the service complained of."""
    found: Counter[str] = Counter()
    switch = site.home / "asterisk" / "log" / "messages"
    if switch.exists():
        for level, where, words in _TROUBLE.findall(switch.read_text(errors="replace")):
            found[f"switch {level} {where} {re.sub(r'[0-9a-f-]*[0-9][0-9a-f-]*', '#', words)}"] += 1
    for line in (site.home / "logs" / "serve.log").read_text(errors="replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("level") in {"warning", "error", "critical"}:
            found[f"service {said['level']} {said.get('event')} {said.get('error', said.get('reason', ''))}"] += 1
    return found


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=20, help="calls a second")
    parser.add_argument("--kill-every", type=float, default=30, help="seconds; 0: no second run")
    parser.add_argument("--most-calls", type=int, default=MOST_CALLS, help="let in at one time; more are turned away")
    wanted = parser.parse_args()
    print(f"{wanted.calls} calls at {wanted.rate:g} a second; {os.getloadavg()}", flush=True)
    first = await one_run(wanted.calls, wanted.rate, 0, wanted.most_calls)
    show("nothing disturbed", first, None)
    if wanted.kill_every:
        second = await one_run(wanted.calls, wanted.rate, wanted.kill_every, wanted.most_calls)
        show(f"service killed every {wanted.kill_every:g} s", second, first)


if __name__ == "__main__":
    asyncio.run(main())
