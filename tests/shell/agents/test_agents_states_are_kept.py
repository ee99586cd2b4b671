"""What agents decided: rows with times, the pages told, the switch asked; and kept right when the switch was away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.agents import keeping as keeping_module
from hotline.agents.agent import AgentUnknown, NotInThisCall, PauseReasonUnknown, ShownState
from hotline.agents.keeping import AgentKeeping
from hotline.agents.legs import LegGone, LegSeen, LegUnanswered
from hotline.agents.offers import Offers
from hotline.agents.store import AgentStateTable, HelpWish, absorb_agent_calls
from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.calls.talks import Talk
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.queues.board import AgentState as Phone
from hotline.queues.board import QueueBoard
from hotline.queues.membership import Member
from hotline.settings import AgentsSettings
from tests.fakes.ami_variants import given, until
from tests.fakes.clock_by_hand import ClockByHand

CALL = "x-1.1"


class SwitchGone(HotlineError):
    """There is no link."""

    error_id = "ami-down"


@dataclass
class FakeSwitch:
    """Two phones in two queues, and what was asked of them."""

    paused: dict[str, str] = field(default_factory=dict)
    is_gone: bool = False
    asked: list[tuple[str, bool, str]] = field(default_factory=list)

    async def members(self) -> tuple[Member, ...]:
        self._there()
        return tuple(
            Member(agent=agent, queue=queue, is_paused=agent in self.paused, pause_reason=self.paused.get(agent, ""))
            for agent in ("8001", "8002")
            for queue in ("service", "repair")
        )

    async def pause(self, agent: str, *, is_paused: bool, reason: str) -> bool:
        self._there()
        self.asked.append((agent, is_paused, reason))
        self.paused.pop(agent, None)
        if is_paused:
            self.paused[agent] = reason
        return True

    def _there(self) -> None:
        if self.is_gone:
            raise SwitchGone("no link")


@dataclass
class Desk:
    """The states, the clock, the switch and the phones of a test."""

    database: Database
    clock: ClockByHand = field(default_factory=ClockByHand)
    switch: FakeSwitch = field(default_factory=FakeSwitch)
    bus: Bus = field(default_factory=Bus)
    board: QueueBoard = field(default_factory=lambda: QueueBoard(is_current=True))
    settings: AgentsSettings = field(default_factory=AgentsSettings)
    legs: int = 1

    def __post_init__(self) -> None:
        self.start()
        for agent in ("8001", "8002"):
            self.phone(agent, Phone.READY)

    def start(self) -> None:
        """Begin anew, with nothing in memory, as a service that was killed does."""
        self.offers = Offers()
        self.keeping = AgentKeeping(
            switch=self.switch, database=self.database, bus=self.bus, clock=self.clock, agents=("8001", "8002"),
            settings=self.settings, offers=self.offers, board=lambda: self.board,
        )  # fmt: skip
        self.states = self.keeping.states

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.keeping.run())
            try:
                yield
            finally:
                task.cancel()

    def phone(self, agent: str, state: Phone) -> None:
        self.board = self.board.with_agent(agent, state)

    async def rings(self, agent: str = "8001", *, call: str = CALL) -> str:
        """Let a queue ring a phone; return the leg."""
        self.legs += 1
        leg = f"x-1.{self.legs}"
        await self._hear(
            LegSeen(uniqueid=call, channel=f"PJSIP/carrier-{call[-1]}", linkedid=call, caller="13800138501")
        )
        phone = LegSeen(
            uniqueid=leg, channel=f"PJSIP/{agent}-{self.legs}", linkedid=call, is_called=True, queue="service"
        )
        await self._hear(phone)
        self.phone(agent, Phone.RINGING)
        return leg

    async def talks(self, agent: str = "8001", *, call: str = CALL) -> str:
        """Let an agent talk with a resident; return the leg."""
        leg = await self.rings(agent, call=call)
        channel = f"PJSIP/{agent}-{self.legs}"
        await self._hear(LegSeen(uniqueid=leg, channel=channel, linkedid=call, is_up=True, bridge=f"b{leg}"))
        await self._hear(
            LegSeen(uniqueid=call, channel=f"PJSIP/carrier-{call[-1]}", linkedid=call, is_up=True, bridge=f"b{leg}")
        )
        self.phone(agent, Phone.TALKING)
        return leg

    async def hangs_up(self, leg: str, agent: str = "8001", **how: Any) -> None:
        self.phone(agent, Phone.READY)
        await self._hear(LegGone(uniqueid=leg, **how))

    async def rings_out(self, agent: str = "8001", *, was_refused: bool = False) -> None:
        leg = await self.rings(agent)
        await self._hear(LegUnanswered(uniqueid=leg))
        await self.hangs_up(leg, agent, was_refused=was_refused)

    async def _hear(self, news: Any) -> None:
        for happened in self.offers.hear(news, self.clock.now()).happened:
            await self.states.happened(happened)

    async def rows(self, agent: str = "8001") -> list[tuple[str, str]]:
        async with self.database.read() as session:
            found = await session.scalars(
                select(AgentStateTable).where(AgentStateTable.extension == agent).order_by(AgentStateTable.id)
            )
            return [(row.stand, row.reason) for row in found]

    async def ledger_has(self, ended: datetime | None, *, agent: str = "8001", call: str = CALL) -> None:
        now = self.clock.now()
        talk = Talk(agent=agent, leg="l", began=now - timedelta(minutes=10), ended=ended)
        record = CallRecord(
            id=call, state=CallState.ENDED, ring_start=now - timedelta(minutes=11), human_answer=talk.began,
            talks=(talk,), ended_at=ended, agent=agent,
        )  # fmt: skip
        async with self.database.begin() as session:
            await save_call(session, record)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def state(desk: Desk, agent: str = "8001") -> tuple[ShownState, str]:
    now = desk.states.now(agent)
    return now.state, now.reason


async def ready(desk: Desk, agent: str = "8001") -> None:
    await desk.states.sign_in(agent, by="xiaowang")
    await desk.states.ready(agent, by="xiaowang")


async def test_day_of_an_agent_is_a_history_with_times_and_names(desk: Desk) -> None:
    await ready(desk)
    desk.clock.turn(60)
    leg = await desk.talks()
    desk.clock.turn(60)
    await desk.hangs_up(leg)
    desk.clock.turn(30)
    await desk.states.wrap_up_done("8001", by="xiaowang")
    await desk.states.pause("8001", "用餐", by="xiaowang")
    await desk.states.sign_out("8001", by="xiaowang")

    assert await desk.rows() == [
        ("paused", "signed-in"), ("ready", ""), ("wrap-up", ""), ("ready", ""), ("paused", "用餐"),
        ("signed-out", "pressed"),
    ]  # fmt: skip
    async with desk.database.read() as session:
        rows = list(await session.scalars(select(AgentStateTable).order_by(AgentStateTable.id)))
    wrap_up = rows[2]
    assert (wrap_up.call_id, wrap_up.by, rows[3].by) == (CALL, "", "xiaowang")
    assert wrap_up.ended_at is not None
    assert wrap_up.until is not None
    assert [(wrap_up.ended_at - wrap_up.since).seconds, (wrap_up.until - wrap_up.since).seconds] == [30, 120]
    assert all(one.ended_at == other.since for one, other in pairwise(rows))


async def test_what_was_decided_is_so_after_a_restart(desk: Desk) -> None:
    await ready(desk)
    await desk.states.pause("8001", "培训", by="xiaowang")
    before = desk.states.now("8001")

    desk.start()
    await desk.states.load()

    assert desk.states.now("8001") == before
    assert state(desk) == (ShownState.PAUSED, "培训")


async def test_page_and_switch_hear_of_a_decision_at_once(desk: Desk) -> None:
    async with desk.running():
        given(await until(lambda: desk.keeping.trouble == ""))
        with desk.bus.listening() as changes:
            await ready(desk)
            await desk.states.pause("8001", "休息", by="xiaowang")

            assert await until(lambda: desk.switch.asked[-1:] == [("8001", True, "休息")])
            assert changes.get_nowait() == Change(Subject.AGENT, "8001")


async def test_agent_of_whom_nothing_was_said_is_left_to_the_switch(desk: Desk) -> None:
    desk.switch.paused["8002"] = "by hand"
    async with desk.running():
        assert await until(lambda: desk.keeping.trouble == "")

    assert desk.switch.asked == []


async def test_what_the_switch_was_not_told_while_it_was_away_it_is_told_with_the_next_link(desk: Desk) -> None:
    desk.switch.is_gone = True
    async with desk.running():
        given(await until(lambda: desk.keeping.trouble == "ami-down"))
        await desk.states.sign_in("8001", by="xiaowang")
        given(desk.switch.paused == {})
        desk.switch.is_gone = False

        desk.bus.publish(Change(Subject.LINK))

        assert await until(lambda: desk.switch.paused == {"8001": "signed-in"})


async def test_pause_that_somebody_changed_at_the_switch_is_set_back(desk: Desk) -> None:
    await ready(desk)
    desk.switch.paused["8001"] = "typed at the console"

    await desk.keeping.compare()

    assert desk.switch.paused == {}


async def test_switch_that_does_not_know_the_phone_is_told_as_trouble(desk: Desk) -> None:
    await desk.states.sign_in("8001", by="xiaowang")

    async def refuses(_agent: str, **_: object) -> bool:
        return False

    desk.switch.pause = refuses  # type: ignore[method-assign,assignment]
    await desk.keeping.compare()

    assert desk.keeping.trouble == "the switch refused to change the pause of 1"


async def test_wrap_up_ends_by_itself_at_its_limit(desk: Desk) -> None:
    await ready(desk)
    with desk.states.present("8001"):
        await desk.hangs_up(await desk.talks())
        desk.clock.turn(119)
        await desk.states.end_what_is_over()
        assert state(desk) == (ShownState.WRAP_UP, "")

        desk.clock.turn(1)
        await desk.states.end_what_is_over()

    assert state(desk) == (ShownState.READY, "")


async def test_agent_who_needs_more_time_has_it(desk: Desk) -> None:
    await ready(desk)
    await desk.hangs_up(await desk.talks())

    now = await desk.states.more_time("8001")

    assert now.until == desk.clock.now() + timedelta(seconds=180)
    with desk.states.present("8001"):
        desk.clock.turn(150)
        await desk.states.end_what_is_over()
    assert state(desk) == (ShownState.WRAP_UP, "")


async def test_desk_without_wrap_up_is_ready_after_the_talk(desk: Desk) -> None:
    desk.settings = AgentsSettings(wrap_up_for=0)
    desk.start()
    await ready(desk)

    await desk.hangs_up(await desk.talks())

    assert state(desk) == (ShownState.READY, "")
    await desk.ledger_has(desk.clock.now())
    await desk.keeping.look_at_ledger()
    assert state(desk) == (ShownState.READY, "")


async def test_phone_whose_owner_never_signed_in_has_no_wrap_up(desk: Desk) -> None:
    await desk.hangs_up(await desk.talks())

    assert (state(desk), await desk.rows()) == ((ShownState.READY, ""), [])


async def test_two_calls_that_rang_out_in_a_row_pause_the_agent(desk: Desk) -> None:
    await ready(desk)
    await desk.rings_out()
    assert state(desk) == (ShownState.READY, "")

    await desk.rings_out()

    assert state(desk) == (ShownState.PAUSED, "no-answer")


async def test_call_that_was_answered_or_refused_between_them_begins_the_count_anew(desk: Desk) -> None:
    await ready(desk)
    await desk.rings_out()
    await desk.rings_out(was_refused=True)
    await desk.rings_out()

    assert state(desk) == (ShownState.READY, "")


async def test_desk_that_wants_it_never_pauses_for_not_answering(desk: Desk) -> None:
    desk.settings = AgentsSettings(no_answers=0)
    desk.start()
    await ready(desk)
    for _ in range(3):
        await desk.rings_out()

    assert state(desk) == (ShownState.READY, "")


async def test_call_at_the_phone_is_shown_with_its_name_and_since_when(desk: Desk) -> None:
    await ready(desk)
    desk.clock.turn(5)
    began = desk.clock.now()
    leg = await desk.rings()
    ringing = desk.states.now("8001")
    desk.clock.turn(7)
    await desk.hangs_up(leg)
    await desk.talks()
    desk.clock.turn(20)
    talking = desk.states.now("8001")

    assert (ringing.state, ringing.call_id, ringing.since) == (ShownState.RINGING, CALL, began)
    assert (talking.state, talking.call_id, talking.since) == (ShownState.TALKING, CALL, began + timedelta(seconds=7))


async def test_state_tells_a_call_of_ours_apart_my_phone_rings_the_resident_is_rung_we_talk(desk: Desk) -> None:
    await ready(desk)
    one, seen = "outside-1700000000.7", []
    own = {"uniqueid": one, "channel": "PJSIP/8001-1", "linkedid": one}
    resident = {"uniqueid": "x-1.9", "channel": "PJSIP/outside-2", "linkedid": one, "is_called": True}
    steps = (
        LegSeen(**own, is_called=True), LegSeen(**own, is_up=True), LegSeen(**own, bridge="b"),
        LegSeen(**resident, is_up=True, bridge="b"),
    )  # fmt: skip
    for told in steps:
        await desk._hear(told)
        desk.phone("8001", Phone.TALKING)  # so says the switch of a page, from its first ring on
        seen.append(state(desk)[0])

    shown = ShownState
    assert seen == [shown.DIALLING, shown.CALLING, shown.CALLING, shown.TALKING]
    assert desk.states.now("8001").call_id == one


async def test_pause_asked_for_in_a_talk_follows_the_wrap_up(desk: Desk) -> None:
    await ready(desk)
    leg = await desk.talks()
    await desk.states.pause("8001", "用餐", by="xiaowang")
    talking = desk.states.now("8001")
    await desk.hangs_up(leg)
    wrapping = desk.states.now("8001")
    await desk.states.wrap_up_done("8001", by="xiaowang")

    assert (talking.state, talking.then) == (ShownState.TALKING, "用餐")
    assert (wrapping.state, wrapping.then) == (ShownState.WRAP_UP, "用餐")
    assert state(desk) == (ShownState.PAUSED, "用餐")


async def test_agent_without_a_page_for_long_is_signed_out_after_the_talk(desk: Desk) -> None:
    await ready(desk)
    with desk.states.present("8001"):
        desk.clock.turn(600)
        await desk.states.end_what_is_over()
        assert state(desk) == (ShownState.READY, "")
    leg = await desk.talks()
    desk.clock.turn(91)
    await desk.states.end_what_is_over()
    assert state(desk)[0] is ShownState.TALKING

    await desk.hangs_up(leg)
    await desk.states.end_what_is_over()

    assert state(desk) == (ShownState.SIGNED_OUT, "page-gone")


async def test_second_page_keeps_the_agent_signed_in(desk: Desk) -> None:
    await ready(desk)
    with desk.states.present("8001"):
        with desk.states.present("8001"):
            pass
        desk.clock.turn(600)
        await desk.states.end_what_is_over()

        assert state(desk) == (ShownState.READY, "")


async def test_nobody_is_signed_out_while_the_switch_cannot_be_heard(desk: Desk) -> None:
    await ready(desk)
    desk.board = replace(desk.board, is_current=False)
    desk.clock.turn(600)

    await desk.states.end_what_is_over()

    assert desk.states.decided("8001").is_signed_in


async def test_supervisors_ready_brings_a_desk_phone_back_without_a_page(desk: Desk) -> None:
    await ready(desk)
    await desk.states.sign_out("8001", by="xiaowang")

    await desk.states.ready("8001", by="boss", is_own=False)
    desk.clock.turn(600)
    await desk.states.end_what_is_over()

    assert state(desk) == (ShownState.READY, "")
    assert desk.states.decided("8001").by == "boss"


async def test_talk_that_ended_while_nobody_heard_the_switch_is_wrapped_up_late(desk: Desk) -> None:
    await ready(desk)
    desk.clock.turn(300)
    ended = desk.clock.now() - timedelta(seconds=40)
    await desk.ledger_has(ended)

    await desk.keeping.look_at_ledger()

    now = desk.states.now("8001")
    assert (now.state, now.call_id, now.until) == (ShownState.WRAP_UP, CALL, ended + timedelta(seconds=120))
    await desk.states.wrap_up_done("8001", by="xiaowang")
    await desk.keeping.look_at_ledger()
    assert state(desk) == (ShownState.READY, ""), "once"


@pytest.mark.parametrize("ended_before", [1, 130])
async def test_talk_that_just_ended_or_ended_long_ago_is_not_wrapped_up_late(desk: Desk, ended_before: int) -> None:
    await ready(desk)
    desk.clock.turn(300)
    await desk.ledger_has(desk.clock.now() - timedelta(seconds=ended_before))

    await desk.keeping.look_at_ledger()

    assert state(desk) == (ShownState.READY, "")


async def test_agent_in_the_next_talk_is_not_interrupted_by_the_last_ones_wrap_up(desk: Desk) -> None:
    await ready(desk)
    desk.clock.turn(300)
    await desk.ledger_has(desk.clock.now() - timedelta(seconds=40))
    await desk.talks(call="x-1.9")

    await desk.keeping.look_at_ledger()

    assert desk.states.decided("8001").stand.value == "ready"


async def test_ledger_is_looked_at_now_and_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping_module, "LEDGER_EVERY", 0.02)
    await ready(desk)
    desk.clock.turn(300)
    await desk.ledger_has(desk.clock.now() - timedelta(seconds=40))

    async with desk.running():
        assert await until(lambda: state(desk)[0] is ShownState.WRAP_UP)


async def test_help_is_wished_once_taken_by_name_and_over_with_the_talk(desk: Desk) -> None:
    leg = await desk.talks()
    wish = await desk.states.want_help("8001", by="xiaowang")
    again = await desk.states.want_help("8001", by="xiaowang")
    taken = await desk.states.help_comes(wish.id, by="boss", name="陈主管")
    too_late = await desk.states.help_comes(wish.id, by="root", name="root")

    assert (wish, wish.call_id) == (again, CALL)
    assert taken is not None
    assert [one.taken_name for one in desk.states.wishes] == ["陈主管"] == [taken.taken_name]
    assert too_late is not None
    assert too_late.taken_name == "陈主管"
    await desk.hangs_up(leg)
    await desk.states.end_what_is_over()
    assert desk.states.wishes == ()
    assert await desk.states.help_comes(wish.id, by="boss", name="陈主管") is None


async def test_help_in_another_call_is_another_wish(desk: Desk) -> None:
    leg = await desk.talks()
    first = await desk.states.want_help("8001", by="xiaowang")
    await desk.hangs_up(leg)
    await desk.talks(call="x-1.9")

    second = await desk.states.want_help("8001", by="xiaowang")

    assert (second.call_id, [one.id for one in desk.states.wishes]) == ("x-1.9", [second.id])
    assert second.id != first.id


async def test_wish_that_could_not_be_kept_is_shown_to_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.talks()
    wish = await desk.states.want_help("8001", by="xiaowang")
    with monkeypatch.context() as broken:
        broken.setattr(desk.database, "begin", lambda: not_kept(desk.database))
        with pytest.raises(OSError, match="away"):
            await desk.states.help_comes(wish.id, by="boss", name="陈主管")

    assert [one.taken_name for one in desk.states.wishes] == [""]


@asynccontextmanager
async def not_kept(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction whose commit fails."""
    async with AsyncSession(database.engine) as session:
        yield session
        raise OSError("the database is away")


