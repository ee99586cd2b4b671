"""Homes of a campaign that agents dial are handed over one by one, and each is an attempt like any other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hotline.accounts.account import Role
from hotline.bus import Bus
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import save_call
from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.campaign import Campaign, CampaignKind, CampaignStep
from hotline.campaigns.desk_calls_store import refuse_rung_by_campaign
from hotline.campaigns.facts_store import facts_of
from hotline.campaigns.handed import HandedUnknown, HomeNotToBeCalled, LaterRefused, NoLineFree, Nothing
from hotline.campaigns.handed_choice import Handed, Seat
from hotline.campaigns.handing import Handing
from hotline.campaigns.household_marks_store import put_mark
from hotline.campaigns.line_doubt import LineDoubted
from hotline.campaigns.may_call import Mark, Reason
from hotline.campaigns.store import CampaignTable, add_campaign, campaign_by_id, take_campaign_step
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import NewTarget, TargetTable, add_targets
from hotline.database import Database
from hotline.desk.outside import Errand, HomeBeingRung, HomeUndecided, NoWayOut, OutsideCall, OutsideState
from hotline.desk.outside_acts import OutsideCalls, Wish
from hotline.settings import OutsideSettings
from tests.fakes.dial_floor import ZONE, DialFloor
from tests.fakes.redis_server import RedisServer

WANG = Seat(name="wang", role=Role.AGENT, extension="8001")
LI = Seat(name="li", role=Role.AGENT, extension="8002")


@dataclass
class Line:
    asked: list[Errand] = field(default_factory=list)
    lives: set[str] = field(default_factory=set)
    fails: Exception | None = None

    async def ring(self, errand: Errand, _is_too_late: object) -> None:
        if self.fails is not None:
            raise self.fails
        self.asked.append(errand)

    async def living(self) -> frozenset[str]:
        return frozenset(self.lives)

    async def hang_up(self, channel: str) -> bool:
        return True


class Floor(DialFloor):
    """The campaign's floor, with agents who dial its homes themselves."""

    def __init__(self, database: Database, redis_url: str, **settings: object) -> None:
        super().__init__(database, redis_url, **settings)
        self.line = Line()
        self.outside = OutsideCalls(
            database=database, bus=Bus(), clock=self.clock, line=self.line, settings=OutsideSettings(), ours=(),
            is_up=lambda: True, has_phone=lambda _: True, is_level=lambda: True,
            link_up_since=lambda: self.clock.now() - timedelta(hours=1), refuse_rung=refuse_rung_by_campaign,
            when_never=self.settling.never_made,
        )  # fmt: skip
        self.handing = Handing(
            database=database, bus=Bus(), clock=self.clock, lines=self.lines, outside=self.outside,
            settings=self.settings, zone=ZONE,
        )  # fmt: skip

    async def begins(self, *rooms: int, kind: CampaignKind = CampaignKind.FEE_REMINDER) -> Campaign:
        """Let a campaign run whose homes agents dial."""
        assert await self.lines.keep([])  # as the first tick does
        targets: list[NewTarget] = [await self.owes(room, f"13800138{room}") for room in rooms]
        now = self.clock.now()
        async with self.database.begin() as session:
            made = await add_campaign(session, kind=kind, name="催缴", words="", by="chen", at=now, by_agent=True)
            await add_targets(session, made.id, targets, at=now)
            return await take_campaign_step(
                session, made.id, CampaignStep.STARTED, who="chen", at=now, needs_approval=False
            )

    async def handed(self, seat: Seat = WANG) -> Handed:
        found = await self.handing.next_for(seat)
        assert isinstance(found, Handed), found
        return found

    async def told(self, call: OutsideCall, outcome: Outcome, **more: Any) -> None:
        """Let the ledger tell of an agent's call, twice, as it may."""
        now = self.clock.now()
        record = CallRecord(
            id=call.channel, state=CallState.ENDED, direction="outbound", caller_number=call.number.national,
            agent="8001", ring_start=now, ended_at=now + timedelta(seconds=30), outcome=outcome, hangup_cause=16,
            resident_dialled=None if outcome is Outcome.NOT_DIALLED else now,
        )  # fmt: skip
        record = replace(record, **more)
        for _ in range(2):
            async with self.database.begin() as session:
                await save_call(session, record)
                await self.outside.follow(session, record)
                await self.settling.follow(session, record)

    async def target(self) -> TargetTable:
        (one,) = await self.targets()
        return one


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[Floor]:
    floor = Floor(database, redis_server.url)
    yield floor
    await floor.close()


