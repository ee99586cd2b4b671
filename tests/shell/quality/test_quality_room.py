"""A week's calls are drawn, reviewed, objected to, calibrated; nobody sees what is not for them. On both databases."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

import hotline.tables  # noqa: F401 -- every table is there
from hotline.accounts.account import Account, Role
from hotline.accounts.store import add_account
from hotline.audit.change import Head
from hotline.audit.store import Wanted, changes, verify_audit
from hotline.bus import Bus
from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.quality.calibration import CalibrationRefused, spread
from hotline.quality.calibration_store import calibration_by_id
from hotline.quality.review import (
    CallNotReviewed,
    Review,
    ReviewChanged,
    ReviewIncomplete,
    ReviewNotYours,
    ReviewState,
    ReviewStepRefused,
    ReviewTaken,
    ReviewUnknown,
    Viewer,
)
from hotline.quality.review_store import quality_by_agent, reviews_page
from hotline.quality.sampling import DEFAULT_PLAN, By, Plan, PlanRefused, Share
from hotline.quality.service import Quality, absorb_quality, prove
from hotline.quality.sheet import TRADES_ITEMS, Item, PointsRefused, SheetChanged, SheetRefused
from hotline.quality.sound import Sound
from hotline.quality.store import QualityPlaceTable
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import expect_recording, settle_recording
from hotline.reports.follow_store import follow_facts
from hotline.web.rooms import CHINA
from tests.fakes.clock_by_hand import ClockByHand

MONDAY = datetime(2026, 11, 16, 1, tzinfo=UTC)  # 09:00 at the centre
WEEK = date(2026, 11, 16)
AGENT, OTHER = Viewer("xiaowang", is_head=False), Viewer("xiaoli", is_head=False)
BOSS, CHIEF, THIRD = Viewer("boss", is_head=True), Viewer("chief", is_head=True), Viewer("third", is_head=True)
FULL = {item.key: item.weight for item in TRADES_ITEMS}
EVERYTHING = Plan((Share(By.RANDOM, 100),))


class House:
    """A house whose calls can be reviewed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ClockByHand(MONDAY + timedelta(days=1))
        self.bus = Bus()
        self.quality = Quality(database=database, bus=self.bus, clock=self.clock, centre_code="01")
        follow_facts(database, area_code="", zone=CHINA)

    async def people(self) -> None:
        staff = {
            "xiaowang": (Role.AGENT, "8001"), "xiaoli": (Role.AGENT, "8002"), "boss": (Role.SUPERVISOR, "8901"),
            "chief": (Role.SUPERVISOR, None), "third": (Role.ADMIN, None),
        }  # fmt: skip
        async with self.database.begin() as session:
            for name, (role, extension) in staff.items():
                await add_account(session, Account(name=name, role=role, extension=extension), "x")

    async def call(self, number: int, *, has_sound: bool = True, **changes: Any) -> str:
        start = MONDAY + timedelta(minutes=5 * number)
        call_id, agent = f"c-{number}", changes.pop("agent", "8001")
        seconds = changes.pop("seconds", 60)
        at = [start + timedelta(seconds=second) for second in (1, 9, 9 + seconds)]
        ring = Ring(agent=agent, leg="x", began=at[0], ended=at[1], was_answered=True)
        values: dict[str, Any] = {
            "state": CallState.ENDED, "caller_number": "13800138501", "ring_start": start, "switch_answer": at[0],
            "recording": f"2026/11/16/{call_id}", "recording_start": at[0], "request": "repair", "rings": (ring,),
            "agent": agent, "human_answer": at[1], "ended_at": at[2], "outcome": Outcome.ANSWERED,
        } | changes  # fmt: skip
        async with self.database.begin() as session:
            await save_call(session, CallRecord(id=call_id, **values))
        if has_sound:
            name = values["recording"]
            async with self.database.begin() as session:
                await expect_recording(session, name=name, call_id=call_id, began=at[0])
            async with self.database.begin() as session:
                await settle_recording(session, name, RecordingState.FINISHED, float(seconds))
        return call_id

    async def given(self, number: int = 1, *, by: Viewer = BOSS, points: Any = FULL, calibration: int = 0) -> Review:
        begun = await self.quality.begin(by, f"c-{number}", "8001", calibration=calibration)
        written = await self.quality.write(by, begun.id, points, "", revision=begun.revision)
        return await self.quality.give(by, written.id)

    async def read(self, viewer: Viewer, number: int) -> Review:
        async with self.database.read() as session:
            return await self.quality.read(session, viewer, number)


