"""The tables of this room, and the versions of the score sheet and of the sample's plan.

No foreign key leads to a call: a review is a record of training and outlives the sound and the call it speaks of.
"""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.quality.sampling import DEFAULT_PLAN, Plan
from hotline.quality.sheet import TRADES_SHEET, Item, Sheet, SheetChanged

SHEET: Final = "sheet"
PLAN: Final = "plan"


class QualityVersionTable(Base):
    """A version of the sheet or of the plan: added, never changed. `version` counts from 1 for each of the two."""

    __tablename__ = "quality_version"

    what: Mapped[str] = mapped_column(String(10), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime]


class QualityWeekTable(Base):
    """A week whose sample is being drawn: by which plan and seed, for good. Locked while places are given."""

    __tablename__ = "quality_week"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    plan: Mapped[dict[str, Any]]
    seed: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime]


class QualityPlaceTable(Base):
    """A call's place under one rule of its week: given once, never changed."""

    __tablename__ = "quality_place"
    __table_args__ = (UniqueConstraint("week", "stratum", "call_id"),)

    week: Mapped[date] = mapped_column(ForeignKey("quality_week.week"), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(INDEX_TEXT + 20), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)
    percent: Mapped[int]
    is_drawn: Mapped[bool]


class QualityReviewTable(Base):
    """One review. `claim` keeps two people from reviewing the same agent of a call without meaning to."""

    __tablename__ = "quality_review"
    __table_args__ = (
        Index("ix_quality_review_account_called_at", "account", "called_at"),
        Index("ix_quality_review_called_at", "called_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim: Mapped[str] = mapped_column(String(200), unique=True)
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)
    called_at: Mapped[datetime]
    agent: Mapped[str] = mapped_column(String(INDEX_TEXT))
    account: Mapped[str] = mapped_column(String(INDEX_TEXT))
    reviewer: Mapped[str] = mapped_column(String(INDEX_TEXT))
    sheet: Mapped[int]
    calibration: Mapped[int] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20))
    points: Mapped[dict[str, Any]] = mapped_column(JSON)
    score_tenths: Mapped[int | None]
    remark: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    began_at: Mapped[datetime]
    given_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    objection: Mapped[str] = mapped_column(Text)
    objected_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    answered_at: Mapped[datetime | None]
    score_before: Mapped[int | None]
    points_before: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class QualityCommentTable(Base):
    """What a reviewer says of one second of the recording."""

    __tablename__ = "quality_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    review: Mapped[int] = mapped_column(ForeignKey("quality_review.id"), index=True)
    at_ms: Mapped[int]  # from the recording's beginning
    text: Mapped[str] = mapped_column(Text)


class QualityCalibrationTable(Base):
    """Two people are asked to score the same call blind."""

    __tablename__ = "quality_calibration"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)
    called_at: Mapped[datetime]
    agent: Mapped[str] = mapped_column(String(INDEX_TEXT))
    first: Mapped[str] = mapped_column(String(INDEX_TEXT))
    second: Mapped[str] = mapped_column(String(INDEX_TEXT))
    sheet: Mapped[int]
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime]


async def newest_sheet(session: AsyncSession) -> Sheet:
    """Return the sheet in force."""
    row = await _newest(session, SHEET)
    return TRADES_SHEET if row is None else _sheet(row)


async def sheet_of(session: AsyncSession, version: int) -> Sheet:
    """Return the sheet of a version that a review was made with."""
    row = await session.get(QualityVersionTable, (SHEET, version))
    return TRADES_SHEET if row is None else _sheet(row)


async def newest_plan(session: AsyncSession) -> tuple[int, Plan]:
    """Return the plan that weeks are drawn by from now on, and its version."""
    row = await _newest(session, PLAN)
    return (0, DEFAULT_PLAN) if row is None else (row.version, Plan.of_values(row.content))


async def add_version(
    session: AsyncSession, what: str, *, based_on: int, content: dict[str, Any], by: str, at: datetime
) -> int:
    """Add a version behind the one it was made from; return its number.

    Raises SheetChanged where that is not the newest; of two at the same moment one is refused by the primary key.
    """
    row = await _newest(session, what, is_locked=True)
    if (row.version if row else 0) != based_on:
        raise SheetChanged("somebody else changed it meanwhile")
    new = QualityVersionTable(what=what, version=based_on + 1, content=content, by=by[:INDEX_TEXT], at=at)
    try:
        async with session.begin_nested():
            session.add(new)
    except IntegrityError:
        raise SheetChanged("somebody else changed it at the same moment") from None
    return based_on + 1


async def _newest(session: AsyncSession, what: str, *, is_locked: bool = False) -> QualityVersionTable | None:
    wanted = select(QualityVersionTable).where(QualityVersionTable.what == what)
    wanted = wanted.order_by(QualityVersionTable.version.desc()).limit(1)
    found: QualityVersionTable | None = await session.scalar(wanted.with_for_update() if is_locked else wanted)
    return found


def _sheet(row: QualityVersionTable) -> Sheet:
    items = tuple(Item(one["key"], one["name"], one["weight"], one["hint"]) for one in row.content["items"])
    return Sheet(version=row.version, items=items, by=row.by, at=row.at)
