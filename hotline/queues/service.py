"""Keep the switch's queues filled as the table says: after every new link, on every change, and every half minute.

The switch keeps what it was told through its own restart, and everybody's queue has fast members: a service that is
away changes nothing for callers.
"""

import asyncio
from collections.abc import Iterable
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.audit.change import Change as Audited
from hotline.audit.store import record
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.queues.membership import EVERYBODY, Member, QueueChange, Skill, SkillsRefused, queue_changes, wanted
from hotline.queues.store import memberships, set_skills

log = structlog.get_logger()

LOOK_EVERY: Final = 30.0  # seconds; another process may have written the table
FILLED_WITHIN: Final = 30.0  # seconds; one round never holds the next up for longer
CALLS_US: Final = frozenset({Subject.LINK, Subject.STAFFING, Subject.RESYNC})


class QueueSwitch(Protocol):
    """What is asked of a switch about its queues. Both raise HotlineError when it could not be asked."""

    async def members(self) -> tuple[Member, ...]:
        """Return every agent in every queue."""
        ...

    async def carry_out(self, change: QueueChange) -> bool:
        """Make one change; return whether the switch agreed to it."""
        ...


class Staffing:
    """Who serves which queue, at the switch as in the table."""

    def __init__(
        self,
        *,
        switch: QueueSwitch,
        database: Database,
        bus: Bus,
        clock: Clock,
        agents: tuple[str, ...],
        skills: tuple[str, ...],
    ) -> None:
        self._switch = switch
        self._database = database
        self._bus = bus
        self._clock = clock
        self._agents = agents
        self._skills = skills
        self.trouble = "the switch's queues were not looked at yet"  # "" while the queues are as wished

    async def run(self) -> None:
        """Keep the queues filled until cancelled."""
        with self._bus.listening() as changes:
            while True:
                await self.fill()
                await _called(changes)

    async def fill(self) -> None:
        """Compare wish and truth once, and ask for the difference. What cannot be done now is tried again later."""
        try:
            async with asyncio.timeout(FILLED_WITHIN):
                async with self._database.read() as session:
                    rows = await memberships(session)
                places = wanted(self._agents, self._skills, rows)
                to_do = queue_changes(places, await self._switch.members(), self._skills)
                done = [await self._switch.carry_out(change) for change in to_do]
        except (HotlineError, SQLAlchemyError, OSError) as wrong:  # TimeoutError is an OSError
            self._note(getattr(wrong, "error_id", type(wrong).__name__))
            return
        if any(done):
            log.info("queues filled", changes=len(to_do), refused=done.count(False))
        self._note("" if all(done) else f"the switch refused {done.count(False)} of {len(to_do)} changes")

    async def assign(self, extension: str, skills: Iterable[str] | None, *, by: str) -> None:
        """Say which skills an agent has (`repair`, `repair:2`); None: every one. Raises SkillsRefused."""
        chosen = read_skills(extension, skills, agents=self._agents, known=self._skills)
        await assign_skills(self._database, extension, chosen, by=by, clock=self._clock)
        self._bus.publish(Change(Subject.STAFFING, extension))

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.warning("the queues are not filled as wished", reason=trouble)
        self.trouble = trouble


async def assign_skills(
    database: Database, extension: str, chosen: tuple[Skill, ...] | None, *, by: str, clock: Clock
) -> None:
    """Keep which skills an agent has, None for every one, with its line in the audit. Who knows of it tells the bus."""
    async with database.begin() as session:
        before = (await memberships(session)).get(extension)
        await set_skills(session, extension, chosen, by=by, at=clock.now())
        after = (await memberships(session)).get(extension)
        if before != after:
            await record(
                session,
                Audited(
                    by=by,
                    room="staff",
                    act="skills-set",
                    subject=extension,
                    before={"skills": _told(before)},
                    after={"skills": _told(after)},
                    at=clock.now(),
                ),
            )


def _told(skills: tuple[Skill, ...] | None) -> list[str] | str:
    """Return skills as the audit has them; everybody's queue goes without saying."""
    if skills is None:
        return "every"
    return [f"{each.queue}:{each.penalty}" for each in skills if each.queue != EVERYBODY]


def read_skills(
    extension: str, skills: Iterable[str] | None, *, agents: tuple[str, ...], known: tuple[str, ...]
) -> tuple[Skill, ...] | None:
    """Read what is to be said of an agent; None stands for every skill. Raises SkillsRefused."""
    if extension not in agents:
        raise SkillsRefused(f"{extension} is no agent's extension; known: {', '.join(agents)}")
    return None if skills is None else tuple(Skill.parse(each, known) for each in skills)


async def _called(changes: "asyncio.Queue[Change]") -> None:
    """Return when something that concerns us happened, or after half a minute."""
    try:
        async with asyncio.timeout(LOOK_EVERY):
            while (await changes.get()).subject not in CALLS_US:
                pass
    except TimeoutError:
        pass
