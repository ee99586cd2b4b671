"""A centre of the group, what was heard of it last, and why it is not heard. Pure.

What cannot be heard has no figures: not the last ones, and not nought.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from hotline.errors import HotlineError
from hotline.group.heard import HeardWall


class GroupError(HotlineError):
    """Something is wrong with what was asked of a group of centres."""

    error_id: ClassVar[str] = "group-error"


class CentreUnknown(GroupError):
    """The group has no centre of this id."""

    error_id = "centre-unknown"


class Why(StrEnum):
    """Why a centre is not heard."""

    NOT_YET = "not-yet"  # nothing was asked so far
    AWAY = "away"  # nobody answers at its address, or the line broke
    SILENT = "silent"  # the line stands, and nothing comes over it
    UNTRUSTED = "untrusted"  # its certificate is none that we trust, or what answers speaks no https
    REFUSED = "refused"  # it does not take the token
    ANOTHER = "another"  # another centre answers at its address
    UNREADABLE = "unreadable"  # what it says makes no sense here: another version, or no centre at all


class CentreNotHeard(GroupError):
    """A centre did not answer, or not as a centre does; `why` says which."""

    error_id = "centre-not-heard"

    def __init__(self, why: Why) -> None:
        super().__init__(f"the centre is not heard: {why}")
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A centre: its `centre.code`, what the group calls it, and where browsers reach its pages."""

    id: str
    name: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreNow:
    """What is known of a centre. `wall` is None while it is not heard, `why` says why; `heard_at` is its last word.

    `same_as`: other centres of the group that answer out of this very database, or a copy of it.
    """

    centre: Centre
    heard_at: datetime | None = None
    wall: HeardWall | None = None
    why: Why | None = Why.NOT_YET
    same_as: tuple[str, ...] = ()

    @property
    def is_heard(self) -> bool:
        """Whether its figures may be shown."""
        return self.wall is not None

    def as_of(self, now: datetime, silent_after: timedelta) -> "CentreNow":
        """Return the same where its last word is fresh enough; else without its figures."""
        if self.wall is None or (self.heard_at is not None and now - self.heard_at <= silent_after):
            return self
        return self.lost(Why.SILENT)

    def lost(self, why: Why) -> "CentreNow":
        """Return it not heard, with the moment of its last word."""
        return CentreNow(centre=self.centre, heard_at=self.heard_at, why=why)


def with_copies(centres: Iterable[CentreNow]) -> tuple[CentreNow, ...]:
    """Return the centres, each with those beside it whose database has the same stamp: their past is counted twice."""
    every = list(centres)
    holders: dict[str, list[str]] = {}
    for one in every:
        if one.wall is not None and one.wall.stamp:
            holders.setdefault(one.wall.stamp, []).append(one.centre.id)
    return tuple(
        one
        if one.wall is None
        else replace(one, same_as=tuple(key for key in holders.get(one.wall.stamp, ()) if key != one.centre.id))
        for one in every
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """The centres that are heard, together. None is no data: none says it. No percentile: those cannot be added."""

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


def sum_of(centres: Iterable[CentreNow]) -> Sum:
    """Return what these centres have together."""
    every = list(centres)
    walls = [one.wall for one in every if one.wall is not None]
    offered = _all(wall.figures.offered for wall in walls)
    within = _all(wall.figures.within_three_rings for wall in walls)
    waits = [wall.calls_now.longest_since for wall in walls if wall.calls_now.longest_since is not None]
    return Sum(
        centres=len(every),
        heard=len(walls),
        in_menu=_all(wall.calls_now.in_menu for wall in walls),
        waiting=_all(wall.calls_now.waiting for wall in walls),
        longest_since=min(waits, default=None),
        talking=_all(wall.calls_now.talking for wall in walls),
        agents_ready=_all(wall.agents_ready for wall in walls),
        offered=offered,
        three_rings_share=round((within or 0) / offered, 4) if offered else None,
        to_call_back=_all(wall.debts.calls_open for wall in walls),
        overdue=_all(wall.debts.overdue for wall in walls),
    )


def _all(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
