"""Table and queries of the duty roster."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlalchemy import CheckConstraint, Index, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.phone import PhoneNumber
from hotline.roster.duty import DutyContact, DutyTurn

log = structlog.get_logger()


class DutyTurnRow(Base):
    """One contact's turn at one place of the duty chain."""

    __tablename__ = "duty_turn"
    __table_args__ = (
        CheckConstraint("starts < ends", name="ends_after_it_starts"),
        CheckConstraint("place BETWEEN 1 AND 9", name="place_known"),
        Index("ix_duty_turn_starts_ends", "starts", "ends"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    place: Mapped[int]
    duty: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(16))
    rings_for: Mapped[int]


async def turns_at(session: AsyncSession, now: datetime) -> tuple[DutyTurn, ...]:
    """Return the turns of this moment, the first place first."""
    held = select(DutyTurnRow).where(DutyTurnRow.starts <= now, DutyTurnRow.ends > now)
    return _turns(await session.scalars(held.order_by(DutyTurnRow.place, DutyTurnRow.starts)))


async def turns_after(session: AsyncSession, now: datetime, *, limit: int = 20) -> tuple[DutyTurn, ...]:
    """Return the turns that begin next, the soonest first."""
    coming = select(DutyTurnRow).where(DutyTurnRow.starts > now)
    return _turns(await session.scalars(coming.order_by(DutyTurnRow.starts, DutyTurnRow.place).limit(limit)))


async def turns_within(session: AsyncSession, since: datetime, until: datetime) -> tuple[DutyTurn, ...]:
    """Return every turn of which some part lies in this span."""
    touched = select(DutyTurnRow).where(DutyTurnRow.starts < until, DutyTurnRow.ends > since)
    return _turns(await session.scalars(touched.order_by(DutyTurnRow.starts, DutyTurnRow.place)))


async def replace_turns(session: AsyncSession, since: datetime, until: datetime, turns: Iterable[DutyTurn]) -> None:
    """Put these turns in the place of all that begin in this span."""
    await session.execute(delete(DutyTurnRow).where(DutyTurnRow.starts >= since, DutyTurnRow.starts < until))
    session.add_all(
        DutyTurnRow(
            starts=turn.starts,
            ends=turn.ends,
            place=turn.place,
            duty=turn.contact.duty,
            name=turn.contact.name,
            number=turn.contact.number.e164,
            rings_for=turn.contact.rings_for,
        )
        for turn in turns
    )
    await session.flush()


def _turns(rows: Iterable[DutyTurnRow]) -> tuple[DutyTurn, ...]:
    turns: list[DutyTurn] = []
    for row in rows:
        try:
            number = PhoneNumber(row.number)
        except ValueError:  # written past our door; one such row must not cost the others
            log.warning("a turn of duty has no telephone number: passed over", turn=row.id)
            continue
        contact = DutyContact(place=row.place, duty=row.duty, name=row.name, number=number, rings_for=row.rings_for)
        turns.append(DutyTurn(starts=row.starts, ends=row.ends, contact=contact))
    return tuple(turns)
