"""A campaign against a carrier played by SIPp: how well lines are used, and what a death of any part costs.

Set shares of busy, no answer, answers and machines; one home, one number. The carrier itself writes down every number
it is asked for, so doubles are counted where they would be heard. With `--kill-every` one part after another dies by
SIGKILL (the link to the switch: by being cut) and is started again, as supervisord would.

    PYTHONPATH=. .venv/bin/python bench/campaigns.py --targets 300 --lines 50 --workers 2
    PYTHONPATH=. .venv/bin/python bench/campaigns.py --targets 300 --lines 50 --workers 2 --kill-every 20
"""

import argparse
import asyncio
import heapq
import itertools
import os
import re
import signal
import sqlite3
import subprocess
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from hotline.campaigns.attempt import ALIVE
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import CampaignKind, CampaignStep
from hotline.campaigns.store import add_campaign, take_campaign_step
from hotline.campaigns.targets_store import TargetTable
from hotline.clock import SystemClock
from hotline.install.processes import worker_names
from hotline.phone import PhoneNumber
from hotline.simulate.scenario import Press, Say, agent, telephone_that_is_not_lifted
from tests.fakes.databases import PostgreSQLServer
from tests.fakes.many_homes import list_homes_that_owe
from tests.fakes.played import shorten_prompts
from tests.fakes.residents import short_hello, spoken
from tests.fakes.site import Site, free_udp_range

SHARES: Final = {"busy": 0.15, "no-answer": 0.25, "machine": 0.15}  # the rest are people
RING_FOR: Final = 10
BUSY_AFTER: Final = 1.0
SOUND_PORTS: Final = 1500
SHORT: Final = ("out-ask", "out-owner", "out-ask-keys", "out-fee-keys", "out-heard", "out-machine", "arrears-how")
LINK: Final = "link"
_NUMBER: Final = (
    '<action><ereg regexp="sip:([0-9]+)@" search_in="msg" assign_to="1,2"/><log message="INVITE [$2]"/>'
    '<assignstr assign_to="1" value=""/></action></recv>'
)


def body(scenario: str) -> str:
    """Return the steps of a scenario of ours."""
    return scenario.split('<scenario name="hotline">')[1].split("</scenario>", maxsplit=1)[0]


def after_ringing(scenario: str) -> str:
    """Return the steps behind the first 180, which the carrier sends to everybody."""
    return body(scenario).split("</send>", 1)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a run; seconds where nothing else is said."""

    targets: int
    lines: int
    workers: int
    per_second: float  # calls
    kill_every: float
    parts: tuple[str, ...]
    limit: float
    rings: float  # before somebody, or a machine, lifts
    unanswered: float  # how long a telephone rings that nobody lifts
    talks: float  # what a person listens to between two keys
    is_postgresql: bool


def carrier(site: Site, asked: Asked) -> str:
    """Return the scenario of a carrier that lets fate decide what becomes of a call."""
    person = agent(
        (short_hello(site), Press("1"), Say(site.silence(asked.talks), asked.talks), Press("1")),
        rings_for=asked.rings, hangs_up=False, patience=60,
    )  # fmt: skip
    greeting = spoken(site, "leave-message", name="machine", then=20)
    machine = agent((Say(greeting.sound, 1),), rings_for=asked.rings, hangs_up=False, patience=60)
    first = body(person).split("</send>", 1)[0] + "</send>"
    first = re.sub(r'<recv request="INVITE"[^>]*></recv>', f'<recv request="INVITE">{_NUMBER}', first)
    kinds = {
        "busy": telephone_that_is_not_lifted("486 Busy Here", rings_for=BUSY_AFTER),
        "no-answer": telephone_that_is_not_lifted("480 Temporarily Unavailable", rings_for=asked.unanswered),
        "machine": machine,
    }
    left, choices, branches = 1.0, "", ""
    for label, (kind, scenario) in enumerate(kinds.items(), 1):
        choices += f'<nop next="{label}" chance="{SHARES[kind] / left:.4f}"/>\n'
        left -= SHARES[kind]
        branches += f'<nop next="9"/><label id="{label}"/>{after_ringing(scenario)}'
    whole = f'{first}\n{choices}{after_ringing(person)}{branches}<label id="9"/><nop/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="carrier">\n{whole}\n</scenario>\n'


class Carrier:
    """SIPp at the other end of the trunk, for as many calls as come."""

    def __init__(self, site: Site, asked: Asked) -> None:
        self._log = site.home / "carrier.log"
        scenario = site.home / "carrier.xml"
        scenario.write_text(carrier(site, asked), encoding="utf-8")
        port = site.settings.sip.trunk.rpartition(":")[2]
        self.process = subprocess.Popen(
            [
                *site.parts.command("sipp"), "-sf", str(scenario), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", port,
                "-min_rtp_port", "40000", "-max_rtp_port", "41000", "-nostdin", "-aa", "-l", "500",
                "-trace_logs", "-log_file", str(self._log),
            ],
            cwd=site.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def numbers(self) -> Counter[str]:
        """Return how often each number was asked for."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return Counter(re.findall(r"INVITE (\d+)", text))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