async def test_agents_get_a_home_each_keep_it_until_it_ends_and_no_worker_dials_any(floor: Floor) -> None:
    await floor.begins(501, 502)

    first, again, other = await floor.handed(), await floor.handed(), await floor.handed(LI)

    assert (first.id, first.target.household) == (again.id, "3-2-501")
    assert other.target.household == "3-2-502"
    assert await floor.handing.next_for(replace(LI, name="zhao")) is Nothing.NOBODY
    assert await floor.rings() == []


async def test_home_held_too_long_is_handed_to_somebody_else(floor: Floor) -> None:
    await floor.begins(501)
    first = await floor.handed()
    floor.clock.turn(601)

    assert (await floor.handed(LI)).target.id == first.target.id
    assert await floor.handing.held("wang") is None
    with pytest.raises(HandedUnknown):
        await floor.handing.skip(first.id, WANG, reason="已联系")


async def test_dialled_home_is_rung_once_however_often_it_is_clicked_and_is_an_attempt(floor: Floor) -> None:
    await floor.begins(501)
    handed = await floor.handed()

    calls = await asyncio.gather(*(floor.handing.dial(handed.id, WANG) for _ in range(3)), return_exceptions=True)

    made = {call.channel for call in calls if isinstance(call, OutsideCall)}
    assert len(made) == 1, calls
    assert [errand.number.national for errand in floor.line.asked] == ["13800138501"]
    (attempt,) = await floor.attempts()
    assert (attempt.state, attempt.dialled_by, attempt.call_id) == ("dialling", "wang", made.pop())
    assert (await floor.target()).state == TargetState.IN_HAND
    assert await floor.handing.next_for(WANG) is Nothing.NOBODY


async def test_spoken_home_is_done_and_counts_as_one_call(floor: Floor) -> None:
    await floor.begins(501)
    call = await floor.handing.dial((await floor.handed()).id, WANG)
    at = floor.clock.now()

    await floor.told(call, Outcome.ANSWERED, resident_answered=at, human_answer=at)

    (attempt,) = await floor.attempts()
    target = await floor.target()
    assert (attempt.state, attempt.outcome, attempt.reached_agent) == ("settled", "human", True)
    assert target.state == TargetState.DONE
    async with floor.database.read() as session:
        facts = await facts_of(session, CampaignKind.FEE_REMINDER, [target], floor.clock.now())
    assert len(facts[target.id].rung or ()) == 1


@pytest.mark.parametrize(
    ("outcome", "after_minutes", "is_counted"),
    [(Outcome.BUSY, 15, False), (Outcome.NO_ANSWER, 120, True)],
)
async def test_home_that_was_not_reached_is_handed_again_by_the_retry_plan(
    floor: Floor, outcome: Outcome, after_minutes: int, is_counted: bool
) -> None:
    await floor.begins(501)
    call = await floor.handing.dial((await floor.handed()).id, WANG)
    await floor.told(call, outcome)

    (attempt,), target = await floor.attempts(), await floor.target()
    assert (attempt.outcome, attempt.disturbed_at is not None) == (outcome.value, is_counted)
    assert target.state == TargetState.WAITING
    assert attempt.ended_at is not None
    assert target.not_before - attempt.ended_at == timedelta(minutes=after_minutes)