@pytest.fixture
async def house(database: Database) -> House:
    made = House(database)
    await made.people()
    return made


async def test_every_complaint_and_the_share_of_each_agents_calls_are_drawn_and_can_be_proved(house: House) -> None:
    for number in range(20):
        await house.call(number, request="complaint" if number in {3, 11} else "repair")
    await house.call(20, agent="8002", satisfaction=1)
    await house.call(21, has_sound=False, request="complaint")

    sample = await house.quality.sample(WEEK + timedelta(days=3))

    why = sample.drawn
    assert {"c-3", "c-11", "c-20"} <= set(why)
    assert why["c-21"] == ("complaint",)  # heard or not: every complaint; of what is only listened to, nothing
    assert "unsatisfied" in why["c-20"]
    assert sum("agent:8001" in rules for rules in why.values()) == 1  # 5 % of twenty
    assert len(sample.cases) == 22
    assert sample.cases["c-21"].sound is Sound.NONE
    assert (await house.quality.sample(WEEK)).drawn == why
    [(week, places, drawn, wrong)] = await prove(house.database)
    assert (week, places, wrong) == (WEEK, len(sample.places), [])
    assert drawn == sum(place.is_drawn for place in sample.places)


async def test_calls_that_come_later_in_the_week_are_drawn_without_a_change_to_what_was(house: House) -> None:
    for number in range(10):
        await house.call(number)
    before = await house.quality.sample(WEEK)
    for number in range(10, 60):
        await house.call(number)
    await house.call(4, request="complaint")  # a correction says so later

    after = await house.quality.sample(WEEK)

    assert set(before.places) <= set(after.places)
    assert "complaint" in after.drawn["c-4"]
    assert (await prove(house.database))[0][3] == []


async def test_two_supervisors_who_look_at_the_same_moment_draw_once(house: House) -> None:
    for number in range(30):
        await house.call(number)

    samples = await asyncio.gather(*(house.quality.sample(WEEK) for _ in range(4)))

    assert len({sample.places for sample in samples}) == 1
    assert (await prove(house.database))[0][3] == []


async def test_a_forged_draw_is_found(house: House) -> None:
    await house.call(1, request="complaint")
    await house.quality.sample(WEEK)
    async with house.database.begin() as session:
        await session.execute(
            update(QualityPlaceTable).where(QualityPlaceTable.stratum == "complaint").values(is_drawn=False)
        )

    [(_, _, _, wrong)] = await prove(house.database)

    assert [one.stratum for one in wrong] == ["complaint"]


async def test_a_week_keeps_its_plan_and_the_next_one_has_the_new(house: House) -> None:
    await house.call(1)
    await house.quality.sample(WEEK)

    assert await house.quality.change_plan(EVERYTHING, based_on=0, by="boss") == 1

    await house.call(2)
    await house.call(7 * 24 * 12 + 1)
    assert (await house.quality.sample(WEEK)).plan == DEFAULT_PLAN
    following = await house.quality.sample(WEEK + timedelta(days=7))
    assert (following.plan, len(following.drawn)) == (EVERYTHING, 1)
    with pytest.raises(SheetChanged):
        await house.quality.change_plan(DEFAULT_PLAN, based_on=0, by="chief")
    with pytest.raises(PlanRefused):
        await house.quality.change_plan(Plan(()), based_on=1, by="chief")


