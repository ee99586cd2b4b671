"""What stands behind a figure that counts something else than calls: matters, draws, entries, time, homes. Pure.

Calls are asked for by `selection`. Whatever a list shows adds up to its figure: each item says how many it counts for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hotline.reports.ranges import Days

# Of each figure the list that is behind it; what `Behind.value` names stands in OF.
FIGURES: Final[Mapping[str, str]] = {
    "raised": "matters", "handled": "matters", "handled-in-time": "matters", "unhandled": "matters",
    "fallen-due": "debts", "done-in-time": "debts", "done-late": "debts", "overdue": "debts",
    "sampled": "draws", "drawn": "draws", "called": "draws", "called-in-time": "draws", "not-called-back": "draws",
    "asked": "answers", "satisfied": "answers", "dissatisfied": "answers",
    "repeat": "entries",
    "drafts": "drafts", "drafts-kept": "drafts", "drafts-changed": "drafts",
    "ready": "stretches", "wrap-up": "stretches", "paused": "stretches", "at-desk": "stretches",
    "missed": "rings",
    "targets": "targets", "targets-of-state": "targets", "targets-of-outcome": "targets",
    "reminded": "fees",
}  # fmt: skip
OF: Final[Mapping[str, str]] = {
    "matters": "kind", "debts": "debt", "draws": "kind", "answers": "", "entries": "entry", "drafts": "agent",
    "stretches": "agent", "rings": "agent", "targets": "campaign", "fees": "campaign",
}  # fmt: skip
# What the lists tell of each item, from left to right.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "matters": ("since", "kind", "home", "due", "done", "state"),
    "debts": ("since", "debt", "home", "due", "done", "state"),
    "draws": ("handled", "kind", "home", "entry", "called", "state"),
    "answers": ("answered", "kind", "home", "entry", "state"),
    "entries": ("written", "kind", "home", "entry", "matter"),
    "drafts": ("confirmed", "entry", "fields", "times"),
    "stretches": ("since", "until", "state", "length"),
    "rings": ("rang", "times"),
    "targets": ("changed", "home", "state", "outcome"),
    "fees": ("home", "months", "reminded", "came_in"),
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
    def sort(self) -> str:
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
