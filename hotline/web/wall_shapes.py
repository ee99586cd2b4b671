"""What the wall shows, section by section, and its messages: a snapshot, then the sections that changed. Pure.

No resident's name and no whole number is in here: a big screen hangs where everybody passes.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from hotline.campaigns.campaign import CampaignKind, CampaignState
from hotline.followups.follow_up import FollowUpKind
from hotline.web.agent_shapes import AgentOut
from hotline.web.alert_shapes import RuleAlertOut
from hotline.web.centre_shape import CentreOut
from hotline.web.figures import Figures
from hotline.web.shapes import Shape


class CallsNowOut(Shape):
    """The calls that go on. Null everywhere while the switch cannot be heard: no data is not nought."""

    ringing: int | None = Field(description="ringing, or hearing greeting and notice")
    in_menu: int | None
    waiting: int | None = Field(description="waiting for a person, in a queue or in an emergency")
    longest_since: datetime | None = Field(description="since when the caller waits who waits longest")
    talking: int | None


class GapOut(Shape):
    """From when to when the switch could not be heard; `ended` null: it goes on."""

    began: datetime
    ended: datetime | None


class LinkOut(Shape):
    """Whether what is shown of now may be believed."""

    is_current: bool
    since: datetime | None = Field(description="since when the link is down; null while it is up")
    is_level: bool = Field(description="the ledger has read all that the switch wrote")
    gaps: tuple[GapOut, ...] = Field(description="of today")


class HourOut(Shape):
    """One hour of today."""

    start: datetime
    offered: int
    answered: int
    abandoned: int
    three_rings_share: float | None


class WallTodayOut(Shape):
    """Today's figures, and hour by hour; an hour without calls is not among them."""

    figures: Figures
    hours: tuple[HourOut, ...]


class DebtOut(Shape):
    """One caller who must still be called back."""

    id: int
    kind: FollowUpKind
    number: str = Field(description="masked; empty is withheld")
    home: str
    since: datetime
    due: datetime | None
    is_overdue: bool
    taken_by_name: str
    calls: int


class DebtsOut(Shape):
    """Who still must be called back, the soonest deadline first; `open` and `overdue` count everything owed."""

    calls: tuple[DebtOut, ...]
    calls_open: int
    open: int
    overdue: int


class WallCampaignOut(Shape):
    """How far a campaign is that goes on."""

    id: int
    kind: CampaignKind
    name: str
    state: CampaignState
    targets: int
    done: int
    reached: int


class EmergencyOut(Shape):
    """A call in danger: red until a human is there."""

    id: str
    state: Literal["calling", "answered", "unanswered", "danger", "over"]
    home: str
    number: str
    since: datetime | None
    agent: str


class Wall(Shape):
    """Everything the wall shows."""

    calls_now: CallsNowOut
    agents: tuple[AgentOut, ...]
    link: LinkOut
    today: WallTodayOut
    debts: DebtsOut
    campaigns: tuple[WallCampaignOut, ...]
    emergencies: tuple[EmergencyOut, ...]
    alerts: tuple[RuleAlertOut, ...]


class WallSnapshot(Shape):
    """What a wall is told first. A page of another `build` loads itself anew."""

    type: Literal["wall-snapshot"] = "wall-snapshot"
    build: str
    centre: CentreOut
    at: datetime
    wall: Wall


class WallChanged(Shape):
    """Some sections of the wall are new; none: only a sign of life."""

    type: Literal["wall"] = "wall"
    at: datetime
    wall: dict[str, Any]
