"""Tables and queries of transcripts: one row for each recording, engine and model; one row a turn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import RecordingTable
from hotline.transcribe.transcript import Side, Transcript, Turn, Word


class TranscriptState(StrEnum):
    """How far the writing down of a recording has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class TranscriptTable(Base):
    """The writing down of one recording by one engine and model."""

    __tablename__ = "transcript"
    __table_args__ = (UniqueConstraint("recording", "engine", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording: Mapped[str] = mapped_column(String(200), ForeignKey("recording.name"))
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)
    engine: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(INDEX_TEXT))
    version: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    began: Mapped[datetime]
    ended: Mapped[datetime | None]


class TurnTable(Base):
    """What one side said without a long pause."""

    __tablename__ = "turn"

    transcript_id: Mapped[int] = mapped_column(ForeignKey("transcript.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(String(10))
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    words: Mapped[list[Any]] = mapped_column(JSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTranscript:
    """A transcript as kept: its state, who wrote it, the conversation, and why it or one of its legs failed ("")."""

    state: TranscriptState
    engine: str
    model: str
    version: str
    reason: str
    turns: tuple[Turn, ...]


async def begin_transcript(
    session: AsyncSession, *, recording: str, call_id: str, engine: str, model: str, at: datetime
) -> int | None:
    """Claim the writing down of a recording; return which attempt this is, or None where it is done already."""
    row = await _find(session, recording, engine, model)
    if row is None:
        row = TranscriptTable(
            recording=recording,
            call_id=call_id,
            engine=engine,
            model=model,
            version="",
            state="",
            attempts=0,
            reason="",
            began=at,
        )
        session.add(row)
    if row.state in {TranscriptState.DONE, TranscriptState.FAILED}:
        return None
    row.state, row.began, row.ended, row.attempts = TranscriptState.RUNNING, at, None, row.attempts + 1
    await session.flush()
    return row.attempts


async def keep_transcript(session: AsyncSession, recording: str, transcript: Transcript, at: datetime) -> bool:
    """Store the conversation once; False where another run was first."""
    row = await _find(session, recording, transcript.engine, transcript.model)
    if row is None or row.state == TranscriptState.DONE:
        return False
    await session.execute(delete(TurnTable).where(TurnTable.transcript_id == row.id))
    session.add_all(_turn_row(row.id, place, turn) for place, turn in enumerate(transcript.turns))
    row.state, row.version, row.ended = TranscriptState.DONE, transcript.version, at
    row.reason = "; ".join(f"{leg.side}: {leg.error_id}" for leg in transcript.unheard)
    return True


async def fail_transcript(
    session: AsyncSession, *, recording: str, engine: str, model: str, reason: str, at: datetime, is_final: bool
) -> None:
    """Write down why it failed; a failure that is not final is tried again by the sweep."""
    row = await _find(session, recording, engine, model)
    if row is not None and row.state != TranscriptState.DONE:
        row.state = TranscriptState.FAILED if is_final else TranscriptState.RUNNING
        row.reason, row.ended = reason, at


async def transcript_of(session: AsyncSession, call_id: str) -> StoredTranscript | None:
    """Return the newest transcript of the call's recording, or None where none was begun."""
    row = await session.scalar(
        select(TranscriptTable)
        .where(TranscriptTable.call_id == call_id)
        .order_by(TranscriptTable.began.desc())
        .limit(1)
    )
    if row is None:
        return None
    turns = await session.scalars(select(TurnTable).where(TurnTable.transcript_id == row.id).order_by(TurnTable.place))
    return StoredTranscript(
        state=TranscriptState(row.state),
        engine=row.engine,
        model=row.model,
        version=row.version,
        reason=row.reason,
        turns=tuple(_turn(turn) for turn in turns),
    )


async def release_running(session: AsyncSession, at: datetime) -> None:
    """Forget who was at work: what they had begun is free to be begun again. Said by a worker when it starts."""
    await session.execute(
        update(TranscriptTable).where(TranscriptTable.state == TranscriptState.RUNNING, TranscriptTable.ended.is_(None))
        .values(ended=at)
    )  # fmt: skip


async def untranscribed(session: AsyncSession, *, stale_before: datetime, limit: int = 100) -> list[tuple[str, int]]:
    """Return recordings that want a transcript and have none coming, oldest first, with the attempts made so far.

    One begun before `stale_before` and not ended died with its worker, however that came about.
    """
    # Coming or settled: done, failed for good, or begun and neither ended nor released.
    idle = (TranscriptTable.state == TranscriptState.RUNNING) & (
        TranscriptTable.ended.is_not(None) | (TranscriptTable.began < stale_before)
    )
    attempts = func.coalesce(TranscriptTable.attempts, 0)
    found = await session.execute(
        select(RecordingTable.name, attempts)
        .outerjoin(TranscriptTable, TranscriptTable.recording == RecordingTable.name)
        .where(RecordingTable.state.in_([RecordingState.FINISHED, RecordingState.CUT]))
        .where(TranscriptTable.id.is_(None) | idle)
        .order_by(RecordingTable.began)
        .limit(limit)
    )
    return [(name, made) for name, made in found]


async def _find(session: AsyncSession, recording: str, engine: str, model: str) -> TranscriptTable | None:
    found: TranscriptTable | None = await session.scalar(
        select(TranscriptTable)
        .where(TranscriptTable.recording == recording, TranscriptTable.engine == engine, TranscriptTable.model == model)
        .with_for_update()
    )
    return found


def _turn_row(transcript_id: int, place: int, turn: Turn) -> TurnTable:
    return TurnTable(
        transcript_id=transcript_id,
        place=place,
        side=turn.side.value,
        start_ms=_ms(turn.start),
        end_ms=_ms(turn.end),
        text=turn.text,
        confidence=turn.confidence,
        words=[[word.text, _ms(word.start), _ms(word.end), round(word.confidence, 3)] for word in turn.words],
    )


def _turn(row: TurnTable) -> Turn:
    words = (
        Word(text=text, start=timedelta(milliseconds=start), end=timedelta(milliseconds=end), confidence=confidence)
        for text, start, end, confidence in row.words
    )
    return Turn(
        side=Side(row.side),
        start=timedelta(milliseconds=row.start_ms),
        end=timedelta(milliseconds=row.end_ms),
        text=row.text,
        confidence=row.confidence,
        words=tuple(words),
    )


def _ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
