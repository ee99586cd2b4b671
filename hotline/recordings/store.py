"""The tables of recordings and their queries."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, delete, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.recordings.legs import Measured, Picture
from hotline.recordings.recording import HAS_FILES, IS_WHOLE, Form, Recording, RecordingState


class RecordingTable(Base):
    """The files of one recording. `packed` is its form, `sha256` of what lies on disk."""

    __tablename__ = "recording"
    __table_args__ = (
        Index("ix_recording_packed_state", "packed", "state"),
        Index("ix_recording_state_began", "state", "began"),
        Index("ix_recording_originals_left", "originals_left"),
    )

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), ForeignKey("call.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    began: Mapped[datetime]
    seconds: Mapped[float] = mapped_column(default=0.0)
    packed: Mapped[str] = mapped_column(String(10), default="", server_default="")
    encrypted: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    originals_left: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    silent_legs: Mapped[str] = mapped_column(String(20), default="", server_default="")
    gap_seconds: Mapped[float] = mapped_column(default=0.0, server_default="0")
    sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    held: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class RecordingPictureTable(Base):
    """How loud each side is over the time; made once, for the player."""

    __tablename__ = "recording_picture"

    recording: Mapped[str] = mapped_column(String(200), ForeignKey("recording.name"), primary_key=True)
    caller: Mapped[bytes] = mapped_column(LargeBinary)
    agent: Mapped[bytes] = mapped_column(LargeBinary)


async def expect_recording(session: AsyncSession, *, name: str, call_id: str, began: datetime) -> None:
    """Remember that the switch is writing this recording; says nothing new the second time."""
    if await session.get(RecordingTable, name) is None:
        session.add(RecordingTable(name=name, call_id=call_id, state=RecordingState.PENDING, began=began, seconds=0.0))


async def refuse_recording(session: AsyncSession, name: str) -> bool:
    """Mark a recording for removal, whatever became of it before; True where it was held until now.

    That it was held stays in its row: the proof of its removal says so.
    """
    row = await session.get(RecordingTable, name, with_for_update=True, populate_existing=True)
    if row is None or row.state in {RecordingState.REMOVED, RecordingState.EXPIRED}:
        return False
    is_news = row.state != RecordingState.REFUSED
    row.state, row.seconds = RecordingState.REFUSED, 0.0
    return is_news and row.held


async def found_again(session: AsyncSession, name: str) -> bool:
    """Let a recording whose files came back, with the disk they lie on, be settled like any other."""
    row = await session.get(RecordingTable, name, with_for_update=True, populate_existing=True)
    if row is None or row.state != RecordingState.MISSING:
        return False
    row.state = RecordingState.PENDING
    return True


async def refused_recordings(session: AsyncSession, directory: Path) -> list[Recording]:
    """Return the recordings whose files are still to be removed."""
    return await _in_state(session, RecordingState.REFUSED, directory)


async def expiring_recordings(session: AsyncSession, directory: Path) -> list[Recording]:
    """Return the recordings whose time is over and whose files are still to be removed."""
    return await _in_state(session, RecordingState.EXPIRING, directory)


async def note_fingerprint(session: AsyncSession, name: str, sha256: str) -> None:
    """Write what lies on disk at this moment: what is removed next is proved by it."""
    row = await session.get(RecordingTable, name, with_for_update=True)
    if row is not None:
        row.sha256 = sha256


async def note_removed(session: AsyncSession, name: str) -> bool:
    """Write that no file is left of what was refused or whose time was over; False where that was written before."""
    row = await session.get(RecordingTable, name, with_for_update=True)
    gone = {RecordingState.REFUSED: RecordingState.REMOVED, RecordingState.EXPIRING: RecordingState.EXPIRED}
    if row is None or RecordingState(row.state) not in gone:
        return False
    row.state, row.originals_left = gone[RecordingState(row.state)], False
    await session.execute(delete(RecordingPictureTable).where(RecordingPictureTable.recording == name))
    return True


async def expire_recording(session: AsyncSession, name: str) -> bool:
    """Begin the removal of a recording whose time is over; False where it is held, or has nothing to remove."""
    row = await session.get(RecordingTable, name, with_for_update=True, populate_existing=True)
    if row is None or row.held or row.state not in {*IS_WHOLE, RecordingState.EMPTY}:
        return False
    row.state = RecordingState.EXPIRING
    return True


async def settle_recording(
    session: AsyncSession, name: str, state: RecordingState, seconds: float, measured: Measured | None = None
) -> bool:
    """Write what became of a pending recording; False where it was settled before."""
    row = await session.get(RecordingTable, name, with_for_update=True)
    if row is None or row.state != RecordingState.PENDING:
        return False
    row.state, row.seconds = state, seconds
    if measured is not None:
        row.silent_legs, row.gap_seconds, row.sha256 = (
            ",".join(measured.silent),
            measured.gap_seconds,
            measured.sha256,
        )
        if state in IS_WHOLE:
            await keep_picture(session, name, measured.picture)
    return True


async def note_packed(session: AsyncSession, name: str, form: Form, *, is_encrypted: bool, sha256: str) -> bool:
    """Write that the packed file is what holds the sound; False where the recording is no longer to be packed."""
    row = await session.get(RecordingTable, name, with_for_update=True, populate_existing=True)
    if row is None or row.packed != Form.SIDES or row.state not in IS_WHOLE:
        return False
    row.packed = form
    if form.is_packed:
        row.encrypted, row.sha256, row.originals_left = is_encrypted, sha256, True
    return True


async def note_originals_gone(session: AsyncSession, name: str) -> None:
    """Write that the WAV files of a packed recording are removed."""
    row = await session.get(RecordingTable, name, with_for_update=True)
    if row is not None:
        row.originals_left = False


async def with_originals_left(session: AsyncSession, directory: Path, limit: int = 100) -> list[Recording]:
    """Return packed recordings whose WAV files may still be there."""
    found = await session.scalars(select(RecordingTable).where(RecordingTable.originals_left).limit(limit))
    return [recording_of_row(row, directory) for row in found]


async def pending_recordings(session: AsyncSession, directory: Path) -> list[Recording]:
    """Return the recordings not yet settled, oldest first."""
    return await _in_state(session, RecordingState.PENDING, directory)


async def recording_by_name(session: AsyncSession, name: str, directory: Path) -> Recording | None:
    """Return the recording of that name, or None."""
    row = await session.get(RecordingTable, name)
    return None if row is None else recording_of_row(row, directory)


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
    return None if row is None else recording_of_row(row, directory)


async def recordings_after(session: AsyncSession, name: str, directory: Path, *, limit: int) -> list[Recording]:
    """Return recordings in the order of their names, from behind this one."""
    found = await session.scalars(
        select(RecordingTable).where(RecordingTable.name > name).order_by(RecordingTable.name).limit(limit)
    )
    return [recording_of_row(row, directory) for row in found]


async def recordings_named(session: AsyncSession, names: Sequence[str], directory: Path) -> dict[str, Recording]:
    """Return those of these names that the ledger knows."""
    found = await session.scalars(select(RecordingTable).where(RecordingTable.name.in_(names)))
    return {row.name: recording_of_row(row, directory) for row in found}


async def count_by_state(session: AsyncSession) -> dict[RecordingState, int]:
    """Return how many recordings there are in each state."""
    found = await session.execute(select(RecordingTable.state, func.count()).group_by(RecordingTable.state))
    return {RecordingState(state): count for state, count in found.tuples()}


async def keep_picture(session: AsyncSession, name: str, picture: Picture) -> None:
    """Keep the picture of a recording's sound; the first one stays."""
    if await session.get(RecordingPictureTable, name) is None:
        session.add(RecordingPictureTable(recording=name, caller=picture.caller, agent=picture.agent))