async def test_a_review_keeps_the_sheet_it_was_made_with_and_each_change_is_audited(house: House) -> None:
    for number in (1, 2):
        await house.call(number)
    old = await house.given(1)
    items = (Item("post", "本岗工作质量", 50), Item("service", "服务态度", 50))

    sheet = await house.quality.change_sheet(items, based_on=0, by="boss")

    assert (await house.read(BOSS, old.id)).sheet == 0
    begun = await house.quality.begin(BOSS, "c-2", "8001")
    assert begun.sheet == sheet.version == 1
    with pytest.raises(PointsRefused):
        await house.quality.write(BOSS, begun.id, FULL, "", revision=begun.revision)
    with pytest.raises(SheetRefused):
        await house.quality.change_sheet(items[:1], based_on=1, by="boss")
    with pytest.raises(SheetChanged):
        await house.quality.change_sheet(items, based_on=0, by="chief")
    async with house.database.read() as session:
        found = await changes(session, Wanted(room="quality"), limit=10)
    assert [(one.change.by, one.change.subject) for one in found] == [("boss", "sheet@1")]
    assert found[0].change.after == {"本岗工作质量": 50, "服务态度": 50}
    assert isinstance(await verify_audit(house.database), Head)


async def test_review_goes_from_draft_to_answered_and_tells_each_what_is_theirs(house: House) -> None:
    await house.call(1)
    begun = await house.quality.begin(BOSS, "c-1", "8001")
    await house.quality.comment(BOSS, begun.id, 12.34, "没有复述房号")
    with pytest.raises(ReviewIncomplete):
        await house.quality.give(BOSS, begun.id)
    for viewer in (AGENT, OTHER, CHIEF):
        with pytest.raises(ReviewUnknown):
            await house.read(viewer, begun.id)
    written = await house.quality.write(
        BOSS, begun.id, {**FULL, "post": 15, "handover": None}, "注意复述", revision=begun.revision
    )
    with pytest.raises(ReviewChanged):
        await house.quality.write(BOSS, begun.id, FULL, "", revision=begun.revision)
    await house.quality.give(BOSS, written.id)

    told = await house.read(AGENT, begun.id)

    assert (told.state, told.score_tenths, told.remark) == (ReviewState.GIVEN, 944, "注意复述")  # 85 of 90
    assert [(one.second, one.text) for one in told.comments] == [(12.34, "没有复述房号")]
    with pytest.raises(ReviewUnknown):
        await house.read(OTHER, begun.id)
    with pytest.raises(ReviewStepRefused):
        await house.quality.write(BOSS, begun.id, FULL, "", revision=told.revision)
    with pytest.raises(ReviewStepRefused):
        await house.quality.comment(BOSS, begun.id, 1, "x")
    with pytest.raises(ReviewNotYours):
        await house.quality.see(CHIEF, begun.id)
    await house.quality.see(AGENT, begun.id)
    objected = await house.quality.object_to(AGENT, begun.id, "第 12 秒复述过")
    assert objected.objection == "第 12 秒复述过"
    with pytest.raises(ReviewStepRefused):
        await house.quality.object_to(AGENT, begun.id, "还有")
    with pytest.raises(ReviewNotYours):
        await house.quality.answer(AGENT, begun.id, "同意")

    answered = await house.quality.answer(CHIEF, begun.id, "听了，改分", {**FULL, "handover": None})

    assert (answered.state, answered.score_tenths, answered.score_before) == (ReviewState.ANSWERED, 1000, 944)
    assert (answered.answered_by, answered.seen_at is not None) == ("chief", True)


async def test_one_call_has_one_review_nobody_reviews_their_own_and_only_those_who_spoke_are_reviewed(
    house: House,
) -> None:
    await house.call(1)
    await house.call(2, agent="8901")
    begun = await house.quality.begin(BOSS, "c-1", "8001")
    with pytest.raises(ReviewTaken):
        await house.quality.begin(CHIEF, "c-1", "8001")
    with pytest.raises(CallNotReviewed):
        await house.quality.begin(CHIEF, "c-1", "8002")
    with pytest.raises(CallNotReviewed):
        await house.quality.begin(CHIEF, "c-9", "8001")
    with pytest.raises(ReviewNotYours):
        await house.quality.begin(BOSS, "c-2", "8901")
    with pytest.raises(ReviewUnknown):
        await house.quality.discard(CHIEF, begun.id)

    await house.quality.discard(BOSS, begun.id)

    assert (await house.quality.begin(CHIEF, "c-1", "8001")).reviewer == "chief"


