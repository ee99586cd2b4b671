"""The tables of the sample and of what residents answered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.aftercare.rules import Answers
from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.dutylog.entry import Kind
from hotline.dutylog.matters_store import DutyMatterTable
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable, follow_up_of


class AftercareCountTable(Base):
    """How many handled matters of a kind have had their draw: one row a kind, locked while a place is given."""

    __tablename__ = "aftercare_count"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    places: Mapped[int]


class AftercareDrawTable(Base):
    """The draw of one handled matter: made once, never changed. `follow_up` is the call that is owed, where drawn."""

    __tablename__ = "aftercare_draw"
    __table_args__ = (UniqueConstraint("kind", "place"), Index("ix_aftercare_draw_at", "at"))

    matter: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), primary_key=True, autoincrement=False)
    entry: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[int | None]  # empty where nobody can be called, or no rule is for the kind: not of the sample
    percent: Mapped[int]
    seed: Mapped[str] = mapped_column(String(INDEX_TEXT))
    is_drawn: Mapped[bool]
    follow_up: Mapped[int | None] = mapped_column(ForeignKey("follow_up.id"), unique=True)
    at: Mapped[datetime]


class AftercareAnswerTable(Base):
    """What a resident answered; one row a call."""

    __tablename__ = "aftercare_answer"

    follow_up: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), primary_key=True, autoincrement=False)
    is_satisfied: Mapped[bool]
    attitude: Mapped[int]
    quality: Mapped[int]
    was_charged_wrongly: Mapped[bool]
    shortcomings: Mapped[str] = mapped_column(Text)
    suggestions: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One draw, as it was made."""

    entry: int
    kind: Kind
    place: int | None
    percent: int
    seed: str
    is_drawn: bool


async def handled_without_draw(session: AsyncSession, limit: int) -> list[tuple[FollowUp, int]]:
    """Return handled matters that have had no draw, with their entry, the first handled first."""
    found = await session.execute(
        select(FollowUpTable, DutyMatterTable.entry)
        .join(DutyMatterTable, DutyMatterTable.follow_up == FollowUpTable.id)
        .outerjoin(AftercareDrawTable, AftercareDrawTable.matter == FollowUpTable.id)
        .where(
            FollowUpTable.kind == FollowUpKind.MATTER,
            FollowUpTable.state == FollowUpState.DONE,
            AftercareDrawTable.matter.is_(None),
        )
        .order_by(FollowUpTable.closed_at, FollowUpTable.id)
        .limit(limit)
    )
    return [(follow_up_of(row), entry) for row, entry in found.tuples()]


async def next_place(session: AsyncSession, kind: Kind) -> int:
    """Return the next place of this kind; the row stays locked until the transaction ends."""
    row = await session.get(AftercareCountTable, kind.value, with_for_update=True)
    if row is None:
        row = AftercareCountTable(kind=kind.value, places=0)
        session.add(row)
    row.places += 1
    await session.flush()
    return row.places


async def add_draw(session: AsyncSession, matter: int, drawn: Drawn, *, follow_up: int | None, at: datetime) -> None:
    """Keep a draw; the database refuses a second one for the same matter."""
    session.add(
        AftercareDrawTable(
            matter=matter,
            entry=drawn.entry,
            kind=drawn.kind.value,
            place=drawn.place,
            percent=drawn.percent,
            seed=drawn.seed,
            is_drawn=drawn.is_drawn,
            follow_up=follow_up,
            at=at,
        )
    )
    await session.flush()


async def draws(session: AsyncSession, kind: Kind, *, after: int = 0, limit: int = 1000) -> list[Drawn]:
    """Return the draws of a kind in the order of their places, behind `after`."""
    rows = await session.scalars(
        select(AftercareDrawTable)
        .where(AftercareDrawTable.kind == kind.value, AftercareDrawTable.place > after)
        .order_by(AftercareDrawTable.place)
        .limit(limit)
    )
    return [
        Drawn(
            entry=row.entry,
            kind=Kind(row.kind),
            place=row.place,
            percent=row.percent,
            seed=row.seed,
            is_drawn=row.is_drawn,
        )
        for row in rows
    ]


async def matter_of_call(session: AsyncSession, follow_up: int) -> int | None:
    """Return the matter that this call is about, or None where it is no call after a matter."""
    found: int | None = await session.scalar(
        select(AftercareDrawTable.matter).where(AftercareDrawTable.follow_up == follow_up)
    )
    return found


async def keep_answers(session: AsyncSession, follow_up: int, answers: Answers, *, by: str, at: datetime) -> None:
    """Keep what the resident said; who is asked again after a re-opening says it anew."""
    row = await session.get(AftercareAnswerTable, follow_up)
    if row is None:
        row = AftercareAnswerTable(follow_up=follow_up)
        session.add(row)
    row.is_satisfied, row.attitude, row.quality = answers.is_satisfied, answers.attitude, answers.quality
    row.was_charged_wrongly = answers.was_charged_wrongly
    row.shortcomings, row.suggestions, row.by, row.at = answers.shortcomings, answers.suggestions, by, at
    await session.flush()


async def satisfaction(session: AsyncSession, since: datetime, until: datetime) -> tuple[int, int]:
    """Return how many residents answered in this stretch, and how many of them were satisfied."""
    asked = select(AftercareAnswerTable.is_satisfied, func.count()).where(
        AftercareAnswerTable.at >= since, AftercareAnswerTable.at < until
    )
    counted = dict((await session.execute(asked.group_by(AftercareAnswerTable.is_satisfied))).tuples().all())
    return sum(counted.values()), counted.get(True, 0)
