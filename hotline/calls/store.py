"""The ledger's table: one row per call, and its queries.

A call is always written whole from the fold of all its rows; nothing is patched.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    String,
    and_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.lateness import late_because
from hotline.calls.ledger import CallRecord
from hotline.calls.record_values import ring_of, ring_values, talk_of, talk_values, transfer_of, transfer_values
from hotline.calls.rows_store import CelFamilyTable, CelRowTable, call_id_of
from hotline.calls.state import CallState, Outcome
from hotline.database import Base

IDS_AT_ONCE = 500
INDEX_TEXT = 80  # longest number, name, queue or agent kept in a column of its own


class CallTable(Base):
    """One call: the fold of its rows."""

    __tablename__ = "call"

    id: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    direction: Mapped[str] = mapped_column(String(20))
    caller_number: Mapped[str] = mapped_column(String(INDEX_TEXT))
    caller_name: Mapped[str] = mapped_column(String(INDEX_TEXT))
    dialled: Mapped[str] = mapped_column(String(INDEX_TEXT))
    ring_start: Mapped[datetime | None]
    switch_answer: Mapped[datetime | None]
    notice_version: Mapped[str] = mapped_column(String(INDEX_TEXT))
    recording: Mapped[str] = mapped_column(String(200))
    recording_start: Mapped[datetime | None]
    recording_refused: Mapped[bool] = mapped_column(default=False, server_default=false())
    look_up: Mapped[str] = mapped_column(String(20), default="", server_default="")
    language: Mapped[str] = mapped_column(String(8), default="zh", server_default="zh")
    menu_entered_at: Mapped[datetime | None]
    menu_path: Mapped[list[Any]] = mapped_column(JSON)
    request: Mapped[str] = mapped_column(String(20), default="", server_default="")
    without_service: Mapped[str] = mapped_column(String(INDEX_TEXT))
    queue: Mapped[str] = mapped_column(String(INDEX_TEXT))
    queued_at: Mapped[datetime | None]
    is_emergency: Mapped[bool] = mapped_column(default=False, server_default=false(), index=True)
    call_back_at: Mapped[datetime | None]
    message_at: Mapped[datetime | None]
    incident: Mapped[str] = mapped_column(String(20), default="", server_default="")
    joined_incident: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_served_by_menu: Mapped[bool] = mapped_column(default=False, server_default=false())
    satisfaction: Mapped[int | None]
    returns: Mapped[str] = mapped_column(String(INDEX_TEXT), default="", server_default="", index=True)
    resident_leg: Mapped[str] = mapped_column(String(INDEX_TEXT), default="", server_default="")
    resident_dialled: Mapped[datetime | None]
    resident_answered: Mapped[datetime | None]
    talk_steps: Mapped[list[Any]] = mapped_column(JSON, server_default="[]")
    rings: Mapped[list[Any]] = mapped_column(JSON)
    agent: Mapped[str] = mapped_column(String(INDEX_TEXT))
    human_answer: Mapped[datetime | None]
    talk_ended: Mapped[datetime | None]
    talks: Mapped[list[Any]] = mapped_column(JSON, server_default="[]")
    transfers: Mapped[list[Any]] = mapped_column(JSON, server_default="[]")
    ended_at: Mapped[datetime | None]
    hangup_cause: Mapped[int]
    ended_by_caller: Mapped[bool | None]
    outcome: Mapped[str | None] = mapped_column(String(40))
    is_short_abandon: Mapped[bool] = mapped_column(default=False, server_default=false())
    oddities: Mapped[list[Any]] = mapped_column(JSON)
    late: Mapped[list[Any]] = mapped_column(JSON, server_default="[]")  # why it was answered late, leg by leg
    # A room above could not take it up: duty log, recordings or what is owed may be behind. It is tried again.
    is_unfollowed: Mapped[bool] = mapped_column(default=False, server_default=false(), index=True)

    __table_args__ = (
        Index("ix_call_ring_start_id", "ring_start", "id"),
        # A number's newest call is sought while its caller waits, also where one number called ten thousand times.
        Index("ix_call_caller_number_ring_start", "caller_number", "ring_start"),
    )


async def calls_joined_to(session: AsyncSession, call_id: str) -> list[str]:
    """Return the ids under which parts of this call still stand in the ledger as calls of their own."""
    found = await session.scalars(
        select(CallTable.id)
        .join(CelFamilyTable, CelFamilyTable.id == CallTable.id)
        .where(CelFamilyTable.call_id == call_id, CallTable.id != call_id)
        .order_by(CallTable.id)
    )
    return list(found)


async def drop_joined_call(session: AsyncSession, call_id: str) -> None:
    """Take a call that became part of another out of the ledger; its id still leads to that one (`call_by_id`)."""
    await session.execute(delete(CallTable).where(CallTable.id == call_id))


async def calls_at_hand(session: AsyncSession, ids: Collection[str]) -> Sequence[CallTable]:
    """Read these calls at once; as long as the answer is held, the session has them without asking again."""
    return (await session.scalars(select(CallTable).where(CallTable.id.in_(sorted(ids))))).all()


async def save_call(session: AsyncSession, call: CallRecord) -> frozenset[str]:
    """Write the call over what was there; return the fields that say something new.

    It counts as followed until `mark_unfollowed` says otherwise; a call marked so is always news.
    """
    row = await session.get(CallTable, call.id)
    changed = _changed(row, call)
    if row is None:
        session.add(CallTable(id=call.id, **changed))
    else:
        for name, value in changed.items():
            setattr(row, name, value)
    await session.flush()
    return frozenset(changed if row is not None else changed.keys() - {"is_unfollowed"})


async def differences_of(session: AsyncSession, call: CallRecord) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which the ledger differs from this record, each as stored and as in the record."""
    row = await session.get(CallTable, call.id, populate_existing=True)
    changed = _changed(row, call)
    changed.pop("is_unfollowed", None)
    return {name: (None if row is None else getattr(row, name), value) for name, value in changed.items()}


