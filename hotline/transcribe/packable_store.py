"""Which recordings may be packed: nobody will want their two WAV files any more."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.recordings.recording import IS_WHOLE, Form
from hotline.recordings.store import RecordingTable
from hotline.transcribe.store import SETTLED, TranscriptTable


async def packable(
    session: AsyncSession, limit: int, name: str | None = None, *, begun_by: datetime, waited_since: datetime
) -> Sequence[str]:
    """Return recordings whose words are there or will never be, oldest first; `name` asks of that one only.

    Only what was begun by `begun_by` is packed: whoever has just spoken with the caller hears the switch's own files.
    One for which no recogniser came since `waited_since` is packed all the same: it can be heard packed, too.
    """
    of_this = TranscriptTable.recording == RecordingTable.name
    is_asked = exists().where(of_this)
    is_at_work = exists().where(of_this, TranscriptTable.state.not_in(SETTLED))
    query = (
        select(RecordingTable.name)
        .where(RecordingTable.packed == Form.SIDES, RecordingTable.state.in_(IS_WHOLE))
        .where(RecordingTable.began <= begun_by)
        .where(or_(is_asked, RecordingTable.began < waited_since), ~is_at_work)
        .order_by(RecordingTable.began, RecordingTable.name)
        .limit(limit)
    )
    return (await session.scalars(query if name is None else query.where(RecordingTable.name == name))).all()
