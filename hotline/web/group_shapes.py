"""The shapes of a group of centres: each now, all together, and their answer times side by side.

Null is no data. A centre that is not heard has nothing but the moment of its last word.
"""

from collections.abc import Collection
from datetime import date, datetime, tzinfo
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from hotline.accounts.account import Role
from hotline.group.centre import CentreNow, Sum
from hotline.group.comparison import Compared, together
from hotline.group.heard import Emergency
from hotline.reports.ranges import Days
from hotline.web.report_shapes import DaysQuery, DefinitionOut, TimesOut, definitions
from hotline.web.shapes import Day, Inlet, Line, Shape
from hotline.web.telling import local

CentreId = Annotated[str, Line, StringConstraints(pattern=r"^[0-9A-Za-z]{1,8}$")]
FIGURES = (
    "offered", "answered", "within-three-rings", "service-level", "connected", "abandoned", "short", "human-time",
    "percentiles",
)  # fmt: skip


class CentreDangerOut(Shape):
    """A call in danger at a centre: no name and no number."""

    id: str
    state: Literal["calling", "answered", "unanswered", "danger", "over"]
    home: str
    since: datetime | None

    @classmethod
    def of(cls, one: Emergency, zone: tzinfo) -> Self:
        """Return the shape of a call in danger."""
        return cls(id=one.id, state=one.state, home=one.home, since=local(one.since, zone))


class CentreNowOut(Shape):
    """One centre now. Not `is_heard`: every figure is null, and `why` says why."""

    id: str
    name: str
    page: str = Field(description="the address of the centre's own pages")
    is_heard: bool
    why: str
    heard_at: datetime | None = Field(description="its last word; null: it never said one")
    same_as: tuple[str, ...] = Field(description="other centres that answer out of this database, or a copy of it")
    is_current: bool | None = Field(description="false: that centre cannot hear its switch")
    in_menu: int | None
    waiting: int | None
    longest_since: datetime | None
    talking: int | None
    agents_ready: int | None
    offered: int | None
    three_rings_share: float | None
    human_p90: float | None
    to_call_back: int | None
    overdue: int | None
    emergencies: tuple[CentreDangerOut, ...]

    @classmethod
    def of(cls, now: CentreNow, zone: tzinfo) -> Self:
        """Return the shape of what is known of a centre."""
        wall = now.wall
        return cls(
            id=now.centre.id,
            name=now.centre.name,
            page=now.centre.page,
            is_heard=now.is_heard,
            why=now.why.value if now.why else "",
            heard_at=local(now.heard_at, zone),
            same_as=now.same_as,
            is_current=wall.link.is_current if wall else None,
            in_menu=wall.calls_now.in_menu if wall else None,
            waiting=wall.calls_now.waiting if wall else None,
            longest_since=local(wall.calls_now.longest_since, zone) if wall else None,
            talking=wall.calls_now.talking if wall else None,
            agents_ready=wall.agents_ready if wall else None,
            offered=wall.figures.offered if wall else None,
            three_rings_share=wall.figures.three_rings_share if wall else None,
            human_p90=wall.figures.human_seconds.p90 if wall else None,
            to_call_back=wall.debts.calls_open if wall else None,
            overdue=wall.debts.overdue if wall else None,
            emergencies=tuple(CentreDangerOut.of(one, zone) for one in wall.emergencies) if wall else (),
        )


class GroupSumOut(Shape):
    """The centres that are heard, together. No percentile: those of several days or centres cannot be added."""

    centres: int
    heard: int
    in_menu: int | None
    waiting: int | None
    longest_since: datetime | None
    talking: int | None
    agents_ready: int | None
    offered: int | None
    three_rings_share: float | None
    to_call_back: int | None
    overdue: int | None

    @classmethod
    def of(cls, total: Sum, zone: tzinfo) -> Self:
        """Return the shape of a sum."""
        return cls(
            centres=total.centres,
            heard=total.heard,
            in_menu=total.in_menu,
            waiting=total.waiting,
            longest_since=local(total.longest_since, zone),
            talking=total.talking,
            agents_ready=total.agents_ready,
            offered=total.offered,
            three_rings_share=total.three_rings_share,
            to_call_back=total.to_call_back,
            overdue=total.overdue,
        )


