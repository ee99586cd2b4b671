"""After what residents are called, when, and how the sample is drawn. Pure; the trade's table [P 4.1.4, 4.5.1].

The sample is drawn so that its share can be shown to somebody who does not trust us: in every full block the share is
exact, and which places of the block are drawn follows from the seed alone, by SHA-256.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import gcd
from typing import ClassVar, Final

from hotline.dutylog.entry import KIND_IN_CHINESE, Kind
from hotline.errors import HotlineError

DAY: Final = timedelta(days=1)


class AftercareError(HotlineError):
    """Something is wrong with what was asked of a call after a handled matter."""

    error_id: ClassVar[str] = "aftercare-error"


class NoAftercare(AftercareError):
    """This follow-up is no call after a handled matter."""

    error_id = "no-aftercare"


class After(StrEnum):
    """After what a resident is called: a row of the trade's table. Handled matters are named as their kind is."""

    COMPLAINT = "complaint"
    REPAIR = "repair"
    PAID_SERVICE = "paid-service"  # one of which no days are known
    PAID_MIDDLE = "paid-service-middle"
    PAID_END = "paid-service-end"
    SPECIAL_HELP = "special-help"
    OUTREACH = "newsletter-event"
    ENQUIRY = "enquiry"
    GENERAL_HELP = "general-help"
    UNKNOWN = "unknown"  # a matter of no kind: never called


IN_CHINESE: Final[Mapping[After, str]] = {
    **{After(kind.value): said for kind, said in KIND_IN_CHINESE.items()},
    After.PAID_MIDDLE: "有偿服务中期",
    After.PAID_END: "有偿服务期满",
    After.OUTREACH: "简报/活动",
}


class Moment(StrEnum):
    """At which moment of a thing a draw is made: of each there is one."""

    HANDLED = "handled"
    MIDDLE = "middle"
    END = "end"
    HELD = "held"  # a newsletter went out, an event was held


@dataclass(frozen=True, slots=True)
class Rule:
    """How many are called, in percent, and within which stretch after that from which it counts."""

    percent: int
    not_before: timedelta
    within: timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """From when on a resident is called, and by when."""

    since: datetime
    due: datetime


COMPLAINT: Final = Rule(100, timedelta(0), 3 * DAY)
REPAIR: Final = Rule(30, DAY, 2 * DAY)
PAID_SERVICE: Final = Rule(30, timedelta(0), 7 * DAY)  # handled, its middle, its end: the table names no days, ours
SPECIAL_HELP: Final = Rule(100, timedelta(0), 7 * DAY)
OUTREACH: Final = Rule(10, timedelta(0), 7 * DAY)
ANYTHING_ELSE: Final = timedelta(days=7)  # the share is set by the head


def rules(*, others: int) -> Mapping[After, Rule]:
    """Return the table; `others` is the head's share, in percent, of what the trade's table does not name."""
    rest = Rule(others, timedelta(0), ANYTHING_ELSE)
    return {
        After.COMPLAINT: COMPLAINT,
        After.REPAIR: REPAIR,
        After.PAID_SERVICE: PAID_SERVICE,
        After.PAID_MIDDLE: PAID_SERVICE,
        After.PAID_END: PAID_SERVICE,
        After.SPECIAL_HELP: SPECIAL_HELP,
        After.OUTREACH: OUTREACH,
        After.ENQUIRY: rest,
        After.GENERAL_HELP: rest,
    }


def after_handling(kind: Kind) -> After:
    """Return the row of the table for a handled matter of this kind."""
    return After(kind.value)


def is_drawn(after: After, place: int, percent: int, seed: str) -> bool:
    """Return whether the `place`-th of its row (1, 2 …) is called.

    Places fall into the shortest blocks in which the share is a whole number: 30 % is three of every ten.
    """
    if not 0 < percent < 100:
        return percent >= 100
    size = 100 // gcd(100, percent)
    block, within = divmod(place - 1, size)
    order = sorted(range(size), key=lambda number: _weight(seed, after, block, number))
    return within in order[: percent * size // 100]


def window(rule: Rule, counted_from: datetime) -> Window:
    """Return from when and by when the call is made."""
    return Window(since=counted_from + rule.not_before, due=counted_from + rule.within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the resident said, asked as the trade asks: attitude, quality, charges, satisfied or not, and in words."""

    is_satisfied: bool
    attitude: int  # 1 bad … 5 good
    quality: int
    was_charged_wrongly: bool = False
    shortcomings: str = ""
    suggestions: str = ""

    @property
    def told(self) -> str:
        """The answers as a line of the follow-up's history, in the desk's language."""
        words = [
            "满意" if self.is_satisfied else "不满意",
            f"态度 {self.attitude}",
            f"质量 {self.quality}",
            "有违规收费" if self.was_charged_wrongly else "无违规收费",
            *(f"{name}：{said}" for name, said in (("不足", self.shortcomings), ("建议", self.suggestions)) if said),
        ]
        return "；".join(words)


def _weight(seed: str, after: After, block: int, number: int) -> bytes:
    return hashlib.sha256(f"{seed}|{after.value}|{block}|{number}".encode()).digest()
