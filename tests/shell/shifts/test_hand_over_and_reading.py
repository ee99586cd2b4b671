"""The desk is handed over by two people, nothing open is passed over, and the log is read and signed once."""

import asyncio
from datetime import timedelta

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.accounts.account import Role
from hotline.bus import Bus
from hotline.database import Database
from hotline.dutylog.acts import DutyLogActs
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind, LogBook
from hotline.followups.acts import FollowUpActs
from hotline.settings import DutyLogSettings
from hotline.shifts.review import ReviewKind, ReviewSigned, ReviewTooEarly
from hotline.shifts.service import Shifts
from hotline.shifts.shift import (
    HandedOverSilently,
    ItemsUnread,
    SamePerson,
    Shift,
    ShiftNotYours,
    ShiftState,
    ShiftStepRefused,
)
from hotline.shifts.store import open_shift, reviews, shift_by_id, shifts_page
from tests.fakes.call_story import START
from tests.fakes.clock_by_hand import ClockByHand

COMPLAINT = Draft(
    kind=Kind.COMPLAINT, is_urgent=False, who="李女士", home="1-1-101", matter="楼上噪音", promised="", agent="8001"
)
FOUND = {"电话机": "完好", "钥匙": "12 把"}


class Desk:
    """A desk with two people, and what they write."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ClockByHand(START)
        book, bus = LogBook(), Bus()
        self.shifts = Shifts(database=database, bus=bus, clock=self.clock, book=book)
        self.log = DutyLogActs(database=database, bus=bus, clock=self.clock, book=book, settings=DutyLogSettings())
        self.owed = FollowUpActs(database=database, bus=bus, clock=self.clock)
        self.book = book

    async def owes(self, text: str = "回电告知维修时间", *, in_minutes: int = 60) -> None:
        due = self.clock.now() + timedelta(minutes=in_minutes)
        await self.owed.write_down(
            by="linjing", text=text, due=due, owed_by=Role.AGENT, number="13800138000", home="", who=""
        )

    async def open(self) -> list[str]:
        async with self.database.read() as session:
            return [item.key for item in await self.shifts.open_items(session)]

    async def signs_out(self, who: str = "linjing", role: Role = Role.AGENT, **words: str) -> Shift:
        said = {key.replace("_", "-"): word for key, word in words.items()}
        return await self.shifts.sign_out(who=who, role=role, remarks="", words=said, property_found=FOUND)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_a_shift_ends_when_the_next_person_has_read_and_signed_and_not_before(desk: Desk) -> None:
    first = await desk.shifts.take_desk(who="linjing")
    await desk.owes()
    desk.clock.turn(3600 * 8)
    signed = await desk.signs_out(follow_up_1="居民在家")

    assert signed.state is ShiftState.SIGNED_OUT
    desk.clock.turn(300)
    following = await desk.shifts.sign_in(who="wangwei", remarks="已核对", read=await desk.open())

    async with desk.database.read() as session:
        ended = await shift_by_id(session, first.id)
        now_open = await open_shift(session)
    assert ended is not None
    assert (ended.state, ended.successor, ended.ended) == (ShiftState.ENDED, "wangwei", desk.clock.now())
    assert now_open == following
    assert (following.holder, following.began, following.state) == ("wangwei", ended.ended, ShiftState.RUNNING)


async def test_the_sheet_says_what_was_written_what_is_open_and_where_the_chain_stood(desk: Desk) -> None:
    await desk.shifts.take_desk(who="linjing")
    for _ in range(3):
        await desk.log.confirm(COMPLAINT, by="linjing")
    desk.clock.turn(60)
    shift = await desk.signs_out()

    assert shift.sheet is not None
    assert (shift.sheet.entries, dict(shift.sheet.by_kind)) == (3, {"complaint": 3})
    assert shift.sheet.first_page.endswith("-001")
    assert shift.sheet.last_page.endswith("-003")
    assert shift.sheet.chain_position == 3
    assert len(shift.sheet.chain_head) == 64
    assert shift.sheet.property_found == FOUND
    assert len(shift.sheet.items) == 3, "each complaint is owed an answer"
    async with desk.database.read() as session:
        assert await shift_by_id(session, shift.id) == shift, "what is stored reads back as it was"


async def test_what_was_written_between_both_signatures_stands_on_the_next_sheet(desk: Desk) -> None:
    await desk.shifts.take_desk(who="linjing")
    await desk.log.confirm(COMPLAINT, by="linjing")
    desk.clock.turn(60)
    first = await desk.signs_out()
    desk.clock.turn(60)
    await desk.log.confirm(COMPLAINT, by="wangwei")
    desk.clock.turn(60)
    await desk.shifts.sign_in(who="wangwei", remarks="", read=await desk.open())
    desk.clock.turn(60)
    await desk.log.confirm(COMPLAINT, by="wangwei")
    desk.clock.turn(60)
    second = await desk.signs_out("wangwei")

    assert first.sheet is not None
    assert second.sheet is not None
    assert [first.sheet.last_page[-3:], second.sheet.first_page[-3:], second.sheet.last_page[-3:]] == [
        "001",
        "002",
        "003",
    ]


async def test_what_is_overdue_needs_a_word_before_the_desk_is_handed_over(desk: Desk) -> None:
    await desk.shifts.take_desk(who="linjing")
    await desk.owes(in_minutes=5)
    desk.clock.turn(3600)

    with pytest.raises(HandedOverSilently):
        await desk.signs_out()
    shift = await desk.signs_out(follow_up_1="打过两次，无人接")

    assert shift.sheet is not None
    assert [item.word for item in shift.sheet.items] == ["打过两次，无人接"]


async def test_what_came_after_the_first_signature_must_be_read_too_and_stands_on_the_sheet(desk: Desk) -> None:
    first = await desk.shifts.take_desk(who="linjing")
    await desk.owes()
    await desk.signs_out()
    read = await desk.open()
    await desk.owes("又来一件")

    with pytest.raises(ItemsUnread) as refused:
        await desk.shifts.sign_in(who="wangwei", remarks="", read=read)
    assert refused.value.details == {"items": ["follow-up-2"]}
    await desk.shifts.sign_in(who="wangwei", remarks="", read=await desk.open())

    async with desk.database.read() as session:
        ended = await shift_by_id(session, first.id)
    assert ended is not None
    assert ended.sheet is not None
    assert [item.key for item in ended.sheet.items] == ["follow-up-1", "follow-up-2"]


async def test_nobody_signs_twice_and_only_the_holder_or_a_supervisor_hands_over(desk: Desk) -> None:
    with pytest.raises(ShiftStepRefused):
        await desk.signs_out()
    await desk.shifts.take_desk(who="linjing")
    with pytest.raises(ShiftStepRefused):
        await desk.shifts.take_desk(who="wangwei")
    with pytest.raises(ShiftNotYours):
        await desk.signs_out(who="wangwei")
    shift = await desk.signs_out(who="manager", role=Role.SUPERVISOR)
    assert (shift.holder, shift.signed_out_by) == ("linjing", "manager")
    for who in ("linjing", "manager"):  # neither the holder nor who signed for the holder
        with pytest.raises(SamePerson):
            await desk.shifts.sign_in(who=who, remarks="", read=())
    taken_back = await desk.shifts.take_back(who="linjing", role=Role.AGENT)
    assert (taken_back.state, taken_back.sheet) == (ShiftState.RUNNING, None)
    with pytest.raises(ShiftStepRefused):
        await desk.shifts.sign_in(who="wangwei", remarks="", read=())


async def test_two_who_take_the_desk_or_sign_for_it_at_once_make_one_shift(desk: Desk) -> None:
    taken = await asyncio.gather(
        *(desk.shifts.take_desk(who=who) for who in ("linjing", "wangwei")), return_exceptions=True
    )
    assert sum(isinstance(one, Shift) for one in taken) == 1
    assert sum(isinstance(one, ShiftStepRefused) for one in taken) == 1
    await desk.signs_out(who="manager", role=Role.SUPERVISOR)
    signed = await asyncio.gather(
        *(desk.shifts.sign_in(who=who, remarks="", read=()) for who in ("zhao", "qian")), return_exceptions=True
    )
    assert sum(isinstance(one, Shift) for one in signed) == 1
    assert sum(isinstance(one, ShiftStepRefused) for one in signed) == 1
    async with desk.database.read() as session:
        assert len(await shifts_page(session)) == 2


async def test_complaints_of_a_day_and_the_week_are_read_once_after_they_are_over(desk: Desk) -> None:
    await desk.log.confirm(COMPLAINT, by="linjing")
    day = desk.book.day_of(desk.clock.now())
    monday = day - timedelta(days=day.weekday())

    with pytest.raises(ReviewTooEarly):
        await desk.shifts.sign_review(ReviewKind.COMPLAINTS, day, opinion="已阅", who="manager")
    desk.clock.turn(timedelta(days=8).total_seconds())
    async with desk.database.read() as session:
        waiting = await desk.shifts.unread(session)
    assert [(one.kind, one.day) for one in waiting] == [(ReviewKind.COMPLAINTS, day), (ReviewKind.WEEK, monday)]

    review = await desk.shifts.sign_review(ReviewKind.COMPLAINTS, day, opinion="已阅，约谈楼上", who="manager")
    await desk.shifts.sign_review(ReviewKind.WEEK, monday, opinion="已阅", who="manager")
    with pytest.raises(ReviewSigned):
        await desk.shifts.sign_review(ReviewKind.COMPLAINTS, day, opinion="改一下", who="manager")

    async with desk.database.read() as session:
        assert await desk.shifts.unread(session) == []
        kept = await reviews(session, since=monday)
    assert review in kept
    assert review.entries == 1
