"""Live help as pages see it: who is at whose side, what was done in a call, what is switched by hand."""

from datetime import datetime, tzinfo
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hotline.livehelp.help import Help, HelpState, Mode
from hotline.livehelp.store import HelpStep
from hotline.web.agent_shapes import People
from hotline.web.shapes import Inlet, Line, Shape
from hotline.web.wrap_up_shapes import Key


class HelpAtSideOut(Shape):
    """One supervisor at one agent's side. `by` is the account, `by_name` what it is called."""

    id: int
    by: str
    by_name: str
    extension: str = Field(description="the supervisor's own telephone")
    agent: str
    call_id: str
    mode: Mode
    state: HelpState
    since: datetime


class HelpsOut(Shape):
    """Who is at whose side now: all of it for supervisors, at one's own side for an agent."""

    helps: tuple[HelpAtSideOut, ...]


class LiveHelpChanged(Shape):
    """Somebody came to an agent's side, does something else there, or left; told to supervisors, and to that agent."""

    type: Literal["live-help"] = "live-help"
    helps: tuple[HelpAtSideOut, ...]


class ByHandChanged(Shape):
    """The night plan or a queue was switched by hand: a page that shows it reads it again."""

    type: Literal["by-hand"] = "by-hand"


class HelpIn(Inlet):
    """At whose side, and how. The same `key` is the same help, however often it is sent."""

    key: Key
    agent: Annotated[str, Line, StringConstraints(pattern=r"^\d{3,6}$")]
    mode: Mode


class TurnIn(Inlet):
    """What to do instead, at the same agent's side."""

    mode: Mode


class MoveIn(Inlet):
    """Where a waiting caller goes: `front`, a queue, an agent's extension."""

    to: Annotated[str, Line, StringConstraints(min_length=3, max_length=20)]


class MovedOut(Shape):
    """The caller was led there."""

    call_id: str
    to: str


class HelpStepOut(Shape):
    """What a supervisor did in a call: a state at an agent's side, or `moved` and where to."""

    at: datetime
    by_name: str
    agent: str
    agent_name: str
    what: str
    to: str


class HelpStepsOut(Shape):
    """All that supervisors did in a call, in order."""

    steps: tuple[HelpStepOut, ...]


class PlanOut(Shape):
    """Whether the house is open, whether its hours say so, and who switched it by hand (empty: nobody)."""

    is_open: bool
    is_scheduled: bool
    by_name: str = ""
    since: datetime | None = None


class QueueByHandOut(Shape):
    """Whether a queue takes callers; who closed it."""

    queue: str
    is_closed: bool
    by_name: str = ""
    since: datetime | None = None


class ByHandOut(Shape):
    """The night plan and the queues."""

    plan: PlanOut
    queues: tuple[QueueByHandOut, ...]


class PlanIn(Inlet):
    """Open or closed, whatever the hours say; `scheduled`: as they say."""

    value: Literal["open", "closed", "scheduled"]


class QueueIn(Inlet):
    """Whether the queue takes no callers."""

    is_closed: bool


def help_at_side_out(one: Help, people: People, zone: tzinfo) -> HelpAtSideOut:
    """Return one as browsers get it."""
    return HelpAtSideOut(
        id=one.id,
        by=one.by,
        by_name=people.accounts.get(one.by, one.by),
        extension=one.extension,
        agent=one.agent,
        call_id=one.call_id,
        mode=one.mode,
        state=one.state,
        since=one.began.astimezone(zone),
    )


def help_step_out(step: HelpStep, people: People, zone: tzinfo) -> HelpStepOut:
    """Return one step as browsers get it."""
    return HelpStepOut(
        at=step.at.astimezone(zone),
        by_name=people.accounts.get(step.by, step.by),
        agent=step.agent,
        agent_name=people.extensions.get(step.agent, ""),
        what=step.what,
        to=step.to,
    )
