"""A wrap-up is one act on both databases: all of it or nothing, once, and what a machine lifted is owed again."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from hotline.accounts.account import Role
from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.desk.notes import Notes
from hotline.desk.notes_store import keep_notes, notes_on
from hotline.desk.outside_store import claim
from hotline.desk.wrap_up import Disposition, Original, Promise, WrapUp, WrapUpIncomplete
from hotline.desk.wrap_up_acts import WrapUps
from hotline.desk.wrap_up_store import absorb_wrap_ups, waiting_wrap_ups
from hotline.dutylog.acts import DutyLogActs
from hotline.dutylog.dispatch import DepartmentUnknown, DispatchState
from hotline.dutylog.dispatch_store import dispatches_of
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import EntryState, Kind, LogBook
from hotline.dutylog.matters_store import matters_of
from hotline.dutylog.store import EntryConfirmed, entries_of, keep_draft
from hotline.followups.follow_up import DueBy, FollowUpKind, FollowUpState, Step
from hotline.followups.reading_store import follow_ups_page, history_of
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up, take_step
from hotline.phone import PhoneNumber
from hotline.settings import DutyLogSettings
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server

__all__ = ["database", "database_server"]
DRAFT = Draft(kind=Kind.REPAIR, is_urgent=False, who="张先生", home="3-2-501", matter="漏水", promised="", agent="8001")


@dataclass
class Desk:
    database: Database
    bus: Bus = field(default_factory=Bus)
    clock: ClockByHand = field(default_factory=ClockByHand)

    @property
    def acts(self) -> WrapUps:
        log = DutyLogActs(
            database=self.database, bus=self.bus, clock=self.clock, book=LogBook(), settings=DutyLogSettings()
        )
        return WrapUps(database=self.database, bus=self.bus, clock=self.clock, duty_log=log, area_code="")

    async def call(self, call_id: str = "c-1", **changes: object) -> CallRecord:
        now = self.clock.now()
        call = CallRecord(
            id=call_id, state=CallState.ENDED, caller_number="13800138501", ring_start=now, human_answer=now,
            ended_at=now, agent="8001", outcome=Outcome.ANSWERED,
        )  # fmt: skip
        call = replace(call, **changes)  # type: ignore[arg-type]
        async with self.database.begin() as session:
            await save_call(session, call)
            await keep_draft(session, call_id, DRAFT, now)
        return call

    async def states(self, call_id: str = "c-1") -> list[EntryState]:
        async with self.database.read() as session:
            return [entry.state for entry in await entries_of(session, call_id)]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def told(key: str = "key-00000001", **changes: object) -> WrapUp:
    values: dict = {
        "call_id": "c-1", "key": key, "draft": DRAFT, "disposition": Disposition.DISPATCHED, "department": "工程部",
    }  # fmt: skip
    return WrapUp(**(values | changes))


async def test_the_same_act_sent_at_one_time_is_written_once_and_told_after_the_commit(desk: Desk) -> None:
    call = await desk.call()
    with desk.bus.listening() as box:
        numbers = await asyncio.gather(*(desk.acts.wrap_up(call, told(), by="wang") for _ in range(4)))
        heard = {box.get_nowait() for _ in range(box.qsize())}

    assert len(set(numbers)) == 1
    assert await desk.states() == [EntryState.CONFIRMED]
    assert Change(Subject.DUTY_LOG, str(numbers[0])) in heard
    assert any(change.subject is Subject.FOLLOW_UP for change in heard)


async def test_two_people_at_one_time_confirm_once_and_the_second_is_told_so(desk: Desk) -> None:
    call = await desk.call()

    results = await asyncio.gather(
        desk.acts.wrap_up(call, told(), by="wang"),
        desk.acts.wrap_up(call, told("key-00000002"), by="boss"),
        return_exceptions=True,
    )

    assert sorted(type(result) for result in results if not isinstance(result, int)) == [EntryConfirmed]
    assert await desk.states() == [EntryState.CONFIRMED]


async def test_what_fails_in_the_act_leaves_nothing_of_it_and_its_key_is_free(desk: Desk) -> None:
    call = await desk.call()

    with pytest.raises(DepartmentUnknown):
        await desk.acts.wrap_up(call, told(department="没有"), by="wang")
    with pytest.raises(WrapUpIncomplete):
        await desk.acts.wrap_up(call, told(draft=replace(DRAFT, home="")), by="wang")

    assert await desk.states() == [EntryState.DRAFT]
    async with desk.database.read() as session:
        assert await follow_ups_page(session) == []
    await desk.acts.wrap_up(call, told(), by="wang")
    assert await desk.states() == [EntryState.CONFIRMED]


async def test_promise_is_the_matters_deadline_and_moves_with_a_correction(desk: Desk) -> None:
    call = await desk.call()
    due = desk.clock.now() + timedelta(hours=3)

    number = await desk.acts.wrap_up(call, told(promise=Promise(due=due)), by="wang")
    sooner = told("key-00000002", corrects=number, department="", promise=Promise(due=due - timedelta(hours=1)))
    await desk.acts.wrap_up(call, sooner, by="wang")

    async with desk.database.read() as session:
        [matter] = await follow_ups_page(session)
    assert (matter.kind, matter.due) == (FollowUpKind.MATTER, due - timedelta(hours=1))


async def test_promise_stays_promised_through_a_correction_and_says_so_beside_a_sooner_rule(desk: Desk) -> None:
    call = await desk.call()
    soon, late = (desk.clock.now() + timedelta(hours=hours) for hours in (1, 300))

    async def matter() -> tuple[object, ...]:
        async with desk.database.read() as session:
            [one] = await follow_ups_page(session)
        return one.due, one.due_by, one.promised

    number = await desk.acts.wrap_up(call, told(promise=Promise(due=soon)), by="wang")
    assert await matter() == (soon, DueBy.PROMISE, soon)
    corrected = await desk.acts.wrap_up(call, told("key-00000002", corrects=number, department=""), by="wang")
    assert await matter() == (soon, DueBy.PROMISE, soon)
    later = told("key-00000003", corrects=corrected, department="", promise=Promise(due=late))
    await desk.acts.wrap_up(call, later, by="wang")
    due, due_by, promised = await matter()
    assert (due_by, promised) == (DueBy.RULE, late)
    assert due != late


@dataclass
class OurCall:
    call: CallRecord
    owed: int


async def our_call(desk: Desk, kind: FollowUpKind, *, returned: bool = False) -> OurCall:
    now = desk.clock.now()
    async with desk.database.begin() as session:
        owed = await add_follow_up(
            session, debt=Debt(kind=kind, at=now, due=now), owed_by=Role.AGENT, call_id="c-0", number="13800138501",
            e164="+8613800138501", home="3-2-501", who="张先生", at=now,
        )  # fmt: skip
        made, _ = await claim(
            session, key="click-0001", by="wang", extension="8001", number=PhoneNumber("+8613800138501"),
            follow_up=owed.id, returns="", at=now,
        )  # fmt: skip
        if returned:
            await take_step(session, owed.id, Step.RETURNED, at=now, call_id=made.channel)
    return OurCall(await desk.call(made.channel, direction="outbound"), owed.id)


ENDS = (
    # what it was made for, whether speaking closed it, what is said of it -> how it stands, and how many are owed
    (FollowUpKind.MATTER, False, Original.SETTLED, FollowUpState.DONE, 1),
    (FollowUpKind.MATTER, False, Original.GOES_ON, FollowUpState.OPEN, 1),
    (FollowUpKind.MATTER, False, Original.NEW, FollowUpState.OPEN, 2),
    (FollowUpKind.MATTER, False, None, FollowUpState.OPEN, 1),
    (FollowUpKind.CALL_BACK, True, Original.SETTLED, FollowUpState.DONE, 1),
    (FollowUpKind.CALL_BACK, True, Original.GOES_ON, FollowUpState.OPEN, 1),
    (FollowUpKind.CALL_BACK, True, None, FollowUpState.DONE, 1),
)


@pytest.mark.parametrize(("kind", "returned", "original", "stands", "owed"), ENDS)
async def test_wrap_up_of_our_own_call_is_about_what_it_was_made_for_and_raises_it_no_second_time(
    desk: Desk, kind: FollowUpKind, returned: bool, original: Original | None, stands: FollowUpState, owed: int
) -> None:
    ours = await our_call(desk, kind, returned=returned)
    came = Disposition.SETTLED if original is Original.SETTLED else Disposition.FOLLOW_UP
    said = told(call_id=ours.call.id, original=original, disposition=came, department="")

    for _ in range(2):
        await desk.acts.wrap_up(ours.call, said, by="wang")

    async with desk.database.read() as session:
        found = {one.id: one.state for one in await follow_ups_page(session)}
    assert (found[ours.owed], len(found)) == (stands, owed)
    assert await desk.states(ours.call.id) == [EntryState.CONFIRMED]


async def test_our_call_that_settles_a_matter_ends_what_departments_have_not_done_of_it(desk: Desk) -> None:
    number = await desk.acts.wrap_up(await desk.call(), told(), by="wang")
    async with desk.database.begin() as session:
        matter = (await matters_of(session, [number]))[number]
        made, _ = await claim(
            session, key="click-0001", by="wang", extension="8001", number=PhoneNumber("+8613800138501"),
            follow_up=matter.id, returns="", at=desk.clock.now(),
        )  # fmt: skip
    ours = await desk.call(made.channel, direction="outbound")

    settled = told(
        "key-00000002", call_id=ours.id, original=Original.SETTLED, disposition=Disposition.SETTLED, department="",
        result="住户说修好了",
    )  # fmt: skip
    await desk.acts.wrap_up(ours, settled, by="wang")

    async with desk.database.read() as session:
        [dispatch] = (await dispatches_of(session, [number]))[number]
    assert (dispatch.state, dispatch.ended_by, dispatch.result) == (DispatchState.WITHDRAWN, "wang", "住户说修好了")


async def test_promise_in_our_own_call_moves_what_it_was_made_for(desk: Desk) -> None:
    ours = await our_call(desk, FollowUpKind.MATTER)
    due = desk.clock.now() + timedelta(hours=3)
    said = told(
        call_id=ours.call.id, original=Original.GOES_ON, disposition=Disposition.PROMISED, department="",
        promise=Promise(due=due),
    )  # fmt: skip

    await desk.acts.wrap_up(ours.call, said, by="wang")

    async with desk.database.read() as session:
        assert [(one.id, one.due) for one in await follow_ups_page(session)] == [(ours.owed, due)]


async def test_who_says_that_a_machine_lifted_owes_the_call_again(desk: Desk) -> None:
    now = desk.clock.now()
    call = await desk.call("outside-1.1", direction="outbound")
    async with desk.database.begin() as session:
        owed = await add_follow_up(
            session, debt=Debt(kind=FollowUpKind.CALL_BACK, at=now, due=now), owed_by=Role.AGENT, call_id="c-0",
            number="13800138501", e164="+8613800138501", home="", who="", at=now,
        )  # fmt: skip
        await take_step(session, owed.id, Step.RETURNED, at=now, call_id=call.id)

    machine = told(call_id=call.id, disposition=Disposition.NOT_REACHED, department="")
    await desk.acts.wrap_up(call, machine, by="wang")

    async with desk.database.read() as session:
        open_ = {one.id: one.state for one in await follow_ups_page(session)}
        steps, _ = await history_of(session, owed.id)
    assert open_[owed.id] is FollowUpState.OPEN
    assert [step.what for step in steps] == [Step.RAISED, Step.RETURNED, Step.REOPENED]


async def test_calls_wait_for_their_wrap_up_until_it_is_done_and_the_half_filled_form_goes_with_it(desk: Desk) -> None:
    call = await desk.call()
    await desk.call("c-2", agent="8002")
    await desk.call("c-3", human_answer=None, agent="")
    async with desk.database.begin() as session:
        await keep_notes(session, Notes(call_id="c-1", by="wang", text="t", form={"home": "3"}), desk.clock.now())
    async with desk.database.read() as session:
        before = [one.call_id for one in await waiting_wrap_ups(session, agent="8001")]
        everybodys = {one.call_id for one in await waiting_wrap_ups(session, agent=None)}

    await desk.acts.wrap_up(call, told(), by="wang")

    async with desk.database.begin() as session:
        assert await waiting_wrap_ups(session, agent="8001") == []
        [notes] = await notes_on(session, "c-1")
        await absorb_wrap_ups(session, "c-1", "c-0")
    assert (before, everybodys) == (["c-1"], {"c-1", "c-2"})
    assert (notes.form, notes.text, notes.version) == ({}, "t", 2)
    again = await desk.acts.wrap_up(replace(call, id="c-0"), told(call_id="c-0"), by="wang")
    assert again == 1, "the act is known under the call's new id"
