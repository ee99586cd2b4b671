"""What this room asks of SQL itself: the access log, and calls with whom their numbers belong to.

The access log says who looked at a number, looked for one or listened to a call, when and why. Rows are added, never
changed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.accounts.store import accounts
from hotline.calls.ledger import CallRecord
from hotline.calls.store import INDEX_TEXT, call_by_id
from hotline.database import Base
from hotline.phone import PhoneNumber
from hotline.residents.resident import KnownCaller
from hotline.residents.store import known_caller
from hotline.web.errors import CallUnknown


class Access(StrEnum):
    """What was looked at."""

    NUMBER = "number"
    RECORDING = "recording"
    SEARCH = "search"  # of no call; the number is in `reason`, masked


class AccessLogTable(Base):
    """One look at something personal. No foreign key: the row outlives the call it speaks of."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_call_id_who", "call_id", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    what: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT))
    side: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")


async def log_access(
    session: AsyncSession,
    *,
    who: str,
    what: Access,
    call_id: str,
    at: datetime,
    side: str = "",
    reason: str = "",
    unless_within: timedelta = timedelta(0),
) -> bool:
    """Write that somebody looked; say nothing again `unless_within` this long, and return whether a row was written."""
    if unless_within:
        same = (
            AccessLogTable.who == who,
            AccessLogTable.what == what.value,
            AccessLogTable.call_id == call_id,
            AccessLogTable.side == side,
            AccessLogTable.at > at - unless_within,
        )
        if await session.scalar(select(AccessLogTable.id).where(*same).limit(1)) is not None:
            return False
    session.add(
        AccessLogTable(at=at, who=who[:INDEX_TEXT], what=what.value, call_id=call_id, side=side, reason=reason[:200])
    )
    return True


async def accesses_of(session: AsyncSession, call_id: str) -> list[tuple[datetime, str, Access, str, str]]:
    """Return when, who, what, which side and why, oldest first."""
    rows = await session.scalars(
        select(AccessLogTable).where(AccessLogTable.call_id == call_id).order_by(AccessLogTable.id)
    )
    return [(row.at, row.who, Access(row.what), row.side, row.reason) for row in rows]


async def read_call_record(session: AsyncSession, call_id: str) -> CallRecord:
    """Return the ledger's record. Raises CallUnknown."""
    call = await call_by_id(session, call_id)
    if call is None:
        raise CallUnknown("the ledger has no call of this id")
    return call


async def agent_names(session: AsyncSession) -> dict[str, str]:
    """Return the name shown for each extension that belongs to an account."""
    return {
        account.extension: account.display_name or account.name
        for account in await accounts(session)
        if account.extension is not None
    }


async def with_residents(
    session: AsyncSession, calls: Iterable[CallRecord], *, area_code: str
) -> list[tuple[CallRecord, KnownCaller | None]]:
    """Return each call with whom its number belongs to; one number is looked up once."""
    known: dict[str, KnownCaller | None] = {}
    pairs = []
    for call in calls:
        if call.caller_number not in known:
            known[call.caller_number] = await known_caller(
                session, PhoneNumber.parse(call.caller_number, area_code=area_code)
            )
        pairs.append((call, known[call.caller_number]))
    return pairs
