"""How fast it is decided who is rung next, and by how many statements, at a thousand and at a million targets.

A target's whole way, without a switch: a tick finds who is due, judges and plans, fifty at a time; each is judged once
more and claimed; its call, which nobody took, is settled. SQLite, and with `--postgresql` a server of its own, too.

    PYTHONPATH=. .venv/bin/python bench/campaign_decisions.py --targets 1000 1000000 --postgresql
"""

import argparse
import asyncio
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event

import hotline.tables  # noqa: F401  # every table
from hotline.campaigns.campaign import CampaignKind, CampaignStep
from hotline.campaigns.lines import Lines
from hotline.campaigns.store import add_campaign, take_campaign_step
from hotline.clock import SystemClock
from hotline.database import Base, Database
from tests.fakes.databases import PostgreSQLServer
from tests.fakes.dial_floor import DialFloor
from tests.fakes.many_homes import list_homes_that_owe

A_TICK: Final = 50


class LinesWithoutEnd(Lines):
    """A trunk that never fills: what is measured is the deciding."""

    async def take(self, _attempt: Any, **_limits: Any) -> timedelta:
        return timedelta(0)

    async def give_back(self, _attempt: Any) -> None:
        pass

    async def keep(self, _alive: Any) -> bool:
        return True


async def measured(database: Database, targets: int, deciding: int) -> None:
    """Let the first of so many targets be decided, and print what that took."""
    clock = SystemClock()
    floor = DialFloor(database, "redis://127.0.0.1:1", LinesWithoutEnd("redis://127.0.0.1:1"), per_second=A_TICK)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.begin() as session:
        now = floor.clock.now()
        made = await add_campaign(session, kind=CampaignKind.FEE_REMINDER, name="bench", words="", by="bench", at=now)
    await list_homes_that_owe(database, made.id, targets, floor.clock)
    async with database.begin() as session:
        await take_campaign_step(session, made.id, CampaignStep.STARTED, who="b", at=now, needs_approval=False)
    statements, took, part = Counter[str](), Counter[str](), ""

    def count(*_: Any) -> None:
        statements[part] += 1

    event.listen(database.engine.sync_engine, "before_cursor_execute", count)
    decided = 0
    for _ in range(deciding // A_TICK):
        floor.clock.turn(1)
        began, part = clock.monotonic(), "planned"
        planned = (await floor.ticks()).planned
        took[part] += clock.monotonic() - began
        began, part = clock.monotonic(), "claimed"
        worker = floor.worker()
        for attempt in planned:
            await worker.dial(attempt)
        took[part] += clock.monotonic() - began
        began, part = clock.monotonic(), "settled"
        for attempt in planned:
            await floor.ended(attempt)
        took[part] += clock.monotonic() - began
        decided += len(planned)
    told = (f"{one} {statements[one] / decided:.2f} statements, {decided / took[one]:.0f} a second" for one in took)
    print(f"{database.engine.dialect.name}, {targets} targets, {decided} of them: {'; '.join(told)}", flush=True)
    await floor.close()


async def run(targets: int, deciding: int, server: PostgreSQLServer | None) -> None:
    with tempfile.TemporaryDirectory() as directory:
        url = server.url(await server.create()) if server else f"sqlite+aiosqlite:///{Path(directory) / 'bench.db'}"
        database = Database(url)
        try:
            await measured(database, targets, deciding)
        finally:
            await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, nargs="+", default=[1000, 1_000_000])
    parser.add_argument("--decide", type=int, default=1000, help="how many of them are decided")
    parser.add_argument("--postgresql", action="store_true", help="measure PostgreSQL, too")
    asked = parser.parse_args()
    for targets in asked.targets:
        asyncio.run(run(targets, asked.decide, None))
    if asked.postgresql:
        server = PostgreSQLServer()
        try:
            for targets in asked.targets:
                asyncio.run(run(targets, asked.decide, server))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
