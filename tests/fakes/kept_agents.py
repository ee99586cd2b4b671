"""A desk whose agents' states are kept: with a clock by hand, a switch that can be away, and phones that ring."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from hotline.agents.agent import ShownState
from hotline.agents.keeping import AgentKeeping
from hotline.agents.legs import LegGone, LegSeen, LegUnanswered
from hotline.agents.offers import Offers
from hotline.agents.store import AgentStateTable
from hotline.bus import Bus
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


def state(desk: Desk, agent: str = "8001") -> tuple[ShownState, str]:
    now = desk.states.now(agent)
    return now.state, now.reason


async def ready(desk: Desk, agent: str = "8001") -> None:
    await desk.states.sign_in(agent, by="xiaowang")
    await desk.states.ready(agent, by="xiaowang")