async def test_wish_whose_call_was_handed_over_meanwhile_is_no_crash(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.talks()

    async def nobodys(_session: AsyncSession) -> tuple[HelpWish, ...]:
        return ()

    monkeypatch.setattr("hotline.agents.service.open_wishes", nobodys)
    with pytest.raises(NotInThisCall):
        await desk.states.want_help("8001", by="xiaowang")


async def test_who_is_in_no_talk_cannot_call_for_help_in_one(desk: Desk) -> None:
    with pytest.raises(NotInThisCall):
        await desk.states.want_help("8001", by="xiaowang")


async def test_what_joined_an_older_call_is_named_by_it(desk: Desk) -> None:
    await ready(desk)
    leg = await desk.talks(call="x-2.5")
    await desk.states.want_help("8001", by="xiaowang")
    await desk.hangs_up(leg)

    async with desk.database.begin() as session:
        await absorb_agent_calls(session, "x-2.5", "x-1.1")
    await desk.states.load()

    assert desk.states.now("8001").call_id == "x-1.1"
    assert [wish.call_id for wish in desk.states.wishes] == ["x-1.1"]


async def test_reason_that_is_none_of_the_settings_and_phone_that_is_no_agents_are_refused(desk: Desk) -> None:
    with pytest.raises(PauseReasonUnknown):
        await desk.states.pause("8001", "no-answer", by="xiaowang")
    with pytest.raises(AgentUnknown):
        await desk.states.ready("8901", by="boss")
    await desk.states.sign_in("8901", by="boss")
    await desk.states.sign_out("8901", by="boss")

    assert await desk.rows("8901") == []


async def test_database_that_is_away_at_the_start_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[int] = []
    load = desk.states.load

    async def once_away() -> None:
        loads.append(1)
        if len(loads) == 1:
            raise OSError
        await load()

    monkeypatch.setattr(desk.states, "load", once_away)
    async with desk.running():
        assert await until(lambda: desk.keeping.trouble == "", within=5)


async def test_what_happens_at_phones_comes_in_order_through_the_keeping(desk: Desk) -> None:
    await ready(desk)
    async with desk.running():
        leg = await desk.talks()
        for event in desk.offers.hear(LegGone(uniqueid=leg), desk.clock.now()).happened:
            desk.keeping.take(event)
        desk.phone("8001", Phone.READY)

        assert await until(lambda: state(desk)[0] is ShownState.WRAP_UP)


async def test_agent_whose_talk_was_with_a_machine_is_ready_at_once_and_after_the_next_wraps_up(desk: Desk) -> None:
    await ready(desk)
    talk = await desk.talks()
    desk.states.spare_wrap_up("8001", desk.states.talk_of("8001"))

    await desk.hangs_up(talk)

    assert state(desk) == (ShownState.READY, "")
    ended = desk.clock.now()
    desk.clock.turn(20)
    await desk.states.talk_over("8001", CALL, ended)  # the ledger tells it later
    assert state(desk) == (ShownState.READY, "")
    await desk.states.talk_over("8001", "another", desk.clock.now())
    assert state(desk) == (ShownState.WRAP_UP, "")
