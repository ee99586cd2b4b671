"""A confirmed entry owes something until it is settled; a department accepts and completes, each with who and when."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

import hotline.tables  # noqa: F401 -- every table is there
from hotline.accounts.account import Role
from hotline.bus import Bus, Change, Subject
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.dutylog.acts import DutyLogActs
from hotline.dutylog.chain import Head
from hotline.dutylog.chain_store import verify_chain
from hotline.dutylog.dispatch import (
    DepartmentUnknown,
    DispatchDoubled,
    DispatchState,
    DispatchStep,
    DispatchStepRefused,
    DispatchUnknown,
)
from hotline.dutylog.dispatch_store import open_dispatches
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import DutyEntry, Kind, LogBook
from hotline.dutylog.matters_store import MatterNotOwed, follow_matter
from hotline.dutylog.reading_store import WholeEntry, in_full
from hotline.dutylog.store import EntryIsDraft, EntryUnknown, entries_page, keep_draft
from hotline.followups.acts import FollowUpActs
from hotline.followups.follow_up import FollowUpKind, FollowUpState, FollowUpStepRefused
from hotline.followups.reading_store import follow_ups_page
from hotline.settings import DutyLogSettings
from tests.fakes.call_story import CALL, CallStory
from tests.fakes.clock_by_hand import ClockByHand

ENQUIRY = Draft(
    kind=Kind.ENQUIRY, is_urgent=False, who="张先生", home="3-2-501", matter="物业费怎么交", promised="", agent="8001"
)


class Desk:
    """The duty log with a clock that a test turns."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock, self.bus = database, ClockByHand(), Bus()
        self.acts = DutyLogActs(
            database=database, bus=self.bus, clock=self.clock, book=LogBook(), settings=DutyLogSettings()
        )

    async def whole(self, number: int) -> WholeEntry:
        async with self.database.read() as session:
            entries = await in_full(session, await entries_page(session))
        return next(one for one in entries if one.entry.number == number)

    async def confirm(self, **changes: object) -> DutyEntry:
        return await self.acts.confirm(replace(ENQUIRY, **changes), by="linjing")  # type: ignore[arg-type]


@pytest.fixture
def room(database: Database) -> Desk:
    return Desk(database)


@pytest.mark.parametrize(
    ("kind", "is_urgent", "within"),
    [
        (Kind.ENQUIRY, False, timedelta(hours=2)),
        (Kind.ENQUIRY, True, timedelta(hours=1)),
        (Kind.REPAIR, False, timedelta(days=1)),
        (Kind.COMPLAINT, False, timedelta(days=3)),
        (Kind.COMPLAINT, True, timedelta(hours=1)),
        (Kind.SPECIAL_HELP, True, timedelta(minutes=30)),
    ],
)
async def test_confirmed_entry_owes_an_answer_by_the_deadline_of_its_kind(
    room: Desk, kind: Kind, is_urgent: bool, within: timedelta
) -> None:
    entry = await room.confirm(kind=kind, is_urgent=is_urgent)

    matter = (await room.whole(entry.number)).matter
    assert matter is not None
    assert (matter.kind, matter.state, matter.due) == (
        FollowUpKind.MATTER, FollowUpState.OPEN, room.clock.now() + within,
    )  # fmt: skip
    assert (matter.home, matter.who, matter.request, matter.text) == (
        "3-2-501", "张先生", kind.value, f"{entry.page} 物业费怎么交",
    )  # fmt: skip


async def test_what_is_settled_at_once_and_what_nobody_named_yet_owes_nothing(room: Desk) -> None:
    settled = await room.acts.confirm(ENQUIRY, by="linjing", result="已当场答复")
    unnamed = await room.confirm(kind=Kind.UNKNOWN)

    handled = (await room.whole(settled.number)).matter
    assert handled is not None
    assert (handled.state, handled.result) == (FollowUpState.DONE, "已当场答复")  # it may be called back like any other
    assert (await room.whole(unnamed.number)).matter is None
    with pytest.raises(FollowUpStepRefused):
        await room.acts.settle(settled.number, by="linjing", result="又一次")
    with pytest.raises(MatterNotOwed):
        await room.acts.settle(unnamed.number, by="linjing", result="又一次")


