"""A paid service with days of its own has two draws: when its middle has come, and when it is over."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

import hotline.tables  # noqa: F401 -- every table is there
from hotline.accounts.account import Role
from hotline.aftercare.occasions import ServiceDaysRefused
from hotline.aftercare.paid_services_store import days_of_services
from hotline.aftercare.rules import After, Answers
from hotline.aftercare.service import prove
from hotline.aftercare.store import AftercareDrawTable
from hotline.database import Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import CHINA, Kind
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState, FollowUpStepRefused, Step
from hotline.followups.reading_store import follow_up_by_id, history_of
from hotline.reports.service_sums_store import called_back
from tests.fakes.call_story import START
from tests.shell.aftercare.test_aftercare import Desk

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)
TEN = 10


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def ordered(desk: Desk, how_many: int = TEN, kind: Kind = Kind.PAID_SERVICE) -> list[FollowUp]:
    """Let residents order a service; return the matters."""
    for room in range(1, how_many + 1):
        draft = Draft(
            kind=kind, is_urgent=False, who="张先生", home=f"3-2-{room}", matter="家政保洁", promised="", agent="8001"
        )
        await desk.log.confirm(draft, by="linjing")
    return await desk.open(FollowUpKind.MATTER)


async def lasts(desk: Desk, matter: FollowUp, first: date = FIRST, last: date = LAST) -> None:
    await desk.aftercare.services.set_days(matter.id, first, last, who="linjing", role=Role.AGENT)


async def goes_by(desk: Desk, **time: float) -> None:
    desk.clock.turn(timedelta(**time).total_seconds())
    await desk.aftercare.draw_handled()
    await desk.aftercare.services.draw_all()


async def rows(desk: Desk) -> list[tuple[str, bool]]:
    async with desk.database.read() as session:
        found = await session.execute(
            select(AftercareDrawTable.kind, AftercareDrawTable.is_drawn).order_by(AftercareDrawTable.id)
        )
        return list(found.tuples())


async def test_three_of_ten_are_called_in_the_middle_and_three_after_the_end(desk: Desk) -> None:
    for matter in await ordered(desk):
        await lasts(desk, matter)
        await desk.owed.close(matter.id, who="linjing", role=Role.AGENT, result="已签约")

    await goes_by(desk)
    assert await rows(desk) == []  # handled, but its moments have not come

    await goes_by(desk, days=25)
    middle = await desk.open()
    assert {(one.request, one.due) for one in middle} == {("paid-service-middle", middle[0].since + timedelta(days=7))}
    assert {one.since.astimezone(CHINA).date() for one in middle} == {date(2026, 12, 16)}
    assert await prove(desk.database, After.PAID_MIDDLE) == (TEN, 3, [])

    await goes_by(desk, days=16)
    end = [one for one in await desk.open() if one.request == "paid-service-end"]
    assert {one.since.astimezone(CHINA).date() for one in end} == {date(2027, 1, 1)}
    assert {one.due.astimezone(CHINA).date() for one in end if one.due} == {date(2027, 1, 8)}
    assert await prove(desk.database, After.PAID_END) == (TEN, 3, [])
    assert len(await rows(desk)) == 2 * TEN

    await goes_by(desk, days=1)
    assert len(await rows(desk)) == 2 * TEN


async def test_a_service_without_days_is_called_after_handling_as_ever(desk: Desk) -> None:
    await desk.handled(Kind.PAID_SERVICE, TEN)

    await goes_by(desk, days=60)

    assert [kind for kind, _ in await rows(desk)] == ["paid-service"] * TEN


async def test_days_written_down_after_handling_give_the_two_calls_beside_the_draw_that_was_made(desk: Desk) -> None:
    [matter] = await ordered(desk, 1)
    await desk.owed.close(matter.id, who="linjing", role=Role.AGENT, result="已签约")
    await goes_by(desk)

    await lasts(desk, matter)
    await goes_by(desk, days=60)

    assert [kind for kind, _ in await rows(desk)] == ["paid-service", "paid-service-middle", "paid-service-end"]
    async with desk.database.read() as session:
        kept = await follow_up_by_id(session, matter.id)
    assert (kept.state, kept.result, kept.closing) == (FollowUpState.DONE, "已签约", Step.CLOSED)


async def test_other_days_count_from_now_on_and_the_history_has_both(desk: Desk) -> None:
    [matter] = await ordered(desk, 1)
    await lasts(desk, matter)
    await lasts(desk, matter)
    await lasts(desk, matter, last=date(2027, 1, 31))

    await goes_by(desk, days=25)
    assert await rows(desk) == []  # the middle is the last of December now
    await goes_by(desk, days=16)

    assert [kind for kind, _ in await rows(desk)] == ["paid-service-middle"]
    async with desk.database.read() as session:
        steps, _ = await history_of(session, matter.id)
    assert [step.text for step in steps if step.what is Step.SERVICE_DAYS] == [
        "2026-12-01 — 2026-12-31",
        "2026-12-01 — 2027-01-31",
    ]


async def test_after_the_draw_of_its_end_the_days_stay(desk: Desk) -> None:
    [matter] = await ordered(desk, 1)
    await lasts(desk, matter)
    await goes_by(desk, days=45)

    with pytest.raises(ServiceDaysRefused) as refused:
        await lasts(desk, matter, last=date(2027, 3, 1))
    assert refused.value.details == {"why": "drawn"}


async def test_a_service_that_was_cancelled_or_is_none_any_more_owes_no_call(desk: Desk) -> None:
    cancelled, corrected = await ordered(desk, 2)
    await lasts(desk, cancelled)
    await lasts(desk, corrected)
    await desk.owed.cancel(cancelled.id, who="linjing", role=Role.AGENT, reason="取消订单")
    right = Draft(
        kind=Kind.COMPLAINT, is_urgent=False, who="", home="3-2-2", matter="保洁不净", promised="", agent="8001"
    )
    entry = await desk.log.correct(2, right, by="linjing")
    await desk.log.settle(entry.number, by="linjing", result="已处理")

    await goes_by(desk, days=60)

    assert await rows(desk) == [("complaint", True)]


async def test_days_are_of_paid_services_that_are_owed_only(desk: Desk) -> None:
    [repair] = await ordered(desk, 1, Kind.REPAIR)
    with pytest.raises(ServiceDaysRefused) as refused:
        await lasts(desk, repair)
    assert refused.value.details == {"why": "kind"}

    service = next(one for one in await ordered(desk, 1) if one.request == "paid-service")
    await desk.owed.cancel(service.id, who="linjing", role=Role.AGENT, reason="取消")
    with pytest.raises(FollowUpStepRefused):
        await lasts(desk, service)
    async with desk.database.read() as session:
        assert await days_of_services(session, [service.id]) == {}


async def test_both_rows_stand_in_the_report_and_a_dissatisfied_call_in_the_middle_counts_as_made(desk: Desk) -> None:
    for matter in await ordered(desk):
        await lasts(desk, matter)
    await goes_by(desk, days=25)
    first, second, _ = await desk.open()
    await desk.aftercare.answer(first.id, Answers(is_satisfied=False, attitude=2, quality=2), who="linjing")
    desk.clock.turn(timedelta(days=10).total_seconds())
    await desk.aftercare.answer(second.id, Answers(is_satisfied=True, attitude=5, quality=5), who="linjing")

    async with desk.database.read() as session:
        [found] = await called_back(session, START, START + timedelta(days=90))

    assert (found.kind, found.wanted) == (After.PAID_MIDDLE, 30)
    assert (found.handled, found.drawn, found.called, found.in_time) == (TEN, 3, 2, 1)