class CentresOut(Shape):
    """The centres granted to whoever asks, as of now; over the socket this comes first."""

    type: Literal["centres-snapshot"] = "centres-snapshot"
    build: str = Field(description="of the pages: a screen of another one loads itself anew")
    at: datetime
    centres: tuple[CentreNowOut, ...]
    sum: GroupSumOut


class CentresChanged(Shape):
    """What changed: these centres; `ids` are all that are granted now. Without changes it is a sign of life."""

    type: Literal["centres"] = "centres"
    at: datetime
    ids: tuple[str, ...]
    centres: tuple[CentreNowOut, ...]
    sum: GroupSumOut


class ComparedOut(Shape):
    """One centre's answer times; `times` null: it was not heard, and `why` says why. `other`: of the other days."""

    id: str
    name: str
    page: str
    times: TimesOut | None
    other: TimesOut | None
    why: str
    running: int
    is_whole: bool


class CentresReport(Shape):
    """Answer times centre by centre. `total` is made of the sums of those `heard`, each in its own zone's days."""

    first: date
    last: date
    other_first: date | None
    other_last: date | None
    centres: tuple[ComparedOut, ...]
    heard: int
    total: TimesOut | None
    other_total: TimesOut | None
    definitions: tuple[DefinitionOut, ...]

    @classmethod
    def of(cls, days: Days, rows: Collection[Compared], other: Days | None = None) -> Self:
        """Return the shape of a comparison."""
        total, before = together(one.sums for one in rows), together(one.other for one in rows)
        return cls(
            first=days.first,
            last=days.last,
            other_first=other.first if other else None,
            other_last=other.last if other else None,
            centres=tuple(
                ComparedOut(
                    id=one.centre.id,
                    name=one.centre.name,
                    page=one.centre.page,
                    times=None if one.times is None else TimesOut.of(one.times),
                    other=None if one.other_times is None else TimesOut.of(one.other_times),
                    why=one.why.value if one.why else "",
                    running=one.sums.running if one.sums else 0,
                    is_whole=one.sums is not None and one.sums.is_whole and (one.other is None or one.other.is_whole),
                )
                for one in rows
            ),
            heard=sum(one.sums is not None for one in rows),
            total=None if total is None else TimesOut.of(total),
            other_total=None if before is None else TimesOut.of(before),
            definitions=definitions(*FIGURES),
        )


class CompareQuery(DaysQuery):
    """Which days, and other days to lay beside them, if any."""

    other_first: Day | None = Field(default=None, alias="other_from")
    other_last: Day | None = Field(default=None, alias="other_to")


class CentreRowsQuery(CompareQuery):
    """The comparison as a file."""

    form: Literal["csv", "xlsx"] = Field(default="xlsx", alias="format")


class GrantsIn(Inlet):
    """The centres that an account sees from now on, and no other."""

    centres: Annotated[tuple[CentreId, ...], Field(max_length=1000)]


class GrantIn(Inlet):
    """Whether an account sees a centre from now on."""

    is_granted: bool


class GrantedOut(Shape):
    """One account, and the centres that it sees. `may_look`: its role has pages of a group, and it may sign in."""

    account: str
    display_name: str
    role: Role
    may_look: bool
    centres: tuple[str, ...]


class CentreNameOut(Shape):
    """A centre of the group."""

    id: str
    name: str


class GrantsOut(Shape):
    """Every account with the centres that it sees, and every centre there is."""

    centres: tuple[CentreNameOut, ...]
    accounts: tuple[GrantedOut, ...]
