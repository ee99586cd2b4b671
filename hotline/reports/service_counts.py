"""What was done for residents as counts that may be added: of days to months, of months to years. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

from hotline.aftercare.rules import After

Counts = Counter[str]  # "handled:repair:in_time", by sort of row, its kind and what is counted
Row = TypeVar("Row")

HANDLED: Final = "handled"
OWED: Final = "owed"
CALLED_BACK: Final = "called-back"
ANSWERED: Final = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """Matters of one kind that were raised on some days: how many, and how many of them are handled, in time or not."""

    kind: str
    raised: int
    handled: int
    in_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledBack:
    """A row of the trade's table: of those handled, over or held `wanted` percent are called back within its days."""

    kind: After
    handled: int
    percents: int  # of all of them together: the head may set a share anew, each draw has its own
    drawn: int
    called: int
    in_time: int

    @property
    def wanted(self) -> float:
        """What was in force at each draw, in percent, on average."""
        return self.percents / self.handled


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What residents answered who were called back."""

    kind: str = ""
    asked: int
    satisfied: int


def counts_of(sort: str, rows: Iterable[Any]) -> Counts:
    """Return the numbers of these rows by name."""
    return Counter(
        {
            f"{sort}:{row.kind}:{one.name}": getattr(row, one.name)
            for row in rows
            for one in fields(row)
            if one.name != "kind"
        }
    )


def rows_of(counts: Counts, sort: str, make: Callable[..., Row], kind_of: Callable[[str], Any] = str) -> list[Row]:
    """Return the rows of one sort that these numbers are of, by kind."""
    found: dict[str, dict[str, int]] = {}
    for name, n in counts.items():
        which, kind, what = name.split(":")
        if which == sort:
            found.setdefault(kind, {})[what] = n
    return [make(kind=kind_of(kind), **numbers) for kind, numbers in sorted(found.items())]
