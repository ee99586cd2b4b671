"""What goes in and out of the page that says for how long things are kept."""

from datetime import datetime, tzinfo
from typing import Annotated

from pydantic import Field

from hotline.foretelling import Foretold
from hotline.retention.days import limits_of
from hotline.retention.in_force import InForce
from hotline.web.menu_shapes import Number
from hotline.web.shapes import Inlet, Shape
from hotline.web.staff_shapes import Reason

DaysIn = Annotated[int, Field(ge=1, le=36_500)]


class RuleOut(Shape):
    """What is kept, for how many days now, and the setting that is its default.

    `next_days` hold from `next_at` on. `by`, `at` and `reason`: who set it on the page last, or went back to the file.
    """

    what: str
    days: int
    setting: str
    in_file: int
    lowest: int
    highest: int
    is_from_page: bool
    next_days: int | None
    next_at: datetime | None
    by: str
    at: datetime | None
    reason: str
    version: int = Field(description="send it back with a change")


class RetentionOut(Shape):
    """For how long things are kept."""

    rules: tuple[RuleOut, ...]


class ForeseenQuery(Inlet):
    """The days to look at; left out: those of the settings file."""

    days: DaysIn | None = None


class FirstGoneOut(Shape):
    """One of the first to go: when it was, and the call's id or its number, where it has one."""

    at: datetime | None
    what: str


class ForeseenOut(Shape):
    """What other days would do: from when they hold, and what the first sweep from then on would remove."""

    days: int
    before: int
    holds_from: datetime
    is_shorter: bool
    count: int
    is_more: bool
    first: tuple[FirstGoneOut, ...]


class RetentionIn(Inlet):
    """Other days (null: those of the settings file), as seen in which version, and why. Fewer want `is_sure`."""

    days: DaysIn | None
    version: Number
    reason: Reason
    is_sure: bool = False


def rule_out(one: InForce, zone: tzinfo) -> RuleOut:
    """Return a rule as it goes out."""
    low, high = limits_of(one.what)
    said = one.said
    return RuleOut(
        what=one.what,
        days=one.days,
        setting=f"retention.{one.what}",
        in_file=one.in_file,
        lowest=low,
        highest=high,
        is_from_page=one.is_from_page,
        next_days=one.next_days,
        next_at=one.next_at.astimezone(zone) if one.next_at else None,
        by=said.by if said else "",
        at=said.at.astimezone(zone) if said else None,
        reason=said.reason if said else "",
        version=one.version,
    )


def foreseen_out(before: InForce, after: InForce, holds_from: datetime, told: Foretold, zone: tzinfo) -> ForeseenOut:
    """Return what other days would do."""
    return ForeseenOut(
        days=after.goal,
        before=before.goal,
        holds_from=holds_from.astimezone(zone),
        is_shorter=after.goal < before.goal,
        count=told.count,
        is_more=told.is_more,
        first=tuple(FirstGoneOut(at=one.at.astimezone(zone) if one.at else None, what=one.what) for one in told.first),
    )
