"""Is it the numbers, or the line? A carrier that refuses everything must not be believed. Pure.

A dead number is rare. Where so many of the last dials came back as dead, or failed before anybody was asked, it is
likelier that the line, the account or our own switch is at fault: dialling pauses, and what was answered in that run
is doubtful. It is written to no number before a person, or a later dial, has shown which of the two it was.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil
from typing import Any, Final

from hotline.campaigns.attempt import AttemptId, Outcome
from hotline.campaigns.campaign import CampaignError

LOOK_BACK: Final = timedelta(days=1)  # older answers say nothing of the line of now
IN_A_ROW: Final = 6  # numbers, one after the other, without one that could be reached: no need to wait for the share
NOBODY: Final = 0.9  # the share of busy, refused and switched off telephones that no list of real homes has
RARE: Final = frozenset({Outcome.INVALID, Outcome.CONGESTION, Outcome.FAILED_HERE})
UNREACHED: Final = RARE | {Outcome.BUSY, Outcome.REFUSED, Outcome.SWITCHED_OFF}


class HowEnded(StrEnum):
    """How a pause ended."""

    LINE_GOOD = "line-good"  # by itself: a later dial went through
    LINE_MENDED = "line-mended"  # says a person: the answers were the line's, and the homes are called again
    NUMBERS_DEAD = "numbers-dead"  # says a person: the answers were right
    WIDENED = "widened"  # by itself: it was not one campaign's list, and all dialling pauses


class LineDoubted(CampaignError):
    """Dialling pauses: so many calls came back refused that the line itself is in doubt. A person looks first."""

    error_id = "line-doubted"

    def __init__(self, pause: int) -> None:
        super().__init__("dialling pauses: the line is in doubt, and a supervisor looks first")
        self.details: dict[str, Any] = {"pause": pause}


class DialPauseUnknown(CampaignError):
    """There is no such pause, or it is over."""

    error_id = "dial-pause-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one attempt came back."""

    attempt: AttemptId
    campaign: int
    number: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why the line is in doubt: the answers that are not to be believed, of how many that were looked at."""

    run: tuple[Answer, ...]
    of: int

    @property
    def mostly(self) -> Outcome:
        """The answer that came most often."""
        return Counter(answer.outcome for answer in self.run).most_common(1)[0][0]

    @property
    def campaigns(self) -> frozenset[int]:
        """Whose they were."""
        return frozenset(answer.campaign for answer in self.run)


def doubt_of(answers: Sequence[Answer], *, dials: int, share: float) -> Doubt | None:
    """Return why the line is in doubt after these answers, the newest first; None: it is not.

    Each number counts once, by its newest answer: one home tried again and again says nothing of a line. `dials` is how
    many are looked at, `share` how many percent of them make it doubtful; with fewer than that, those there are must
    already be so many.
    """
    seen = _each_number_once(answers)[:dials]
    if not seen:
        return None
    rare = [answer for answer in seen if answer.outcome in RARE]
    row = min(IN_A_ROW, dials)
    is_row = len(seen) >= row and all(answer.outcome in RARE for answer in seen[:row])
    if is_row or len(rare) >= max(2, ceil(dials * share / 100)):
        return Doubt(run=tuple(rare), of=len(seen))
    unreached = [answer for answer in seen if answer.outcome in UNREACHED]
    if len(seen) == dials and len(unreached) >= ceil(dials * NOBODY):
        return Doubt(run=tuple(unreached), of=len(seen))
    return None


def is_doubted(outcome: Outcome, mostly: Outcome) -> bool:
    """Return whether this answer is not to be believed while a pause stands that began with answers like `mostly`."""
    return outcome in (RARE if mostly in RARE else UNREACHED)


def _each_number_once(answers: Iterable[Answer]) -> list[Answer]:
    once: dict[str, Answer] = {}
    for answer in answers:
        once.setdefault(answer.number, answer)
    return list(once.values())
