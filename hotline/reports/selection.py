"""Which calls stand behind a figure: the same words in the address of a list of calls and in a report. Pure."""

from dataclasses import dataclass
from typing import Final

from hotline.reports.ranges import Days

FIGURES: Final = (
    "offered", "answered", "abandoned", "short", "unreached", "within-three-rings", "not-within-three-rings",
    "within-limit", "not-within-limit", "late", "emergencies",
)  # fmt: skip
WITH_VALUE: Final = ("outcome", "cause", "kind", "late")  # "cause:queue"
BY: Final = (
    "hour", "weekday", "week-hour", "queue", "menu", "agent", "building", "kind", "spoke", "spoke-in", "spoke-out",
    "held", "marked",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Calls of some days that count in `figure`, of one `value` of `by`; the human's wait between these seconds.

    `by` "" is every call; "spoke" names an agent who talked in it ("spoke-in" in a resident's, "spoke-out" in one of
    ours, "held" in one of both that was put on hold by them), "marked" one whose talk the resident judged. What counts
    something else than calls is asked for by `behind`.
    """

    days: Days
    figure: str = "offered"
    by: str = ""
    value: str = ""
    above: float | None = None  # seconds, not included
    up_to: float | None = None  # seconds, included


def is_figure(name: str) -> bool:
    """Tell whether a figure of this name opens calls."""
    kind, colon, _ = name.partition(":")
    return kind in WITH_VALUE if colon else name in FIGURES
