"""When one call turned out to be part of another: what was said in it is that one's."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.transcribe.store import TranscriptTable


async def absorb_transcripts(session: AsyncSession, young: str, old: str) -> None:
    """Let every transcript of `young` hang on `old`. May run again."""
    await session.execute(
        update(TranscriptTable)
        .where(TranscriptTable.call_id == young)
        .values(call_id=old)
        .execution_options(synchronize_session="fetch")
    )