async def running_campaign(site: Site, targets: int) -> int:
    """Let so many homes owe something, and a campaign remind them that runs; return its number."""
    now = site.clock.now()
    async with site.database.begin() as session:
        made = await add_campaign(session, kind=CampaignKind.FEE_REMINDER, name="bench", words="", by="bench", at=now)
    await list_homes_that_owe(site.database, made.id, targets, site.clock)
    await step(site, made.id, CampaignStep.STARTED)
    return made.id


async def step(site: Site, campaign: int, what: CampaignStep) -> None:
    async with site.database.begin() as session:
        await take_campaign_step(session, campaign, what, who="bench", at=site.clock.now(), needs_approval=False)


@dataclass
class Progress:
    """How far it is."""

    rung: int  # targets with an attempt that is over, or never will be
    alive: int


async def progress(site: Site) -> Progress:
    async with site.database.read() as session:
        alive = await session.scalar(
            select(func.count()).where(AttemptTable.state.in_([state.value for state in ALIVE]))
        )
        rung = await session.scalar(
            select(func.count(func.distinct(AttemptTable.target_id))).where(AttemptTable.state == "settled")
        )
    return Progress(rung=rung or 0, alive=alive or 0)


async def kills(site: Site, asked: Asked, told: list[str]) -> None:
    """Let one part after another die."""
    for part in itertools.cycle(asked.parts):
        await asyncio.sleep(asked.kill_every)
        if part == LINK:
            await asyncio.to_thread(cut_links, site)
        elif site.processes[part].poll() is None:
            site.signal(part, signal.SIGKILL)
        told.append(part)


def cut_links(site: Site) -> None:
    """End every connection to the switch's manager interface."""
    for line in site.console("manager show connected").splitlines():
        words = line.split()
        if words and words[0] == site.settings.ami.username:
            site.console(f"manager kick session {words[4]}")


async def supervise(site: Site) -> None:
    """Start again whatever died, by us or by itself (a worker ends with its Redis), as supervisord does."""
    while True:
        await asyncio.sleep(1)
        for name, process in list(site.processes.items()):
            if process.poll() is not None:
                site.start(name)


def spans(store: Path) -> list[tuple[float, float]]:
    """Return from when until when each attempt's channel lived, by the switch's own log."""
    with sqlite3.connect(store) as log:
        rows = log.execute(
            "SELECT uniqueid, MIN(eventtime + 0.0), MAX(CASE WHEN eventtype = 'HANGUP' THEN eventtime + 0.0 END)"
            " FROM cel WHERE uniqueid LIKE 'attempt-%' GROUP BY uniqueid"
        ).fetchall()
    return [(begun, ended if ended is not None else begun) for _, begun, ended in rows]


