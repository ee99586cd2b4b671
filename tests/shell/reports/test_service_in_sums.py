"""Whatever happens to matters, debts, draws and answers, what reports read is what every row says, counted naively."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from hotline.aftercare.rules import After, Answers
from hotline.aftercare.store import AftercareDrawTable, keep_answers
from hotline.database import Base, Database
from hotline.followups.follow_up import FollowUpStepRefused, Step
from hotline.followups.store import FollowUpTable, take_step, tell_anew
from hotline.reports.follow_store import follow_facts
from hotline.reports.keeping import ReportKeeping
from hotline.reports.ranges import Days
from hotline.reports.service_counts import CALLED_BACK, Answered, CalledBack, Counts, counts_of, rows_of
from hotline.reports.service_sums_store import read_service
from hotline.reports.store import (
    ReportBuiltTable,
    ServiceBehindTable,
    ServiceSumTable,
    days_behind,
    mark_behind,
    take_mark,
)
from hotline.tables import ALL_TABLES
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.naive_service import naive_service
from tests.fakes.random_service import HOUR, RandomService

assert ALL_TABLES
BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 10, 22, tzinfo=BERLIN)
SPAN = 45  # days: a month that is whole, parts of two others, and a day of 25 hours
WHOLE = Days(FIRST.date() - timedelta(days=2), FIRST.date() + timedelta(days=SPAN + 10))
STEPS = (Step.CLOSED, Step.CANCELLED, Step.REOPENED, Step.DEADLINE_MOVED, Step.RETURNED)


class Service:
    """A database in which things are owed, handled, drawn, called back and answered at random."""

    def __init__(self, database: Database, dice: Random) -> None:
        self.database, self.dice = database, dice
        self.clock = ClockByHand(FIRST + timedelta(days=SPAN // 2, hours=3))
        self.random = RandomService(dice, FIRST, SPAN)
        self.keeping = ReportKeeping(database=database, clock=self.clock, zone=BERLIN, area_code="")
        follow_facts(database, area_code="", zone=BERLIN)

    async def written(self, times: int) -> None:
        async with self.database.begin() as session:
            for number in range(times):
                await self.random.write_service(session, number)

    async def happens(self) -> None:
        match self.dice.randrange(7):
            case 0:
                await self.keeping.bring_up()
            case 1:
                self.clock.turn(self.dice.choice((60, 3600, 30 * 3600, 12 * 86_400)))
            case 2:
                async with self.database.begin() as session:
                    await self.random.write_service(session, await self.places(session))
            case 3:
                async with self.database.begin() as session:
                    calls = (await session.scalars(_ids(AftercareDrawTable.follow_up))).all()
                    answers = Answers(is_satisfied=self.dice.random() < 0.5, attitude=3, quality=3)
                    at = self.random.moment()
                    await keep_answers(session, self.dice.choice([n for n in calls if n]), answers, by="wang", at=at)
            case _:
                await self.step()

    async def places(self, session) -> int:  # type: ignore[no-untyped-def]
        return len((await session.scalars(select(AftercareDrawTable.id))).all())

    async def step(self) -> None:
        async with self.database.begin() as session:
            number = self.dice.choice((await session.scalars(_ids(FollowUpTable.id))).all())
            if self.dice.random() < 0.2:
                kind = self.dice.choice(("repair", "enquiry"))
                await tell_anew(session, number, home="1-1-101", who="", text="", request=kind)
                return
            try:
                due = self.clock.now() + self.dice.choice((-90, -1, 5, 300)) * HOUR
                await take_step(session, number, self.dice.choice(STEPS), at=self.clock.now(), due=due)
            except FollowUpStepRefused:
                return

    async def read(self, days: Days) -> Counts:
        async with self.database.read() as session:
            return +await read_service(session, days, BERLIN, self.clock.now())

    async def naive(self, days: Days) -> Counts:
        async with self.database.read() as session:
            return await naive_service(session, days, BERLIN, self.clock.now())

    async def agrees(self) -> None:
        first = WHOLE.first + timedelta(days=self.dice.randrange(SPAN))
        for days in (WHOLE, Days(first, first + timedelta(days=self.dice.randrange(SPAN)))):
            assert await self.read(days) == await self.naive(days)


def _ids(column):  # type: ignore[no-untyped-def]
    return select(column).order_by(FollowUpTable.id if column is FollowUpTable.id else AftercareDrawTable.id)


async def at_random(database: Database, seed: int, *, steps: int) -> None:
    service = Service(database, Random(seed))
    await service.written(20)
    await service.agrees()  # not built yet: counted whole
    await service.keeping.build()
    for step in range(steps):
        await service.happens()
        if step % 8 == 7:
            await service.agrees()


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_service_of_any_days_is_what_every_row_says_whatever_happens_in_whatever_order(seed: int) -> None:
    async def follow(directory: Path) -> None:
        database = Database(f"sqlite+aiosqlite:///{directory / 'x.db'}")
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await at_random(database, seed, steps=80)
        await database.close()

    with TemporaryDirectory() as place:
        asyncio.run(follow(Path(place)))


async def test_both_databases_sum_service_alike(database: Database) -> None:
    await at_random(database, 6, steps=120)


async def test_days_that_are_over_are_read_from_their_sums_and_marked_ones_are_not(database: Database) -> None:
    service = Service(database, Random(3))
    await service.written(20)
    await service.keeping.build()
    await service.keeping.bring_up()
    day = await _a_summed_day(database)
    at = datetime.combine(day, datetime.min.time(), BERLIN) + 12 * HOUR
    async with database.begin() as session:  # a number that no row says shows where it was read from
        wrong = {f"answered::{name}": 1_000_000 for name in ("asked", "satisfied")}
        await session.execute(update(ServiceSumTable).where(ServiceSumTable.span == str(day)).values(counts=wrong))

    from_its_sum = await service.read(Days(day, day))
    async with database.begin() as session:
        number = (await session.scalars(_ids(FollowUpTable.id))).all()[0]
        await keep_answers(session, number, Answers(is_satisfied=True, attitude=5, quality=5), by="wang", at=at)
    counted = await service.read(Days(day, day))

    assert from_its_sum["answered::asked"] == 1_000_000
    assert counted == await service.naive(Days(day, day))
    await service.keeping.bring_up()
    assert await service.read(Days(day, day)) == counted
    await service.agrees()


async def test_day_that_is_not_over_is_never_summed(database: Database) -> None:
    service = Service(database, Random(4))
    await service.written(20)
    await service.keeping.build()
    await service.keeping.bring_up()
    today = service.clock.now().astimezone(BERLIN).date()

    async with database.read() as session:
        spans = set(await session.scalars(select(ServiceSumTable.span)))
        behind = await days_behind(session, marks=ServiceBehindTable)
    assert behind
    assert min(behind) >= today
    assert max(span for span in spans if len(span) == 10) < today.isoformat()
    assert f"{today:%Y-%m}" not in spans


async def test_deadline_that_is_moved_takes_the_debt_from_one_summed_day_to_the_other(database: Database) -> None:
    service = Service(database, Random(5))
    await service.written(20)
    await service.keeping.build()
    async with database.begin() as session:
        row = (await session.scalars(select(FollowUpTable).where(FollowUpTable.state == "open"))).first()
        assert row is not None
        number = row.id
        await take_step(session, number, Step.DEADLINE_MOVED, at=FIRST, due=FIRST + 30 * HOUR)
    await service.keeping.bring_up()
    async with database.begin() as session:
        await take_step(session, number, Step.DEADLINE_MOVED, at=FIRST, due=FIRST + 80 * HOUR)

    async with database.read() as session:
        behind = await days_behind(session, marks=ServiceBehindTable)
    assert {date(2026, 10, 23), date(2026, 10, 25)} <= set(behind)
    await service.agrees()
    await service.keeping.bring_up()
    await service.agrees()


async def test_sweep_that_meets_a_change_being_written_leaves_its_day_marked_or_counts_it(database: Database) -> None:
    service = Service(database, Random(6))
    await service.written(20)
    await service.keeping.build()
    day = FIRST.date() + timedelta(days=1)

    async with database.begin() as session:
        number = (await session.scalars(_ids(FollowUpTable.id))).all()[0]
        answers = Answers(is_satisfied=True, attitude=5, quality=5)
        await keep_answers(session, number, answers, by="wang", at=FIRST + 30 * HOUR)
        sweep = asyncio.create_task(service.keeping.bring_up())
        for _ in range(20):  # it comes as far as it may
            await asyncio.sleep(0)
    await sweep

    assert await service.read(Days(day, day)) == await service.naive(Days(day, day))


async def test_rebuild_that_meets_a_sweep_waits_for_it_and_neither_fails(database: Database) -> None:
    service = Service(database, Random(8))
    await service.written(20)
    await service.keeping.build()
    await service.keeping.bring_up()
    day = await _a_summed_day(database)
    async with database.begin() as session:
        await session.run_sync(lambda here: mark_behind(here.connection(), [day], ServiceBehindTable))

    async with database.begin() as sweep:  # between the mark and the sum of its day
        assert await take_mark(sweep, day.isoformat(), ServiceBehindTable)
        rebuild = asyncio.create_task(service.keeping.rebuild())
        await _somebody_waits(database)
        await sweep.execute(delete(ServiceSumTable).where(ServiceSumTable.span == day.isoformat()))
    await rebuild

    await service.agrees()


async def test_another_time_zone_and_a_rebuild_mark_every_day_anew(database: Database) -> None:
    service = Service(database, Random(7))
    await service.written(20)
    china = ZoneInfo("Asia/Shanghai")
    for zone in (BERLIN, china):
        keeping = ReportKeeping(database=database, clock=service.clock, zone=zone, area_code="")
        await keeping.build()
        await keeping.bring_up()
    async with database.read() as session:
        now = service.clock.now()
        assert +await read_service(session, WHOLE, china, now) == await naive_service(session, WHOLE, china, now)
        zones = (await session.scalars(select(ReportBuiltTable.zone).where(ReportBuiltTable.id == 3))).all()
    assert zones == ["Asia/Shanghai"]

    async with database.begin() as session:
        await session.execute(delete(ServiceSumTable))
    again = ReportKeeping(database=database, clock=service.clock, zone=BERLIN, area_code="")
    await again.rebuild()
    await service.agrees()


def test_numbers_become_the_rows_they_were_of() -> None:
    row = CalledBack(kind=After.COMPLAINT, handled=4, percents=200, drawn=2, called=1, in_time=0)
    other = replace(row, kind=After.REPAIR)
    counts = Counts({"answered::asked": 1, **counts_of(CALLED_BACK, [other, row])})

    assert rows_of(counts, CALLED_BACK, CalledBack, After) == [row, other]
    assert row.wanted == 50
    assert rows_of(Counts({"answered::asked": 1, "answered::satisfied": 0}), "answered", Answered) == [
        Answered(asked=1, satisfied=0)
    ]


async def _somebody_waits(database: Database) -> None:
    """Wait until one transaction waits for another; SQLite's writers write by turn anyhow."""
    if database.engine.dialect.name != "postgresql":
        return
    async with asyncio.timeout(10), database.read() as session:
        while not await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            await asyncio.sleep(0.01)


async def _a_summed_day(database: Database) -> date:
    async with database.read() as session:
        spans = (await session.scalars(select(ServiceSumTable.span).order_by(ServiceSumTable.span))).all()
    return date.fromisoformat(next(span for span in spans if len(span) == 10 and span > "2026-10-26"))
