"""What residents say by key is kept: answers in the call that was owed, marks, follow-ups, and lines for callers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from hotline.accounts.account import Role
from hotline.aftercare.rules import Answers
from hotline.aftercare.service import Aftercare
from hotline.bus import Bus
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.may_call import Reason
from hotline.campaigns.rhythm import Rhythm
from hotline.campaigns.service import Campaigns
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.surveys import Surveys, answers_of
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import NewTarget, add_targets, targets_page
from hotline.database import Database
from hotline.dutylog.acts import DutyLogActs
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind, LogBook
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.reading_store import follow_ups_page
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.settings import DutyLogSettings, FollowUpSettings
from tests.fakes.dial_floor import ZONE, DialFloor
from tests.fakes.redis_server import RedisServer


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


def campaigns(floor: DialFloor) -> Campaigns:
    return Campaigns(database=floor.database, bus=Bus(), clock=floor.clock, settings=floor.settings)


async def owed(floor: DialFloor) -> list[tuple[str, str]]:
    async with floor.database.read() as session:
        found = await follow_ups_page(session, states=[FollowUpState.OPEN])
    return [(one.kind.value, one.text) for one in found]


@pytest.mark.parametrize(
    ("key", "reason", "text"),
    [
        ("KEY 3", Reason.PAID, "业主称已缴费，请财务核对"),
        ("KEY 4", Reason.DISPUTED, "业主对欠费有异议，请核对账单后回复"),
        ("KEY 9", Reason.OPTED_OUT, ""),
    ],
)
async def test_key_keeps_further_reminders_away(floor: DialFloor, key: str, reason: Reason, text: str) -> None:
    target = await floor.owes(501, "13800138501")
    await floor.campaign(target)
    (attempt,) = await floor.rings()
    await floor.ended(attempt, floor.heard(attempt, "CONFIRMED", key))
    await floor.campaign(target, name="next")
    floor.clock.turn(timedelta(days=1).total_seconds())

    assert await floor.rings() == []

    first, second = await floor.targets()
    assert (first.state, second.state) == (TargetState.DONE, TargetState.SUPPRESSED)
    assert reason in second.reasons
    assert [told for kind, told in await owed(floor) if kind == FollowUpKind.OTHER] == ([text] if text else [])


async def test_wrong_door_is_never_rung_again_whoevers_list_it_stands_on(floor: DialFloor) -> None:
    target = await floor.owes(501, "13800138501")
    await floor.campaign(target)
    (attempt,) = await floor.rings()
    await floor.ended(attempt, floor.heard(attempt, "WRONG_PERSON"))
    await floor.campaign(target, name="notice", kind=CampaignKind.NOTICE)
    floor.clock.turn(timedelta(days=3).total_seconds())

    assert await floor.rings() == []

    first, second = await floor.targets()
    assert (first.state, second.state, second.reasons) == (
        TargetState.GIVEN_UP, TargetState.SUPPRESSED, [Reason.WRONG_NUMBER],
    )  # fmt: skip


async def test_mark_that_a_person_lifted_is_not_put_again_by_the_same_call(floor: DialFloor) -> None:
    from sqlalchemy import select

    from hotline.campaigns.household_marks_store import HouseholdMarkTable, lift_mark

    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    call = floor.heard(attempt, "CONFIRMED", "KEY 4")
    await floor.ended(attempt, call)
    async with floor.database.begin() as session:
        (mark,) = await session.scalars(select(HouseholdMarkTable.id))
        assert await lift_mark(session, mark, by="chen", at=floor.clock.now())

    await floor.ended(attempt, call)

    async with floor.database.read() as session:
        marks = list(await session.scalars(select(HouseholdMarkTable)))
    assert [mark.lifted_by for mark in marks] == ["chen"]


async def test_wish_for_later_is_kept_on_the_same_day(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    await floor.ended(attempt, floor.heard(attempt, "CONFIRMED", "KEY 8", "LATER 2"))

    floor.clock.turn(timedelta(hours=3).total_seconds())
    assert await floor.rings() == []
    (target,) = await floor.targets()
    floor.at(target.not_before)

    assert len(await floor.rings()) == 1


async def test_missed_call_is_returned_only_while_a_clerk_is_ready_and_its_debt_is_done(floor: DialFloor) -> None:
    now = floor.clock.now()
    async with floor.database.begin() as session:
        await add_follow_up(
            session, debt=Debt(kind=FollowUpKind.MISSED, at=now, due=now + timedelta(hours=1)), owed_by=Role.AGENT,
            call_id=None, number="13800138501", e164="+8613800138501", home="", who="", at=now,
        )  # fmt: skip
    acts = campaigns(floor)
    made = await acts.make(CampaignKind.MISSED_RETURN, "未接回拨", by="wang")
    taken = await acts.take_from_records(made.id, by="wang")
    await acts.start(made.id, by="wang")
    assert taken.added == 1

    assert await floor.rings() == []
    floor.ready = 1
    (attempt,) = await floor.rings()
    await floor.ended(
        attempt, floor.heard(attempt, "CONFIRMED", human_answer=floor.clock.now(), queued_at=floor.clock.now())
    )

    assert await owed(floor) == []
    (target,) = await floor.targets()
    assert target.state == TargetState.DONE


async def test_who_is_not_satisfied_has_the_matter_opened_again_and_the_manager_told(floor: DialFloor) -> None:
    bus = Bus()
    log = DutyLogActs(
        database=floor.database, bus=bus, clock=floor.clock, book=LogBook(), settings=DutyLogSettings()
    )  # fmt: skip
    aftercare = Aftercare(
        database=floor.database, bus=bus, clock=floor.clock, settings=FollowUpSettings(), seed="01"
    )  # fmt: skip
    await floor.owes(501, "13800138501")
    entry = await log.confirm(
        Draft(kind=Kind.COMPLAINT, is_urgent=False, who="张先生", home="3-2-501", matter="噪音", promised="", agent=""),
        by="wang",
    )
    await log.settle(entry.number, by="wang", result="已约谈")
    await aftercare.draw_some()
    async with floor.database.begin() as session:
        from sqlalchemy import update

        from hotline.followups.store import FollowUpTable

        await session.execute(update(FollowUpTable).values(number="13800138501", e164="+8613800138501"))
    acts = campaigns(floor)
    made = await acts.make(CampaignKind.SURVEY, "回访", by="wang")
    await acts.take_from_records(made.id, by="wang")
    await acts.start(made.id, by="wang")
    (attempt,) = await floor.rings()
    steps = ("CONFIRMED", "SURVEY attitude:4", "SURVEY quality:2", "SURVEY charges:1", "SURVEY satisfied:2")
    await floor.ended(attempt, floor.heard(attempt, *steps))

    surveys = Surveys(database=floor.database, aftercare=aftercare)
    assert (await surveys.once(), await surveys.once()) == (1, 0)

    assert sorted(kind for kind, _ in await owed(floor)) == ["matter", "unsatisfied"]


async def test_reminder_is_drafted_once_on_its_day_for_a_person_to_approve(floor: DialFloor) -> None:
    rhythm = Rhythm(
        database=floor.database, clock=floor.clock, campaigns=campaigns(floor), settings=floor.settings, zone=ZONE
    )  # fmt: skip
    await floor.owes(501, "13800138501")
    assert await rhythm.once() is None  # the 19th
    floor.at(datetime(2026, 12, 9, 23, 0, tzinfo=UTC))  # 07:00 on the 10th: finance is not in yet
    assert await rhythm.once() is None
    floor.clock.turn(3600)

    drafted = await rhythm.once()

    assert drafted is not None
    assert await rhythm.once() is None
    async with floor.database.read() as session:
        campaign = await campaign_by_id(session, drafted)
    assert (campaign.name, campaign.state, campaign.made_by) == ("2026年12月催缴 第2次", "draft", "hotline")
    assert len(await floor.targets()) == 1


def test_survey_that_was_broken_off_says_nothing_of_satisfaction() -> None:
    assert answers_of({"attitude": "5"}) is None
    whole = answers_of({"satisfied": "1", "attitude": "5", "charges": "2", "wish": "2"})
    assert whole is not None
    assert (whole.is_satisfied, whole.attitude, whole.quality, whole.was_charged_wrongly) == (True, 5, 3, True)


async def test_answer_behind_a_hundred_broken_off_surveys_is_written(floor: DialFloor) -> None:
    class Listening:
        def __init__(self) -> None:
            self.written: list[int] = []

        async def answer(self, follow_up: int, _answers: Answers, *, who: str) -> None:
            self.written.append(follow_up)

    survey = await floor.campaign(kind=CampaignKind.SURVEY)
    now = floor.clock.now()
    async with floor.database.begin() as session:
        for number in range(1, 103):
            owed_call = await add_follow_up(
                session, debt=Debt(kind=FollowUpKind.AFTERCARE, at=now, due=None), owed_by=Role.AGENT, call_id=None,
                number="", e164="", home="", who="", at=now,
            )  # fmt: skip
            new = NewTarget(household=f"3-2-{number}", e164=f"+861380013{number:04}", follow_up_id=owed_call.id)
            await add_targets(session, survey.id, [new], at=now)
        for target in await targets_page(session, survey.id, limit=200):
            pressed = {"attitude": "5"} if target.id % 102 else {"attitude": "5", "satisfied": "1"}
            session.add(
                AttemptTable(
                    id=f"attempt-1700000000.{target.id}", campaign_id=survey.id, target_id=target.id,
                    household=target.household, e164=target.e164, state="settled", planned_at=now, outcome="human",
                    answers=pressed,
                )
            )  # fmt: skip
    listening = Listening()

    surveys = Surveys(database=floor.database, aftercare=cast(Aftercare, listening))

    assert await surveys.once() == 1
    assert listening.written == [102]


async def test_reminder_whose_draft_stayed_empty_is_filled_when_the_service_is_back(
    floor: DialFloor, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = campaigns(floor)
    rhythm = Rhythm(
        database=floor.database, clock=floor.clock, campaigns=acts, settings=floor.settings, zone=ZONE
    )  # fmt: skip
    await floor.owes(501, "13800138501")
    floor.at(datetime(2026, 12, 10, 0, 30, tzinfo=UTC))

    async def killed(*_arguments: object, **_named: object) -> None:
        raise OSError

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(acts, "take_from_records", killed)
        await rhythm.once()
    assert await floor.targets() == []
    floor.clock.turn(timedelta(days=1).total_seconds())  # and it was away until the next day

    filled = await rhythm.once()

    assert [target.campaign_id for target in await floor.targets()] == [filled]
    assert await rhythm.once() is None


@pytest.mark.parametrize(
    ("steps", "mark", "text"),
    [
        (("CONFIRMED", "KEY 9"), "opted-out", ""),
        (("CONFIRMED", "KEY 3"), "says-paid", "业主称已缴费，请财务核对"),
        (("CONFIRMED", "KEY 4"), "disputed", "业主对欠费有异议，请核对账单后回复"),
        (("WRONG_PERSON",), "", "接听者称号码不属于该户，请核实联系电话"),
    ],
)
async def test_key_that_the_ledger_saw_before_the_end_of_the_call_is_kept_at_its_end_and_once(
    floor: DialFloor, steps: tuple[str, ...], mark: str, text: str
) -> None:
    from sqlalchemy import select

    from hotline.calls.state import CallState
    from hotline.campaigns.household_marks_store import HouseholdMarkTable

    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    over = floor.heard(attempt, *steps)
    living = replace(over, state=CallState.ANSWERED, ended_at=None)

    for call in (living, living, over, over):  # the log was read between the key and the end; twice each
        await floor.ended(attempt, call)

    async with floor.database.read() as session:
        marks = [row.mark for row in await session.scalars(select(HouseholdMarkTable))]
    assert marks == ([mark] if mark else [])
    assert [told for kind, told in await owed(floor) if kind == FollowUpKind.OTHER] == ([text] if text else [])
    (row,) = await floor.attempts()
    assert row.said
