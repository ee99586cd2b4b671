"""Ask what is known of recordings whose time may be over: their calls, their entries, what is still open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import CallTable
from hotline.dutylog.tables_store import DutyEntryTable
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
    found = await _kept(session, (await session.execute(_query().where(RecordingTable.name == name))).all())
    return found[0] if found else None


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
    entries = await session.execute(
        select(DutyEntryTable.call_id, DutyEntryTable.kind).where(DutyEntryTable.call_id.in_(calls))
    )
    kinds: dict[str, set[str]] = {}
    for call_id, kind in entries.tuples():
        kinds.setdefault(call_id or "", set()).add(kind)
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
