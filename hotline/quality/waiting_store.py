"""How much waits: reviews an agent has not seen, objections nobody has answered, calls somebody is to score blind."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.quality.review import ReviewState
from hotline.quality.store import QualityCalibrationTable, QualityReviewTable


async def unseen_reviews(session: AsyncSession, accounts: Iterable[str]) -> dict[str, int]:
    """Return how many reviews of their calls each of these accounts has not seen; who has seen all is not there."""
    return await _counted(session, ReviewState.GIVEN, accounts)


async def objections_waiting(session: AsyncSession) -> dict[str, int]:
    """Return how many objections wait for an answer, by the account that objected."""
    return await _counted(session, ReviewState.OBJECTED, None)


async def calibrations_waiting(session: AsyncSession, accounts: Iterable[str]) -> dict[str, int]:
    """Return how many calls each of these accounts was asked to score and has not; who has scored all is not there."""
    names, counted = sorted(accounts), Counter[str]()
    for asked in (QualityCalibrationTable.first, QualityCalibrationTable.second):
        given = (
            select(QualityReviewTable.id)
            .where(
                QualityReviewTable.calibration == QualityCalibrationTable.id,
                QualityReviewTable.reviewer == asked,
                QualityReviewTable.state != ReviewState.DRAFT.value,
            )
            .exists()
        )
        found = await session.execute(select(asked, func.count()).where(asked.in_(names), ~given).group_by(asked))
        counted.update(dict(found.tuples().all()))
    return dict(counted)


async def _counted(session: AsyncSession, state: ReviewState, accounts: Iterable[str] | None) -> dict[str, int]:
    wanted = [QualityReviewTable.calibration == 0, QualityReviewTable.state == state.value]
    if accounts is not None:
        wanted.append(QualityReviewTable.account.in_(sorted(accounts)))
    found = await session.execute(
        select(QualityReviewTable.account, func.count()).where(*wanted).group_by(QualityReviewTable.account)
    )
    return dict(found.tuples().all())