def _changed(row: CallTable | None, call: CallRecord) -> dict[str, Any]:
    values = _call_values(call)
    return values if row is None else {name: value for name, value in values.items() if getattr(row, name) != value}


async def calls_of_ids(session: AsyncSession, ids: Collection[str]) -> list[str]:
    """Return those of these ids under which the ledger has a call."""
    return list(await session.scalars(select(CallTable.id).where(CallTable.id.in_(sorted(ids))).order_by(CallTable.id)))


async def calls_without_rows(session: AsyncSession, *, after: str, until: str | None) -> list[str]:
    """Return the calls of the ledger between these ids, both but the first included, that no stored row tells of."""
    no_rows = ~exists().where(CelRowTable.linkedid == CallTable.id)
    wanted = select(CallTable.id).where(CallTable.id > after, no_rows).order_by(CallTable.id)
    return list(await session.scalars(wanted if until is None else wanted.where(CallTable.id <= until)))


def _call_values(call: CallRecord) -> dict[str, Any]:
    return {
        "state": call.state.value,
        "direction": call.direction,
        "caller_number": call.caller_number[:INDEX_TEXT],
        "caller_name": call.caller_name[:INDEX_TEXT],
        "dialled": call.dialled[:INDEX_TEXT],
        "ring_start": call.ring_start,
        "switch_answer": call.switch_answer,
        "notice_version": call.notice_version[:INDEX_TEXT],
        "recording": call.recording[:200],
        "recording_start": call.recording_start,
        "recording_refused": call.recording_refused,
        "look_up": call.look_up[:20],
        "language": call.language[:8],
        "menu_entered_at": call.menu_entered_at,
        "menu_path": list(call.menu_path),
        "request": call.request[:20],
        "without_service": call.without_service[:INDEX_TEXT],
        "queue": call.queue[:INDEX_TEXT],
        "queued_at": call.queued_at,
        "is_emergency": call.is_emergency,
        "call_back_at": call.call_back_at,
        "message_at": call.message_at,
        "incident": call.incident[:20],
        "joined_incident": call.joined_incident,
        "is_served_by_menu": call.is_served_by_menu,
        "satisfaction": call.satisfaction,
        "returns": call.returns[:INDEX_TEXT],
        "resident_leg": call.resident_leg[:INDEX_TEXT],
        "resident_dialled": call.resident_dialled,
        "resident_answered": call.resident_answered,
        "talk_steps": list(call.talk_steps),
        "rings": [ring_values(ring) for ring in call.rings],
        "agent": call.agent[:INDEX_TEXT],
        "human_answer": call.human_answer,
        "talk_ended": call.talk_ended,
        "talks": [talk_values(talk) for talk in call.talks],
        "transfers": [transfer_values(transfer) for transfer in call.transfers],
        "ended_at": call.ended_at,
        "hangup_cause": call.hangup_cause,
        "ended_by_caller": call.ended_by_caller,
        "outcome": call.outcome.value if call.outcome else None,
        "is_short_abandon": call.is_short_abandon,
        "oddities": list(call.oddities),
        "late": [leg.as_values() for leg in late_because(call)],
        "is_unfollowed": False,
    }


async def mark_unfollowed(session: AsyncSession, call_id: str) -> None:
    """Write that a room above could not take this call up."""
    await session.execute(update(CallTable).where(CallTable.id == call_id).values(is_unfollowed=True))


async def unfollowed_calls(session: AsyncSession, *, after: str = "", limit: int = 50) -> list[str]:
    """Return the ids of marked calls, by id, beginning behind `after`."""
    found = await session.scalars(
        select(CallTable.id).where(CallTable.is_unfollowed, CallTable.id > after).order_by(CallTable.id).limit(limit)
    )
    return list(found)


