"""What is kept of a household for longer than a campaign: hardship, a disputed bill, no more calls.

Marks of a number (wrong number, do-not-call) are the directory's: hotline/residents/marks_store.py. A mark is never
removed: it is lifted, by a person, and stays to be read.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Index, String, Text, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.may_call import FORBIDS, Mark
from hotline.database import Base
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import NumberMarkTable
from hotline.residents.resident import Home
from hotline.residents.store import HomeRow, ResidentNumberRow, ResidentRow

NAME_TEXT: Final = 80
AT_ONCE: Final = 500  # households in one statement


class HouseholdMarkTable(Base):
    """One mark of a household: of its home, or of its number where no home is known."""

    __tablename__ = "household_mark"
    __table_args__ = (
        Index("ix_household_mark_household", "household"),
        Index("ix_household_mark_from_attempt", "attempt_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    household: Mapped[str] = mapped_column(String(40))
    mark: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(NAME_TEXT))
    until: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    attempt_id: Mapped[str] = mapped_column(String(NAME_TEXT), default="")  # where a key made it
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str] = mapped_column(String(NAME_TEXT), default="")
    lifted_why: Mapped[str] = mapped_column(Text, default="", server_default="")


async def put_mark(
    session: AsyncSession,
    mark: Mark,
    *,
    household: str,
    at: datetime,
    by: str,
    until: datetime | None = None,
    note: str = "",
    attempt_id: str = "",
) -> None:
    """Put a mark, once for one attempt."""
    if attempt_id:
        there = select(HouseholdMarkTable.id).where(
            HouseholdMarkTable.attempt_id == attempt_id, HouseholdMarkTable.mark == mark.value
        )
        if await session.scalar(there.limit(1)) is not None:
            return
    session.add(
        HouseholdMarkTable(
            household=household, mark=mark.value, at=at, by=by, until=until, note=note, attempt_id=attempt_id
        )
    )
    await session.flush()


async def lift_mark(session: AsyncSession, mark_id: int, *, by: str, at: datetime, why: str = "") -> bool:
    """Lift a mark; return whether it stood."""
    done = await session.execute(
        update(HouseholdMarkTable)
        .where(HouseholdMarkTable.id == mark_id, HouseholdMarkTable.lifted_at.is_(None))
        .values(lifted_at=at, lifted_by=by[:NAME_TEXT], lifted_why=why)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def mark_of_id(session: AsyncSession, mark_id: int) -> HouseholdMarkTable | None:
    """Return this mark, lifted or not, or None."""
    return await session.get(HouseholdMarkTable, mark_id)


async def standing_marks(
    session: AsyncSession, households: Collection[str], now: datetime
) -> Sequence[HouseholdMarkTable]:
    """Return the marks that stand for these households."""
    found = await session.scalars(
        select(HouseholdMarkTable).where(
            HouseholdMarkTable.household.in_(sorted(households)),
            HouseholdMarkTable.lifted_at.is_(None),
            or_(HouseholdMarkTable.until.is_(None), HouseholdMarkTable.until > now),
        )
    )
    return found.all()


async def not_to_be_called(session: AsyncSession, households: Collection[str], now: datetime) -> set[str]:
    """Return those of these households that want no call that they did not ask for, or are reached by nobody."""
    asked = set(households)
    found: set[str] = set()
    for start in range(0, len(asked), AT_ONCE):
        some = sorted(asked)[start : start + AT_ONCE]
        for row in await standing_marks(session, some, now):
            if CampaignKind.SURVEY in FORBIDS[Mark(row.mark)][1]:
                found.add(row.household)
    return found


async def marks_page(
    session: AsyncSession,
    *,
    household: str = "",
    with_lifted: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[HouseholdMarkTable]:
    """Return marks, the newest first: of one household or of all, those that were lifted only where asked for."""
    wanted = select(HouseholdMarkTable).order_by(HouseholdMarkTable.id.desc()).limit(limit)
    if household:
        wanted = wanted.where(HouseholdMarkTable.household == household)
    if not with_lifted:
        wanted = wanted.where(HouseholdMarkTable.lifted_at.is_(None))
    if before is not None:
        wanted = wanted.where(HouseholdMarkTable.id < before)
    return list(await session.scalars(wanted))


async def numbers_at(session: AsyncSession, home: Home) -> list[PhoneNumber]:
    """Return the numbers that the records have with a home, in one order for ever."""
    found = await session.scalars(
        select(ResidentNumberRow.e164)
        .join(ResidentRow, ResidentRow.id == ResidentNumberRow.resident_id)
        .join(HomeRow, HomeRow.id == ResidentRow.home_id)
        .where(HomeRow.building == home.building, HomeRow.unit == home.unit, HomeRow.room == home.room)
        .order_by(ResidentNumberRow.e164)
        .distinct()
    )
    return [PhoneNumber(e164) for e164 in found]


async def number_marks_at(session: AsyncSession, numbers: Collection[PhoneNumber]) -> list[NumberMarkTable]:
    """Return the newest row of each mark of these numbers, the newest first: `holds` says whether it stands."""
    newest = (
        select(func.max(NumberMarkTable.id))
        .where(NumberMarkTable.e164.in_(sorted(number.e164 for number in numbers)))
        .group_by(NumberMarkTable.e164, NumberMarkTable.mark)
    )
    found = await session.scalars(
        select(NumberMarkTable).where(NumberMarkTable.id.in_(newest)).order_by(NumberMarkTable.id.desc())
    )
    return list(found)
