"""A campaign against a carrier played by SIPp: how well lines are used, and what a death of any part costs.

Set shares of busy, no answer, answers and machines; one home, one number, one call. The carrier itself writes down
every number it is asked for, so doubles are counted where they would be heard. With `--kill-every` one part after
another dies by SIGKILL and is started again, as supervisord would.

    PYTHONPATH=. .venv/bin/python bench/campaigns.py --targets 200 --lines 10
    PYTHONPATH=. .venv/bin/python bench/campaigns.py --targets 200 --lines 10 --workers 3 --kill-every 20
"""

import argparse
import asyncio
import itertools
import re
import signal
import sqlite3
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from hotline.campaigns.attempt import ALIVE
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import CampaignKind, CampaignStep
from hotline.campaigns.store import NewTarget, TargetTable, add_campaign, add_targets, take_campaign_step
from hotline.clock import SystemClock
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident, set_arrears
from hotline.simulate.scenario import Press, Say, agent, agent_who_does_not_answer, telephone_that_is_not_lifted
from tests.fakes.played import shorten_prompts
from tests.fakes.residents import short_hello, spoken
from tests.fakes.site import Site

SHARES: Final = {"busy": 0.15, "no answer": 0.25, "machine": 0.15}  # the rest are people
RING_FOR: Final = 10
SHORT: Final = ("out-ask", "out-owner", "out-ask-keys", "out-fee-keys", "out-heard", "out-machine", "arrears-how")
MORTAL: Final = ("worker", "serve", "redis", "asterisk")
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


