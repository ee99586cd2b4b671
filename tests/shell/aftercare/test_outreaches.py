"""A newsletter or event: one home of ten is drawn and owed a call, once, whatever runs twice or dies in between."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

import hotline.tables  # noqa: F401 -- every table is there
from hotline.aftercare import outreaches
from hotline.aftercare.occasions import OutreachRefused, OutreachSort
from hotline.aftercare.outreach_store import OutreachCount
from hotline.aftercare.rules import After, Answers
from hotline.aftercare.service import Aftercare, prove
from hotline.aftercare.store import AftercareDrawTable
from hotline.audit.store import Wanted, changes
from hotline.bus import Bus
from hotline.campaigns.household_marks_store import not_to_be_called, put_mark
from hotline.campaigns.may_call import Mark
from hotline.database import Database
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState
from hotline.followups.reading_store import follow_ups_page
from hotline.incidents.incident import BuildingUnknown
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import mark_number
from hotline.residents.noted import NumberMark
from hotline.residents.resident import Home, Relation
from hotline.residents.store import add_home, add_resident
from hotline.settings import FollowUpSettings
from tests.fakes.call_story import START
from tests.fakes.clock_by_hand import ClockByHand

TODAY = date(2026, 11, 21)


class Centre:
    """A centre with homes, whose residents are asked about newsletters."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, ClockByHand(START)
        self.aftercare = self.opened()

    def opened(self) -> Aftercare:
        """Return the room as a process that just began has it."""
        return Aftercare(
            database=self.database,
            bus=Bus(),
            clock=self.clock,
            settings=FollowUpSettings(),
            seed="01",
            not_to_be_called=not_to_be_called,
        )

    async def has_homes(self, building: int, how_many: int) -> list[Home]:
        homes = []
        async with self.database.begin() as session:
            for room in range(1, how_many + 1):
                home = await add_home(session, Home(building, 1, room))
                number = PhoneNumber(f"+86138{building:03}{room:05}")
                await add_resident(session, home, f"张{room}", numbers=[number])
                homes.append(home)
        return homes

    async def held(self, title: str = "十一月简报", buildings: tuple[int, ...] = ()) -> OutreachCount:
        one = await self.aftercare.outreaches.write_down(OutreachSort.NEWSLETTER, title, TODAY, buildings, by="boss")
        return next(count for known, count in await self.aftercare.outreaches.newest(9) if known.id == one.id)

    async def owed(self) -> list[FollowUp]:
        async with self.database.read() as session:
            found = await follow_ups_page(session, states=(FollowUpState.OPEN,), limit=200)
        return [one for one in found if one.kind is FollowUpKind.AFTERCARE]


@pytest.fixture
def centre(database: Database) -> Centre:
    return Centre(database)


async def test_one_home_of_ten_is_owed_a_call_within_a_week_and_anybody_can_draw_again(centre: Centre) -> None:
    await centre.has_homes(1, 40)

    assert await centre.held() == OutreachCount(sampled=40, drawn=4)

    calls = await centre.owed()
    assert {(one.request, one.text, one.who[:1]) for one in calls} == {
        ("newsletter-event", "简报“十一月简报”（2026-11-21）", "张")
    }
    assert {one.due for one in calls} == {START.replace(hour=16, minute=0, second=0, microsecond=0) + timedelta(days=7)}
    assert await prove(centre.database, After.OUTREACH) == (40, 4, [])


async def test_places_go_on_from_one_to_the_next_so_that_small_ones_are_drawn_by_their_share_too(
    centre: Centre,
) -> None:
    for building in range(1, 5):
        await centre.has_homes(building, 5)

    drawn = [(await centre.held(f"楼道清洁 {n}", (n,))).drawn for n in range(1, 5)]

    assert sum(drawn[:2]) == sum(drawn[2:]) == 1


async def test_only_the_chosen_buildings_are_asked(centre: Centre) -> None:
    await centre.has_homes(1, 30)
    await centre.has_homes(2, 20)

    assert await centre.held(buildings=(2,)) == OutreachCount(sampled=20, drawn=2)
    assert {one.home.split("-")[0] for one in await centre.owed()} == {"2"}


async def test_what_is_written_down_twice_at_once_and_looked_at_again_is_drawn_once(centre: Centre) -> None:
    await centre.has_homes(1, 20)

    await asyncio.gather(centre.held(), centre.held())
    await centre.opened().outreaches.draw_all()

    assert len(await centre.owed()) == 2
    assert len(await centre.aftercare.outreaches.newest(9)) == 1
    async with centre.database.read() as session:
        [change] = await changes(session, Wanted(room="aftercare"), limit=9)
    assert (change.change.by, change.change.act, change.change.before) == ("boss", "written-down", None)
    assert change.change.after == {
        "sort": "newsletter", "title": "十一月简报", "day": "2026-11-21", "buildings": [],
    }  # fmt: skip