async def test_correction_of_home_person_and_kind_is_what_the_follow_up_says_from_then_on(room: Desk) -> None:
    entry = await room.acts.confirm(ENQUIRY, by="linjing")
    right = replace(ENQUIRY, kind=Kind.COMPLAINT, home="1-1-101", who="李女士", matter="噪音")
    corrected = await room.acts.correct(entry.number, right, by="linjing")

    matter = (await room.whole(corrected.number)).matter
    assert matter is not None
    assert (matter.home, matter.who, matter.request, matter.text) == (
        "1-1-101", "李女士", "complaint", f"{corrected.page} 噪音",
    )  # fmt: skip


async def test_matter_of_a_call_is_owed_to_the_number_that_called(room: Desk) -> None:
    call = CallStory().rings().lifted().announced().queues().hangs_up(after=30).record
    async with room.database.begin() as session:
        await save_call(session, call)
    entry = await room.acts.confirm(ENQUIRY, by="linjing", call_id=CALL)

    matter = (await room.whole(entry.number)).matter
    assert matter is not None
    assert (matter.number, matter.call_id) == ("13800138501", CALL)


async def test_matter_marked_as_answered_is_closed_with_who_when_and_what(room: Desk) -> None:
    entry = await room.confirm()
    room.clock.turn(600)

    with room.bus.listening() as heard:
        await room.acts.settle(entry.number, by="zhouying", result="已答复")
        changes = {heard.get_nowait() for _ in range(heard.qsize())}

    matter = (await room.whole(entry.number)).matter
    assert matter is not None
    assert (matter.state, matter.result, matter.closed_by, matter.closed_at) == (
        FollowUpState.DONE, "已答复", "zhouying", room.clock.now(),
    )  # fmt: skip
    assert changes == {Change(Subject.DUTY_LOG, "1"), Change(Subject.FOLLOW_UP, str(matter.id))}
    with pytest.raises(FollowUpStepRefused):
        await room.acts.settle(entry.number, by="zhouying", result="又一次")


async def test_correction_to_another_kind_moves_the_deadline_from_when_it_was_told(room: Desk) -> None:
    entry = await room.confirm()
    told = room.clock.now()
    room.clock.turn(3600)

    correction = await room.acts.correct(entry.number, replace(ENQUIRY, kind=Kind.REPAIR), by="zhouying")

    matter = (await room.whole(correction.number)).matter
    assert matter is not None
    assert matter.due == told + timedelta(days=1)
    assert (await room.whole(entry.number)).matter is None, "what hangs on an entry hangs on its newest version"


async def test_correction_with_a_result_settles_and_one_that_names_the_kind_owes(room: Desk) -> None:
    entry = await room.confirm(kind=Kind.UNKNOWN)
    named = await room.acts.correct(entry.number, ENQUIRY, by="zhouying")
    assert (await room.whole(named.number)).matter is not None

    settled = await room.acts.correct(named.number, ENQUIRY, by="zhouying", result="已答复")

    matter = (await room.whole(settled.number)).matter
    assert matter is not None
    assert (matter.state, matter.result) == (FollowUpState.DONE, "已答复")


async def test_dispatch_is_accepted_and_completed_each_with_who_and_when(room: Desk) -> None:
    entry = await room.confirm(kind=Kind.REPAIR)
    sent = await room.acts.send(entry.number, department="工程部", by="linjing", note="带扳手")
    began = room.clock.now()
    room.clock.turn(600)
    await room.acts.step(sent.id, DispatchStep.ACCEPT, by="linjing", who="王师傅")
    room.clock.turn(3000)
    await room.acts.step(sent.id, DispatchStep.COMPLETE, by="zhouying", who="王师傅", text="换了角阀")

    [done] = (await room.whole(entry.number)).dispatches
    assert (done.department, done.note, done.sent_at, done.sent_by) == ("工程部", "带扳手", began, "linjing")
    assert (done.accepted_at, done.accepted_by, done.accepted_who) == (
        began + timedelta(minutes=10), "linjing", "王师傅",
    )  # fmt: skip
    assert (done.ended_at, done.ended_by, done.result) == (room.clock.now(), "zhouying", "换了角阀")
    assert done.state is DispatchState.COMPLETED
    assert not done.is_late(room.clock.now())
    async with room.database.read() as session:
        assert await open_dispatches(session) == []