def carrier(site: Site) -> str:
    """Return the scenario of a carrier that lets fate decide what becomes of a call."""
    person = agent(
        (short_hello(site), Press("1"), Say(site.silence(2), 2), Press("1")), rings_for=4, hangs_up=False, patience=60
    )
    greeting = spoken(site, "leave-message", name="machine", then=20)
    machine = agent((Say(greeting.sound, 1),), rings_for=3, hangs_up=False, patience=60)
    first = body(person).split("</send>", 1)[0] + "</send>"
    first = re.sub(r'<recv request="INVITE"[^>]*></recv>', f'<recv request="INVITE">{_NUMBER}', first)
    kinds = {
        "busy": telephone_that_is_not_lifted("486 Busy Here", rings_for=1.5),
        "no answer": agent_who_does_not_answer(patience=60),
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

    def __init__(self, site: Site) -> None:
        self._log = site.home / "carrier.log"
        scenario = site.home / "carrier.xml"
        scenario.write_text(carrier(site), encoding="utf-8")
        port = site.settings.sip.trunk.rpartition(":")[2]
        self._process = subprocess.Popen(
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
        self._process.terminate()
        self._process.wait(10)


async def list_of(site: Site, targets: int, lines: int) -> int:
    """Let so many homes owe something, and a campaign remind them that runs."""
    now = site.clock.now()
    async with site.database.begin() as session:
        made = await add_campaign(session, kind=CampaignKind.FEE_REMINDER, name="bench", words="", by="bench", at=now)
        new = []
        for place in range(targets):
            home = await add_home(
                session, Home(building=1 + place // 400, unit=1 + place // 100 % 4, room=101 + place % 100)
            )
            await add_resident(session, home, "张伟", title=Title.MR)
            await set_arrears(session, home, ["2026-09", "2026-10"], 123_45 + place)
            e164 = f"+86139{place:08d}"
            new.append(
                NewTarget(household=home.label, home_id=home.id, e164=e164, salutation="张先生", fen=123_45 + place)
            )
        await add_targets(session, made.id, new, at=now)
        await take_campaign_step(session, made.id, CampaignStep.STARTED, who="bench", at=now, needs_approval=False)
    return lines


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


async def kills(site: Site, every: float, told: list[str]) -> None:
    """Let one part after another die."""
    for turn in itertools.count():
        await asyncio.sleep(every)
        part = MORTAL[turn % len(MORTAL)]
        workers = sum(one.startswith("worker-") for one in site.processes)
        name = part if part != "worker" else f"worker-{turn // len(MORTAL) % workers + 1}"
        if site.processes[name].poll() is None:
            site.signal(name, signal.SIGKILL)
            told.append(name)


async def supervise(site: Site) -> None:
    """Start again whatever died, by us or by itself (a worker ends with its Redis), as supervisord does."""
    while True:
        await asyncio.sleep(1)
        for name, process in list(site.processes.items()):
            if process.poll() is not None:
                start(site, name)


def start(site: Site, name: str) -> None:
    """Start a program; workers go by a number."""
    plain = name.partition("-")[0]
    kept = site.processes.pop(plain, None)
    site.start(plain)
    if name != plain:
        site.processes[name] = site.processes.pop(plain)
        if kept is not None:
            site.processes[plain] = kept


def spans(store: Path) -> list[tuple[float, float]]:
    """Return from when until when each attempt's channel lived, by the switch's own log."""
    with sqlite3.connect(store) as log:
        rows = log.execute(
            "SELECT uniqueid, MIN(eventtime + 0.0), MAX(CASE WHEN eventtype = 'HANGUP' THEN eventtime + 0.0 END)"
            " FROM cel WHERE uniqueid LIKE 'attempt-%' GROUP BY uniqueid"
        ).fetchall()
    return [(begun, ended if ended is not None else begun) for _, begun, ended in rows]


def most_at_once(lived: list[tuple[float, float]]) -> int:
    """Return how many lived at the same moment, at most."""
    turns = sorted([(begun, 1) for begun, _ in lived] + [(ended, -1) for _, ended in lived])
    return max(itertools.accumulate(turn for _, turn in turns), default=0)


def share_used(lived: list[tuple[float, float]], lines: int) -> float:
    """Return the share of line-time used while there was somebody left to ring: from the first start to the last."""
    first, last = min(begun for begun, _ in lived), max(begun for begun, _ in lived)
    used = sum(max(0.0, min(ended, last) - begun) for begun, ended in lived)
    return used / (lines * (last - first))


async def run(targets: int, lines: int, workers: int, per_second: float, kill_every: float, limit: float) -> None:
    ahead = 12 - SystemClock().now().hour
    site = Site(
        HOTLINE_CENTRE_TIME_ZONE=f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT",
        HOTLINE_OUTBOUND_WINDOWS="08:00-22:00", HOTLINE_OUTBOUND_HOLIDAY_WINDOWS="08:00-22:00",
        HOTLINE_OUTBOUND_RING_FOR=str(RING_FOR), HOTLINE_OUTBOUND_LINES=str(lines), HOTLINE_OUTBOUND_KEEP_FREE="0",
        HOTLINE_OUTBOUND_PER_SECOND=str(per_second), HOTLINE_OUTBOUND_TRIES="1",
    )  # fmt: skip
    await site.set_up()
    shorten_prompts(site, *SHORT)
    await list_of(site, targets, lines)
    line = Carrier(site)
    killed: list[str] = []
    try:
        site.start("redis", "asterisk", "serve")
        await site.ready()
        began = site.clock.monotonic()
        for number in range(workers):
            start(site, f"worker-{number + 1}")
        loop = asyncio.get_running_loop()
        beside = [loop.create_task(supervise(site))]
        beside += [loop.create_task(kills(site, kill_every, killed))] if kill_every else []
        seen = await progress(site)
        while (seen.rung < targets or seen.alive) and site.clock.monotonic() - began < limit:
            await asyncio.sleep(2)
            seen = await progress(site)
        took = site.clock.monotonic() - began
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await report(site, line, targets=targets, lines=lines, workers=workers, took=took, killed=killed)
    finally:
        line.stop()
        await site.stop()


async def report(
    site: Site, line: Carrier, *, targets: int, lines: int, workers: int, took: float, killed: list[str]
) -> None:
    asked, lived = line.numbers(), spans(site.settings.cel_store)
    async with site.database.read() as session:
        outcomes = Counter(await session.scalars(select(AttemptTable.outcome).where(AttemptTable.state == "settled")))
        states = Counter(await session.scalars(select(AttemptTable.state)))
        waiting = Counter(await session.scalars(select(TargetTable.state)))
    print(f"targets {targets}, lines {lines}, workers {workers}, killed: {' '.join(killed) or 'nothing'}")
    print(f"took {took:.0f} s; outcomes {dict(outcomes)}; attempts {dict(states)}; targets {dict(waiting)}")
    print(f"share of line-time used {share_used(lived, lines):.1%}")
    print(f"over-limit dials {max(0, most_at_once(lived) - lines)} (most at once {most_at_once(lived)})")
    print(f"doubles at the carrier {sum(count - 1 for count in asked.values())}")
    print(f"never asked for {targets - len(asked)}; still unknown {states['unknown']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--lines", type=int, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--per-second", type=float, default=5.0)
    parser.add_argument("--kill-every", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds after which it is given up")
    asked = parser.parse_args()
    asyncio.run(run(asked.targets, asked.lines, asked.workers, asked.per_second, asked.kill_every, asked.limit))


if __name__ == "__main__":
    main()
