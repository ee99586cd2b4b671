"""Which calls of a week are listened to, by rule; anybody can draw the sample again and must come to the same. Pure.

Each rule counts the calls that fall under it: the first has place 1. Places fall into the shortest blocks in which the
share is a whole number (5 % is one of every twenty), and which places of a block are drawn follows from the seed of the
week alone, by SHA-256: in every full block the share is exact. A call that several rules draw is in the sample once.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from math import gcd
from typing import Any, ClassVar, Final

from hotline.errors import HotlineError
from hotline.quality.sound import Sound

MOST_SHARES: Final = 40
LONGEST_VALUE: Final = 40
BAD_MARKS: Final = 2  # 1 and 2 of 5 are an unsatisfied caller


class QualityError(HotlineError):
    """Something is wrong with what was asked of the quality room."""

    error_id: ClassVar[str] = "quality-error"


class PlanRefused(QualityError):
    """A plan of the sample cannot be taken; says why."""

    error_id = "quality-plan-refused"


class By(StrEnum):
    """What a share is of."""

    COMPLAINT = "complaint"  # calls that ended as a complaint
    UNSATISFIED = "unsatisfied"  # the caller gave a 1 or a 2
    LONG = "long"  # talks longer than the plan says
    AGENT = "agent"  # of each agent's calls; with a value of this agent's alone, instead
    KIND = "kind"  # of the calls of one kind of request
    OUTCOME = "outcome"  # of the calls that ended so
    RANDOM = "random"  # of all calls


NAMED: Final = frozenset({By.KIND, By.OUTCOME})  # shares that need a value
ALONE: Final = frozenset({By.COMPLAINT, By.UNSATISFIED, By.LONG, By.RANDOM})  # shares that have none
WITHOUT_SOUND: Final = frozenset({By.COMPLAINT, By.UNSATISFIED, By.KIND})  # of what is written of a call, not heard


@dataclass(frozen=True, slots=True)
class Share:
    """So many percent of the calls that fall under it."""

    by: By
    percent: int
    value: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The shares of a sample; a talk is long from `long_over` on."""

    shares: tuple[Share, ...]
    long_over: timedelta = timedelta(minutes=10)

    def as_values(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {
            "shares": [{"by": one.by.value, "value": one.value, "percent": one.percent} for one in self.shares],
            "long_over_s": self.long_over // timedelta(seconds=1),
        }

    @classmethod
    def of_values(cls, values: dict[str, Any]) -> "Plan":
        """Return the plan that was stored so."""
        shares = tuple(Share(By(one["by"]), one["percent"], one["value"]) for one in values["shares"])
        return cls(shares, timedelta(seconds=values["long_over_s"]))


DEFAULT_PLAN: Final = Plan(
    (
        Share(By.COMPLAINT, 100),
        Share(By.UNSATISFIED, 100),
        Share(By.KIND, 100, "special-help"),
        Share(By.LONG, 20),
        Share(By.AGENT, 5),
        Share(By.RANDOM, 2),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A call that may be reviewed: an agent spoke in it. Without `sound` it is read instead of listened to."""

    call_id: str
    rang_at: datetime
    agent: str
    kind: str
    outcome: str
    talked: timedelta
    satisfaction: int | None = None
    sound: Sound = Sound.WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A call's place under one rule in one week, and whether it was drawn."""

    call_id: str
    stratum: str  # the rule it was counted under: "complaint", "agent:8001", "kind:repair"
    place: int
    percent: int
    is_drawn: bool


def checked(plan: Plan) -> Plan:
    """Return the plan. Raises PlanRefused."""
    if not 1 <= len(plan.shares) <= MOST_SHARES:
        raise PlanRefused(f"a plan has 1 to {MOST_SHARES} shares")
    if not timedelta(minutes=1) <= plan.long_over <= timedelta(hours=4):
        raise PlanRefused("a long talk is one of a minute to four hours")
    seen: set[tuple[By, str]] = set()
    for one in plan.shares:
        if not 0 <= one.percent <= 100:
            raise PlanRefused("a share is 0 to 100 percent")
        if (one.by in NAMED) != bool(one.value) and one.by is not By.AGENT:
            raise PlanRefused("a share by kind or outcome names which; the others name none")
        if len(one.value) > LONGEST_VALUE or not one.value.isprintable():
            raise PlanRefused("what a share names is too long, or cannot be written")
        if (one.by, one.value) in seen:
            raise PlanRefused("a share stands twice in the plan")
        seen.add((one.by, one.value))
    return plan


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def seed_of(centre: str, week: date) -> str:
    """Return the seed of a week: fixed before its first call."""
    return f"{centre}|{week.isoformat()}"


def strata_of(case: Case, plan: Plan) -> dict[str, int]:
    """Return the rules under which a call is counted, each with its share in percent.

    A call without sound is counted only under the rules that go by what is written of it: a complaint is one, heard or
    not, but nobody listens to a random call of which there is nothing.
    """
    found: dict[str, int] = {}
    for one in plan.shares:
        if case.sound is not Sound.WHOLE and one.by not in WITHOUT_SOUND:
            continue
        if one.by is By.AGENT:
            key = f"agent:{case.agent}"
            if one.value == case.agent or (not one.value and key not in found):
                found[key] = one.percent
        elif _falls_under(case, one, plan):
            found[f"{one.by.value}:{one.value}" if one.value else one.by.value] = one.percent
    return found


def is_drawn(stratum: str, place: int, percent: int, seed: str) -> bool:
    """Return whether the `place`-th call (1, 2 …) under this rule is listened to."""
    if not 0 < percent < 100:
        return percent >= 100
    size = 100 // gcd(100, percent)
    block, within = divmod(place - 1, size)
    return within in _drawn_of_block(seed, stratum, block, size, percent * size // 100)


def give_places(cases: Iterable[Case], plan: Plan, seed: str, given: Iterable[Place]) -> list[Place]:
    """Return the places of those calls that have none yet under a rule, in the order in which they rang.

    What was given stays: calls only ever come behind. A call that turns out to be a complaint is counted as one then.
    """
    last: dict[str, int] = {}
    known: set[tuple[str, str]] = set()
    for one in given:
        last[one.stratum] = max(last.get(one.stratum, 0), one.place)
        known.add((one.stratum, one.call_id))
    new: list[Place] = []
    for case in sorted(cases, key=lambda case: (case.rang_at, case.call_id)):
        for stratum, percent in strata_of(case, plan).items():
            if (stratum, case.call_id) in known:
                continue
            known.add((stratum, case.call_id))
            place = last[stratum] = last.get(stratum, 0) + 1
            new.append(
                Place(
                    call_id=case.call_id,
                    stratum=stratum,
                    place=place,
                    percent=percent,
                    is_drawn=is_drawn(stratum, place, percent, seed),
                )
            )
    return new


def wrong_places(places: Iterable[Place], seed: str) -> list[Place]:
    """Draw every place again; return those that are not what the seed draws, or do not follow on the one before."""
    wrong, last = [], dict[str, int]()
    for one in sorted(places, key=lambda one: (one.stratum, one.place)):
        expected = last.get(one.stratum, 0) + 1
        if one.place != expected or one.is_drawn != is_drawn(one.stratum, one.place, one.percent, seed):
            wrong.append(one)
        last[one.stratum] = one.place
    return wrong


def _falls_under(case: Case, share: Share, plan: Plan) -> bool:
    match share.by:
        case By.COMPLAINT:
            return case.kind == "complaint"
        case By.UNSATISFIED:
            return case.satisfaction is not None and case.satisfaction <= BAD_MARKS
        case By.LONG:
            return case.talked > plan.long_over
        case By.KIND:
            return case.kind == share.value
        case By.OUTCOME:
            return case.outcome == share.value
        case _:
            return share.by is By.RANDOM


@lru_cache(maxsize=1024)  # a block is asked for once a place
def _drawn_of_block(seed: str, stratum: str, block: int, size: int, wanted: int) -> frozenset[int]:
    order = sorted(range(size), key=lambda number: _weight(seed, stratum, block, number))
    return frozenset(order[:wanted])


def _weight(seed: str, stratum: str, block: int, number: int) -> bytes:
    return hashlib.sha256(f"{seed}|{stratum}|{block}|{number}".encode()).digest()
