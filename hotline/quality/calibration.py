"""Two people score the same call without seeing each other's; then the difference of each item is shown. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from hotline.quality.sampling import QualityError

FORMULA: Final = "两人评分差距 = 每次校准两人总分之差的绝对值的平均；没有完成的校准时为“暂无数据”"


class CalibrationRefused(QualityError):
    """A calibration cannot be set up so: two different supervisors are needed, and neither is the agent of the call."""

    error_id: ClassVar[str] = "quality-calibration-refused"


@dataclass(frozen=True, slots=True)
class Scored:
    """What one of the two gave."""

    reviewer: str
    points: Mapping[str, int | None]
    score_tenths: int


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """One item, as each of the two judged it; None: left out, or not on that sheet."""

    key: str
    first: int | None
    second: int | None

    @property
    def apart(self) -> int | None:
        """How many points they are apart; None where one of them left it out and the other did not."""
        if self.first is None and self.second is None:
            return 0
        return None if self.first is None or self.second is None else abs(self.first - self.second)


@dataclass(frozen=True, slots=True)
class Spread:
    """How far reviewers are apart: over so many calls, the mean and the largest difference of the score, in tenths.

    `by_item` is the mean difference in points of each item that both judged. No data is None.
    """

    calls: int
    mean_tenths: float | None
    largest_tenths: int | None
    by_item: Mapping[str, float]


def differences(first: Scored, second: Scored) -> tuple[ItemDifference, ...]:
    """Return the difference of each item, in the order of the first one's sheet."""
    keys = [*first.points, *(key for key in second.points if key not in first.points)]
    return tuple(ItemDifference(key, first.points.get(key), second.points.get(key)) for key in keys)


def spread(pairs: Iterable[tuple[Scored, Scored]]) -> Spread:
    """Return how far the two of each pair are apart."""
    scores: list[int] = []
    items: dict[str, list[int]] = {}
    for first, second in pairs:
        scores.append(abs(first.score_tenths - second.score_tenths))
        for one in differences(first, second):
            if one.first is not None and one.second is not None:
                items.setdefault(one.key, []).append(abs(one.first - one.second))
    return Spread(
        calls=len(scores),
        mean_tenths=sum(scores) / len(scores) if scores else None,
        largest_tenths=max(scores, default=None),
        by_item={key: sum(apart) / len(apart) for key, apart in items.items()},
    )