async def test_dispatch_that_nobody_accepts_in_time_is_late_and_stays_so(room: Desk) -> None:
    entry = await room.confirm(kind=Kind.REPAIR, is_urgent=True)
    sent = await room.acts.send(entry.number, department="工程部", by="linjing")
    assert sent.accept_by == room.clock.now() + timedelta(minutes=5)
    assert not sent.is_late(room.clock.now())
    room.clock.turn(301)
    assert sent.is_late(room.clock.now())

    accepted = await room.acts.step(sent.id, DispatchStep.ACCEPT, by="linjing", who="王师傅")

    assert accepted.is_late(room.clock.now())


async def test_dispatch_that_is_not_done_by_the_matters_deadline_is_late(room: Desk) -> None:
    entry = await room.confirm()
    sent = await room.acts.send(entry.number, department="财务部", by="linjing")
    accepted = await room.acts.step(sent.id, DispatchStep.ACCEPT, by="linjing")
    assert not accepted.is_late(room.clock.now() + timedelta(hours=2))
    assert accepted.is_late(room.clock.now() + timedelta(hours=2, seconds=1))


async def test_what_a_department_gives_back_is_sent_to_another_and_both_stay_to_be_seen(room: Desk) -> None:
    entry = await room.confirm(kind=Kind.REPAIR)
    first = await room.acts.send(entry.number, department="工程部", by="linjing")
    await room.acts.step(first.id, DispatchStep.REFUSE, by="linjing", text="是绿化的事")
    correction = await room.acts.correct(entry.number, replace(ENQUIRY, kind=Kind.REPAIR), by="zhouying")
    await room.acts.send(correction.number, department="绿化部", by="linjing")

    dispatches = (await room.whole(correction.number)).dispatches
    assert [(one.department, one.state) for one in dispatches] == [
        ("工程部", DispatchState.REFUSED), ("绿化部", DispatchState.SENT),
    ]  # fmt: skip


async def test_of_two_who_send_one_matter_to_one_department_at_once_the_second_is_told(room: Desk) -> None:
    entry = await room.confirm()

    async def send() -> str:
        try:
            await room.acts.send(entry.number, department="工程部", by="linjing")
        except DispatchDoubled as doubled:
            return doubled.error_id
        return "sent"

    assert sorted(await asyncio.gather(send(), send())) == ["dispatch-doubled", "sent"]


async def two_departments(room: Desk, number: int) -> None:
    sent = await room.acts.send(number, department="工程部", by="linjing")
    await room.acts.step(sent.id, DispatchStep.ACCEPT, by="linjing", who="王师傅")
    await room.acts.send(number, department="保洁部", by="linjing")
    room.clock.turn(900)


async def ended(room: Desk, number: int) -> list[tuple[str, DispatchState, str, str]]:
    """What became of the dispatches, all of which ended just now."""
    async with room.database.read() as session:
        assert await open_dispatches(session) == []
    dispatches = (await room.whole(number)).dispatches
    assert {one.ended_at for one in dispatches} == {room.clock.now()}
    return [(one.department, one.state, one.ended_by, one.result) for one in dispatches]


async def test_settled_matter_ends_its_dispatches_with_what_came_of_it(room: Desk) -> None:
    entry = await room.confirm(kind=Kind.REPAIR)
    other = await room.confirm(kind=Kind.REPAIR)
    await two_departments(room, entry.number)

    await room.acts.settle(entry.number, by="zhouying", result="修好了")

    assert await ended(room, entry.number) == [
        ("工程部", DispatchState.COMPLETED, "zhouying", "修好了"),  # accepted and handled: done
        ("保洁部", DispatchState.WITHDRAWN, "zhouying", "修好了"),  # nobody had accepted it
    ]
    sent = await room.acts.send(other.number, department="工程部", by="linjing")
    assert sent.state is DispatchState.SENT


