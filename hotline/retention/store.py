"""Ask what is known of recordings whose time may be over: their calls, their entries, what is still open."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import CallTable
from hotline.dutylog.tables_store import DutyEntryMovedTable, DutyEntryTable
from hotline.followups.store import OPEN, FollowUpCallTable, FollowUpTable
from hotline.incidents.store import IncidentCallTable, IncidentTable
from hotline.recordings.recording import IS_WHOLE, RecordingState
from hotline.recordings.store import RecordingTable
from hotline.retention.rules import Days, Kept, Klass

REMOVABLE = (*IS_WHOLE, RecordingState.EMPTY)


async def perhaps_over(
    session: AsyncSession, days: Days, now: datetime, *, after: Kept | None = None, limit: int = 200
) -> list[Kept]:
    """Return recordings that may be past their time, oldest first, from behind `after`."""
    answered, message = CallTable.human_answer.is_not(None), CallTable.message_at.is_not(None)
    classes: dict[Klass, ColumnElement[bool]] = {
        Klass.CALLS: answered,
        Klass.MESSAGES: and_(~answered, message),
        Klass.UNANSWERED: and_(~answered, ~message),
    }
    old = [and_(is_it, RecordingTable.began <= days.earliest(klass, now)) for klass, is_it in classes.items()]
    query = (
        _query()
        .where(RecordingTable.state.in_(REMOVABLE), ~RecordingTable.held, or_(*old))
        .order_by(RecordingTable.began, RecordingTable.name)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(RecordingTable.began, RecordingTable.name) > (after.began, after.name))
    return await _kept(session, (await session.execute(query)).all())


async def kept_recording(session: AsyncSession, name: str) -> Kept | None:
    """Return what is known of one recording, or None."""
    found = await kept_recordings(session, [name])
    return found[0] if found else None


async def kept_recordings(session: AsyncSession, names: Collection[str]) -> list[Kept]:
    """Return what is known of these recordings, in no order."""
    return await _kept(session, (await session.execute(_query().where(RecordingTable.name.in_(names)))).all())


def _query() -> Select[Any]:
    return select(
        RecordingTable.name,
        RecordingTable.call_id,
        RecordingTable.began,
        RecordingTable.held,
        CallTable.is_emergency,
        CallTable.human_answer,
        CallTable.message_at,
        CallTable.request,
    ).join(CallTable, CallTable.id == RecordingTable.call_id)


async def _kept(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[Kept]:
    calls = {row.call_id for row in rows}
    kinds = await _kinds_of(session, calls)
    owed = set(
        await session.scalars(
            select(FollowUpCallTable.call_id)
            .join(FollowUpTable, FollowUpTable.id == FollowUpCallTable.follow_up_id)
            .where(FollowUpCallTable.call_id.in_(calls), FollowUpTable.state == OPEN)
        )
    )
    owed |= set(
        await session.scalars(
            select(FollowUpTable.call_id).where(FollowUpTable.call_id.in_(calls), FollowUpTable.state == OPEN)
        )
    )
    owed |= set(
        await session.scalars(
            select(IncidentCallTable.call_id)
            .join(IncidentTable, IncidentTable.id == IncidentCallTable.incident_id)
            .where(IncidentCallTable.call_id.in_(calls), IncidentTable.open_building.is_not(None))
        )
    )
    return [
        Kept(
            name=row.name,
            call_id=row.call_id,
            began=row.began,
            is_emergency=row.is_emergency,
            is_answered=row.human_answer is not None,
            has_message=row.message_at is not None,
            kinds=frozenset({row.request, *kinds.get(row.call_id, ())}),
            is_held=row.held,
            has_open_matter=row.call_id in owed,
        )
        for row in rows
    ]


async def _kinds_of(session: AsyncSession, calls: set[str]) -> dict[str, set[str]]:
    """Return of which kinds the entries of these calls are, and those of the calls that became part of them."""
    of_their_own = select(DutyEntryTable.call_id, DutyEntryTable.kind).where(DutyEntryTable.call_id.in_(calls))
    # A confirmed entry keeps the call it was written for: the page it stands on is signed.
    of_their_parts = (
        select(DutyEntryMovedTable.to_call, DutyEntryTable.kind)
        .join(DutyEntryTable, DutyEntryTable.call_id == DutyEntryMovedTable.from_call)
        .where(DutyEntryMovedTable.to_call.in_(calls))
    )
    kinds: dict[str, set[str]] = {}
    for query in (of_their_own, of_their_parts):
        for call_id, kind in (await session.execute(query)).tuples():
            kinds.setdefault(call_id or "", set()).add(kind)
    return kinds
