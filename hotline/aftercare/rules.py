"""Which handled matters are called back, when, and how the sample is drawn. Pure; the trade's table [P 4.1.4, 4.5.1].

The sample is drawn so that its share can be shown to somebody who does not trust us: in every full block the share is
exact, and which places of the block are drawn follows from the seed alone, by SHA-256.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import gcd
from typing import ClassVar, Final

from hotline.dutylog.entry import Kind
from hotline.errors import HotlineError

DAY: Final = timedelta(days=1)


class AftercareError(HotlineError):
    """Something is wrong with what was asked of a call after a handled matter."""

    error_id: ClassVar[str] = "aftercare-error"


class NoAftercare(AftercareError):
    """This follow-up is no call after a handled matter."""

    error_id = "no-aftercare"


@dataclass(frozen=True, slots=True)
class Rule:
    """How many of a kind are called, in percent, and within which stretch after the matter was handled."""

    percent: int
    not_before: timedelta
    within: timedelta


COMPLAINT: Final = Rule(100, timedelta(0), 3 * DAY)
REPAIR: Final = Rule(30, DAY, 2 * DAY)
PAID_SERVICE: Final = Rule(30, timedelta(0), 7 * DAY)  # its middle and end are known to who runs the contract
SPECIAL_HELP: Final = Rule(100, timedelta(0), 7 * DAY)
ANYTHING_ELSE: Final = timedelta(days=7)  # the share is set by the head


def rules(*, others: int) -> Mapping[Kind, Rule]:
    """Return the table; `others` is the head's share, in percent, of what the trade's table does not name."""
    rest = Rule(others, timedelta(0), ANYTHING_ELSE)
    return {
        Kind.COMPLAINT: COMPLAINT,
        Kind.REPAIR: REPAIR,
        Kind.PAID_SERVICE: PAID_SERVICE,
        Kind.SPECIAL_HELP: SPECIAL_HELP,
        Kind.ENQUIRY: rest,
        Kind.GENERAL_HELP: rest,
    }


def is_drawn(kind: Kind, place: int, percent: int, seed: str) -> bool:
    """Return whether the `place`-th handled matter of its kind (1, 2 …) is called.

    Places fall into the shortest blocks in which the share is a whole number: 30 % is three of every ten.
    """
    if not 0 < percent < 100:
        return percent >= 100
    size = 100 // gcd(100, percent)
    block, within = divmod(place - 1, size)
    order = sorted(range(size), key=lambda number: _weight(seed, kind, block, number))
    return within in order[: percent * size // 100]


def due(rule: Rule, handled_at: datetime) -> datetime:
    """Return by when the call is made."""
    return handled_at + rule.within


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


def _weight(seed: str, kind: Kind, block: int, number: int) -> bytes:
    return hashlib.sha256(f"{seed}|{kind.value}|{block}|{number}".encode()).digest()