async def count_unfollowed(session: AsyncSession) -> int:
    """Return how many calls are marked."""
    return await session.scalar(select(func.count()).select_from(CallTable).where(CallTable.is_unfollowed)) or 0


async def call_by_id(session: AsyncSession, call_id: str) -> CallRecord | None:
    """Return the call that this linkedid belongs to, be it part of an older one, or None where there is none."""
    row = await session.get(CallTable, call_id, populate_existing=True)
    if row is None and (joined := await call_id_of(session, call_id)) != call_id:
        row = await session.get(CallTable, joined, populate_existing=True)
    return None if row is None else record_of_row(row)


async def records_of(session: AsyncSession, ids: Collection[str]) -> list[CallRecord]:
    """Return the calls that have these ids themselves: one that became part of another is not among them."""
    wanted = sorted(ids)
    found: list[CallRecord] = []
    for place in range(0, len(wanted), IDS_AT_ONCE):
        some = CallTable.id.in_(wanted[place : place + IDS_AT_ONCE])
        found += await _calls(session, some, newest_first=False, limit=IDS_AT_ONCE)
    return found


async def open_calls(session: AsyncSession) -> list[CallRecord]:
    """Return the calls that have not ended, oldest first."""
    return await _calls(session, CallTable.state != CallState.ENDED.value, newest_first=False, limit=1000)


async def calls_page(
    session: AsyncSession,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    number: str | Collection[str] = (),
    before: str | None = None,
    limit: int = 50,
) -> list[CallRecord]:
    """Return calls, newest first; `before` is the id of the last call of the page before this one.

    `number` may be several forms in which a carrier may have sent it: the ledger keeps what came.
    """
    wanted: list[ColumnElement[bool]] = [CallTable.ring_start.is_not(None)]
    if since is not None:
        wanted.append(CallTable.ring_start >= since)
    if until is not None:
        wanted.append(CallTable.ring_start < until)
    if number:
        wanted.append(CallTable.caller_number.in_([number] if isinstance(number, str) else sorted(number)))
    if before is not None:
        last = await session.get(CallTable, before)
        if last is None or last.ring_start is None:
            return []
        same_moment = and_(CallTable.ring_start == last.ring_start, CallTable.id < last.id)
        wanted.append(or_(CallTable.ring_start < last.ring_start, same_moment))
    return await _calls(session, *wanted, newest_first=True, limit=limit)


async def _calls(
    session: AsyncSession, *wanted: ColumnElement[bool], newest_first: bool, limit: int
) -> list[CallRecord]:
    order = (CallTable.ring_start.desc(), CallTable.id.desc()) if newest_first else (CallTable.ring_start, CallTable.id)
    found = await session.scalars(select(CallTable).where(*wanted).order_by(*order).limit(limit))
    return [record_of_row(row) for row in found]


def record_of_row(row: Any) -> CallRecord:
    """Return the call that a row of the table keeps; its columns are read by name."""
    return CallRecord(
        id=row.id,
        state=CallState(row.state),
        direction=row.direction,
        caller_number=row.caller_number,
        caller_name=row.caller_name,
        dialled=row.dialled,
        ring_start=row.ring_start,
        switch_answer=row.switch_answer,
        notice_version=row.notice_version,
        recording=row.recording,
        recording_start=row.recording_start,
        recording_refused=row.recording_refused,
        look_up=row.look_up,
        language=row.language,
        menu_entered_at=row.menu_entered_at,
        menu_path=tuple(row.menu_path),
        request=row.request,
        without_service=row.without_service,
        queue=row.queue,
        queued_at=row.queued_at,
        is_emergency=row.is_emergency,
        call_back_at=row.call_back_at,
        message_at=row.message_at,
        incident=row.incident,
        joined_incident=row.joined_incident,
        is_served_by_menu=row.is_served_by_menu,
        satisfaction=row.satisfaction,
        returns=row.returns,
        resident_leg=row.resident_leg,
        resident_dialled=row.resident_dialled,
        resident_answered=row.resident_answered,
        talk_steps=tuple(row.talk_steps),
        rings=tuple(ring_of(values) for values in row.rings),
        agent=row.agent,
        human_answer=row.human_answer,
        talk_ended=row.talk_ended,
        talks=tuple(talk_of(values) for values in row.talks),
        transfers=tuple(transfer_of(values) for values in row.transfers),
        ended_at=row.ended_at,
        hangup_cause=row.hangup_cause,
        ended_by_caller=row.ended_by_caller,
        outcome=Outcome(row.outcome) if row.outcome else None,
        is_short_abandon=row.is_short_abandon,
        oddities=tuple(row.oddities),
    )
