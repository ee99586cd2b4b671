"""Keep the switch as the rows of agents say, and the rows as time and phones make them, whatever was away meanwhile.

After every new link and every half minute the pauses at the switch are compared with the rows. What happened at phones
comes in order through a bounded box. Talks that ended while nobody heard the switch are told by the ledger.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.agents.agent import late_wrap_up, pause_wanted
from hotline.agents.offers import AtPhone, Offers
from hotline.agents.service import AgentStates
from hotline.agents.store import talks_ended_after
from hotline.bus import Bus, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.queues.board import QueueBoard
from hotline.queues.membership import Member
from hotline.settings import AgentsSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 30.0  # seconds between two comparisons with the switch
ASKED_WITHIN: Final = 30.0
TICK: Final = 0.5  # seconds between two looks at what is over
LEDGER_EVERY: Final = 10.0  # seconds between two looks for talks that ended unheard
LEDGER_GRACE: Final = timedelta(seconds=5)  # in which the switch itself tells that a talk is over
MOST_HAPPENED: Final = 1000
CALLS_US: Final = frozenset({Subject.LINK, Subject.STAFFING, Subject.RESYNC})


class PausingSwitch(Protocol):
    """What is asked of a switch about its agents. Both raise HotlineError when it could not be asked."""

    async def members(self) -> tuple[Member, ...]:
        """Return every agent in every queue."""
        ...

    async def pause(self, agent: str, *, is_paused: bool, reason: str) -> bool:
        """Pause an agent in all queues, or end that; return whether the switch agreed."""
        ...


class AgentKeeping:
    """The shell around `AgentStates`, for as long as `run` runs."""

    def __init__(
        self,
        *,
        switch: PausingSwitch,
        database: Database,
        bus: Bus,
        clock: Clock,
        agents: tuple[str, ...],
        settings: AgentsSettings,
        offers: Offers,
        board: Callable[[], QueueBoard],
    ) -> None:
        self.states = AgentStates(
            database=database, bus=bus, clock=clock, agents=agents, settings=settings, offers=offers, board=board
        )
        self._switch = switch
        self._database, self._bus, self._clock = database, bus, clock
        self._happened: deque[AtPhone] = deque(maxlen=MOST_HAPPENED)
        self._bell = asyncio.Event()
        self.trouble = "what agents decided was not read yet"  # "" while the switch is as the rows say

    def take(self, event: AtPhone) -> None:
        """Take what happened at a phone; never waits. The ledger tells again what a full box loses."""
        self._happened.append(event)
        self._bell.set()

    async def run(self) -> None:
        """Work until cancelled."""
        await self._load()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_phones(), name="agents-phones")
            tasks.create_task(self._follow_links(), name="agents-links")
            tasks.create_task(self._ask_for_changes(), name="agents-switch")
            tasks.create_task(self._end_what_is_over(), name="agents-time")
            tasks.create_task(self._follow_ledger(), name="agents-ledger")

    async def compare(self) -> None:
        """Read the rows, compare the switch with them, and ask for the difference. Tried again later where it fails."""
        try:
            async with asyncio.timeout(ASKED_WITHIN):
                await self.states.load()
                members = await self._switch.members()
                refused = [agent for agent in _differing(self.states, members) if not await self._ask(agent)]
        except (HotlineError, SQLAlchemyError, OSError) as wrong:  # TimeoutError is an OSError
            self._note(getattr(wrong, "error_id", type(wrong).__name__))
            return
        self._note(f"the switch refused to change the pause of {len(refused)}" if refused else "")

    async def look_at_ledger(self) -> None:
        """Begin the wrap-up of talks that ended while the switch was not heard."""
        states, now = self.states, self._clock.now()
        limit = timedelta(seconds=states.settings.wrap_up_for)
        if not limit or not any(states.decided(agent).is_signed_in for agent in states.agents):
            return
        async with self._database.read() as session:
            ended = await talks_ended_after(session, now - limit)
        for call_id, talk in ended:
            if talk.ended is None or talk.agent not in states.agents or states.is_at_phone(talk.agent):
                continue
            decided = states.decided(talk.agent)
            if late_wrap_up(decided, talk_ended=talk.ended, seen=now, limit=limit, grace=LEDGER_GRACE):
                log.info("a wrap-up begins late", extension=talk.agent, linkedid=call_id)
                await states.talk_over(talk.agent, call_id, talk.ended)

    async def _load(self) -> None:
        while True:
            try:
                await self.states.load()
            except (SQLAlchemyError, OSError) as wrong:
                self._note(type(wrong).__name__)
                await asyncio.sleep(1)
            else:
                return

    async def _follow_phones(self) -> None:
        while True:
            self._bell.clear()
            while self._happened:
                try:
                    await self.states.happened(self._happened.popleft())
                except (SQLAlchemyError, OSError) as wrong:  # the ledger's round brings a wrap-up on
                    log.error("what happened at a phone could not be written", reason=type(wrong).__name__)
            await self._bell.wait()

    async def _follow_links(self) -> None:
        with self._bus.listening() as changes:
            while True:
                await self.compare()
                try:
                    async with asyncio.timeout(LOOK_EVERY):
                        while (await changes.get()).subject not in CALLS_US:
                            pass
                except TimeoutError:
                    pass

    async def _ask_for_changes(self) -> None:
        """Ask the switch at once for what somebody decided."""
        while True:
            await self.states.asked_for.wait()
            self.states.asked_for.clear()
            while self.states.to_ask:
                try:
                    await self._ask(self.states.to_ask.pop())
                except HotlineError as wrong:  # no link: the comparison after the next one makes it so
                    log.info("the switch could not be asked for a pause", reason=wrong.error_id)

    async def _ask(self, agent: str) -> bool:
        wanted = pause_wanted(self.states.decided(agent))
        return wanted is None or await self._switch.pause(agent, is_paused=wanted[0], reason=wanted[1])

    async def _end_what_is_over(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            await self._guarded(self.states.end_what_is_over)

    async def _follow_ledger(self) -> None:
        while True:
            await asyncio.sleep(LEDGER_EVERY)
            await self._guarded(self.look_at_ledger)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (SQLAlchemyError, OSError) as wrong:
            self._note(type(wrong).__name__)

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.warning("agents' states are not as decided", reason=trouble)
        self.trouble = trouble


def _differing(states: AgentStates, members: tuple[Member, ...]) -> list[str]:
    """Return the agents whose pause in any queue is not as their rows want it."""
    differing: dict[str, None] = {}
    for member in members:
        wanted = pause_wanted(states.decided(member.agent)) if member.agent in states.agents else None
        if wanted is not None and (member.is_paused, member.pause_reason if member.is_paused else "") != wanted:
            differing[member.agent] = None
    return list(differing)
