"""Ask what would be over, before anything is removed: recordings, words, entries of the log. Bounded: a page waits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.dutylog.tables_store import DutyEntryTable
from hotline.recordings.store import RecordingTable
from hotline.retention.rules import Days, Klass
from hotline.retention.store import kept_recordings, perhaps_over
from hotline.retention.texts_store import old_transcripts
from hotline.transcribe.store import TranscriptTable

MOST_STEPS: Final = 10  # of two hundred each
FOR_EVER: Final = 36_500  # days

Over = list[tuple[datetime, str]]
"""When it began, and the id of its call; oldest first."""


async def recordings_over(session: AsyncSession, klass: Klass, days: int, at: datetime) -> tuple[Over, bool]:
    """Return recordings of a class whose time would be over then, and whether there are more."""
    rule = Days({each: days if each is klass else FOR_EVER for each in Klass})
    over: Over = []
    after = None
    for _ in range(MOST_STEPS):
        found = await perhaps_over(session, rule, at, after=after)
        if not found:
            return over, False
        over += [(kept.began, kept.call_id) for kept in found if kept.klass is klass and rule.is_over(kept, at)]
        after = found[-1]
    return over, True


async def words_over(session: AsyncSession, before: datetime) -> tuple[Over, bool]:
    """Return what was written down of calls from before this moment, and whether there is more."""
    over: Over = []
    after: tuple[datetime, int] | None = None
    for _ in range(MOST_STEPS):
        found = await old_transcripts(session, before, after=after)
        if not found:
            return over, False
        over += await _removable(session, [transcript for _, transcript in found])
        after = found[-1]
    return over, True


async def entries_over(
    session: AsyncSession, before: datetime, *, limit: int
) -> tuple[int, Sequence[tuple[datetime, str]]]:
    """Return how many entries of the log were written before this moment, at most to go, and the first of them."""
    old = DutyEntryTable.chain_position.is_not(None), DutyEntryTable.written_at < before
    count = await session.scalar(select(func.count()).select_from(DutyEntryTable).where(*old))
    first = await session.execute(
        select(DutyEntryTable.written_at, DutyEntryTable.number)
        .where(*old)
        .order_by(DutyEntryTable.chain_position)
        .limit(limit)
    )
    return count or 0, [(at, str(number)) for at, number in first.tuples()]


async def _removable(session: AsyncSession, transcripts: list[int]) -> Over:
    rows = await session.execute(
        select(TranscriptTable.recording, TranscriptTable.call_id, RecordingTable.began)
        .join(RecordingTable, RecordingTable.name == TranscriptTable.recording)
        .where(TranscriptTable.id.in_(transcripts))
        .order_by(RecordingTable.began, TranscriptTable.id)
    )
    found = rows.tuples().all()
    kept = {one.name: one for one in await kept_recordings(session, [name for name, _, _ in found])}
    return [
        (began, call)
        for name, call, began in found
        if name in kept and not kept[name].is_held and not kept[name].has_open_matter
    ]