def spent(pid: int) -> float:
    """Return the processor time of a program since it began, in seconds."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def most_at_once(lived: list[tuple[float, float]]) -> int:
    """Return how many lived at the same moment, at most."""
    turns = sorted([(begun, 1) for begun, _ in lived] + [(ended, -1) for _, ended in lived])
    return max(itertools.accumulate(turn for _, turn in turns), default=0)


def share_used(lived: list[tuple[float, float]], lines: int) -> float:
    """Return the share of line-time used while there was somebody left to ring: from the first start to the last."""
    first, last = min(begun for begun, _ in lived), max(begun for begun, _ in lived)
    used = sum(max(0.0, min(ended, last) - begun) for begun, ended in lived)
    return used / (lines * (last - first))


def share_of_ideal(lived: list[tuple[float, float]], lines: int, per_second: float) -> float:
    """Return the time that these calls, in this order, need at best, as a share of what they took to begin.

    At best each begins in the moment in which a line is free and the pace lets it.
    """
    lived = sorted(lived)
    free, begins = [0.0] * lines, 0.0
    for place, (begun, ended) in enumerate(lived):
        begins = max(heapq.heappop(free), begins + 1 / per_second if place else 0.0)
        heapq.heappush(free, begins + ended - begun)
    return begins / (lived[-1][0] - lived[0][0])


async def run(asked: Asked) -> None:
    ahead = 12 - SystemClock().now().hour
    ports = free_udp_range(SOUND_PORTS)
    with ExitStack() as stack:
        database = ""
        if asked.is_postgresql:
            server = PostgreSQLServer()
            stack.callback(server.stop)
            database = server.url(await server.create())
        site = Site(
            HOTLINE_CENTRE_TIME_ZONE=f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT",
            HOTLINE_OUTBOUND_WINDOWS="08:00-22:00", HOTLINE_OUTBOUND_HOLIDAY_WINDOWS="08:00-22:00",
            HOTLINE_OUTBOUND_RING_FOR=str(RING_FOR), HOTLINE_OUTBOUND_LINES=str(asked.lines),
            HOTLINE_OUTBOUND_KEEP_FREE="0", HOTLINE_OUTBOUND_PER_SECOND=str(asked.per_second),
            HOTLINE_OUTBOUND_TRIES="1", HOTLINE_OUTBOUND_REMINDER_DAYS=str(SystemClock().now().day % 28 + 1),
            HOTLINE_WORKER_PROCESSES=str(asked.workers), HOTLINE_SIP_RTP_FROM=str(ports),
            HOTLINE_SIP_RTP_TO=str(ports + SOUND_PORTS), HOTLINE_ANSWERING_MOST_CALLS="200",
            **({"HOTLINE_DATABASE_URL": database} if database else {}),
        )  # fmt: skip
        await measured(site, asked)


async def measured(site: Site, asked: Asked) -> None:
    await site.set_up()
    shorten_prompts(site, *SHORT)
    campaign = await running_campaign(site, asked.targets)
    line = Carrier(site, asked)
    killed: list[str] = []
    try:
        site.start("redis", "asterisk", "serve")
        await site.ready()
        began = site.clock.monotonic()
        site.start(*worker_names(site.settings))
        loop = asyncio.get_running_loop()
        beside = [loop.create_task(supervise(site))]
        beside += [loop.create_task(kills(site, asked, killed))] if asked.kill_every else []
        seen = await progress(site)
        while seen.rung < asked.targets and site.clock.monotonic() - began < asked.limit:
            await asyncio.sleep(2)
            seen = await progress(site)
        took = site.clock.monotonic() - began
        if seen.rung >= asked.targets:  # busy ones would be tried again in a quarter of an hour
            await step(site, campaign, CampaignStep.PAUSED)
        while seen.alive and site.clock.monotonic() - began < asked.limit + 90:
            await asyncio.sleep(1)
            seen = await progress(site)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await report(site, line, asked, took=took, killed=killed)
    finally:
        line.stop()
        await site.stop()


async def report(site: Site, line: Carrier, asked: Asked, *, took: float, killed: list[str]) -> None:
    rung, lived = line.numbers(), spans(site.settings.cel_store)
    async with site.database.read() as session:
        settled = (
            await session.execute(
                select(AttemptTable.e164, AttemptTable.target_id, AttemptTable.outcome, AttemptTable.disturbed_at)
                .where(AttemptTable.state == "settled")
                .order_by(AttemptTable.planned_at, AttemptTable.id)
            )
        ).all()
        states = Counter(await session.scalars(select(AttemptTable.state)))
        whys = Counter(await session.scalars(select(AttemptTable.why).where(AttemptTable.state == "withdrawn")))
        standing = Counter(await session.scalars(select(TargetTable.state)))
    spents = {name: spent(process.pid) for name, process in {**site.processes, "carrier": line.process}.items()}
    tries = Counter(PhoneNumber(one.e164).national for one in settled)
    unasked = sum(max(0, count - tries[number]) for number, count in rung.items())
    disturbed = Counter(one.target_id for one in settled if one.disturbed_at is not None)
    first = {one.target_id: one.outcome for one in reversed(settled)}
    outcomes = Counter(first.values())
    mean = sum(ended - begun for begun, ended in lived) / len(lived)
    print(
        f"targets {asked.targets}, lines {asked.lines}, workers {asked.workers}, at most {asked.per_second:g} calls a "
        f"second, {'PostgreSQL' if asked.is_postgresql else 'SQLite'}, {len(killed)} deaths: "
        f"{', '.join(f'{part} {count}' for part, count in Counter(killed).items()) or 'none'}"
    )
    print(f"took {took:.0f} s, a call {mean:.1f} s; attempts {dict(states)}; targets {dict(standing)}")
    print(
        f"line-time used: {share_used(lived, asked.lines):.1%} of all, "
        f"{share_of_ideal(lived, asked.lines, asked.per_second):.1%} of the ideal schedule"
    )
    print(f"over-limit dials {max(0, most_at_once(lived) - asked.lines)} (at once at most {most_at_once(lived)})")
    doubles = unasked + sum(count - 1 for count in disturbed.values())
    print(f"doubles {doubles} (of them numbers asked for without an attempt {unasked})")
    never = asked.targets - len(rung)
    print(f"lost {asked.targets - len(first)} (of them never asked for {never}); unknown {states['unknown']}")
    print(f"withdrawn because {dict(whys) or 'none'}")
    print(
        f"processor s a call: {'; '.join(f'{name} {spent / len(lived):.3f}' for name, spent in sorted(spents.items()))}"
    )
    shares = {**SHARES, "human": 1 - sum(SHARES.values())}
    told = (f"{what} {outcomes[what] / len(first):.1%} of {shares.get(what, 0):.0%}" for what in {**shares, **outcomes})
    print(f"outcomes, of what was set: {'; '.join(told)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=300)
    parser.add_argument("--lines", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--rings", type=float, default=1.0, help="before somebody lifts")
    parser.add_argument("--unanswered", type=float, default=6.0, help="how long a telephone rings in vain")
    parser.add_argument("--talks", type=float, default=1.0, help="what a person listens to between two keys")
    parser.add_argument("--kill-every", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--kill", default="", help="which parts; the workers, serve, redis and link if not said")
    parser.add_argument("--postgresql", action="store_true", help="a server of its own instead of SQLite")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds after which it is given up")
    said = parser.parse_args()
    workers = ["worker", *(f"worker-{number}" for number in range(2, said.workers + 1))]
    mortal = (*workers, "serve", "redis", LINK)
    asked = Asked(
        targets=said.targets, lines=said.lines, workers=said.workers, per_second=said.per_second,
        kill_every=said.kill_every, parts=tuple(said.kill.split(",")) if said.kill else mortal,
        limit=said.limit, rings=said.rings, unanswered=said.unanswered, talks=said.talks, is_postgresql=said.postgresql,
    )  # fmt: skip
    asyncio.run(run(asked))


if __name__ == "__main__":
    main()