async def test_calibration_is_blind_until_both_have_given_and_counts_in_no_figure(house: House) -> None:
    await house.call(1)
    await house.given(1, by=THIRD)
    asked = await house.quality.calibrate("third", "c-1", "8001", ("boss", "chief"))
    first = await house.given(1, points={**FULL, "post": 18}, calibration=asked.id)
    ordinary = first.id - 1

    for viewer in (CHIEF, THIRD, AGENT):
        with pytest.raises(ReviewUnknown):
            await house.read(viewer, first.id)
    with pytest.raises(ReviewUnknown):
        await house.read(CHIEF, ordinary)  # who has still to score it sees nobody's
    with pytest.raises(ReviewNotYours):
        await house.quality.begin(THIRD, "c-1", "8001", calibration=asked.id)
    second = await house.given(1, by=CHIEF, points={**FULL, "post": 13, "speed": 19}, calibration=asked.id)

    assert (await house.read(CHIEF, first.id)).score_tenths == 980
    assert (await house.read(CHIEF, ordinary)).score_tenths == 1000
    async with house.database.read() as session:
        whole = await calibration_by_id(session, asked.id)
        figures = await quality_by_agent(session, MONDAY, MONDAY + timedelta(days=1))
        theirs = await reviews_page(session, seen_by="xiaowang", is_head=False)
    assert whole is not None
    assert whole.is_whole
    apart = spread([(whole.given[0], whole.given[1])])
    assert (apart.mean_tenths, apart.by_item["post"], apart.by_item["speed"]) == (60.0, 5.0, 1.0)
    assert (figures["8001"].reviews, figures["8001"].mean_tenths) == (1, 1000.0)
    assert second.id not in {one.id for one in theirs}
    with pytest.raises(ReviewUnknown):
        await house.read(AGENT, second.id)


@pytest.mark.parametrize("people", [("boss", "boss"), ("boss", "xiaoli"), ("boss", "nobody")])
async def test_calibration_needs_two_different_supervisors(house: House, people: tuple[str, str]) -> None:
    await house.call(1)

    with pytest.raises(CalibrationRefused):
        await house.quality.calibrate("boss", "c-1", "8001", people)


async def test_figures_by_agent_are_the_means_of_what_was_given(house: House) -> None:
    for number in (1, 2, 3):
        await house.call(number)
    await house.given(1, points={**FULL, "post": 10})
    await house.given(2)
    await house.quality.begin(BOSS, "c-3", "8001")  # a draft

    async with house.database.read() as session:
        found = await quality_by_agent(session, MONDAY, MONDAY + timedelta(days=7))
        none = await quality_by_agent(session, MONDAY + timedelta(days=7), MONDAY + timedelta(days=14))

    assert {agent: (one.reviews, one.mean_tenths) for agent, one in found.items()} == {"8001": (2, 950.0)}
    assert none == {}


async def test_review_of_a_part_is_the_whole_calls_when_the_two_become_one(house: House) -> None:
    for number in (1, 2):
        await house.call(number)
    sample = await house.quality.sample(WEEK)
    asked = await house.quality.calibrate("third", "c-2", "8001", ("boss", "chief"))
    part = await house.given(2)

    for _ in range(2):
        async with house.database.begin() as session:
            await absorb_quality(session, "c-2", "c-1")

    async with house.database.read() as session:
        whole = await calibration_by_id(session, asked.id)
        [mine] = await reviews_page(session, seen_by="boss", is_head=True)
    assert whole is not None
    assert (whole.call_id, mine.call_id, mine.id) == ("c-1", "c-1", part.id)
    with pytest.raises(ReviewTaken):
        await house.quality.begin(CHIEF, "c-1", "8001")
    assert (await prove(house.database))[0][1] == len(sample.places)


async def test_what_nobody_objected_to_is_not_answered(house: House) -> None:
    await house.call(1)
    given = await house.given(1)

    with pytest.raises(ReviewStepRefused):
        await house.quality.answer(BOSS, given.id, "没有异议")
