"""How fast a tick decides who is rung next, and by how many statements, at a thousand and at a million targets.

PYTHONPATH=. .venv/bin/python bench/campaign_decisions.py --targets 1000 1000000
"""

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event, insert

import hotline.tables  # noqa: F401  # every table
from hotline.campaigns.campaign import CampaignKind, CampaignStep
from hotline.campaigns.lines import Lines
from hotline.campaigns.store import NewTarget, add_campaign, add_targets, take_campaign_step
from hotline.campaigns.tick import Tick
from hotline.clock import SystemClock
from hotline.database import Base, Database
from hotline.residents.store import ArrearsRow, HomeRow
from hotline.settings import OutboundSettings

TICKS = 20
A_TICK = 50
AT_ONCE = 20_000
TEN = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)  # ten o'clock at the centre


class StillClock(SystemClock):
    """Ten o'clock, and a second later with every look."""

    def __init__(self) -> None:
        self._turns = 0

    def now(self) -> datetime:
        self._turns += 1
        return TEN + timedelta(seconds=self._turns)


class LinesWithoutEnd(Lines):
    """A trunk that never fills: what is measured is the deciding."""

    def __init__(self) -> None:
        pass

    async def keep(self, _alive: Any) -> bool:
        return True


async def filled(database: Database, targets: int) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.begin() as session:
        made = await add_campaign(session, kind=CampaignKind.FEE_REMINDER, name="bench", words="", by="bench", at=TEN)
    for start in range(0, targets, AT_ONCE):
        places = range(start, min(start + AT_ONCE, targets))
        async with database.begin() as session:
            homes = [
                {
                    "id": place + 1,
                    "building": 1 + place // 4000,
                    "unit": 1 + place // 1000 % 4,
                    "room": 1 + place % 1000,
                }
                for place in places
            ]
            await session.execute(insert(HomeRow), [{**home, "greets_by_name": False} for home in homes])
            owed = [{"home_id": home["id"], "months": ["2026-10"], "fen": 100_00} for home in homes]
            await session.execute(insert(ArrearsRow), owed)
            new = [
                NewTarget(
                    household=f"{home['building']}-{home['unit']}-{home['room']}", home_id=home["id"],
                    e164=f"+86139{home['id']:08d}", fen=100_00,
                )
                for home in homes
            ]  # fmt: skip
            await add_targets(session, made.id, new, at=TEN)
    async with database.begin() as session:
        await take_campaign_step(session, made.id, CampaignStep.STARTED, who="b", at=TEN, needs_approval=False)


async def measured(targets: int) -> None:
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite+aiosqlite:///{Path(directory) / 'bench.db'}")
        await filled(database, targets)
        statements = 0

        def count(*_: Any) -> None:
            nonlocal statements
            statements += 1

        event.listen(database.engine.sync_engine, "before_cursor_execute", count)
        settings = OutboundSettings(lines=1000, keep_free=0, per_second=A_TICK)
        tick = Tick(
            database=database, clock=StillClock(), lines=LinesWithoutEnd(), settings=settings,
            zone=ZoneInfo("Asia/Shanghai"),
        )  # fmt: skip
        began, planned = clock.monotonic(), 0
        for _ in range(min(TICKS, 1000 // A_TICK)):
            planned += len((await tick.once()).planned)
        took = clock.monotonic() - began
        await database.close()
    print(
        f"{targets:>9} targets: {planned} decided and planned in {took:.2f} s, {planned / took:.0f} a second, "
        f"{statements / planned:.2f} statements each"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, nargs="+", default=[1000, 1_000_000])
    for targets in parser.parse_args().targets:
        asyncio.run(measured(targets))


if __name__ == "__main__":
    main()
