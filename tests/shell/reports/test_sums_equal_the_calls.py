"""Whatever is written in whatever order, what reports read is the sum of the calls, counted a second, naive way."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from hotline.agents.agent import Decided, Stand
from hotline.agents.store import keep_decided
from hotline.calls.ledger import CallRecord
from hotline.calls.store import CallTable, save_call
from hotline.database import Base, Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from hotline.phone import PhoneNumber
from hotline.reports.counting_store import count_day
from hotline.reports.fact import Fact
from hotline.reports.follow_store import absorb_facts_by, follow_facts
from hotline.reports.keeping import ReportKeeping
from hotline.reports.ranges import Days
from hotline.reports.store import ReportFactTable
from hotline.reports.sums_store import ALL, read_days, read_sums
from hotline.reports.tally import ROUGHLY, Tally, percentiles, steps_of
from hotline.reports.work_store import add_work_that_goes_on
from hotline.residents.choice_store import choose_home
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident
from hotline.tables import ALL_TABLES
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.counted_facts import count, work_of
from tests.fakes.random_calls import AGENTS, naive_figures, random_call

assert ALL_TABLES
BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = date(2026, 10, 25)  # of 25 hours there: what happens in the second 2 o'clock is of that day, too
FIRST = datetime(2026, 10, 22, tzinfo=BERLIN)
SPAN = 45  # days: a month that is whole, and parts of two others


class Book:
    """A database that is written at random, and beside it, in plain dictionaries, what was written."""

    def __init__(self, database: Database, dice: Random) -> None:
        self.database, self.dice = database, dice
        self.clock = ClockByHand(FIRST + timedelta(days=SPAN + 1))
        self.calls: dict[str, CallRecord] = {}
        self.kinds: dict[str, str] = {}
        self.homes: dict[str, str] = {}
        self.entries: dict[str, int] = {}
        self.keeping = ReportKeeping(database=database, clock=self.clock, zone=BERLIN, area_code="")
        follow_facts(database, area_code="", zone=BERLIN)

    async def opened(self) -> None:
        number = PhoneNumber.parse("13800000001")
        assert number is not None
        async with self.database.begin() as session:
            home = await add_home(session, Home(7, 1, 101))
            await add_resident(session, home, "张伟", title=Title.MR, numbers=[number])
        await self.keeping.build()

    async def write(self) -> None:
        match self.dice.randrange(10):
            case 0 if self.calls:
                await self.enter(self.dice.choice(sorted(self.calls)))
            case 1:
                await self.keeping.bring_up()
            case 2:
                # Part of the days are "today and later", and read from their facts.
                self.it_is(FIRST + timedelta(days=self.dice.randrange(SPAN + 2)))
            case 3 if self.calls:
                known = self.calls[self.dice.choice(sorted(self.calls))]
                await self.save(replace(random_call(self.dice, 0, FIRST, SPAN), id=known.id))
            case _:
                await self.save(random_call(self.dice, len(self.calls), FIRST, SPAN))

    async def save(self, call: CallRecord) -> None:
        self.calls[call.id] = call
        async with self.database.begin() as session:
            await save_call(session, call)

    async def enter(self, call_id: str) -> None:
        kind, home = self.dice.choice((Kind.REPAIR, Kind.COMPLAINT, Kind.UNKNOWN)), self.dice.choice(("", "3-2-501"))
        self.kinds[call_id] = self.kinds.get(call_id, "") if kind is Kind.UNKNOWN else kind.value
        self.homes[call_id] = home or self.homes.get(call_id, "")
        draft = Draft(kind=kind, is_urgent=False, who="", home=home, matter="水管漏水", promised="", agent="8001")
        async with self.database.begin() as session:
            written = await add_entry(
                session,
                call_id=call_id,
                draft=draft,
                written_by="wang",
                at=self.clock.now(),
                corrects=self.entries.get(call_id),
            )
        self.entries[call_id] = written.number

    def it_is(self, now: datetime) -> None:
        self.clock.turn((now - self.clock.now()).total_seconds())

    def value(self, call: CallRecord, dimension: str) -> str:
        assert call.ring_start is not None
        rang = call.ring_start.astimezone(BERLIN)
        known = "7" if call.caller_number == "13800000001" else ""
        return {
            "all": "",
            "hour": f"{rang:%H}",
            "weekday": f"{rang.isoweekday()}",
            "week-hour": f"{rang.isoweekday()}-{rang:%H}",
            "queue": call.queue,
            "menu": "-".join([key for key in call.menu_path if key != "*"][:3]),
            "agent": call.agent,
            "building": "3" if self.homes.get(call.id) else known,
            "kind": self.kinds.get(call.id) or call.request,
        }[dimension]

    async def agrees(self) -> None:
        """Compare the sums of random days with the calls, in every dimension."""
        first = FIRST.date() + timedelta(days=self.dice.randrange(SPAN))
        days = Days(first, first + timedelta(days=self.dice.randrange(SPAN + 1)))
        async with self.database.read() as session:
            counted: dict[date, Tally] = {}
            found = await read_sums(session, days, ALL, BERLIN, counted=counted)
            by_day = await read_days(session, days, counted)
        offered = [call for call in self.calls.values() if call.direction == "inbound" and call.ended_at]
        within = [call for call in offered if call.ring_start and _is_in(call.ring_start, days)]
        for dimension in ALL[:-1]:
            values = {self.value(call, dimension) for call in within}
            assert set(found[dimension]) == values, dimension
            for value in values:
                own = [call for call in within if self.value(call, dimension) == value]
                same(found[dimension][value], naive_figures(own, (days.first, days.last), BERLIN), dimension)
        assert {day: tally.counts["offered"] for day, tally in by_day.items()} == _by_day(within)
        self.agree_on_work(found["work"], days)

    def agree_on_work(self, work: dict[str, Tally], days: Days) -> None:
        over = [call for call in self.calls.values() if call.ended_at and call.ring_start]
        own = [call for call in over if call.ring_start and _is_in(call.ring_start, days)]
        for agent in AGENTS:
            talks = [(call, talk) for call in own for talk in call.talks if talk.agent == agent]
            counts = work[agent].counts if agent in work else Tally().counts
            assert counts["calls"] == sum(call.direction == "inbound" for call, _ in talks)
            assert counts["calls-out"] == sum(call.direction == "outbound" for call, _ in talks)
            held = sum(talk.held // timedelta(milliseconds=1) for _, talk in talks)
            assert abs(counts["hold-ms"] - held) <= len(talks)
            assert counts["mark-sum"] == sum(call.satisfaction or 0 for call, _ in talks)


def _is_in(at: datetime, days: Days) -> bool:
    return days.first <= at.astimezone(BERLIN).date() <= days.last


def _by_day(calls: list[CallRecord]) -> dict[date, int]:
    days = [call.ring_start.astimezone(BERLIN).date() for call in calls if call.ring_start]
    return {day: days.count(day) for day in days}


def same(tally: Tally, naive: dict[str, object], dimension: str) -> None:
    counts = tally.counts
    assert counts["offered"] == naive["offered"]
    assert counts["answered"] == naive["answered"]
    assert counts["within-three-rings"] == naive["within_three_rings"]
    whole = counts["answered"] + counts["unreached"]
    assert naive["service_level"] == (round(counts["within-limit"] / whole, 4) if whole else None)
    if dimension == "week-hour":  # its cells hold what the map shows
        return
    assert counts["abandoned"] == naive["abandoned"]
    assert counts["short"] == naive["short_abandoned"]
    outcomes = {name.removeprefix("outcome:"): n for name, n in counts.items() if name.startswith("outcome:")}
    if dimension == "all":
        assert outcomes == {name: n for name, n in naive["by_outcome"].items() if n}  # type: ignore[attr-defined]
    for rank in ("p50", "p90", "p99"):
        exact = naive["human_seconds"][rank]  # type: ignore[index]
        [shown] = percentiles(tally.human, [int(rank[1:]) / 100])
        assert (shown is None) == (exact is None)
        if shown is not None and exact is not None:
            # The screens of today tell a call's wait in the same steps; buildings and agents have longer ones.
            step = (1, 5, 30) if dimension in ROUGHLY else (0, 0, 0)
            assert exact - 0.001 <= shown <= exact + step[(exact > 30) + (exact > 300)] + 0.001


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_sums_of_any_days_are_those_of_the_calls_whatever_was_written_in_whatever_order(seed: int) -> None:
    async def follow(directory: Path) -> None:
        database = Database(f"sqlite+aiosqlite:///{directory / 'x.db'}")
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await _writes_at_random(database, seed, steps=60)
        await database.close()

    with TemporaryDirectory() as place:
        asyncio.run(follow(Path(place)))


async def _writes_at_random(database: Database, seed: int, *, steps: int) -> None:
    book = Book(database, Random(seed))
    await book.opened()
    for step in range(steps):
        await book.write()
        if step % 12 == 11:
            await book.agrees()


async def test_database_counts_a_day_as_facts_are_counted_one_by_one(database: Database) -> None:
    book = Book(database, Random(7))
    await book.opened()
    for number in range(80):
        await book.save(random_call(book.dice, number, FIRST, 1))
    naive: dict[str, dict[str, Tally]] = {"all": {}, "hour": {}, "building": {}}
    async with database.read() as session:
        rows = await session.scalars(select(ReportFactTable).where(ReportFactTable.day == FIRST.date()))
        facts = [Fact(**{name: getattr(row, name) for name in Fact.__slots__}) for row in rows]
        counted = await count_day(session, FIRST.date(), [*naive, "work"])
    for fact in facts:
        if fact.is_offered:
            for dimension, value in (("all", ""), ("hour", f"{fact.hour:02}"), ("building", fact.building)):
                count(naive[dimension].setdefault(value, Tally()), fact, steps_of(dimension))

    assert counted["work"] == work_of(*facts)
    assert counted["all"] == naive["all"]
    sorts = ("outcome:", "late:", "cause:", "kind:")
    for dimension in ("hour", "building"):
        own = ("kind:",) if dimension == "building" else ()
        for value, tally in naive[dimension].items():
            for name in list(tally.counts):
                if name.startswith(sorts) and not name.startswith(own or ("no such",)):
                    del tally.counts[name]
            assert counted[dimension][value] == tally


async def test_both_databases_sum_alike(database: Database) -> None:
    await _writes_at_random(database, 6, steps=120)


async def test_sums_stay_when_calls_are_removed_and_a_rebuild_does_not_take_them(database: Database) -> None:
    book = Book(database, Random(1))
    await book.opened()
    for number in range(10):
        await book.save(replace(random_call(book.dice, number, FIRST, 1), direction="inbound"))
    over = sum(call.ended_at is not None for call in book.calls.values())
    async with database.begin() as session:
        await session.execute(delete(CallTable))

    await book.keeping.rebuild()

    async with database.read() as session:
        sums = await read_sums(session, Days(FIRST.date(), SUNDAY), ["all"], BERLIN)
    assert sums["all"][""].counts["offered"] == over > 0


async def test_call_that_became_part_of_another_one_is_counted_once(database: Database) -> None:
    book = Book(database, Random(2))
    await book.opened()
    young, old = (replace(random_call(book.dice, n, FIRST, 1), direction="inbound") for n in (1, 2))
    for call in (young, old):
        await book.save(call if call.ended_at else replace(call, ended_at=FIRST + timedelta(days=1)))
    await book.keeping.bring_up()

    async with database.begin() as session:
        await absorb_facts_by("", BERLIN)(session, young.id, old.id)

    async with database.read() as session:
        sums = await read_sums(session, Days(FIRST.date(), SUNDAY), ["all"], BERLIN)
    assert sums["all"][""].counts["offered"] == 1


async def test_rebuild_comes_to_the_same_sums_as_following(database: Database) -> None:
    book = Book(database, Random(3))
    await book.opened()
    for _ in range(40):
        await book.write()
    book.it_is(FIRST + timedelta(days=SPAN + 40))

    assert await book.keeping.rebuild() == sum(call.ended_at is not None for call in book.calls.values())

    await book.agrees()


async def test_time_of_agents_is_cut_at_midnight_and_what_goes_on_is_counted_until_now(database: Database) -> None:
    book = Book(database, Random(4))
    await book.opened()
    evening = FIRST + timedelta(hours=23)
    async with database.begin() as session:
        await keep_decided(session, "8001", Decided(stand=Stand.READY), evening)
    async with database.begin() as session:
        await keep_decided(session, "8001", Decided(stand=Stand.PAUSED, reason="meal"), evening + timedelta(hours=3))

    async def minutes(day: date, now: datetime) -> dict[str, int]:
        async with database.read() as session:
            work = (await read_sums(session, Days(day, day), ["work"], BERLIN))["work"]
            await add_work_that_goes_on(session, work, Days(day, day), BERLIN, now)
        return {name: ms // 60_000 for name, ms in work["8001"].counts.items() if name.endswith("-ms")}

    first, second = FIRST.date(), FIRST.date() + timedelta(days=1)
    now = evening + timedelta(hours=3, minutes=10)
    before = [await minutes(first, now), await minutes(second, now)]
    await book.keeping.bring_up()

    assert [await minutes(first, now), await minutes(second, now)] == before
    assert before == [{"ready-ms": 60}, {"ready-ms": 120, "paused-ms": 10}]


async def test_sweep_that_meets_a_call_being_written_leaves_its_day_marked_or_counts_it(database: Database) -> None:
    book = Book(database, Random(5))
    await book.opened()
    first, second = (replace(random_call(book.dice, n, FIRST, 1), direction="inbound") for n in (1, 2))
    await book.save(replace(first, ended_at=FIRST + timedelta(days=1)))

    async with database.begin() as session:
        await save_call(session, replace(second, ended_at=FIRST + timedelta(days=1)))
        sweep = asyncio.create_task(book.keeping.bring_up())
        for _ in range(20):  # it comes as far as it may
            await asyncio.sleep(0)
    await sweep

    async with database.read() as session:
        sums = await read_sums(session, Days(FIRST.date(), SUNDAY), ["all"], BERLIN)
    assert sums["all"][""].counts["offered"] == 2


async def test_home_that_an_agent_chose_is_the_calls_building(database: Database) -> None:
    book = Book(database, Random(6))
    await book.opened()
    call = replace(random_call(book.dice, 1, FIRST, 1), direction="inbound", caller_number="13900000000")
    await book.save(replace(call, ended_at=FIRST + timedelta(days=1)))
    async with database.begin() as session:
        home = await add_home(session, Home(9, 1, 101))
        assert home.id is not None
        await choose_home(session, call.id, home.id, by="wang", at=FIRST)

    async with database.read() as session:
        sums = await read_sums(session, Days(FIRST.date(), SUNDAY), ["building"], BERLIN)
    assert set(sums["building"]) == {"9"}