async def test_who_dies_between_two_steps_is_followed_by_whoever_looks_next(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    await centre.has_homes(1, 30)
    monkeypatch.setattr(outreaches, "AT_MOST", 12)
    steps = 0
    draw = outreaches.whom_to_ask

    async def dies_in_its_second_step(*told: object) -> object:
        nonlocal steps
        steps += 1
        if steps == 2:
            raise OperationalError("gone", {}, Exception())
        return await draw(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(outreaches, "whom_to_ask", dies_in_its_second_step)
    one = await centre.aftercare.outreaches.write_down(OutreachSort.EVENT, "灯会", TODAY, (), by="boss")
    async with centre.database.read() as session:
        begun = (await session.scalars(select(AftercareDrawTable.home))).all()
    assert (one.finished_at, len(begun)) == (None, 12)

    await centre.opened().outreaches.draw_all()

    [(finished, count)] = await centre.aftercare.outreaches.newest(9)
    assert (finished.homes, count) == (30, OutreachCount(sampled=30, drawn=3))
    assert finished.finished_at is not None
    assert await prove(centre.database, After.OUTREACH) == (30, 3, [])
    async with centre.database.read() as session:
        homes = (await session.scalars(select(AftercareDrawTable.home))).all()
    assert len(set(homes)) == len(homes) == 30


async def test_a_large_centre_is_drawn_in_part_while_a_person_waits_and_to_its_end_by_the_next_look(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    await centre.has_homes(1, 50)
    monkeypatch.setattr(outreaches, "AT_MOST", 10)

    assert await centre.held() == OutreachCount(sampled=40, drawn=4)
    await centre.opened().outreaches.draw_all()

    [(one, count)] = await centre.aftercare.outreaches.newest(9)
    assert (one.homes, count) == (50, OutreachCount(sampled=50, drawn=5))
    assert one.finished_at is not None


async def test_a_home_that_came_into_the_records_later_is_asked_about_the_next_one_only(centre: Centre) -> None:
    await centre.has_homes(1, 10)
    await centre.held()
    await centre.has_homes(2, 10)

    await centre.aftercare.outreaches.draw_all()

    assert len(await centre.owed()) == 1


async def test_who_cannot_or_may_not_be_called_is_not_of_the_sample(centre: Centre) -> None:
    homes = await centre.has_homes(1, 13)
    async with centre.database.begin() as session:
        await add_home(session, Home(1, 2, 101))  # nobody is known there
        await put_mark(session, Mark.OPTED_OUT, household=homes[0].label, at=START, by="boss")
        await put_mark(session, Mark.HARDSHIP, household=homes[4].label, at=START, by="boss")  # of fees: no hindrance
        for home, mark in ((homes[1], NumberMark.DO_NOT_CALL), (homes[2], NumberMark.WRONG_NUMBER)):
            number = PhoneNumber(f"+86138001{home.room:05}")
            await mark_number(session, number, mark, holds=True, by="lin", at=START)

    assert await centre.held() == OutreachCount(sampled=10, drawn=1)

    without = {"1-1-1", "1-1-2", "1-1-3", "1-2-101"}
    async with centre.database.read() as session:
        rows = (await session.scalars(select(AftercareDrawTable))).all()
    assert {row.home for row in rows if row.place is None} == without
    assert not any(row.is_drawn for row in rows if row.home in without)
    [(one, _)] = await centre.aftercare.outreaches.newest(9)
    assert one.homes == 14


async def test_of_a_home_an_owner_is_asked_by_a_number_that_nobody_marked(centre: Centre) -> None:
    good, marked = PhoneNumber("+8613900139001"), PhoneNumber("+8613900139000")
    async with centre.database.begin() as session:
        for room in range(1, 11):
            home = await add_home(session, Home(1, 1, room))
            await add_resident(session, home, "李租", relation=Relation.TENANT, numbers=[PhoneNumber("+8613700137000")])
            await add_resident(session, home, "王主", numbers=[good, marked])
        await mark_number(session, marked, NumberMark.WRONG_NUMBER, holds=True, by="lin", at=START)

    await centre.held()

    assert [(one.number, one.who) for one in await centre.owed()] == [("13900139001", "王业主")]


async def test_the_same_title_of_a_day_for_other_buildings_and_a_building_without_homes_are_refused(
    centre: Centre,
) -> None:
    await centre.has_homes(1, 10)
    await centre.held()

    with pytest.raises(OutreachRefused) as known:
        await centre.held(buildings=(1,))
    with pytest.raises(BuildingUnknown):
        await centre.held("别的", buildings=(9,))
    assert known.value.details == {"why": "known"}
    assert len(await centre.aftercare.outreaches.newest(9)) == 1


async def test_who_is_not_satisfied_with_an_event_is_told_to_the_manager(centre: Centre) -> None:
    await centre.has_homes(1, 10)
    await centre.held()
    [call] = await centre.owed()

    await centre.aftercare.answer(call.id, Answers(is_satisfied=False, attitude=2, quality=2), who="lin")

    async with centre.database.read() as session:
        found = await follow_ups_page(session, states=(FollowUpState.OPEN,))
    assert [(one.kind, one.home) for one in found] == [(FollowUpKind.UNSATISFIED, call.home)]
    [(_, count)] = await centre.aftercare.outreaches.newest(9)
    assert count == OutreachCount(sampled=10, drawn=1, called=1, in_time=1)
