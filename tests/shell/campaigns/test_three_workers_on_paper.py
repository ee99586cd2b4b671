"""Three workers over one Redis and one PostgreSQL; two of them are killed at random: nobody twice, nobody forgotten."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import hotline.tables  # noqa: F401  # every table
from hotline.bus import Bus
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.campaigns import reconcile
from hotline.campaigns.campaign import CampaignKind, CampaignStep
from hotline.campaigns.lines import Lines
from hotline.campaigns.reconcile import Reconcile
from hotline.campaigns.settling import Settling
from hotline.campaigns.store import add_campaign, take_campaign_step
from hotline.campaigns.targets_store import TargetTable
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.install.pbx import make_cel_store
from tests.fakes.dial_floor import ZONE
from tests.fakes.many_homes import list_homes_that_owe
from tests.fakes.redis_server import RedisServer
from tests.fakes.worker_on_paper import LINES, SETTINGS, ClockOfOneMorning, Paper

HOMES = 40
WITHIN = 200
DEATHS = 3
TALK = 0.3  # seconds


class Workers:
    """Three processes, each started again when it died."""

    def __init__(self, *words: str) -> None:
        self._command = [sys.executable, "-m", "tests.fakes.worker_on_paper", *words]
        self.running = [self._start() for _ in range(3)]

    def kill(self, place: int) -> None:
        self.running[place].kill()
        self.running[place].wait(10)
        self.running[place] = self._start()

    def stop(self) -> None:
        for process in self.running:
            process.kill()
            process.wait(10)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("database_server", ["postgresql"], indirect=True)
async def test_two_of_three_workers_killed_at_random_over_postgresql_ring_nobody_twice_and_forget_nobody(
    database: Database, redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "SILENT_AFTER", timedelta(seconds=9))  # more than a claim may be old
    chance, ten = random.Random(11), SystemClock().monotonic()
    clock, paper = ClockOfOneMorning(ten), Paper(tmp_path / "paper")
    lines, settling = Lines(redis_server.url), Settling(clock=clock, settings=SETTINGS, zone=ZONE)
    make_cel_store(tmp_path / "master.db")
    looks = Reconcile(
        database=database, bus=Bus(), clock=clock, dialler=paper,
        link_up_since=lambda: clock.now() - timedelta(hours=1), cel_store=tmp_path / "master.db",
        settings=SETTINGS,
    )  # fmt: skip
    async with database.begin() as session:
        made = await add_campaign(
            session, kind=CampaignKind.FEE_REMINDER, name="催缴", words="", by="wang", at=clock.now()
        )
    await list_homes_that_owe(database, made.id, HOMES, clock)
    workers = Workers(str(database.engine.url.render_as_string(hide_password=False)), redis_server.url,
                      str(tmp_path / "paper"), str(ten))  # fmt: skip
    seen: dict[str, float] = {}
    over: set[str] = set()
    most, deaths, next_look = 0, 0, ten
    try:
        async with asyncio.timeout(WITHIN):
            while len(list(tmp_path.glob("paper.*"))) < 3:
                await asyncio.sleep(0.1)
            async with database.begin() as session:
                await take_campaign_step(
                    session, made.id, CampaignStep.STARTED, who="wang", at=clock.now(), needs_approval=False
                )
            while len(over) < HOMES:
                at = clock.monotonic()
                calls, by_whom = [attempt for attempt, _, _ in paper.calls()], {by for _, _, by in paper.calls()}
                most = max(most, len([one for one in calls if one not in over]))
                for attempt in calls:
                    if attempt in over or at - seen.setdefault(attempt, at) < TALK:
                        continue
                    call = CallRecord(
                        id=attempt, state=CallState.ENDED, direction="outbound", ring_start=clock.now(),
                        ended_at=clock.now(), outcome=Outcome.NO_ANSWER, hangup_cause=19,
                    )  # fmt: skip
                    async with database.begin() as session:
                        await settling.follow(session, call)
                    over.add(attempt)
                    await lines.give_back(attempt)
                dialled = [place for place in (1, 2) if str(workers.running[place].pid) in by_whom]
                if dialled and deaths < DEATHS and chance.random() < 0.3:
                    workers.kill(chance.choice(dialled))
                    deaths += 1
                if at >= next_look:
                    await looks.once()
                    next_look = at + 1
                await asyncio.sleep(0.02)
    finally:
        workers.stop()
        await lines.close()

    rung = Counter(number for _, number, _ in paper.calls())
    assert [number for number, count in rung.items() if count > 1] == []
    assert len(rung) == HOMES, "nobody is forgotten"
    assert most <= LINES
    async with database.read() as session:
        states = Counter(await session.scalars(select(TargetTable.state)))
    assert states == {"given-up": HOMES}, "each was rung in vain, once, as is set"
    assert deaths, "who was killed had dialled"
