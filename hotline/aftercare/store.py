"""The tables of the sample and of what residents answered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.aftercare.rules import After, Answers, Moment
from hotline.aftercare.service_days_store import ServiceDaysTable
from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.dutylog.entry import Kind
from hotline.dutylog.matters_store import DutyMatterTable
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable, follow_up_of


class AftercareCountTable(Base):
    """How many of a row of the trade's table have had their draw: one row each, locked while places are given."""

    __tablename__ = "aftercare_count"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    places: Mapped[int]


class AftercareDrawTable(Base):
    """One draw: made once, never changed. `follow_up` is the call that is owed, where drawn.

    It is of a moment of a matter, or of a home of a newsletter or event. `counted_from` is from when its days count;
    empty in draws that were made before it was kept: when their matter was closed. `call_by`, where drawn, is when
    they end: what a resident is promised moves the follow-up's own deadline, never this.
    """

    __tablename__ = "aftercare_draw"
    __table_args__ = (
        UniqueConstraint("matter", "moment"),
        UniqueConstraint("outreach", "home_id"),
        UniqueConstraint("kind", "place"),
        Index("ix_aftercare_draw_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter: Mapped[int | None] = mapped_column(ForeignKey("follow_up.id"))
    moment: Mapped[str] = mapped_column(String(10), default=Moment.HANDLED.value)
    outreach: Mapped[int | None] = mapped_column(ForeignKey("outreach.id"))
    home_id: Mapped[int | None]  # no foreign key: a home may leave the records, its draw stays
    home: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")  # of an outreach; of a matter its own says it
    entry: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[int | None]  # empty where nobody can be called, or no rule is for the kind: not of the sample
    percent: Mapped[int]
    seed: Mapped[str] = mapped_column(String(INDEX_TEXT))
    is_drawn: Mapped[bool]
    follow_up: Mapped[int | None] = mapped_column(ForeignKey("follow_up.id"), unique=True)
    counted_from: Mapped[datetime | None]
    call_by: Mapped[datetime | None]
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
    at: Mapped[datetime] = mapped_column(index=True, active_history=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One draw, as it was made. `place` None: not of the sample."""

    after: After
    place: int | None
    percent: int
    seed: str
    is_drawn: bool
    counted_from: datetime | None
    call_by: datetime | None
    moment: Moment = Moment.HANDLED
    matter: int | None = None
    entry: int | None = None
    outreach: int | None = None
    home_id: int | None = None
    home: str = ""


async def handled_without_draw(session: AsyncSession, limit: int) -> list[tuple[FollowUp, int]]:
    """Return handled matters that have had no draw, with their entry, the first handled first.

    A paid service whose days are known is drawn at its own two moments instead.
    """
    found = await session.execute(
        select(FollowUpTable, DutyMatterTable.entry)
        .join(DutyMatterTable, DutyMatterTable.follow_up == FollowUpTable.id)
        .outerjoin(
            AftercareDrawTable,
            (AftercareDrawTable.matter == FollowUpTable.id) & (AftercareDrawTable.moment == Moment.HANDLED.value),
        )
        .outerjoin(ServiceDaysTable, ServiceDaysTable.matter == FollowUpTable.id)
        .where(
            FollowUpTable.kind == FollowUpKind.MATTER,
            FollowUpTable.state == FollowUpState.DONE,
            AftercareDrawTable.matter.is_(None),
            or_(ServiceDaysTable.matter.is_(None), FollowUpTable.request != Kind.PAID_SERVICE.value),
        )
        .order_by(FollowUpTable.closed_at, FollowUpTable.id)
        .limit(limit)
    )
    return [(follow_up_of(row), entry) for row, entry in found.tuples()]


async def take_places(session: AsyncSession, after: After, how_many: int = 1) -> int:
    """Take the next places of this row of the table; return the first. It stays locked until the transaction ends."""
    row = await session.get(AftercareCountTable, after.value, with_for_update=True, populate_existing=True)
    if row is None:
        row = AftercareCountTable(kind=after.value, places=0)
        session.add(row)
    first = row.places + 1
    row.places += how_many
    await session.flush()
    return first


async def add_draw(session: AsyncSession, drawn: Drawn, *, follow_up: int | None, at: datetime) -> None:
    """Keep a draw; the database refuses a second one for the same moment of a matter, or for the same home."""
    session.add(
        AftercareDrawTable(
            matter=drawn.matter,
            moment=drawn.moment.value,
            outreach=drawn.outreach,
            home_id=drawn.home_id,
            home=drawn.home,
            entry=drawn.entry,
            kind=drawn.after.value,
            place=drawn.place,
            percent=drawn.percent,
            seed=drawn.seed,
            is_drawn=drawn.is_drawn,
            follow_up=follow_up,
            counted_from=drawn.counted_from,
            call_by=drawn.call_by,
            at=at,
        )
    )
    await session.flush()


async def draws(session: AsyncSession, after: After, *, behind: int = 0, limit: int = 1000) -> list[Drawn]:
    """Return the draws of a row of the table in the order of their places, behind this place."""
    rows = await session.scalars(
        select(AftercareDrawTable)
        .where(AftercareDrawTable.kind == after.value, AftercareDrawTable.place > behind)
        .order_by(AftercareDrawTable.place)
        .limit(limit)
    )
    return [drawn_of(row) for row in rows]


def drawn_of(row: AftercareDrawTable) -> Drawn:
    """Return the draw that a row keeps."""
    return Drawn(
        after=After(row.kind),
        place=row.place,
        percent=row.percent,
        seed=row.seed,
        is_drawn=row.is_drawn,
        counted_from=row.counted_from,
        call_by=row.call_by,
        moment=Moment(row.moment),
        matter=row.matter,
        entry=row.entry,
        outreach=row.outreach,
        home_id=row.home_id,
        home=row.home,
    )


async def draw_of_call(session: AsyncSession, follow_up: int) -> Drawn | None:
    """Return the draw by which this call is owed, or None where it is owed by none."""
    row = await session.scalar(select(AftercareDrawTable).where(AftercareDrawTable.follow_up == follow_up))
    return None if row is None else drawn_of(row)


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
