"""What a centre says over its wall socket, as far as the group shows it; checked at the door. Pure.

A centre may be of a newer version: what it says beyond this is passed over. Its moments are of its own clock; they
are moved by as much as that clock differs from ours, so that a wait is as long here as there.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

COUNT: Final = 10**9
Count = Annotated[int, Field(ge=0, le=COUNT)]
Share = Annotated[float, Field(ge=0, le=1)]
Wait = Annotated[float, Field(ge=0, le=COUNT)]


class Said(BaseModel):
    """Something a centre says; what is not known here is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CallsNow(Said):
    """The calls that go on; null while that centre cannot hear its switch."""

    in_menu: Count | None
    waiting: Count | None
    longest_since: AwareDatetime | None
    talking: Count | None


class OneAgent(Said):
    """How one agent is."""

    state: Annotated[str, Field(max_length=40)]


class Link(Said):
    """Whether what is said of now may be believed."""

    is_current: bool


class HumanWait(Said):
    """From the first ring to a human voice, in seconds."""

    p90: Wait | None


class Today(Said):
    """Today's figures of the centre's own day."""

    offered: Count
    answered: Count
    within_three_rings: Count
    three_rings_share: Share | None
    human_seconds: HumanWait


class TodayAndHours(Said):
    """Today's section of the wall."""

    figures: Today


class Debts(Said):
    """Callers who still must be called back; what is overdue of everything owed."""

    calls_open: Count
    overdue: Count


class Emergency(Said):
    """A call in danger, as a wall shows it: no name, no whole number."""

    id: Annotated[str, Field(max_length=80)]
    state: Literal["calling", "answered", "unanswered", "danger", "over"]
    home: Annotated[str, Field(max_length=80)]
    since: AwareDatetime | None


class HeardWall(Said):
    """A centre's wall, as far as the group shows it."""

    calls_now: CallsNow
    agents: Annotated[tuple[OneAgent, ...], Field(max_length=5000)]
    link: Link
    today: TodayAndHours
    debts: Debts
    emergencies: Annotated[tuple[Emergency, ...], Field(max_length=500)]
    stamp: Annotated[str, Field(max_length=64)] = ""
    """The id of its database; empty: an older version, which does not say it."""

    @property
    def figures(self) -> Today:
        """Today's figures."""
        return self.today.figures

    @property
    def agents_ready(self) -> int | None:
        """How many agents are free; None while that centre cannot hear its switch."""
        return sum(agent.state == "ready" for agent in self.agents) if self.link.is_current else None


SECTIONS: Final = frozenset(HeardWall.model_fields) - {"stamp"}


def read_wall(sections: Mapping[str, Any], *, behind: timedelta) -> HeardWall | None:
    """Return what a centre says, its moments moved by how far its clock is behind; None where it makes no sense."""
    try:
        wall = HeardWall.model_validate(dict(sections))
    except ValidationError:
        return None
    moved = wall.calls_now.model_copy(update={"longest_since": _moved(wall.calls_now.longest_since, behind)})
    dangers = tuple(
        one.model_copy(update={"since": _moved(one.since, behind)}) for one in wall.emergencies
    )  # fmt: skip
    return wall.model_copy(update={"calls_now": moved, "emergencies": dangers})


def _moved(moment: datetime | None, behind: timedelta) -> datetime | None:
    try:
        return None if moment is None else moment + behind
    except OverflowError:
        return None
