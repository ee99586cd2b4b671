"""What was summed before sums had today's shape: counted from the facts at once, and summed anew."""

import asyncio
from datetime import date

from sqlalchemy import text

from hotline.database import Database
from hotline.migrations import migrate
from hotline.reports.keeping import ReportKeeping
from hotline.reports.ranges import Days
from hotline.reports.store import days_behind
from hotline.reports.sums_store import read_sums
from hotline.tables import ALL_TABLES
from hotline.web.rooms import CHINA
from tests.fakes.clock_by_hand import ClockByHand

assert ALL_TABLES
DAY = date(2026, 9, 1)


async def test_sums_of_the_shape_before_are_made_anew_and_each_mark_is_still_whose_it_was(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url, "2026_11_22_fourth")
    database = Database(database_url)
    try:
        async with database.begin() as session:
            await session.execute(
                text(
                    "INSERT INTO report_fact (call_id, rang_at, day, hour, weekday, direction, outcome, is_offered,"
                    " is_answered, is_abandoned, is_short, is_unreached, is_within_three_rings, is_within_limit,"
                    " is_emergency, lift_ms, human_ms, late, cause, queue, menu, agent, building, kind, satisfaction,"
                    " talks, missed) VALUES ('c-1', '2026-09-01 02:00:00', '2026-09-01', 10, 2, 'inbound', 'answered',"
                    " true, true, false, false, false, true, true, false, 1000, 9000, '', '', 'service', '1', '8001',"
                    """ '3', 'repair', 4, '[["8001", 1000, 0], ["8002", 2000, 0]]', '[]')"""
                )
            )
            await session.execute(
                text(
                    "INSERT INTO report_sum (span, dimension, value, sums) VALUES ('2026-09-01', 'all', '',"
                    """ '{"counts": {"offered": 1}, "lift": {"1000": 1}, "human": {"9000": 1}}')"""
                )
            )
        await asyncio.to_thread(migrate, database_url)
        at_once = await read(database)
        async with database.read() as session:
            assert await days_behind(session) == [DAY]
        await ReportKeeping(database=database, clock=ClockByHand(), zone=CHINA, area_code="").bring_up()
        async with database.read() as session:
            assert await days_behind(session) == []
        anew = await read(database)
    finally:
        await database.close()

    assert at_once == anew == (1, {9000: 1}, {"8001": 0, "8002": 1})


async def read(database: Database) -> tuple[int, dict[int, int], dict[str, int]]:
    async with database.read() as session:
        sums = await read_sums(session, Days(DAY, DAY), ["all", "work"], CHINA)
    total = sums["all"][""]
    return total.counts["offered"], dict(total.human), {who: one.counts["marks"] for who, one in sums["work"].items()}
