"""Agents as pages see them: state, wishes for help, and what may be asked of one's own or another's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Annotated

from pydantic import StringConstraints

from hotline.agents.agent import AgentNow, ShownState
from hotline.agents.store import HelpWish
from hotline.web.shapes import Inlet, Line, Shape


class AgentOut(Shape):
    """An agent: state and since when, why, until when at the latest (a wrap-up), in which call.

    `then` is the pause that follows: of a wrap-up, or of a talk that an agent in pause is in. `by_name` is who else
    decided so (a supervisor), as shown; empty where the agent or the system did.
    """

    extension: str
    name: str
    state: ShownState
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    call_id: str = ""
    then: str = ""
    by_name: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """What extensions and accounts are called on screens, and whose extension is whose."""

    extensions: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)  # an account to its extension


class HelpOut(Shape):
    """An agent asks, without a sound, for a supervisor in this call; `taken_by` is who comes, by name."""

    id: int
    extension: str
    name: str
    call_id: str
    since: datetime
    taken_by: str = ""
    taken_at: datetime | None = None


class AgentsOut(Shape):
    """Every agent, and what may be said when pausing."""

    is_current: bool
    agents: tuple[AgentOut, ...]
    reasons: tuple[str, ...]
    help: tuple[HelpOut, ...]
    wrap_up_seconds: int
    more_seconds: int


class PauseIn(Inlet):
    """Why an agent waits for no call: one of the setting's reasons."""

    reason: Annotated[str, Line, StringConstraints(min_length=1, max_length=40)]


def agent_out(agent: AgentNow, people: People, zone: tzinfo) -> AgentOut:
    """Return an agent as browsers get it."""
    is_own = people.owners.get(agent.by) == agent.extension
    return AgentOut(
        extension=agent.extension,
        name=people.extensions.get(agent.extension, ""),
        state=agent.state,
        reason=agent.reason,
        since=agent.since.astimezone(zone) if agent.since else None,
        until=agent.until.astimezone(zone) if agent.until else None,
        call_id=agent.call_id,
        then=agent.then,
        by_name="" if is_own else people.accounts.get(agent.by, ""),
    )


def help_out(wishes: Iterable[HelpWish], names: Mapping[str, str], zone: tzinfo) -> tuple[HelpOut, ...]:
    """Return wishes for help as browsers get them."""
    return tuple(
        HelpOut(
            id=wish.id,
            extension=wish.extension,
            name=names.get(wish.extension, ""),
            call_id=wish.call_id,
            since=wish.at.astimezone(zone),
            taken_by=wish.taken_name,
            taken_at=wish.taken_at.astimezone(zone) if wish.taken_at else None,
        )
        for wish in wishes
    )
