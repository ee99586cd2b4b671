"""Take words and entries out when their time is over; what is held, or still owed, stays."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.dutylog.chain_store import remove_oldest
from hotline.dutylog.entry import DutyEntry
from hotline.dutylog.matters_store import matters_of
from hotline.dutylog.store import first_versions
from hotline.followups.follow_up import FollowUpState
from hotline.recordings.store import RecordingTable
from hotline.retention.store import kept_recording
from hotline.transcribe.store import TranscriptState, TranscriptTable, TurnTable


@dataclass(frozen=True, slots=True)
class WordsGone:
    """The words of one writing down that were removed: whose call's, of which recording, and their hash."""

    call_id: str
    what: str
    sha256: str


async def old_transcripts(
    session: AsyncSession, before: datetime, *, after: tuple[datetime, int] | None = None, limit: int = 200
) -> list[tuple[datetime, int]]:
    """Return when the recording began and the id of transcripts from before this moment, oldest first."""
    query = (
        select(RecordingTable.began, TranscriptTable.id)
        .join(RecordingTable, RecordingTable.name == TranscriptTable.recording)
        .where(TranscriptTable.state.in_((TranscriptState.DONE, TranscriptState.FAILED)))
        .where(RecordingTable.began < before, ~RecordingTable.held)
        .order_by(RecordingTable.began, TranscriptTable.id)
        .limit(limit)
    )
    if after is not None:
        began, last = after
        query = query.where(
            (RecordingTable.began > began) | ((RecordingTable.began == began) & (TranscriptTable.id > last))
        )
    return [(began, key) for began, key in (await session.execute(query)).tuples()]


async def remove_words(session: AsyncSession, transcript: int) -> WordsGone | None:
    """Remove what was said, and keep that it was written down; None where it must stay or is gone already."""
    row = await session.get(TranscriptTable, transcript, with_for_update=True, populate_existing=True)
    if row is None or row.state not in {TranscriptState.DONE, TranscriptState.FAILED}:
        return None
    kept = await kept_recording(session, row.recording)
    if kept is None or kept.is_held or kept.has_open_matter:
        return None
    turns = select(TurnTable.side, TurnTable.start_ms, TurnTable.text).where(TurnTable.transcript_id == row.id)
    said = [list(turn) for turn in (await session.execute(turns.order_by(TurnTable.place))).tuples()]
    await session.execute(delete(TurnTable).where(TurnTable.transcript_id == row.id))
    row.state = TranscriptState.REMOVED
    await session.flush()  # the index follows what is written through the session
    return WordsGone(
        call_id=row.call_id,
        what=f"{row.recording} {row.engine} {row.model}",
        sha256=sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest(),
    )


async def remove_entries(session: AsyncSession, before: datetime, *, limit: int) -> list[DutyEntry]:
    """Remove the oldest entries of the log, up to the first that is not old enough or whose matter is still owed."""
    return await remove_oldest(session, before, limit=limit, still_owed=_still_owed)


async def _still_owed(session: AsyncSession, numbers: list[int]) -> set[int]:
    first = await first_versions(session, numbers)
    matters = await matters_of(session, list(first.values()))
    return {number for number in numbers if (owed := matters.get(first[number])) and owed.state is FollowUpState.OPEN}