async def test_agent_who_did_not_lift_rang_nobody_and_the_home_is_free_at_once(floor: Floor) -> None:
    await floor.begins(501)
    call = await floor.handing.dial((await floor.handed()).id, WANG)
    await floor.told(call, Outcome.NOT_DIALLED)
    floor.clock.turn(60)

    (attempt,) = await floor.attempts()
    assert (attempt.state, attempt.disturbed_at) == (AttemptState.WITHDRAWN, None)
    assert (await floor.handed()).target.household == "3-2-501"


async def test_switch_that_took_no_order_frees_the_home_and_the_line(floor: Floor) -> None:
    await floor.begins(501)
    floor.line.fails = NoWayOut("no link")
    with pytest.raises(NoWayOut):
        await floor.handing.dial((await floor.handed()).id, WANG)
    floor.line.fails = None
    floor.clock.turn(60)

    call = await floor.handing.dial((await floor.handed()).id, WANG)

    assert call.state is OutsideState.ASKED
    assert [row.state for row in await floor.attempts()] == ["withdrawn", "dialling"]


async def test_call_that_was_never_made_is_found_by_the_desk_and_frees_the_home(floor: Floor) -> None:
    await floor.begins(501)
    floor.line.fails = TimeoutError()
    await floor.handing.dial((await floor.handed()).id, WANG)
    await floor.outside.reconcile()
    floor.clock.turn(30)
    assert await floor.outside.reconcile() == 1

    (attempt,) = await floor.attempts()
    assert attempt.state == AttemptState.WITHDRAWN
    assert (await floor.target()).state == TargetState.WAITING


async def test_home_is_judged_in_the_second_of_dialling_and_then_is_not_rung(floor: Floor) -> None:
    await floor.begins(501)
    handed = await floor.handed()
    async with floor.database.begin() as session:
        await put_mark(session, Mark.HARDSHIP, household="3-2-501", at=floor.clock.now(), by="chen")

    with pytest.raises(HomeNotToBeCalled) as no:
        await floor.handing.dial(handed.id, WANG)

    assert no.value.details == {"reasons": ["hardship"]}
    assert (floor.line.asked, await floor.attempts()) == ([], [])
    target = await floor.target()
    assert (target.state, target.reasons) == (TargetState.SUPPRESSED, [Reason.HARDSHIP])
    assert await floor.handing.held("wang") is None


async def test_who_may_not_be_called_is_not_handed_over(floor: Floor) -> None:
    await floor.begins(501, 502)
    async with floor.database.begin() as session:
        await put_mark(session, Mark.DISPUTED, household="3-2-501", at=floor.clock.now(), by="chen")

    assert (await floor.handed()).target.household == "3-2-502"


async def test_callers_come_first_and_paused_campaigns_hand_nobody_over(floor: Floor) -> None:
    campaign = await floor.begins(501)
    handed = await floor.handed()
    waiting = CallRecord(id="c-1", state=CallState.WAITING, direction="inbound", caller_number="13900000001")
    async with floor.database.begin() as session:
        await save_call(session, waiting)
    assert await floor.handing.next_for(LI) is Nothing.CALLERS
    async with floor.database.begin() as session:
        await session.execute(update(CampaignTable).values(state="paused"))

    assert await floor.handing.held("wang") is None
    assert await floor.handing.next_for(LI) is Nothing.NO_CAMPAIGN
    with pytest.raises(HandedUnknown):
        await floor.handing.dial(handed.id, WANG)
    assert floor.line.asked == []
    assert campaign.by_agent


async def test_without_a_line_nobody_is_rung(database: Database, redis_server: RedisServer) -> None:
    floor = Floor(database, redis_server.url, lines=4, keep_free=4)
    await floor.begins(501)
    handed = await floor.handed()

    async def turn() -> None:
        while True:
            await asyncio.sleep(0.01)
            floor.clock.turn(1)

    turning = asyncio.create_task(turn())
    try:
        with pytest.raises(NoLineFree):
            await floor.handing.dial(handed.id, WANG)
    finally:
        turning.cancel()
        await floor.close()

    assert floor.line.asked == []


