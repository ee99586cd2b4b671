"""The table of recordings and its queries."""

from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.recordings.recording import Recording, RecordingState


class RecordingTable(Base):
    """The files of one recording."""

    __tablename__ = "recording"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), ForeignKey("call.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    began: Mapped[datetime]
    seconds: Mapped[float] = mapped_column(default=0.0)


async def expect_recording(session: AsyncSession, *, name: str, call_id: str, began: datetime) -> None:
    """Remember that the switch is writing this recording; says nothing new the second time."""
    if await session.get(RecordingTable, name) is None:
        session.add(RecordingTable(name=name, call_id=call_id, state=RecordingState.PENDING, began=began, seconds=0.0))


async def refuse_recording(session: AsyncSession, name: str) -> None:
    """Mark a recording for removal, whatever became of it before."""
    row = await session.get(RecordingTable, name)
    if row is not None and row.state != RecordingState.REMOVED:
        row.state, row.seconds = RecordingState.REFUSED, 0.0


async def refused_recordings(session: AsyncSession, directory: Path) -> list[Recording]:
    """Return the recordings whose files are still to be removed."""
    found = await session.scalars(select(RecordingTable).where(RecordingTable.state == RecordingState.REFUSED))
    return [_recording(row, directory) for row in found]


async def note_removed(session: AsyncSession, name: str) -> None:
    """Write that no file of a refused recording is left."""
    row = await session.get(RecordingTable, name, with_for_update=True)
    if row is not None and row.state == RecordingState.REFUSED:
        row.state = RecordingState.REMOVED


async def settle_recording(session: AsyncSession, name: str, state: RecordingState, seconds: float) -> bool:
    """Write what became of a pending recording; False where it was settled before."""
    row = await session.get(RecordingTable, name, with_for_update=True)
    if row is None or row.state != RecordingState.PENDING:
        return False
    row.state, row.seconds = state, seconds
    return True


async def pending_recordings(session: AsyncSession, directory: Path) -> list[Recording]:
    """Return the recordings not yet settled, oldest first."""
    found = await session.scalars(
        select(RecordingTable).where(RecordingTable.state == RecordingState.PENDING).order_by(RecordingTable.began)
    )
    return [_recording(row, directory) for row in found]


async def recording_by_name(session: AsyncSession, name: str, directory: Path) -> Recording | None:
    """Return the recording of that name, or None."""
    row = await session.get(RecordingTable, name)
    return None if row is None else _recording(row, directory)


async def recording_of(session: AsyncSession, call_id: str, directory: Path) -> Recording | None:
    """Return the call's recording, or None where none was begun. `directory` is the recordings directory.

    Who refused may have left a message, which is a recording of its own: it comes before what was refused.
    """
    is_refused = RecordingTable.state.in_((RecordingState.REFUSED, RecordingState.REMOVED))
    row = await session.scalar(
        select(RecordingTable)
        .where(RecordingTable.call_id == call_id)
        .order_by(is_refused, RecordingTable.began.desc(), RecordingTable.name.desc())
        .limit(1)
    )
    return None if row is None else _recording(row, directory)


def is_safe_name(name: str) -> bool:
    """Tell whether a recording's name, which came through the switch, stays below the recordings directory."""
    path = PurePosixPath(name)
    return bool(name) and len(name) < 200 and not path.is_absolute() and ".." not in path.parts


def _recording(row: RecordingTable, directory: Path) -> Recording:
    sides = {side: directory / f"{row.name}.{side}.wav" for side in ("caller", "agent")}
    has_files = row.state in {RecordingState.FINISHED, RecordingState.CUT, RecordingState.PENDING}
    return Recording(
        name=row.name,
        call_id=row.call_id,
        state=RecordingState(row.state),
        began=row.began,
        caller=sides["caller"] if has_files else None,
        agent=sides["agent"] if has_files else None,
        seconds=row.seconds,
    )
