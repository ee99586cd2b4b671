"""A review of one agent in one call: drafted, given, seen, objected to, answered; and who may see it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from hotline.quality.sampling import QualityError


class ReviewUnknown(QualityError):
    """There is no such review, or it is not for the eyes of whoever asks."""

    error_id = "quality-review-unknown"


class ReviewTaken(QualityError):
    """Somebody reviews this call already, or has done so."""

    error_id = "quality-review-taken"


class CallNotReviewed(QualityError):
    """This agent's part of the call cannot be reviewed: the call is not over, or they did not speak in it."""

    error_id = "quality-call-refused"


class ReviewChanged(QualityError):
    """The review was changed meanwhile, in another window: read it again."""

    error_id = "quality-review-changed"


class ReviewIncomplete(QualityError):
    """An item is neither judged nor left out, so the review cannot be given."""

    error_id = "quality-review-incomplete"


class ReviewStepRefused(QualityError):
    """This cannot happen to the review as it stands."""

    error_id = "quality-review-step-refused"


class ReviewNotYours(QualityError):
    """Only its author writes a review, only the agent it is about sees and objects; nobody reviews their own call."""

    error_id = "quality-review-not-yours"


class ReviewState(StrEnum):
    """How far a review has come."""

    DRAFT = "draft"
    GIVEN = "given"
    SEEN = "seen"
    OBJECTED = "objected"
    ANSWERED = "answered"


class Step(StrEnum):
    """What can happen to a review. What it is made of (points, comments) is changed in the draft only."""

    GIVEN = "given"
    SEEN = "seen"
    OBJECTED = "objected"
    ANSWERED = "answered"


NEXT: Final[dict[tuple[ReviewState, Step], ReviewState]] = {
    (ReviewState.DRAFT, Step.GIVEN): ReviewState.GIVEN,
    (ReviewState.GIVEN, Step.SEEN): ReviewState.SEEN,
    (ReviewState.GIVEN, Step.OBJECTED): ReviewState.OBJECTED,
    (ReviewState.SEEN, Step.OBJECTED): ReviewState.OBJECTED,
    (ReviewState.OBJECTED, Step.ANSWERED): ReviewState.ANSWERED,
}
AGENTS_STEPS: Final = frozenset({Step.SEEN, Step.OBJECTED})


@dataclass(frozen=True, slots=True)
class Comment:
    """What the reviewer says of one second of the recording."""

    id: int
    second: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review. `agent` is the phone, `account` the person it is about, as was known when the review was begun.

    `calibration` 0: an ordinary one; else two people score the call blind, and neither agents nor figures see it.
    """

    id: int
    call_id: str
    called_at: datetime
    agent: str
    account: str
    reviewer: str
    sheet: int
    calibration: int
    state: ReviewState
    points: Mapping[str, int | None]
    score_tenths: int | None
    remark: str
    revision: int
    began_at: datetime
    given_at: datetime | None = None
    seen_at: datetime | None = None
    objection: str = ""
    objected_at: datetime | None = None
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    score_before: int | None = None  # tenths, where the answer changed it
    comments: tuple[Comment, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: the account, and whether it is a supervisor's or an administrator's."""

    name: str
    is_head: bool


def after(state: ReviewState, step: Step) -> ReviewState:
    """Return what a review is after this. Raises ReviewStepRefused."""
    reached = NEXT.get((state, step))
    if reached is None:
        raise ReviewStepRefused(f"a review that is {state.value} cannot be {step.value}")
    return reached


def may_see(viewer: Viewer, review: Review, *, is_blind: bool) -> bool:
    """Return whether somebody may read a review.

    An agent reads what was given about them, and nothing else. A draft is its author's. `is_blind`: this viewer has
    still to score the call for themselves, or two others have.
    """
    if review.reviewer == viewer.name:
        return True
    if review.state is ReviewState.DRAFT:
        return False
    if review.account == viewer.name and not review.calibration:
        return True
    return viewer.is_head and not is_blind


def may_take(viewer: Viewer, review: Review, step: Step) -> bool:
    """Return whether this person may do this to a review that they can read."""
    if step in AGENTS_STEPS:
        return review.account == viewer.name and not review.calibration
    if step is Step.ANSWERED:
        return viewer.is_head and review.account != viewer.name
    return review.reviewer == viewer.name and viewer.is_head


def steps_open(viewer: Viewer, review: Review) -> tuple[Step, ...]:
    """Return what this person may do to a review as it stands."""
    return tuple(step for step in Step if (review.state, step) in NEXT and may_take(viewer, review, step))
