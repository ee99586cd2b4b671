"""Which recordings wait to be written down, the most urgent first, and how far the backlog is worked off.

arq's queue knows no urgency, so a job names nobody: whoever is free claims here what is most urgent now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import CallTable
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import RecordingTable
from hotline.transcribe.store import TranscriptState, TranscriptTable, begin_transcript

RECENT: Final = timedelta(days=7)  # looked through first: of millions of recordings nearly all are written down


class Urgency(IntEnum):
    """How soon somebody needs the words: the lower, the sooner."""

    EMERGENCY = 0
    OWED = 1  # a complaint, a message, a caller nobody spoke to: somebody must act on it
    OTHER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A recording that is ours to write down, and which attempt at it this is."""

    recording: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How far the writing down has come. `done` and `failed` count from a moment on, the others are now."""

    waiting: int
    emergencies: int
    running: int
    done: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One recording's writing down, for the command line. `state` "waiting": nobody is at it, and somebody will be."""

    call_id: str
    recording: str
    state: str
    attempts: int
    engine: str
    reason: str
    began: datetime


async def untranscribed(
    session: AsyncSession, *, stale_before: datetime, began_after: datetime | None = None, limit: int = 100
) -> list[tuple[str, int]]:
    """Return recordings that want a transcript and have none coming, most urgent first, with the attempts so far.

    One begun before `stale_before` and not ended died with its worker, however that came about. With `began_after` only
    calls from then on are looked at.
    """
    found = await session.execute(_most_urgent(stale_before, began_after).limit(limit))
    return [(recording, attempts) for recording, _, attempts in found.tuples()]


async def claim_most_urgent(
    session: AsyncSession, *, engine: str, model: str, at: datetime, stale_before: datetime
) -> Claim | None:
    """Claim the most urgent recording that waits, for one worker alone; None where none waits."""
    passed: list[str] = []
    for began_after in (at - RECENT, None):
        # A row somebody else is claiming is passed over (SQLite has one writer at a time anyway).
        query = _most_urgent(stale_before, began_after).with_for_update(of=RecordingTable, skip_locked=True).limit(1)
        while (row := (await session.execute(query.where(RecordingTable.name.not_in(passed)))).first()) is not None:
            recording, call_id, _ = row
            attempt = await begin_transcript(
                session,
                recording=recording,
                call_id=call_id,
                engine=engine,
                model=model,
                at=at,
                stale_before=stale_before,
            )
            if attempt is not None:
                return Claim(recording=recording, attempt=attempt)
            passed.append(recording)  # claimed between our look and our lock
    return None


async def backlog(
    session: AsyncSession, *, stale_before: datetime, since: datetime, began_after: datetime | None = None
) -> Backlog:
    """Return how many recordings wait (of calls from `began_after` on), run, and ended since a moment."""
    each = _waiting(select(_urgency().label("urgency")), stale_before, began_after).subquery()
    waiting = select(each.c.urgency, func.count()).group_by(each.c.urgency)
    by_urgency: dict[int, int] = dict((await session.execute(waiting)).tuples().all())
    ended = dict(
        (
            await session.execute(
                select(TranscriptTable.state, func.count())
                .where(TranscriptTable.state.in_((TranscriptState.DONE, TranscriptState.FAILED)))
                .where(TranscriptTable.ended >= since)
                .group_by(TranscriptTable.state)
            )
        )
        .tuples()
        .all()
    )
    running = await session.scalar(
        select(func.count())
        .select_from(TranscriptTable)
        .where(TranscriptTable.state == TranscriptState.RUNNING, TranscriptTable.ended.is_(None))
        .where(TranscriptTable.began >= stale_before)
    )
    return Backlog(
        waiting=sum(by_urgency.values()),
        emergencies=by_urgency.get(Urgency.EMERGENCY, 0),
        running=running or 0,
        done=ended.get(TranscriptState.DONE, 0),
        failed=ended.get(TranscriptState.FAILED, 0),
    )


async def asked_for(session: AsyncSession, *, state: str | None = None, limit: int = 50) -> list[Asked]:
    """Return recordings with how far their writing down is, the newest first; `state` only those of that state."""
    released = (TranscriptTable.state == TranscriptState.RUNNING) & TranscriptTable.ended.is_not(None)
    known = case((released, "waiting"), else_=func.coalesce(TranscriptTable.state, "waiting"))
    query = (
        select(
            RecordingTable.call_id,
            RecordingTable.name,
            known,
            func.coalesce(TranscriptTable.attempts, 0),
            func.coalesce(TranscriptTable.engine, ""),
            func.coalesce(TranscriptTable.reason, ""),
            RecordingTable.began,
        )
        .outerjoin(TranscriptTable, TranscriptTable.recording == RecordingTable.name)
        .where(RecordingTable.state.in_([RecordingState.FINISHED, RecordingState.CUT]))
        .order_by(RecordingTable.began.desc())
        .limit(limit)
    )
    found = await session.execute(query if state is None else query.where(known == state))
    return [
        Asked(
            call_id=row[0], recording=row[1], state=row[2], attempts=row[3], engine=row[4], reason=row[5], began=row[6]
        )
        for row in found.tuples()
    ]


async def ask_again(session: AsyncSession, calls: Iterable[str], at: datetime) -> int:
    """Have calls written down again, whatever came of it before; of none named: all that failed. Return how many.

    Words that are there stay until the new ones come.
    """
    named = list(calls)
    which = TranscriptTable.call_id.in_(named) if named else TranscriptTable.state == TranscriptState.FAILED
    found = await session.scalars(
        update(TranscriptTable)
        .where(which, or_(TranscriptTable.state != TranscriptState.RUNNING, TranscriptTable.ended.is_not(None)))
        .values(state=TranscriptState.RUNNING, ended=at, attempts=0, reason="")
        .returning(TranscriptTable.id)
    )
    return len(found.all())


def _most_urgent(stale_before: datetime, began_after: datetime | None) -> Select[tuple[str, str, int]]:
    attempts = func.coalesce(TranscriptTable.attempts, 0)
    columns = select(RecordingTable.name, RecordingTable.call_id, attempts)
    # One that failed before comes after the others of its urgency: it holds nobody up.
    return _waiting(columns, stale_before, began_after).order_by(
        _urgency(), attempts, RecordingTable.began.desc(), RecordingTable.name
    )


def _waiting(columns: Select[Any], stale_before: datetime, began_after: datetime | None) -> Select[Any]:
    # Coming or settled: done, failed for good, or begun and neither ended nor released.
    idle = (TranscriptTable.state == TranscriptState.RUNNING) & (
        TranscriptTable.ended.is_not(None) | (TranscriptTable.began < stale_before)
    )
    query = (
        columns.select_from(RecordingTable)
        .outerjoin(TranscriptTable, TranscriptTable.recording == RecordingTable.name)
        .outerjoin(CallTable, CallTable.id == RecordingTable.call_id)
        .where(RecordingTable.state.in_([RecordingState.FINISHED, RecordingState.CUT]))
        .where(TranscriptTable.id.is_(None) | idle)
    )
    return query if began_after is None else query.where(RecordingTable.began >= began_after)


def _urgency() -> ColumnElement[int]:
    is_emergency = or_(CallTable.is_emergency, CallTable.queue == "emergency", CallTable.request == "special-help")
    is_owed = or_(CallTable.request == "complaint", CallTable.message_at.is_not(None), CallTable.human_answer.is_(None))
    return case((is_emergency, Urgency.EMERGENCY.value), (is_owed, Urgency.OWED.value), else_=Urgency.OTHER.value)
