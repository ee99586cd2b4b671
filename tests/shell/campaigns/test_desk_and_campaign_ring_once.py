"""A campaign and an agent never ring one home at the same moment, nor a campaign just after an agent."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import update

from hotline.accounts.account import Role
from hotline.bus import Bus
from hotline.calls.state import Outcome
from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.desk_calls_store import refuse_rung_by_campaign
from hotline.campaigns.may_call import Reason
from hotline.database import Database
from hotline.desk.outside import Errand, HomeBeingRung, OutsideCall, OutsideState
from hotline.desk.outside_acts import OutsideCalls, Wish
from hotline.desk.outside_store import call_of_key, keep_told
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import add_resident, find_home
from hotline.settings import OutsideSettings
from tests.fakes.dial_floor import DialFloor
from tests.fakes.redis_server import RedisServer

NUMBER, SISTER, ELSEWHERE = "13800138501", "13900139001", "13700137001"


@dataclass
class Line:
    asked: list[Errand] = field(default_factory=list)

    async def ring(self, errand: Errand, _is_too_late: object) -> None:
        self.asked.append(errand)

    async def living(self) -> frozenset[str]:
        return frozenset()

    async def hang_up(self, channel: str) -> bool:
        return True


class Both(DialFloor):
    """The campaign's floor, and an agent's desk beside it."""

    def __init__(self, database: Database, redis_url: str) -> None:
        super().__init__(database, redis_url)
        self.line = Line()
        self.follow_up: int | None = None

    def desk(self, **changes: Any) -> OutsideCalls:
        values: dict[str, Any] = {
            "database": self.database, "bus": Bus(), "clock": self.clock, "line": self.line,
            "settings": OutsideSettings(), "ours": (), "is_up": lambda: True, "has_phone": lambda _: True,
            "is_level": lambda: True, "link_up_since": self.clock.now, "refuse_rung": refuse_rung_by_campaign,
        }  # fmt: skip
        return OutsideCalls(**(values | changes))

    async def begin(self) -> None:
        await self.campaign(await self.owes(501, NUMBER))
        async with self.database.begin() as session:
            home = await find_home(session, Home(3, 2, 501))
            assert home is not None
            await add_resident(session, home, "张小明", numbers=[PhoneNumber(f"+86{SISTER}")])
            debt = Debt(kind=FollowUpKind.CALL_BACK, at=self.clock.now(), due=self.clock.now())
            one = await add_follow_up(
                session, debt=debt, owed_by=Role.AGENT, call_id="c-1", number=ELSEWHERE, e164=f"+86{ELSEWHERE}",
                home="3-2-501", who="", at=self.clock.now(),
            )  # fmt: skip
            self.follow_up = one.id

    async def agent_dials(self, way: str, **changes: Any) -> OutsideCall:
        follow_up = self.follow_up if way == ELSEWHERE else None
        wish = Wish(key="key-00000001", by="li", role=Role.AGENT, extension="8001", number=way, follow_up=follow_up)
        return await self.desk(**changes).dial(wish)

    async def agent_is_done(self, call: OutsideCall, outcome: Outcome) -> None:
        async with self.database.begin() as session:
            await keep_told(session, call.id, call_id="c-9", ended_at=self.clock.now(), outcome=outcome.value)


@pytest.fixture
async def both(database: Database, redis_server: RedisServer) -> AsyncIterator[Both]:
    both = Both(database, redis_server.url)
    await both.begin()
    yield both
    await both.close()


@pytest.mark.parametrize("way", [NUMBER, SISTER, ELSEWHERE])
async def test_agent_does_not_ring_a_home_that_a_campaign_is_about_to_ring(both: Both, way: str) -> None:
    await both.ticks()

    with pytest.raises(HomeBeingRung):
        await both.agent_dials(way)

    assert both.line.asked == []


@pytest.mark.parametrize("state", [AttemptState.DIALLING, AttemptState.ANSWERED, AttemptState.UNKNOWN])
async def test_agent_does_not_ring_a_home_whose_attempt_lives(both: Both, state: AttemptState) -> None:
    await both.rings()
    async with both.database.begin() as session:
        await session.execute(update(AttemptTable).values(state=state.value))

    with pytest.raises(HomeBeingRung):
        await both.agent_dials(NUMBER)


async def test_agent_rings_a_home_whose_attempt_is_over(both: Both) -> None:
    (attempt,) = await both.rings()
    await both.ended(attempt)

    assert (await both.agent_dials(NUMBER)).state is OutsideState.ASKED


async def test_agent_rings_a_home_beside_the_one_that_is_rung(both: Both) -> None:
    await both.owes(502, "13800138502")
    await both.rings()

    assert (await both.agent_dials("13800138502")).state is OutsideState.ASKED


async def test_attempt_that_is_planned_while_the_agent_claims_stops_the_agent(both: Both) -> None:
    told = iter([False, True])

    async def refuse_rung(*_: object) -> None:
        if next(told):
            raise HomeBeingRung("planned meanwhile")

    with pytest.raises(HomeBeingRung):
        await both.agent_dials(NUMBER, refuse_rung=refuse_rung)

    assert both.line.asked == []
    async with both.database.read() as session:
        kept = await call_of_key(session, "li", "key-00000001")
    assert kept is not None
    assert kept.state is OutsideState.NEVER


@pytest.mark.parametrize("way", [NUMBER, SISTER, ELSEWHERE])
async def test_campaign_waits_while_an_agent_rings_the_home(both: Both, way: str) -> None:
    await both.agent_dials(way)

    assert await both.rings() == []

    (target,) = await both.targets()
    assert target.reasons == [Reason.IN_HAND]


async def test_campaign_lets_a_planned_attempt_be_when_an_agent_was_first(both: Both) -> None:
    async def not_seen(*_: object) -> None:
        return None

    (attempt,) = (await both.ticks()).planned
    await both.agent_dials(SISTER, refuse_rung=not_seen)

    assert not await both.worker().dial(attempt)

    assert both.dialler.placed == []
    (row,) = await both.attempts()
    assert (row.state, row.why) == (AttemptState.WITHDRAWN, Reason.IN_HAND)


@pytest.mark.parametrize("way", [NUMBER, SISTER, ELSEWHERE])
@pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.NO_ANSWER])
async def test_home_that_an_agent_rang_just_now_is_not_rung_by_a_campaign(
    both: Both, way: str, outcome: Outcome
) -> None:
    await both.agent_is_done(await both.agent_dials(way), outcome)
    both.clock.turn(60)

    assert await both.rings() == []

    (target,) = await both.targets()
    assert target.reasons == [Reason.DAY_CAP, Reason.GAP if way == NUMBER else Reason.SISTER_RUNG]


@pytest.mark.parametrize("outcome", [Outcome.NOT_DIALLED, Outcome.BUSY, Outcome.SWITCHED_OFF])
async def test_agents_call_that_disturbed_nobody_does_not_count(both: Both, outcome: Outcome) -> None:
    await both.agent_is_done(await both.agent_dials(NUMBER), outcome)

    assert len(await both.rings()) == 1
