"""Tables and queries of what proves a home on the telephone: its PIN, the ends of its numbers, and the tries.

The tries are kept in SQL: they must hold over calls, and over a restart of the service.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKey, Index, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.residents.pin import TAIL, WITHIN, WRONG_TRIES
from hotline.residents.resident import Home
from hotline.residents.store import HomeRow, ResidentNumberRow, ResidentRow


class PinTryRow(Base):
    """A try to prove a home that was wrong, or is still being looked at."""

    __tablename__ = "pin_try"
    __table_args__ = (Index("ix_pin_try_home_id_at", "home_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("home.id", ondelete="CASCADE"))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class PinTry:
    """A try that may be made: its id, and what it is to be held against."""

    id: int
    pin_hash: str | None = field(repr=False)
    tails: frozenset[str] = field(repr=False)


async def begin_try(session: AsyncSession, home: Home, now: datetime) -> PinTry | None:
    """Count a try before it is looked at, so that many at one moment are not all the first; None: no more tries now.

    The home's row is held meanwhile: on PostgreSQL two calls would else both be the fifth.
    """
    row = await session.scalar(
        select(HomeRow)
        .where(HomeRow.building == home.building, HomeRow.unit == home.unit, HomeRow.room == home.room)
        .with_for_update()
    )
    if row is None:
        return None
    await session.execute(delete(PinTryRow).where(PinTryRow.home_id == row.id, PinTryRow.at <= now - WITHIN))
    tries = await session.scalar(select(func.count()).select_from(PinTryRow).where(PinTryRow.home_id == row.id))
    if (tries or 0) >= WRONG_TRIES:
        return None
    begun = PinTryRow(home_id=row.id, at=now)
    session.add(begun)
    await session.flush()
    return PinTry(begun.id, row.pin_hash, await tails_of(session, home))


async def forgive_try(session: AsyncSession, begun: PinTry) -> None:
    """Take back a try that was right."""
    await session.execute(delete(PinTryRow).where(PinTryRow.id == begun.id))


async def tails_of(session: AsyncSession, home: Home) -> frozenset[str]:
    """Return the last four digits of every number registered for a home."""
    numbers = await session.scalars(
        select(ResidentNumberRow.e164)
        .join(ResidentRow, ResidentRow.id == ResidentNumberRow.resident_id)
        .join(HomeRow, HomeRow.id == ResidentRow.home_id)
        .where(HomeRow.building == home.building, HomeRow.unit == home.unit, HomeRow.room == home.room)
    )
    return frozenset(e164[-TAIL:] for e164 in numbers)


async def keep_pin(session: AsyncSession, home: Home, pin_hash: str | None) -> bool:
    """Set a home's PIN, or with None take it away; wrong tries are forgotten. Returns whether there is such a home."""
    here = (HomeRow.building == home.building, HomeRow.unit == home.unit, HomeRow.room == home.room)
    home_id = await session.scalar(select(HomeRow.id).where(*here))
    if home_id is None:
        return False
    await session.execute(update(HomeRow).where(HomeRow.id == home_id).values(pin_hash=pin_hash))
    await session.execute(delete(PinTryRow).where(PinTryRow.home_id == home_id))
    return True
