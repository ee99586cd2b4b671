"""Tables and queries of transcripts: one row for each recording, engine and model; one row a turn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.transcribe.transcript import Side, Transcript, Turn, Word

_WORD_VALUES: Final = 7  # of a word that was touched; the others are stored with their first four


class TranscriptState(StrEnum):
    """How far the writing down of a recording has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REMOVED = "removed"  # its time was over: the words are gone, that they were written down is kept


# Nothing more comes of it, unless a person asks for it again.
SETTLED: Final = frozenset({TranscriptState.DONE, TranscriptState.FAILED, TranscriptState.REMOVED})


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
    heard: Mapped[str] = mapped_column(Text, default="", server_default="")  # as the recogniser wrote it, if not so
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
    session: AsyncSession,
    *,
    recording: str,
    call_id: str,
    engine: str,
    model: str,
    at: datetime,
    stale_before: datetime | None = None,
) -> int | None:
    """Claim the writing down of a recording; return which attempt this is, or None where it is done already.

    With `stale_before` None is also returned where somebody is at it, who began no earlier than that.
    """
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
    if row.state in SETTLED:
        return None
    is_begun = row.state == TranscriptState.RUNNING and row.ended is None
    if is_begun and stale_before is not None and row.began >= stale_before:
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
        heard=turn.heard,
        confidence=turn.confidence,
        words=[_word_row(word) for word in turn.words],
    )


def _word_row(word: Word) -> list[Any]:
    """A word nothing was done to is four values; the others have three more."""
    row = [word.text, _ms(word.start), _ms(word.end), round(word.confidence, 3)]
    is_touched = word.heard or word.is_mended or word.is_unsure
    return [*row, word.heard, word.is_mended, word.is_unsure] if is_touched else row


def _turn(row: TurnTable) -> Turn:
    return Turn(
        side=Side(row.side),
        start=timedelta(milliseconds=row.start_ms),
        end=timedelta(milliseconds=row.end_ms),
        text=row.text,
        confidence=row.confidence,
        words=tuple(_word(values) for values in row.words),
        heard=row.heard,
    )


def _word(values: list[Any]) -> Word:
    text, start, end, confidence, heard, is_mended, is_unsure = (*values, "", False, False)[:_WORD_VALUES]
    return Word(
        text=text,
        start=timedelta(milliseconds=start),
        end=timedelta(milliseconds=end),
        confidence=confidence,
        heard=heard,
        is_mended=is_mended,
        is_unsure=is_unsure,
    )


def _ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
