"""Calls to the outside are claimed once on both databases, asked for once, and settled by the ledger's word alone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from hotline.accounts.account import Role
from hotline.ami.errors import AmiDown
from hotline.bus import Bus
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.desk.outside import (
    Errand,
    NoWayOut,
    NumberMarked,
    NumberNotDialled,
    OutsideCall,
    OutsideCallLiving,
    OwnPhoneMissing,
)
from hotline.desk.outside import OutsideState as S
from hotline.desk.outside_acts import OutsideCalls, Wish
from hotline.desk.outside_store import (
    OutsideCallTable,
    absorb_outside_calls,
    call_of_key,
    call_told,
    claim,
    living_calls,
)
from hotline.followups.follow_up import FollowUpKind, FollowUpNotYours, FollowUpState, Step
from hotline.followups.reading_store import follow_up_by_id, history_of
from hotline.followups.rules import Debt
from hotline.followups.service import FollowUps
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import mark_number
from hotline.residents.noted import NumberMark
from hotline.settings import FollowUpSettings, OutsideSettings
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server

__all__ = ["database", "database_server"]
NUMBER, OTHER = "13800138501", "13800138502"


@dataclass
class Line:
    """A switch that takes orders, or does not."""

    asked: list[Errand] = field(default_factory=list)
    lives: set[str] = field(default_factory=set)
    fails: Exception | None = None
    held_up: Callable[[], None] = field(default=lambda: None)

    async def ring(self, errand: Errand, is_too_late: Callable[[], bool]) -> None:
        self.held_up()
        if is_too_late():
            raise NoWayOut("too late")
        self.asked.append(errand)
        if self.fails is not None:
            raise self.fails

    async def living(self) -> frozenset[str]:
        return frozenset(self.lives)

    async def hang_up(self, channel: str) -> bool:
        return True


@dataclass
class Desk:
    database: Database
    line: Line = field(default_factory=Line)
    clock: ClockByHand = field(default_factory=ClockByHand)

    def calls(self, **changes: Any) -> OutsideCalls:
        values: dict[str, Any] = {
            "database": self.database, "bus": Bus(), "clock": self.clock, "line": self.line,
            "settings": OutsideSettings(), "ours": ("96000", "96001"), "is_up": lambda: True,
            "has_phone": lambda _: True, "is_level": lambda: True,
            "link_up_since": lambda: self.clock.now() - timedelta(hours=1),
        }  # fmt: skip
        return OutsideCalls(**(values | changes))

    async def owes(self, kind: FollowUpKind, *, owed_by: Role = Role.AGENT, call_id: str | None = "c-1") -> int:
        now = self.clock.now()
        async with self.database.begin() as session:
            one = await add_follow_up(
                session, debt=Debt(kind=kind, at=now, due=now), owed_by=owed_by, call_id=call_id, number=NUMBER,
                e164=f"+86{NUMBER}", home="", who="", at=now,
            )  # fmt: skip
        return one.id

    async def steps(self, follow_up: int) -> tuple[FollowUpState, list[Step]]:
        async with self.database.read() as session:
            steps, _ = await history_of(session, follow_up)
            return (await follow_up_by_id(session, follow_up)).state, [step.what for step in steps]

    async def told(self, calls: OutsideCalls, made: OutsideCall, **changes: Any) -> None:
        """Let the ledger tell of the call, twice, as it may."""
        began = self.clock.now()
        record = CallRecord(
            id=made.channel, state=CallState.ENDED, direction="outbound", caller_number=NUMBER, agent="8001",
            returns=made.returns, ring_start=began, ended_at=began + timedelta(seconds=30), outcome=Outcome.ANSWERED,
            human_answer=began + timedelta(seconds=9),
        )  # fmt: skip
        record = replace(record, **changes)
        owing = FollowUps(settings=FollowUpSettings(), clock=self.clock)
        for _ in range(2):
            async with self.database.begin() as session:
                await save_call(session, record)
                await owing.follow(session, record)
                await calls.follow(session, record)

    async def found(self, wish: Wish) -> OutsideCall:
        async with self.database.read() as session:
            call = await call_of_key(session, wish.by, wish.key)
        assert call is not None
        return call


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def wish(key: str = "key-00000001", **changes: Any) -> Wish:
    values: dict[str, Any] = {"key": key, "by": "xiaowang", "role": Role.AGENT, "extension": "8001", "number": NUMBER}
    return Wish(**(values | changes))


async def test_a_double_click_is_one_call_and_the_switch_is_asked_once(desk: Desk) -> None:
    calls = desk.calls()

    made = await asyncio.gather(*(calls.dial(wish()) for _ in range(3)))

    assert len({call.id for call in made}) == 1
    [errand] = desk.line.asked
    assert errand.channel == made[0].channel
    assert errand.channel.startswith("outside-")
    assert (await desk.found(wish())).state is S.ASKED


async def test_an_agent_and_a_number_have_one_living_call_each(desk: Desk) -> None:
    calls = desk.calls()
    first = await calls.dial(wish())

    for other in (wish("key-00000002", number=OTHER), wish("key-00000003", by="li", extension="8002")):
        with pytest.raises(OutsideCallLiving):
            await calls.dial(other)
    await desk.told(calls, first)

    assert (await calls.dial(wish("key-00000004"))).state is S.ASKED
    assert len(desk.line.asked) == 2


async def test_killed_between_claim_and_order_it_is_not_dialled_again_and_freed_when_surely_nothing_lives(
    desk: Desk,
) -> None:
    desk.line.fails = AmiDown(was_sent=True)  # the order may have gone: as good as killed
    calls = desk.calls()
    call = await calls.dial(wish())
    again = await desk.calls().dial(wish())  # the page asks again, after our restart
    desk.line.lives = {call.channel}
    lives = await after_a_while(desk, calls)
    desk.line.lives = set()
    not_level = await after_a_while(desk, desk.calls(is_level=lambda: False))
    no_link = await after_a_while(desk, desk.calls(link_up_since=lambda: None))
    new_link = await after_a_while(desk, desk.calls(link_up_since=lambda: desk.clock.now() - timedelta(seconds=9)))
    before = (await desk.found(wish())).state
    freed = await calls.reconcile()

    assert (call.state, again.id, len(desk.line.asked)) == (S.CLAIMED, call.id, 1)
    assert (lives, not_level, no_link, new_link, before, freed) == (0, 0, 0, 0, S.CLAIMED, 1)
    assert (await desk.found(wish())).state is S.NEVER
    desk.line.fails = None
    assert (await calls.dial(wish("key-00000002"))).state is S.ASKED


async def after_a_while(desk: Desk, calls: OutsideCalls) -> int:
    """Look, and look again when a call that nobody tells of has been seen long enough."""
    await calls.reconcile()
    desk.clock.turn(20)
    return await calls.reconcile()


async def test_a_service_that_was_held_up_since_the_claim_rings_nobody_and_a_second_click_rings_once(
    desk: Desk,
) -> None:
    calls = desk.calls()
    desk.line.held_up = lambda: desk.clock.turn(30)  # as by a stopped process

    with pytest.raises(NoWayOut):
        await calls.dial(wish())

    assert (desk.line.asked, (await desk.found(wish())).state) == ([], S.NEVER)
    desk.line.held_up = lambda: None
    assert (await calls.dial(wish("key-00000002"))).state is S.ASKED
    assert len(desk.line.asked) == 1


async def test_a_call_is_freed_only_when_we_ourselves_saw_it_silent_for_long(desk: Desk) -> None:
    await desk.calls().dial(wish())
    desk.clock.turn(3600)  # or the machine's clock was put forward
    calls = desk.calls()

    assert await calls.reconcile() == 0
    desk.clock.turn(19)
    assert await calls.reconcile() == 0
    desk.clock.turn(1)
    assert await calls.reconcile() == 1


async def test_a_call_that_comes_and_goes_while_the_switch_is_asked_is_not_freed(desk: Desk) -> None:
    calls = desk.calls()
    call = await calls.dial(wish())
    await calls.reconcile()
    desk.clock.turn(20)
    told = asyncio.Event()

    async def living() -> frozenset[str]:
        await desk.told(calls, call, state=CallState.CALLING, ended_at=None, outcome=None, human_answer=None)
        told.set()
        return frozenset()

    desk.line.living = living  # type: ignore[method-assign]

    assert await calls.reconcile() == 0
    assert told.is_set()


async def test_what_the_ledger_has_is_never_taken_for_never_made(desk: Desk) -> None:
    calls = desk.calls()
    call = await calls.dial(wish())
    await desk.told(calls, call, state=CallState.CALLING, ended_at=None, outcome=None, human_answer=None)

    assert await after_a_while(desk, calls) == 0
    await desk.told(calls, call)
    ended = await desk.found(wish())
    assert (ended.state, ended.outcome, ended.call_id) == (S.ENDED, "answered", call.channel)


async def test_an_order_that_was_surely_not_given_frees_the_agent_at_once(desk: Desk) -> None:
    desk.line.fails = NoWayOut("no")

    with pytest.raises(NoWayOut):
        await desk.calls().dial(wish())

    assert (await desk.found(wish())).state is S.NEVER


@pytest.mark.parametrize(
    ("changes", "asks", "error"),
    [
        ({}, {"number": "+14155552671"}, NumberNotDialled),
        ({}, {"number": "", "call_id": "none"}, NumberNotDialled),
        ({}, {"extension": ""}, OwnPhoneMissing),
        ({"has_phone": lambda _: False}, {}, OwnPhoneMissing),
        ({"is_up": lambda: False}, {}, NoWayOut),
    ],
)
async def test_what_cannot_be_called_claims_nothing(
    desk: Desk, changes: dict[str, Callable[..., bool]], asks: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await desk.calls(**changes).dial(wish(**asks))

    async with desk.database.read() as session:
        assert await call_of_key(session, "xiaowang", "key-00000001") is None
    assert desk.line.asked == []


async def test_a_marked_number_is_called_only_by_whoever_has_looked(desk: Desk) -> None:
    number = PhoneNumber.parse(NUMBER)
    assert number is not None
    async with desk.database.begin() as session:
        await mark_number(session, number, NumberMark.DO_NOT_CALL, holds=True, by="boss", at=desk.clock.now())

    with pytest.raises(NumberMarked) as refused:
        await desk.calls().dial(wish())

    assert refused.value.details == {"marks": ["do-not-call"]}
    assert (await desk.calls().dial(wish(anyway=True))).state is S.ASKED


async def test_a_call_back_that_was_answered_is_returned_and_one_that_was_not_is_tried(desk: Desk) -> None:
    calls = desk.calls()
    one = await desk.owes(FollowUpKind.CALL_BACK)
    tried = await calls.dial(wish(number="", follow_up=one))
    await desk.told(calls, tried, human_answer=None, outcome=Outcome.BUSY)
    after_busy = await desk.steps(one)
    returned = await calls.dial(wish("key-00000002", number="", follow_up=one))
    await desk.told(calls, returned)

    assert (tried.returns, desk.line.asked[0].returns) == ("c-1", "c-1")
    assert after_busy == (FollowUpState.OPEN, [Step.RAISED, Step.TRIED])
    assert await desk.steps(one) == (FollowUpState.DONE, [Step.RAISED, Step.TRIED, Step.RETURNED])


async def test_what_needs_a_persons_word_is_spoken_of_and_stays_open_and_a_phone_not_lifted_tried_nobody(
    desk: Desk,
) -> None:
    calls = desk.calls()
    matter = await desk.owes(FollowUpKind.MATTER, call_id=None)
    missed = await calls.dial(wish(number="", follow_up=matter))
    await desk.told(calls, missed, human_answer=None, outcome=Outcome.NOT_DIALLED)
    nobody = await desk.steps(matter)
    spoken = await calls.dial(wish("key-00000002", number="", follow_up=matter))
    await desk.told(calls, spoken)

    assert nobody == (FollowUpState.OPEN, [Step.RAISED])
    assert await desk.steps(matter) == (FollowUpState.OPEN, [Step.RAISED, Step.SPOKEN])
    boss = await desk.owes(FollowUpKind.UNSATISFIED, owed_by=Role.SUPERVISOR, call_id="c-2")
    with pytest.raises(FollowUpNotYours):
        await calls.dial(wish("key-00000003", number="", follow_up=boss))


async def test_a_call_that_became_part_of_an_older_one_is_found_under_it(desk: Desk) -> None:
    calls = desk.calls()
    call = await calls.dial(wish())
    async with desk.database.begin() as session:
        await absorb_outside_calls(session, call.channel, "hotline-1.1")
    await desk.told(calls, replace(call, channel="hotline-1.1"))

    async with desk.database.begin() as session:
        told = await call_told(session, "hotline-1.1")
    assert told is not None
    assert (told.id, told.state) == (call.id, S.ENDED)


async def test_the_living_are_found_by_an_index_however_many_calls_were_made(desk: Desk) -> None:
    number = PhoneNumber("+8613800138501")
    over = {
        "by": "li", "extension": "8002", "e164": "+8613800138502", "returns": "", "state": "ended",
        "at": desk.clock.now(), "call_id": "", "outcome": "",
    }  # fmt: skip
    seen: list[tuple[str, Any]] = []
    async with desk.database.begin() as session:
        await session.execute(insert(OutsideCallTable), [over | {"key": f"k-{place}"} for place in range(3000)])
        living, _ = await claim(
            session, key="k", by="wang", extension="8001", number=number, follow_up=None, returns="",
            at=desk.clock.now(),
        )  # fmt: skip
    async with desk.database.engine.connect() as connection:
        await connection.exec_driver_sql("ANALYZE")
        await connection.commit()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    event.listen(desk.database.engine.sync_engine, "before_cursor_execute", note)
    async with desk.database.begin() as session:
        found = await living_calls(session)
    event.remove(desk.database.engine.sync_engine, "before_cursor_execute", note)
    statement, parameters = next(one for one in seen if one[0].lstrip().startswith("SELECT"))
    explain = "EXPLAIN QUERY PLAN" if desk.database.engine.dialect.name == "sqlite" else "EXPLAIN"
    async with desk.database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql(f"{explain} {statement}", parameters)).all()
    plan = "\n".join(str(row[-1]) for row in rows)

    assert [call.id for call, _ in found] == [living.id]
    assert "outside_call_living" in plan, plan
    assert "Seq Scan on outside_call" not in plan
