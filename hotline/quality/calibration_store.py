"""Calibrations: who was asked, what they gave, and which calls somebody must still score without having looked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import INDEX_TEXT
from hotline.quality.calibration import Scored
from hotline.quality.review import ReviewState
from hotline.quality.store import QualityCalibrationTable, QualityReviewTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One call that two people score. `given` are those of them who have, with what they gave."""

    id: int
    call_id: str
    called_at: datetime
    agent: str
    people: tuple[str, str]
    sheet: int
    by: str
    at: datetime
    given: tuple[Scored, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether both have given theirs, so that both may be shown."""
        return len(self.given) == len(self.people)


async def add_calibration(session: AsyncSession, new: Calibration) -> Calibration:
    """Keep a new calibration; its id is given here."""
    row = QualityCalibrationTable(
        call_id=new.call_id[:INDEX_TEXT],
        called_at=new.called_at,
        agent=new.agent[:INDEX_TEXT],
        first=new.people[0],
        second=new.people[1],
        sheet=new.sheet,
        by=new.by[:INDEX_TEXT],
        at=new.at,
    )
    session.add(row)
    await session.flush()
    return _calibration(row, ())


async def calibration_by_id(session: AsyncSession, number: int) -> Calibration | None:
    """Return a calibration with what was given, or None."""
    row = await session.get(QualityCalibrationTable, number, populate_existing=True)
    return None if row is None else (await _with_given(session, [row]))[0]


async def calibrations(
    session: AsyncSession, since: datetime, until: datetime, *, limit: int = 200
) -> list[Calibration]:
    """Return the calibrations that were asked for in a stretch, newest first."""
    rows = await session.scalars(
        select(QualityCalibrationTable)
        .where(QualityCalibrationTable.at >= since, QualityCalibrationTable.at < until)
        .order_by(QualityCalibrationTable.id.desc())
        .limit(limit)
    )
    return await _with_given(session, list(rows))


async def calls_to_score_blind(session: AsyncSession, who: str) -> frozenset[str]:
    """Return the calls that this person has been asked to score and has not: they see nobody else's review of them."""
    asked = await session.scalars(
        select(QualityCalibrationTable).where(
            or_(QualityCalibrationTable.first == who, QualityCalibrationTable.second == who)
        )
    )
    mine = {row.id: row.call_id for row in asked}
    done = await session.scalars(
        select(QualityReviewTable.calibration).where(
            QualityReviewTable.calibration.in_(sorted(mine)),
            QualityReviewTable.reviewer == who,
            QualityReviewTable.state != ReviewState.DRAFT.value,
        )
    )
    finished = set(done)
    return frozenset(call_id for number, call_id in mine.items() if number not in finished)


async def absorb_calibrations(session: AsyncSession, young: str, old: str) -> None:
    """Let the calibrations of a part be of the whole call. May run again."""
    await session.execute(
        update(QualityCalibrationTable).where(QualityCalibrationTable.call_id == young).values(call_id=old)
    )


async def _with_given(session: AsyncSession, rows: list[QualityCalibrationTable]) -> list[Calibration]:
    found = await session.scalars(
        select(QualityReviewTable)
        .where(
            QualityReviewTable.calibration.in_(sorted(row.id for row in rows)),
            QualityReviewTable.state != ReviewState.DRAFT.value,
        )
        .order_by(QualityReviewTable.id)
    )
    given: dict[int, dict[str, Scored]] = {}
    for one in found:
        scored = Scored(reviewer=one.reviewer, points=one.points, score_tenths=one.score_tenths or 0)
        given.setdefault(one.calibration, {})[one.reviewer] = scored
    return [_calibration(row, _in_order(row, given.get(row.id, {}))) for row in rows]


def _in_order(row: QualityCalibrationTable, given: dict[str, Scored]) -> tuple[Scored, ...]:
    return tuple(given[who] for who in (row.first, row.second) if who in given)


def _calibration(row: QualityCalibrationTable, given: tuple[Scored, ...]) -> Calibration:
    return Calibration(
        id=row.id,
        call_id=row.call_id,
        called_at=row.called_at,
        agent=row.agent,
        people=(row.first, row.second),
        sheet=row.sheet,
        by=row.by,
        at=row.at,
        given=given,
    )
