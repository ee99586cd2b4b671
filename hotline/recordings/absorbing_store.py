"""When one call turned out to be part of another: its recordings are that one's."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.recordings.store import RecordingTable


async def absorb_recordings(session: AsyncSession, young: str, old: str) -> None:
    """Let every recording of `young` hang on `old`; the files keep their names. May run again."""
    await session.execute(
        update(RecordingTable)
        .where(RecordingTable.call_id == young)
        .values(call_id=old)
        .execution_options(synchronize_session="fetch")
    )
