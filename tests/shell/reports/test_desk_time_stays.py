"""Time at the desk that was summed stays in the reports when its stretches are past their time."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete

from hotline.agents.store import AgentStateTable
from hotline.database import Database
from hotline.reports.ranges import Days
from hotline.reports.store import mark_behind
from hotline.reports.sums_store import read_sums, sum_day
from hotline.tables import ALL_TABLES
from hotline.web.rooms import CHINA

assert ALL_TABLES
DAY = date(2025, 3, 3)
NINE = datetime(2025, 3, 3, 9, tzinfo=CHINA)


async def test_day_that_is_summed_again_after_its_stretches_were_removed_keeps_their_time(database: Database) -> None:
    async with database.begin() as session:
        for stand, reason, minutes in (("ready", "", 30), ("paused", "lunch", 10)):
            session.add(
                AgentStateTable(
                    extension="8001", stand=stand, reason=reason, since=NINE, until=None,
                    ended_at=NINE + timedelta(minutes=minutes), by="", call_id="", then="",
                )
            )  # fmt: skip
    before = await summed(database)
    async with database.begin() as session:
        await session.execute(delete(AgentStateTable))
    after = await summed(database)

    assert before["ready-ms"] == 30 * 60_000
    assert (before["pause:lunch"], before["times-ready"]) == (10 * 60_000, 1)
    assert after == before


async def summed(database: Database) -> dict[str, int]:
    """Sum the day (again), and return what is read of it."""
    async with database.begin() as session:
        await session.run_sync(lambda here: mark_behind(here.connection(), [DAY]))
        assert await sum_day(session, DAY, CHINA)
    async with database.read() as session:
        return dict((await read_sums(session, Days(DAY, DAY), ["work"], CHINA))["work"]["8001"].counts)
