"""Which agent serves which queue: what is wished, and what must be asked of the switch to make it so.

Pure. `service` is everybody's queue: its members stand in the switch's own files and hold when we never come, so only
their penalty is ours to say. The queues of the skills have no members but those that are set here, at run time.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from hotline.errors import HotlineError

EVERYBODY: Final = "service"
HIGHEST_PENALTY: Final = 9
WRITTEN: Final = re.compile(r"([a-z][a-z-]{2,19})(?::([0-9]))?")


class SkillsRefused(HotlineError):
    """The extension is no agent's, or a skill is unknown or wrongly written; says which are known."""

    error_id = "skills-refused"


@dataclass(frozen=True, slots=True)
class Skill:
    """A queue that an agent serves; one with a lower penalty is rung before others (0 to 9)."""

    queue: str
    penalty: int = 0

    @classmethod
    def parse(cls, text: str, skills: Collection[str]) -> Self:
        """Read `repair` or `repair:2`. Raises SkillsRefused."""
        written = WRITTEN.fullmatch(text)
        if written is None or written[1] not in skills:
            raise SkillsRefused(f"a skill is one of {', '.join(skills)}, perhaps with a penalty from 0 to 9: repair:2")
        return cls(written[1], int(written[2] or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An agent in a queue, as the switch has it. A static one stands in its files and cannot be taken out."""

    agent: str
    queue: str
    penalty: int = 0
    is_paused: bool = False
    is_static: bool = False
    pause_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    """Let the agent serve the queue; one who is in pause joins in pause."""

    agent: str
    queue: str
    penalty: int = 0
    is_paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """Let the agent no longer serve the queue."""

    agent: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """Give the agent another penalty in the queue."""

    agent: str
    queue: str
    penalty: int


QueueChange = Joins | Leaves | Ranks  # asked of the switch, one at a time
Wanted = Mapping[tuple[str, str], int]  # (agent, queue) -> penalty


def wanted(agents: Iterable[str], skills: Iterable[str], rows: Mapping[str, Collection[Skill]]) -> Wanted:
    """Return every place that is to be filled.

    Everybody serves `service`. An agent of whom nothing was said has every skill, so that nobody is lost; skills that
    this installation no longer has, and agents it no longer has, count for nothing.
    """
    known = tuple(skills)
    places: dict[tuple[str, str], int] = {}
    for agent in agents:
        own = rows.get(agent) or [Skill(queue) for queue in known]
        places[agent, EVERYBODY] = 0
        places |= {(agent, each.queue): each.penalty for each in own if each.queue in (*known, EVERYBODY)}
    return places


def queue_changes(places: Wanted, actual: Iterable[Member], skills: Collection[str]) -> tuple[QueueChange, ...]:
    """Return what to ask of the switch; nothing when it is as wished. Those who join come before those who leave.

    Members of queues that are not ours to fill, as of a skill that this installation no longer has, are left alone.
    """
    ours = {(member.agent, member.queue): member for member in actual if member.queue in (*skills, EVERYBODY)}
    in_pause = {member.agent for member in ours.values() if member.is_paused}
    joins = [
        Joins(agent=agent, queue=queue, penalty=penalty, is_paused=agent in in_pause)
        for (agent, queue), penalty in sorted(places.items())
        if (agent, queue) not in ours
    ]
    ranks = [
        Ranks(agent=agent, queue=queue, penalty=penalty)
        for (agent, queue), penalty in sorted(places.items())
        if (agent, queue) in ours and ours[agent, queue].penalty != penalty
    ]
    leaves = [
        Leaves(agent=member.agent, queue=member.queue)
        for place, member in sorted(ours.items())
        if place not in places and not member.is_static
    ]
    return (*joins, *ranks, *leaves)
