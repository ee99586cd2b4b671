"""Handled matters are drawn once, called within their time, and who is not satisfied is heard."""

from datetime import timedelta

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.accounts.account import Role
from hotline.aftercare.rules import After, Answers, NoAftercare
from hotline.aftercare.service import Aftercare, prove
from hotline.bus import Bus
from hotline.database import Database
from hotline.dutylog.acts import DutyLogActs
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind, LogBook
from hotline.followups.acts import FollowUpActs
from hotline.followups.compliance_store import compliance
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState, FollowUpStepRefused, Step
from hotline.followups.reading_store import follow_up_by_id, follow_ups_page, history_of
from hotline.followups.store import take_step
from hotline.reports.behind import Behind
from hotline.reports.owed_store import draws_behind
from hotline.reports.paging_store import Page, Stretch
from hotline.reports.ranges import Days
from hotline.reports.service_sums_store import called_back
from hotline.settings import DutyLogSettings, FollowUpSettings
from tests.fakes.call_story import START
from tests.fakes.clock_by_hand import ClockByHand

GOOD = Answers(is_satisfied=True, attitude=5, quality=4)
BAD = Answers(is_satisfied=False, attitude=2, quality=1, shortcomings="没修好")


class Desk:
    """A desk that handles matters and calls their people afterwards."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ClockByHand(START)
        self.settings = FollowUpSettings()
        bus = Bus()
        self.log = DutyLogActs(database=database, bus=bus, clock=self.clock, book=LogBook(), settings=DutyLogSettings())
        self.owed = FollowUpActs(database=database, bus=bus, clock=self.clock)
        self.aftercare = Aftercare(database=database, bus=bus, clock=self.clock, settings=self.settings, seed="01")

    async def handled(self, kind: Kind, how_many: int = 1, *, is_urgent: bool = False, home: str = "3-2-501") -> None:
        draft = Draft(
            kind=kind, is_urgent=is_urgent, who="张先生", home=home, matter="厨房漏水", promised="", agent="8001"
        )
        for _ in range(how_many):
            entry = await self.log.confirm(draft, by="linjing")
            await self.log.settle(entry.number, by="linjing", result="已处理")

    async def open(self, kind: FollowUpKind = FollowUpKind.AFTERCARE) -> list[FollowUp]:
        async with self.database.read() as session:
            found = await follow_ups_page(session, states=(FollowUpState.OPEN,), limit=200)
        return [one for one in found if one.kind is kind]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_every_handled_complaint_is_called_within_three_days(desk: Desk) -> None:
    await desk.handled(Kind.COMPLAINT, 3)

    assert await desk.aftercare.draw_some() == 3

    calls = await desk.open()
    assert [(one.due, one.owed_by, one.home) for one in calls] == [
        (START + timedelta(days=3), Role.AGENT, "3-2-501")
    ] * 3


async def test_a_serious_complaint_is_called_by_the_manager(desk: Desk) -> None:
    await desk.handled(Kind.COMPLAINT, is_urgent=True)
    await desk.aftercare.draw_some()

    assert [one.owed_by for one in await desk.open()] == [Role.SUPERVISOR]


async def test_three_of_ten_repairs_are_called_from_the_next_day_on_and_the_draw_can_be_proved(desk: Desk) -> None:
    await desk.handled(Kind.REPAIR, 20)
    await desk.aftercare.draw_some()

    calls = await desk.open()
    assert len(calls) == 6
    assert {one.since for one in calls} == {START + timedelta(days=1)}
    assert {one.due for one in calls} == {START + timedelta(days=2)}
    assert await prove(desk.database, After.REPAIR) == (20, 6, [])


async def test_a_matter_is_drawn_once_however_often_it_is_looked_at_or_handled_again(desk: Desk) -> None:
    await desk.handled(Kind.COMPLAINT)
    await desk.aftercare.draw_some()
    async with desk.database.read() as session:
        matter = (await follow_ups_page(session, states=(FollowUpState.DONE,)))[0]
    await desk.owed.reopen(matter.id, who="linjing", role=Role.AGENT, reason="又漏")
    await desk.owed.close(matter.id, who="linjing", role=Role.AGENT, result="再修")

    assert await desk.aftercare.draw_some() == 0
    assert len(await desk.open()) == 1


async def test_what_a_resident_is_promised_does_not_move_the_days_of_the_table(desk: Desk) -> None:
    await desk.handled(Kind.COMPLAINT, 2)
    await desk.aftercare.draw_some()
    late, soon = await desk.open()
    promised = START + timedelta(days=30)
    async with desk.database.begin() as session:
        for call, closed in ((late, 20), (soon, 2)):
            await take_step(
                session, call.id, Step.DEADLINE_MOVED, who="wang", at=START, due=promised, promised=promised
            )
            await take_step(session, call.id, Step.CLOSED, who="wang", at=START + timedelta(days=closed), text="已回访")

    asked = Stretch(since=START, until=START + timedelta(days=1), now=promised)
    days = Days(START.date(), START.date())
    behind = Behind(days=days, figure="not-called-back", value=After.COMPLAINT.value)
    async with desk.database.read() as session:
        [found] = await called_back(session, START, START + timedelta(days=1))
        listed = await draws_behind(session, behind, asked, Page(10))
    assert (found.drawn, found.called, found.in_time) == (2, 2, 1)
    assert [(one.state, one.ended) for one in listed] == [("late", START + timedelta(days=20))]


async def test_nobody_is_owed_a_call_for_a_matter_without_a_home_or_a_number(desk: Desk) -> None:
    await desk.handled(Kind.COMPLAINT, home="")

    assert await desk.aftercare.draw_some() == 1
    assert await desk.open() == []
    assert await prove(desk.database, After.COMPLAINT) == (0, 0, [])


async def test_a_kind_that_was_corrected_is_called_as_what_it_is(desk: Desk) -> None:
    draft = Draft(kind=Kind.ENQUIRY, is_urgent=False, who="", home="1-1-101", matter="噪音", promised="", agent="8001")
    entry = await desk.log.confirm(draft, by="linjing")
    right = Draft(
        kind=Kind.COMPLAINT, is_urgent=False, who="", home="1-1-101", matter="噪音", promised="", agent="8001"
    )
    corrected = await desk.log.correct(entry.number, right, by="linjing")
    await desk.log.settle(corrected.number, by="linjing", result="已约谈")
    await desk.aftercare.draw_some()

    assert [one.request for one in await desk.open()] == ["complaint"]


async def test_a_satisfied_resident_closes_the_call_with_the_answers_as_record(desk: Desk) -> None:
    await desk.handled(Kind.COMPLAINT)
    await desk.aftercare.draw_some()
    call = (await desk.open())[0]

    done = await desk.aftercare.answer(call.id, GOOD, who="linjing")

    assert (done.state, done.result) == (FollowUpState.DONE, "满意；态度 5；质量 4；无违规收费")
    assert await desk.open(FollowUpKind.UNSATISFIED) == []
    with pytest.raises(FollowUpStepRefused):
        await desk.aftercare.answer(call.id, BAD, who="wangwei")


async def test_who_is_not_satisfied_has_the_matter_reopened_and_the_manager_told(desk: Desk) -> None:
    await desk.handled(Kind.REPAIR, 10)
    await desk.aftercare.draw_some()
    call = (await desk.open())[0]

    await desk.aftercare.answer(call.id, BAD, who="linjing")

    reopened = await desk.open(FollowUpKind.MATTER)
    told = await desk.open(FollowUpKind.UNSATISFIED)
    assert len(reopened) == len(told) == 1
    assert (told[0].owed_by, told[0].request) == (Role.SUPERVISOR, "complaint")
    assert "没修好" in told[0].text
    async with desk.database.read() as session:
        steps, _ = await history_of(session, reopened[0].id)
    assert steps[-1].text.startswith("不满意")


async def test_answers_are_taken_for_calls_after_matters_only(desk: Desk) -> None:
    one = await desk.owed.write_down(by="linjing", text="x", due=START, owed_by=Role.AGENT, home="1-1-101")

    with pytest.raises(NoAftercare):
        await desk.aftercare.answer(one.id, GOOD, who="linjing")


async def test_what_is_overdue_for_long_is_shown_to_supervisors_once(desk: Desk) -> None:
    one = await desk.owed.write_down(by="linjing", text="x", due=START, owed_by=Role.AGENT, home="1-1-101")
    assert await desk.aftercare.escalate() == 0
    desk.clock.turn(timedelta(minutes=desk.settings.escalate_after + 1).total_seconds())

    assert await desk.aftercare.escalate() == 1
    assert await desk.aftercare.escalate() == 0
    async with desk.database.read() as session:
        theirs = await follow_ups_page(session, states=(FollowUpState.OPEN,), owed_by=Role.SUPERVISOR)
        kept = await follow_up_by_id(session, one.id)
    assert [each.id for each in theirs] == [one.id]
    assert (kept.owed_by, kept.escalated_at) == (Role.AGENT, desk.clock.now())


async def test_compliance_counts_what_fell_due_in_time_late_and_not_at_all_and_no_data_is_no_share(desk: Desk) -> None:
    async with desk.database.read() as session:
        assert await compliance(session, START, START + timedelta(days=1), now=START) == []
    made = [
        await desk.owed.write_down(
            by="linjing", text="x", due=START + timedelta(minutes=10), owed_by=Role.AGENT, home="1-1-101"
        )
        for _ in range(4)
    ]
    await desk.owed.close(made[0].id, who="linjing", role=Role.AGENT, result="好")
    desk.clock.turn(1200)
    await desk.owed.close(made[1].id, who="linjing", role=Role.AGENT, result="晚")
    await desk.owed.cancel(made[2].id, who="linjing", role=Role.AGENT, reason="误")

    async with desk.database.read() as session:
        found = await compliance(session, START, START + timedelta(days=1), now=desk.clock.now())

    assert [(one.kind, one.in_time, one.late, one.overdue, one.share) for one in found] == [
        (FollowUpKind.OTHER, 1, 1, 1, pytest.approx(1 / 3))
    ]


async def test_the_newest_version_of_an_entry_says_who_is_called_where_and_by_whom(desk: Desk) -> None:
    def draft(kind: Kind, home: str, *, is_urgent: bool = False) -> Draft:
        return Draft(kind=kind, is_urgent=is_urgent, who="", home=home, matter="噪音", promised="", agent="8001")

    entry = await desk.log.confirm(draft(Kind.ENQUIRY, ""), by="linjing")
    second = await desk.log.correct(entry.number, draft(Kind.REPAIR, "3-2-501"), by="linjing")
    third = await desk.log.correct(second.number, draft(Kind.COMPLAINT, "1-1-101", is_urgent=True), by="linjing")
    await desk.log.settle(third.number, by="linjing", result="已约谈")
    await desk.aftercare.draw_some()

    assert [(one.request, one.home, one.owed_by) for one in await desk.open()] == [
        ("complaint", "1-1-101", Role.SUPERVISOR)
    ]


async def test_a_complaint_that_was_settled_when_it_was_written_is_called_back_like_any_other(desk: Desk) -> None:
    draft = Draft(
        kind=Kind.COMPLAINT, is_urgent=False, who="", home="1-1-101", matter="噪音", promised="", agent="8001"
    )
    await desk.log.confirm(draft, by="linjing", result="已当场道歉")
    await desk.aftercare.draw_some()

    assert len(await desk.open()) == 1
    assert await desk.open(FollowUpKind.MATTER) == []
