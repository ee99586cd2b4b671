"""The score sheet: what a call is judged by, and how much of the hundred each item is. Pure; the trade's [P 4.2–4.4].

A slip costs 1–2 points, a serious one 3–5, harm done 6–20. What a call does not show (a hand-over, say) is left
out, and the score is of the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from hotline.quality.sampling import QualityError

WHOLE: Final = 100
MOST_ITEMS: Final = 20
LONGEST_NAME: Final = 40
LONGEST_HINT: Final = 200
SLIP: Final = 2  # points, at most
SERIOUS: Final = 5

Points = Mapping[str, int | None]
"""Points by item; None: the call does not show it."""


class SheetRefused(QualityError):
    """A score sheet cannot be taken; says why."""

    error_id = "quality-sheet-refused"


class SheetChanged(QualityError):
    """Somebody else changed the sheet or the plan meanwhile: look at it, and change it again."""

    error_id = "quality-sheet-changed"


class PointsRefused(QualityError):
    """These points are not the sheet's; says which item is wrong."""

    error_id = "quality-points-refused"


class Fault(StrEnum):
    """How grave what was found is, by the points it costs."""

    NONE = ""
    SLIP = "slip"
    SERIOUS = "serious"
    HARM = "harm"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a call is judged by. `key` stays when its name changes; `hint` says what to listen for."""

    key: str
    name: str
    weight: int
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A version of the sheet. Version 0 is the trade's own, in force until somebody changes it."""

    version: int
    items: tuple[Item, ...]
    by: str = ""
    at: datetime | None = None

    def as_values(self) -> dict[str, Any]:
        """Return its items as they are stored."""
        return {"items": [{"key": i.key, "name": i.name, "weight": i.weight, "hint": i.hint} for i in self.items]}


TRADES_ITEMS: Final = (
    Item("post", "本岗工作质量", 20, "记录准确；重要内容复述确认；类别、房号、事项齐全"),
    Item("handover", "交接", 10, "说明交给谁、何时回复；转接前先告知"),
    Item("training", "培训与业务知识", 10, "解答正确；不清楚时不臆断"),
    Item("speed", "效率", 20, "及时接听；不让来电人无故等待"),
    Item("service", "服务态度", 20, "先报部门；称呼姓氏；耐心；不先挂断"),
    Item("procedure", "其他规程", 10, "告知录音；保护隐私；紧急事项先问地点和人"),
    Item("other", "其他", 10),
)
TRADES_SHEET: Final = Sheet(version=0, items=TRADES_ITEMS)


def checked(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return the items of a new version. Raises SheetRefused."""
    if not 1 <= len(items) <= MOST_ITEMS:
        raise SheetRefused(f"a sheet has 1 to {MOST_ITEMS} items")
    if len({one.key for one in items}) < len(items) or len({one.name for one in items}) < len(items):
        raise SheetRefused("an item stands twice on the sheet")
    for one in items:
        if not one.key or not one.name or not 1 <= one.weight <= WHOLE:
            raise SheetRefused("an item has a key, a name, and a weight of 1 to 100")
        if len(one.key) > LONGEST_NAME or len(one.name) > LONGEST_NAME or len(one.hint) > LONGEST_HINT:
            raise SheetRefused("an item's name or hint is too long")
    if (found := sum(one.weight for one in items)) != WHOLE:
        raise SheetRefused(f"the weights add up to {found}, not to {WHOLE}")
    return items


def check_points(sheet: Sheet, points: Points) -> None:
    """Raise PointsRefused where points are for no item of the sheet, or more than its weight."""
    weights = {one.key: one.weight for one in sheet.items}
    for key, given in points.items():
        if key not in weights or (given is not None and not 0 <= given <= weights[key]):
            raise PointsRefused("points are for an item of the sheet, from 0 to its weight")


def is_complete(sheet: Sheet, points: Points) -> bool:
    """Return whether each item is judged or left out, and at least one is judged."""
    return all(one.key in points for one in sheet.items) and any(given is not None for given in points.values())


def score_tenths(sheet: Sheet, points: Points) -> int | None:
    """Return the score of a hundred in tenths, of the items judged so far; None where none is."""
    judged = [(given, one.weight) for one in sheet.items if (given := points.get(one.key)) is not None]
    weight = sum(weight for _, weight in judged)
    return (1000 * sum(given for given, _ in judged) + weight // 2) // weight if weight else None


def fault_of(lost: int) -> Fault:
    """Return how grave it is when an item lost so many points."""
    if lost <= 0:
        return Fault.NONE
    return Fault.SLIP if lost <= SLIP else Fault.SERIOUS if lost <= SERIOUS else Fault.HARM
