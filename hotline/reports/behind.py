"""What stands behind a figure that counts something else than calls: matters, draws, entries, time, homes. Pure.

Calls are asked for by `selection`. Whatever a list shows adds up to its figure: each item says how many it counts for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from hotline.reports.ranges import Days


class Listing(StrEnum):
    """The lists: each with what `Behind.value` names in it, and what it tells of each item, from left to right."""

    of: str
    columns: tuple[str, ...]

    def __new__(cls, name: str, of: str, columns: tuple[str, ...]) -> Self:
        """Return the list of this name."""
        listing = str.__new__(cls, name)
        listing._value_, listing.of, listing.columns = name, of, columns
        return listing

    MATTERS = "matters", "kind", ("since", "kind", "home", "due", "done", "state")
    DEBTS = "debts", "debt", ("since", "debt", "home", "due", "done", "state")
    DRAWS = "draws", "kind", ("handled", "kind", "home", "entry", "called", "state")
    ANSWERS = "answers", "", ("answered", "kind", "home", "entry", "state")
    ENTRIES = "entries", "entry", ("written", "kind", "home", "entry", "matter")
    DRAFTS = "drafts", "agent", ("confirmed", "entry", "fields", "times")
    STRETCHES = "stretches", "agent", ("since", "until", "state", "length")
    RINGS = "rings", "agent", ("rang", "times")
    TARGETS = "targets", "campaign", ("changed", "home", "state", "outcome")
    FEES = "fees", "campaign", ("home", "months", "reminded", "came_in")


FIGURES: Final[Mapping[str, Listing]] = {
    **dict.fromkeys(("raised", "handled", "handled-in-time", "unhandled"), Listing.MATTERS),
    **dict.fromkeys(("fallen-due", "done-in-time", "done-late", "overdue"), Listing.DEBTS),
    **dict.fromkeys(("sampled", "drawn", "called", "called-in-time", "not-called-back"), Listing.DRAWS),
    **dict.fromkeys(("asked", "satisfied", "dissatisfied"), Listing.ANSWERS),
    "repeat": Listing.ENTRIES,
    **dict.fromkeys(("drafts", "drafts-kept", "drafts-changed"), Listing.DRAFTS),
    **dict.fromkeys(("ready", "wrap-up", "paused", "at-desk"), Listing.STRETCHES),
    "missed": Listing.RINGS,
    **dict.fromkeys(("targets", "targets-of-state", "targets-of-outcome"), Listing.TARGETS),
    "reminded": Listing.FEES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What is asked for: the figure, of what (a kind, an agent, a campaign …), and which part of it.

    `part` is the reason of a pause, or the state or outcome of a campaign's homes.
    """

    days: Days
    figure: str
    value: str = ""
    part: str = ""

    @property
    def sort(self) -> Listing:
        """Which list it is."""
        return FIGURES[self.figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a figure counts, `n` times, or for so many milliseconds, or for so many fen.

    `id` is what the next page begins behind. `state` is a word of its list; `call_id` is "" where there is no call.
    """

    id: str
    at: datetime | None = None
    call_id: str = ""
    entry: int | None = None
    kind: str = ""
    home: str = ""
    state: str = ""
    outcome: str = ""
    matter: str = ""
    due: datetime | None = None
    ended: datetime | None = None
    parts: tuple[str, ...] = ()  # drafted fields; months
    n: int = 1
    ms: int = 0
    fen: int = 0
    came_in: int = 0
