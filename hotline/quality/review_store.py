"""Reviews as they are kept: begun, written, given, seen, objected to, answered; read for those who may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import INDEX_TEXT
from hotline.quality.review import Comment, Review, ReviewState, ReviewTaken, ReviewUnknown, Step, after
from hotline.quality.store import QualityCommentTable, QualityReviewTable

MILLISECONDS: Final = 1000


@dataclass(frozen=True, slots=True)
class AgentQuality:
    """What the reviews of one agent's calls came to. `mean_tenths` None: no reviews, no data."""

    reviews: int
    mean_tenths: float | None


def claim_of(call_id: str, agent: str, calibration: int, reviewer: str) -> str:
    """Return what only one review may hold: an agent's part in a call, or a person's part in a calibration."""
    return f"calibration {calibration} {reviewer}"[:200] if calibration else f"{call_id} {agent}"[:200]


async def add_review(session: AsyncSession, new: Review) -> Review:
    """Keep a new draft. Raises ReviewTaken where somebody has begun, or given, a review of it."""
    row = QualityReviewTable(
        claim=claim_of(new.call_id, new.agent, new.calibration, new.reviewer),
        call_id=new.call_id[:INDEX_TEXT],
        called_at=new.called_at,
        agent=new.agent[:INDEX_TEXT],
        account=new.account[:INDEX_TEXT],
        reviewer=new.reviewer[:INDEX_TEXT],
        sheet=new.sheet,
        calibration=new.calibration,
        state=new.state.value,
        points={},
        score_tenths=None,
        remark="",
        revision=1,
        began_at=new.began_at,
        given_at=None,
        seen_at=None,
        objection="",
        objected_at=None,
        answer="",
        answered_by="",
        answered_at=None,
        score_before=None,
        points_before=None,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise ReviewTaken("somebody reviews this agent's part of the call already") from None
    return _review(row)


async def review_by_id(session: AsyncSession, number: int, *, is_locked: bool = False) -> Review:
    """Return a review with its comments. Raises ReviewUnknown."""
    row = await _row(session, number, is_locked=is_locked)
    found = await session.scalars(
        select(QualityCommentTable)
        .where(QualityCommentTable.review == number)
        .order_by(QualityCommentTable.at_ms, QualityCommentTable.id)
    )
    comments = tuple(Comment(one.id, one.at_ms / MILLISECONDS, one.text) for one in found)
    return replace(_review(row), comments=comments)


async def keep_points(
    session: AsyncSession, number: int, points: Mapping[str, int | None], score: int | None, remark: str
) -> None:
    """Write what a draft says; its revision rises."""
    row = await _row(session, number, is_locked=True)
    row.points, row.score_tenths, row.remark, row.revision = dict(points), score, remark, row.revision + 1
    await session.flush()


async def add_comment(session: AsyncSession, review: int, second: float, text: str) -> None:
    """Write a comment at a second of the recording."""
    session.add(QualityCommentTable(review=review, at_ms=round(second * MILLISECONDS), text=text))
    await session.flush()


async def remove_comment(session: AsyncSession, review: int, comment: int) -> None:
    """Take a comment of a draft away; one that is not there is gone already."""
    await session.execute(
        delete(QualityCommentTable).where(QualityCommentTable.review == review, QualityCommentTable.id == comment)
    )


async def remove_draft(session: AsyncSession, number: int) -> None:
    """Take a draft away, with its comments; the call can be reviewed by somebody else."""
    await session.execute(delete(QualityCommentTable).where(QualityCommentTable.review == number))
    await session.execute(delete(QualityReviewTable).where(QualityReviewTable.id == number))


async def take_step(
    session: AsyncSession, number: int, step: Step, *, who: str, at: datetime, text: str = ""
) -> ReviewState:
    """Let one step happen. Raises ReviewUnknown, ReviewStepRefused."""
    row = await _row(session, number, is_locked=True)
    state = after(ReviewState(row.state), step)
    row.state, row.revision = state.value, row.revision + 1
    match step:
        case Step.GIVEN:
            row.given_at = at
        case Step.SEEN:
            row.seen_at = at
        case Step.OBJECTED:
            row.seen_at, row.objected_at, row.objection = row.seen_at or at, at, text
        case Step.ANSWERED:
            row.answered_at, row.answered_by, row.answer = at, who[:INDEX_TEXT], text
    await session.flush()
    return state


async def change_score(session: AsyncSession, number: int, points: Mapping[str, int | None], score: int | None) -> None:
    """Let an answer change the points; what they were stays beside them."""
    row = await _row(session, number, is_locked=True)
    row.points_before, row.score_before = row.points, row.score_tenths
    row.points, row.score_tenths = dict(points), score
    await session.flush()


async def reviews_page(
    session: AsyncSession,
    *,
    seen_by: str,
    is_head: bool,
    since: datetime | None = None,
    until: datetime | None = None,
    agent: str = "",
    state: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[Review]:
    """Return ordinary reviews of calls of a stretch, newest first: of a head all, else only what was given about them.

    Drafts are their authors' alone.
    """
    is_draft = QualityReviewTable.state == ReviewState.DRAFT.value
    own = QualityReviewTable.reviewer == seen_by
    wanted: list[ColumnElement[bool]] = [QualityReviewTable.calibration == 0, or_(~is_draft, own)]
    if not is_head:
        wanted += [QualityReviewTable.account == seen_by, ~is_draft]
    if since is not None:
        wanted.append(QualityReviewTable.called_at >= since)
    if until is not None:
        wanted.append(QualityReviewTable.called_at < until)
    if agent:
        wanted.append(QualityReviewTable.agent == agent)
    if state:
        wanted.append(QualityReviewTable.state == state)
    if before is not None:
        wanted.append(QualityReviewTable.id < before)
    rows = await session.scalars(
        select(QualityReviewTable).where(*wanted).order_by(QualityReviewTable.id.desc()).limit(limit)
    )
    return [_review(row) for row in rows]


async def reviews_of_calls(session: AsyncSession, ids: Sequence[str]) -> list[Review]:
    """Return the ordinary reviews of these calls, drafts too."""
    rows = await session.scalars(
        select(QualityReviewTable)
        .where(QualityReviewTable.call_id.in_(sorted(ids)), QualityReviewTable.calibration == 0)
        .order_by(QualityReviewTable.id)
    )
    return [_review(row) for row in rows]


async def own_in_calibrations(session: AsyncSession, reviewer: str, ids: Sequence[int]) -> dict[int, int]:
    """Return this person's reviews in these calibrations, by calibration."""
    wanted = (QualityReviewTable.calibration.in_(sorted(ids)), QualityReviewTable.reviewer == reviewer)
    rows = await session.execute(select(QualityReviewTable.calibration, QualityReviewTable.id).where(*wanted))
    return dict(rows.tuples().all())


async def comments_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, tuple[Comment, ...]]:
    """Return the comments of these reviews, by review."""
    rows = await session.scalars(
        select(QualityCommentTable)
        .where(QualityCommentTable.review.in_(sorted(ids)))
        .order_by(QualityCommentTable.at_ms, QualityCommentTable.id)
    )
    found: dict[int, tuple[Comment, ...]] = {}
    for row in rows:
        found[row.review] = (*found.get(row.review, ()), Comment(row.id, row.at_ms / MILLISECONDS, row.text))
    return found


async def count_unseen(session: AsyncSession, account: str) -> int:
    """Return how many reviews this agent has not seen."""
    counted = select(func.count()).where(
        QualityReviewTable.account == account,
        QualityReviewTable.calibration == 0,
        QualityReviewTable.state == ReviewState.GIVEN.value,
    )
    return await session.scalar(counted) or 0


async def quality_by_agent(session: AsyncSession, since: datetime, until: datetime) -> dict[str, AgentQuality]:
    """Return reviews and mean score by agent's extension, of calls that rang from `since` to before `until`.

    Drafts and calibrations do not count. An agent without reviews is not there: no data.
    """
    rows = await session.execute(
        select(QualityReviewTable.agent, func.count(), func.avg(QualityReviewTable.score_tenths))
        .where(
            QualityReviewTable.called_at >= since,
            QualityReviewTable.called_at < until,
            QualityReviewTable.calibration == 0,
            QualityReviewTable.state != ReviewState.DRAFT.value,
        )
        .group_by(QualityReviewTable.agent)
        .order_by(QualityReviewTable.agent)
    )
    return {agent: AgentQuality(count, None if mean is None else float(mean)) for agent, count, mean in rows.tuples()}


async def absorb_reviews(session: AsyncSession, young: str, old: str) -> None:
    """Let the reviews of a part be of the whole call; where both were reviewed, both stay. May run again."""
    rows = await session.scalars(select(QualityReviewTable).where(QualityReviewTable.call_id == young))
    for row in rows.all():
        claim = claim_of(old, row.agent, row.calibration, row.reviewer)
        taken = await session.scalar(select(QualityReviewTable.id).where(QualityReviewTable.claim == claim))
        row.call_id, row.claim = old, row.claim if taken is not None else claim
        await session.flush()


async def _row(session: AsyncSession, number: int, *, is_locked: bool) -> QualityReviewTable:
    row = await session.get(QualityReviewTable, number, with_for_update=is_locked or None, populate_existing=True)
    if row is None:
        raise ReviewUnknown("there is no such review")
    return row


def _review(row: Any) -> Review:
    return Review(
        id=row.id,
        call_id=row.call_id,
        called_at=row.called_at,
        agent=row.agent,
        account=row.account,
        reviewer=row.reviewer,
        sheet=row.sheet,
        calibration=row.calibration,
        state=ReviewState(row.state),
        points=row.points,
        score_tenths=row.score_tenths,
        remark=row.remark,
        revision=row.revision,
        began_at=row.began_at,
        given_at=row.given_at,
        seen_at=row.seen_at,
        objection=row.objection,
        objected_at=row.objected_at,
        answer=row.answer,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        score_before=row.score_before,
    )
