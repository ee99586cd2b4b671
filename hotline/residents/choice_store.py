"""Which home a call is about, where a person said so: the choice of the agent, kept beside the call.

Rows are added, never changed: the newest one counts, the others say who thought what before. No foreign key to the
call: an offer is chosen for before the ledger has read of it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.phone import PhoneNumber
from hotline.residents.noted import HomeUnknown
from hotline.residents.resident import KnownCaller
from hotline.residents.store import HomeRow, ResidentRow, home_of, households, known_caller

ID_TEXT: Final = 80  # as the ledger keeps a call's id


class PopChoiceTable(Base):
    """One choice of one person for one call."""

    __tablename__ = "pop_choice"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(ID_TEXT), index=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("home.id", ondelete="CASCADE"), index=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id", ondelete="SET NULL"))
    by: Mapped[str] = mapped_column(String(ID_TEXT))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen last for a call; `resident_id` None: the home is sure, who of it calls is not said."""

    home_id: int
    resident_id: int | None
    by: str
    at: datetime


async def choose_home(
    session: AsyncSession, call_id: str, home_id: int, *, resident_id: int | None = None, by: str, at: datetime
) -> bool:
    """Keep whose home a call is about; return whether that is news. Raises HomeUnknown."""
    if await session.get(HomeRow, home_id) is None:
        raise HomeUnknown("there is no such home")
    if resident_id is not None:
        person = await session.get(ResidentRow, resident_id)
        if person is None or person.home_id != home_id:
            raise HomeUnknown("nobody of this id lives in this home")
    before = (await choices_of(session, [call_id])).get(call_id)
    if before is not None and (before.home_id, before.resident_id) == (home_id, resident_id):
        return False  # a second click
    session.add(PopChoiceTable(call_id=call_id, home_id=home_id, resident_id=resident_id, by=by[:ID_TEXT], at=at))
    await session.flush()
    return True


async def choices_of(session: AsyncSession, call_ids: Collection[str]) -> dict[str, Choice]:
    """Return what was chosen last for each of these calls that somebody chose for."""
    if not call_ids:
        return {}
    rows = await session.scalars(
        select(PopChoiceTable).where(PopChoiceTable.call_id.in_(set(call_ids))).order_by(PopChoiceTable.id)
    )
    return {row.call_id: Choice(home_id=row.home_id, resident_id=row.resident_id, by=row.by, at=row.at) for row in rows}


async def absorb_choices(session: AsyncSession, young: str, old: str) -> None:
    """Let what was chosen for a call that turned out to be part of an older one be found under that one."""
    await session.execute(update(PopChoiceTable).where(PopChoiceTable.call_id == young).values(call_id=old))


async def remove_choices_before(session: AsyncSession, before: datetime, *, limit: int = 500) -> int:
    """Remove what was chosen so long ago; return how many choices were removed."""
    old = await session.scalars(
        select(PopChoiceTable.id).where(PopChoiceTable.at < before).order_by(PopChoiceTable.id).limit(limit)
    )
    found = old.all()
    await session.execute(delete(PopChoiceTable).where(PopChoiceTable.id.in_(found)))
    return len(found)


async def caller_of_call(session: AsyncSession, call_id: str, number: PhoneNumber | None) -> KnownCaller | None:
    """Return who calls: whom the number belongs to, or the home that an agent chose for this call."""
    known = await known_caller(session, number)
    choice = (await choices_of(session, [call_id])).get(call_id)
    return known if choice is None else await narrowed(session, known, choice, number)


async def narrowed(
    session: AsyncSession, known: KnownCaller | None, choice: Choice, number: PhoneNumber | None
) -> KnownCaller | None:
    """Return the caller as an agent chose: one home, and its one person where that was said or is plain."""
    household = next((one for one in known.households if one.home.id == choice.home_id), None) if known else None
    if household is None:
        row = await session.get(HomeRow, choice.home_id)
        if row is None:
            return known
        household = (await households(session, [home_of(row)]))[0]
    if choice.resident_id is not None:
        people = tuple(one for one in household.residents if one.id == choice.resident_id)
    else:
        people = tuple(one for one in known.residents if one.home == household.home) if known else ()
    if known is None:
        return KnownCaller(number=number, residents=people, households=(household,), is_chosen=True)
    return replace(known, residents=people, households=(household,), is_chosen=True)
