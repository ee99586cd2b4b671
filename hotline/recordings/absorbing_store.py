"""When one call turned out to be part of another: its recordings are that one's, and what is held is held whole."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.recordings.removal_store import GONE, RecordingHoldTable, hold_recording
from hotline.recordings.store import RecordingTable


async def absorb_recordings(session: AsyncSession, young: str, old: str) -> None:
    """Let every recording of `young` hang on `old`; the files keep their names. May run again.

    Who had a call's recordings kept meant all of it: what joins it is kept by the same word.
    """
    await session.execute(
        update(RecordingTable)
        .where(RecordingTable.call_id == young)
        .values(call_id=old)
        .execution_options(synchronize_session="fetch")
    )
    whole = select(RecordingTable).where(RecordingTable.call_id == old).execution_options(populate_existing=True)
    recordings = list(await session.scalars(whole.order_by(RecordingTable.name)))
    free = [row.name for row in recordings if not row.held and row.state not in GONE]
    if not free or len(free) == len(recordings):
        return
    said = await session.scalar(
        select(RecordingHoldTable)
        .where(
            RecordingHoldTable.recording.in_([row.name for row in recordings if row.held]), RecordingHoldTable.is_held
        )
        .order_by(RecordingHoldTable.id.desc())
        .limit(1)
    )
    if said is None:  # who said so was lost with a row: nothing is made up
        return
    for name in free:
        await hold_recording(session, name, is_held=True, who=said.who, reason=said.reason, at=said.at)