async def picture_of(session: AsyncSession, name: str) -> Picture | None:
    """Return the picture of a recording's sound, or None where none was made."""
    row = await session.get(RecordingPictureTable, name)
    return None if row is None else Picture(caller=row.caller, agent=row.agent)


def is_safe_name(name: str) -> bool:
    """Tell whether a recording's name, which came through the switch, stays below the recordings directory."""
    path = PurePosixPath(name)
    return bool(name) and len(name) < 200 and not path.is_absolute() and ".." not in path.parts


def recording_of_row(row: RecordingTable, directory: Path) -> Recording:
    """Return the recording that a row keeps."""
    sides = {side: directory / f"{row.name}.{side}.wav" for side in ("caller", "agent")}
    has_files = row.state in HAS_FILES
    return Recording(
        name=row.name,
        call_id=row.call_id,
        state=RecordingState(row.state),
        began=row.began,
        caller=sides["caller"] if has_files else None,
        agent=sides["agent"] if has_files else None,
        seconds=row.seconds,
        form=Form(row.packed),
        is_encrypted=row.encrypted,
        silent_legs=tuple(filter(None, row.silent_legs.split(","))),
        gap_seconds=row.gap_seconds,
        sha256=row.sha256,
        is_held=row.held,
    )


async def _in_state(session: AsyncSession, state: RecordingState, directory: Path) -> list[Recording]:
    found: Iterable[RecordingTable] = await session.scalars(
        select(RecordingTable).where(RecordingTable.state == state).order_by(RecordingTable.began)
    )
    return [recording_of_row(row, directory) for row in found]
