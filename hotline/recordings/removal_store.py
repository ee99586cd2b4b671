"""The tables of proofs of deletion and of what must be kept; rows are added, never changed."""

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.recordings.errors import HoldRefused
from hotline.recordings.recording import RecordingState
from hotline.recordings.removal import NOTHING_BEFORE, Link, Removed
from hotline.recordings.store import RecordingTable

GONE: Final = frozenset(
    {RecordingState.REFUSED, RecordingState.REMOVED, RecordingState.EXPIRING, RecordingState.EXPIRED}
)


class RemovalTable(Base):
    """One removal. That `previous` is unique lets two who write at once not both follow the same link."""

    __tablename__ = "removal"
    __table_args__ = (UniqueConstraint("previous"), UniqueConstraint("kind", "what", "at"))

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(String(200))
    klass: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class RecordingHoldTable(Base):
    """Who said that a recording must be kept, or need not be any longer, and why."""

    __tablename__ = "recording_hold"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording: Mapped[str] = mapped_column(String(200), ForeignKey("recording.name"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    is_held: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)


async def prove_removal(session: AsyncSession, removed: Removed) -> Link:
    """Add a proof to the chain. Raises IntegrityError where another was added at this moment: then try again."""
    last = await session.scalar(select(RemovalTable).order_by(RemovalTable.position.desc()).limit(1).with_for_update())
    previous, position = (last.hash, last.position) if last else (NOTHING_BEFORE, 0)
    row = RemovalTable(
        position=position + 1,
        kind=removed.kind,
        what=removed.what,
        klass=removed.klass,
        rule=removed.rule,
        at=removed.at,
        sha256=removed.sha256,
        previous=previous,
        hash=removed.hash_after(previous),
    )
    session.add(row)
    await session.flush()
    return _link(row)


async def removals_after(session: AsyncSession, position: int, *, limit: int = 500) -> list[Link]:
    """Return proofs in the order of the chain, from behind this position."""
    found = await session.scalars(
        select(RemovalTable).where(RemovalTable.position > position).order_by(RemovalTable.position).limit(limit)
    )
    return [_link(row) for row in found]


async def hold_recording(
    session: AsyncSession, name: str, *, is_held: bool, who: str, reason: str, at: datetime
) -> None:
    """Keep a recording whatever its age, or let its time run again. Raises HoldRefused."""
    row = await session.get(RecordingTable, name, with_for_update=True, populate_existing=True)
    if row is None or (is_held and row.state in GONE):
        raise HoldRefused("there is no such recording, or its sound is gone already")
    if row.held == is_held:
        raise HoldRefused("it is held already" if is_held else "it is not held")
    row.held = is_held
    session.add(RecordingHoldTable(recording=name, at=at, who=who[:INDEX_TEXT], is_held=is_held, reason=reason))
    await session.flush()


async def hold_recordings(
    session: AsyncSession, call_id: str, *, is_held: bool, who: str, reason: str, at: datetime
) -> list[str]:
    """Hold or release every recording of a call that can be; return their names. Raises HoldRefused where none can."""
    rows = await session.scalars(
        select(RecordingTable)
        .where(RecordingTable.call_id == call_id)
        .order_by(RecordingTable.name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    names = [row.name for row in rows if row.held != is_held and not (is_held and row.state in GONE)]
    if not names:
        raise HoldRefused(
            "the call has no recording, its sound is gone, or all of it is held already"
            if is_held
            else "no recording of the call is held"
        )
    for name in names:
        await hold_recording(session, name, is_held=is_held, who=who, reason=reason, at=at)
    return names


async def holds_of(session: AsyncSession, name: str) -> list[tuple[datetime, str, bool, str]]:
    """Return when, who, whether held or released, and why, oldest first."""
    found = await session.scalars(
        select(RecordingHoldTable).where(RecordingHoldTable.recording == name).order_by(RecordingHoldTable.id)
    )
    return [(row.at, row.who, row.is_held, row.reason) for row in found]


def _link(row: RemovalTable) -> Link:
    removed = Removed(kind=row.kind, what=row.what, klass=row.klass, rule=row.rule, at=row.at, sha256=row.sha256)
    return Link(position=row.position, removed=removed, previous=row.previous, hash=row.hash)
