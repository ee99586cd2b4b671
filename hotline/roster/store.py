"""Table and queries of the duty roster."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import CheckConstraint, Index, String, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.phone import PhoneNumber
from hotline.roster.duty import DutyContact, DutyTurn

log = structlog.get_logger()
Session = AsyncSession  # what the functions below take, for those who may not know the library


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
    session.add_all(DutyTurnRow(**_values(turn)) for turn in turns)
    await session.flush()


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn of duty with the number under which it is kept."""

    id: int
    turn: DutyTurn


async def kept_turns(session: AsyncSession, since: datetime, until: datetime) -> tuple[KeptTurn, ...]:
    """Return every turn of which some part lies in this span, with its number."""
    touched = select(DutyTurnRow).where(DutyTurnRow.starts < until, DutyTurnRow.ends > since)
    rows = await session.scalars(touched.order_by(DutyTurnRow.starts, DutyTurnRow.place, DutyTurnRow.id))
    return tuple(KeptTurn(row.id, turn) for row in rows for turn in _turns([row]))


async def kept_turn(session: AsyncSession, number: int) -> KeptTurn | None:
    """Return the turn of this number, held until the transaction ends, or None."""
    row = await session.get(DutyTurnRow, number, with_for_update=True, populate_existing=True)
    turns = _turns([row]) if row is not None else ()
    return KeptTurn(number, turns[0]) if turns else None


async def add_turn(session: AsyncSession, turn: DutyTurn) -> int:
    """Keep a new turn; return its number."""
    row = DutyTurnRow(**_values(turn))
    session.add(row)
    await session.flush()
    return row.id


async def put_turn(session: AsyncSession, number: int, turn: DutyTurn) -> None:
    """Let the turn of this number stand so."""
    await session.execute(update(DutyTurnRow).where(DutyTurnRow.id == number).values(_values(turn)))


async def remove_turn(session: AsyncSession, number: int) -> None:
    """Take the turn of this number out."""
    await session.execute(delete(DutyTurnRow).where(DutyTurnRow.id == number))


def _values(turn: DutyTurn) -> dict[str, Any]:
    return {
        "starts": turn.starts,
        "ends": turn.ends,
        "place": turn.place,
        "duty": turn.contact.duty,
        "name": turn.contact.name,
        "number": turn.contact.number.e164,
        "rings_for": turn.contact.rings_for,
    }


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