async def test_correction_that_settles_ends_the_dispatches_and_a_later_one_leaves_new_ones_alone(room: Desk) -> None:
    entry = await room.confirm(kind=Kind.REPAIR)
    await two_departments(room, entry.number)
    right = replace(ENQUIRY, kind=Kind.REPAIR, home="1-1-101")

    settled = await room.acts.correct(entry.number, right, by="zhouying", result="修好了")

    assert [state for _, state, _, _ in await ended(room, settled.number)] == [
        DispatchState.COMPLETED, DispatchState.WITHDRAWN,
    ]  # fmt: skip
    again = await room.acts.send(settled.number, department="工程部", by="linjing", note="再看一次")
    last = await room.acts.correct(settled.number, replace(right, who="李女士"), by="zhouying", result="修好了")
    assert (await room.whole(last.number)).dispatches[-1] == again


@pytest.mark.parametrize(
    ("is_handled", "engineers"), [(True, DispatchState.COMPLETED), (False, DispatchState.WITHDRAWN)]
)
async def test_matter_closed_or_cancelled_among_the_follow_ups_ends_its_dispatches(
    room: Desk, is_handled: bool, engineers: DispatchState
) -> None:
    entry = await room.confirm(kind=Kind.REPAIR)
    await two_departments(room, entry.number)
    matter = (await room.whole(entry.number)).matter
    assert matter is not None
    owed = FollowUpActs(database=room.database, bus=room.bus, clock=room.clock, follow_matter=follow_matter)

    with room.bus.listening() as heard:
        if is_handled:
            await owed.close(matter.id, who="zhouying", role=Role.AGENT, result="住户说好了")
        else:
            await owed.cancel(matter.id, who="zhouying", role=Role.AGENT, reason="住户说好了")
        changes = {heard.get_nowait() for _ in range(heard.qsize())}

    assert await ended(room, entry.number) == [
        ("工程部", engineers, "zhouying", "住户说好了"),
        ("保洁部", DispatchState.WITHDRAWN, "zhouying", "住户说好了"),
    ]
    assert changes == {Change(Subject.DUTY_LOG, str(entry.number)), Change(Subject.FOLLOW_UP, str(matter.id))}


async def test_steps_that_make_no_sense_are_refused(room: Desk) -> None:
    entry = await room.confirm()
    sent = await room.acts.send(entry.number, department="工程部", by="linjing")

    with pytest.raises(DispatchStepRefused):
        await room.acts.step(sent.id, DispatchStep.COMPLETE, by="linjing", text="没人接就做完了")
    with pytest.raises(DispatchUnknown):
        await room.acts.step(99, DispatchStep.ACCEPT, by="linjing")
    with pytest.raises(DepartmentUnknown):
        await room.acts.send(entry.number, department="外星部", by="linjing")
    with pytest.raises(EntryUnknown):
        await room.acts.send(99, department="工程部", by="linjing")
    async with room.database.begin() as session:
        draft = await keep_draft(session, "another call", ENQUIRY, room.clock.now())
    assert draft is not None
    with pytest.raises(EntryIsDraft):
        await room.acts.send(draft, department="工程部", by="linjing")


async def test_wherever_a_confirmation_dies_neither_entry_nor_what_it_owes_is_there(room: Desk) -> None:
    class Killed(Exception):
        pass

    engine, seen, deadly = room.database.engine.sync_engine, 0, 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == deadly:
            raise Killed

    await room.confirm()
    event.listen(engine, "before_cursor_execute", count)
    try:
        while True:
            seen, deadly = 0, deadly + 1
            try:
                await room.confirm()
            except Killed:
                seen = -100
                async with room.database.read() as session:
                    assert len(await entries_page(session)) == 1
                    assert len(await follow_ups_page(session)) == 1
                continue
            break
    finally:
        event.remove(engine, "before_cursor_execute", count)

    assert deadly > 8, "there were statements to die between"
    async with room.database.read() as session:
        assert [entry.page for entry in await entries_page(session)] == ["20261121-002", "20261121-001"]
        assert len(await follow_ups_page(session)) == 2
    assert isinstance(await verify_chain(room.database), Head)