async def test_skipped_home_is_out_with_its_reason_and_a_later_one_comes_again(floor: Floor) -> None:
    campaign = await floor.begins(501, 502)
    first = await floor.handed()
    await floor.handing.skip(first.id, WANG, reason="上午已上门说明")
    second = await floor.handed()
    at = floor.clock.now() + timedelta(hours=5)
    with pytest.raises(LaterRefused):
        await floor.handing.later(second.id, WANG, at=floor.clock.now() - timedelta(minutes=1))
    await floor.handing.later(second.id, WANG, at=at)

    assert await floor.handing.next_for(WANG) is Nothing.NOBODY
    skipped, later = await floor.targets()
    assert (skipped.state, skipped.reasons) == (TargetState.SUPPRESSED, [Reason.SKIPPED])
    assert (later.state, later.not_before) == (TargetState.WAITING, at)
    floor.at(at)
    assert (await floor.handed()).target.household == "3-2-502"
    assert campaign.by_agent


async def test_campaign_whose_homes_are_all_through_is_finished_by_the_tick(floor: Floor) -> None:
    campaign = await floor.begins(501)
    await floor.handing.skip((await floor.handed()).id, WANG, reason="已搬走")

    await floor.ticks()

    async with floor.database.read() as session:
        assert (await campaign_by_id(session, campaign.id)).state.value == "finished"


async def test_agent_is_told_of_a_home_whose_fate_nobody_knows_apart_from_one_that_rings(floor: Floor) -> None:
    await floor.begins(501)
    await floor.handing.dial((await floor.handed()).id, WANG)
    wish = Wish(key="key-00000009", by="li", role=Role.AGENT, extension="8002", number="13800138501")

    with pytest.raises(HomeBeingRung) as rings:
        await floor.outside.dial(wish)
    async with floor.database.begin() as session:
        from hotline.campaigns.attempts_store import AttemptTable

        await session.execute(update(AttemptTable).values(state="unknown"))
    with pytest.raises(HomeUndecided) as unknown:
        await floor.outside.dial(wish)

    assert rings.value.error_id == "home-being-rung"
    assert unknown.value.details == {"campaign": (await floor.target()).campaign_id}


async def test_machine_that_the_agent_hears_counts_as_one_and_the_home_is_tried_again(floor: Floor) -> None:
    await floor.begins(501)
    call = await floor.handing.dial((await floor.handed()).id, WANG)
    at = floor.clock.now()
    with pytest.raises(HandedUnknown):
        await floor.handing.heard_machine(call.channel, LI)

    await floor.handing.heard_machine(call.channel, WANG)
    await floor.told(call, Outcome.ANSWERED, resident_answered=at, human_answer=at)

    (attempt,), target = await floor.attempts(), await floor.target()
    assert (attempt.outcome, attempt.reached_agent) == ("machine", False)
    assert (target.state, target.rung) == (TargetState.WAITING, 1)
    with pytest.raises(HandedUnknown):
        await floor.handing.heard_machine(call.channel, WANG)


async def test_no_home_is_handed_while_the_line_is_in_doubt(floor: Floor) -> None:
    await floor.begins(*range(501, 511))
    for _ in range(6):
        call = await floor.handing.dial((await floor.handed()).id, WANG)
        await floor.told(call, Outcome.INVALID_NUMBER, hangup_cause=1)

    assert await floor.handing.next_for(WANG) is Nothing.LINE_DOUBTED
    assert {one.state for one in await floor.targets()} == {TargetState.WAITING}
    floor.clock.turn(600)
    tried, other = await floor.handed(), await floor.handed(LI)
    call = await floor.handing.dial(tried.id, WANG)
    with pytest.raises(LineDoubted):
        await floor.handing.dial(other.id, LI)
    await floor.told(call, Outcome.ANSWERED, resident_answered=floor.clock.now(), human_answer=floor.clock.now())
    await floor.handing.dial(other.id, LI)
