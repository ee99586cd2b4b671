"""What this room asks of SQL itself: the access log, alerts and who took note, calls with whom their numbers belong to.

The access log says who looked at a number, looked for one or listened to a call, when and why. Rows are added, never
changed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Index, Select, String, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.accounts.store import accounts
from hotline.calls.ledger import CallRecord
from hotline.calls.rows_store import CelFamilyTable
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import INDEX_TEXT, CallTable, call_by_id
from hotline.database import Base, insert_into
from hotline.live.store import AlertWordTable
from hotline.phone import PhoneNumber
from hotline.residents.choice_store import choices_of, narrowed
from hotline.residents.resident import KnownCaller
from hotline.residents.store import known_callers
from hotline.web.alerts import Acknowledgement, may_be_acknowledged
from hotline.web.errors import CallUnknown, NothingToAcknowledge

MOST_ALERTS: Final = 20


class Access(StrEnum):
    """What was looked at."""

    NUMBER = "number"
    RECORDING = "recording"
    EXPORT = "export"  # of the log; the days are in `side`
    SEARCH = "search"  # of no call; the number is in `reason`, masked
    POP = "pop"  # what is known of a caller, asked for by hand
    POP_REFUSED = "pop-refused"  # an agent asked for another's call
    RESIDENT = "resident"  # a person, a number or a mark was written down; which is in `side`


class AccessLogTable(Base):
    """One look at something personal. No foreign key: the row outlives the call it speaks of."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_call_id_who", "call_id", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    what: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT))
    side: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")


class AlertAcknowledgementTable(Base):
    """A person took note of an emergency call that nobody answered. Added once, never changed; it outlives the call."""

    __tablename__ = "alert_acknowledgement"

    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    name: Mapped[str] = mapped_column(String(INDEX_TEXT))


async def acknowledge(session: AsyncSession, call_id: str, note: Acknowledgement) -> Acknowledgement:
    """Keep who took note, and return it; whoever came first stays. Raises CallUnknown, NothingToAcknowledge."""
    call = await read_call_record(session, call_id)
    if not may_be_acknowledged(call):
        raise NothingToAcknowledge("only an emergency call that ended without a person is acknowledged")
    known = await acknowledgement_of(session, call_id)
    if known is not None:
        return known
    values = {"call_id": call_id, "at": note.at, "by": note.by[:INDEX_TEXT], "name": note.name[:INDEX_TEXT]}
    await session.execute(insert_into(session, AlertAcknowledgementTable).values(values).on_conflict_do_nothing())
    return await acknowledgement_of(session, call_id) or note


async def acknowledgement_of(session: AsyncSession, call_id: str) -> Acknowledgement | None:
    """Return who took note of the call, or None."""
    row = await session.get(AlertAcknowledgementTable, call_id, populate_existing=True)
    return None if row is None else Acknowledgement(by=row.by, name=row.name, at=row.at)


async def absorb_acknowledgement(session: AsyncSession, young: str, old: str) -> None:
    """Let the note taken of a part of `old` be that call's; whoever came first stays. May run again."""
    part = await acknowledgement_of(session, young)
    if part is None:
        return
    whole = await acknowledgement_of(session, old)
    first = part if whole is None or part.at < whole.at else whole
    values = {"at": first.at, "by": first.by, "name": first.name}
    writing = insert_into(session, AlertAcknowledgementTable).values(call_id=old, **values)
    await session.execute(writing.on_conflict_do_update(index_elements=["call_id"], set_=values))
    await session.execute(delete(AlertAcknowledgementTable).where(AlertAcknowledgementTable.call_id == young))


async def standing_alerts(session: AsyncSession) -> list[CallRecord]:
    """Return the calls that belong on every screen, oldest first; no more than a screen can hold.

    Emergency calls, and those in which a word of danger fell.
    """
    noted = select(AlertAcknowledgementTable.call_id)
    unanswered = and_(CallTable.human_answer.is_(None), CallTable.id.not_in(noted))
    in_danger = and_(CallTable.ended_at.is_(None), CallTable.id.in_(select(AlertWordTable.call_id)))
    ids = await session.scalars(
        select(CallTable.id)
        .where(or_(and_(CallTable.is_emergency, or_(CallTable.ended_at.is_(None), unanswered)), in_danger))
        .order_by(CallTable.ring_start.desc(), CallTable.id.desc())
        .limit(MOST_ALERTS)
    )
    calls = [await call_by_id(session, call_id) for call_id in ids.all()]
    return [call for call in reversed(calls) if call is not None]


async def count_turned_away(session: AsyncSession, since: datetime) -> int:
    """Return how many callers who rang since then were not let in because too many called."""
    was_told = or_(CallTable.outcome == Outcome.TURNED_AWAY.value, CallTable.state == CallState.TURNED_AWAY.value)
    counted = select(func.count()).select_from(CallTable).where(CallTable.ring_start >= since, was_told)
    return await session.scalar(counted) or 0


async def returns_of(session: AsyncSession, call_id: str) -> list[str]:
    """Return the ids of our calls that returned this one, or what is part of it, oldest first."""
    returned = or_(CallTable.returns == call_id, CallTable.returns.in_(_parts_of(call_id)))
    found = await session.scalars(select(CallTable.id).where(returned).order_by(CallTable.ring_start, CallTable.id))
    return list(found)


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
    """Return when, who, what, which side and why, oldest first; also of what has become part of this call."""
    seen = or_(AccessLogTable.call_id == call_id, AccessLogTable.call_id.in_(_parts_of(call_id)))
    rows = await session.scalars(select(AccessLogTable).where(seen).order_by(AccessLogTable.id))
    return [(row.at, row.who, Access(row.what), row.side, row.reason) for row in rows]


def _parts_of(call_id: str) -> Select[tuple[str]]:
    return select(CelFamilyTable.id).where(CelFamilyTable.call_id == call_id)


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


async def account_names(session: AsyncSession) -> dict[str, str]:
    """Return what each account is called on screens."""
    return {account.name: account.display_name or account.name for account in await accounts(session)}


async def with_residents(
    session: AsyncSession, calls: Iterable[CallRecord], *, area_code: str
) -> list[tuple[CallRecord, KnownCaller | None]]:
    """Return each call with whom its number belongs to, or whose home an agent said; all are looked up at once."""
    calls = list(calls)
    numbers = {call.id: PhoneNumber.parse(call.caller_number, area_code=area_code) for call in calls}
    known = await known_callers(session, {number for number in numbers.values() if number is not None})
    choices = await choices_of(session, [call.id for call in calls])
    pairs: list[tuple[CallRecord, KnownCaller | None]] = []
    for call in calls:
        number, choice = numbers[call.id], choices.get(call.id)
        caller = None if number is None else known.get(number)
        pairs.append((call, caller if choice is None else await narrowed(session, caller, choice, number)))
    return pairs
