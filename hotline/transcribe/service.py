"""Write one recording down: find its files, run both legs through the recogniser, store the conversation once.

Called by the worker's job, which takes the most urgent one. May run twice, and may die anywhere: the claim counts
attempts, the sweep asks again, and a transcript that is done stays as it is.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.store import call_by_id
from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.errors import RecordingError
from hotline.recordings.recording import Recording, RecordingState
from hotline.recordings.sounds import Sounds
from hotline.recordings.store import recording_by_name
from hotline.settings import TranscribeSettings
from hotline.transcribe.audio import LegFile
from hotline.transcribe.backlog_store import claim_most_urgent
from hotline.transcribe.engines import Engine
from hotline.transcribe.errors import NotLoaded, RecogniserDied, RecogniserTooSlow, TranscribeError
from hotline.transcribe.pool import Pool
from hotline.transcribe.store import begin_transcript, fail_transcript, keep_transcript
from hotline.transcribe.transcript import Transcript

log = structlog.get_logger()

MOST_ATTEMPTS: Final = 3  # a file that kills the recogniser so often is left, with the reason, for a person
UNFORESEEN: Final = "unforeseen"  # the reason kept for a failure that is not ours by name; the log has where

LEGS: Final = 2
TO_SPARE: Final = timedelta(minutes=5)

Follower = Callable[[AsyncSession, str], Awaitable[None]]
Reading = Callable[[Transcript, CallRecord | None], Awaitable[Transcript]]


def longest_job(settings: TranscribeSettings) -> timedelta:
    """Return how long writing one recording down may take: both legs at their limit, and some to spare."""
    return LEGS * timedelta(seconds=settings.timeout) + TO_SPARE


class Transcriber:
    """Writes recordings down. `follow` is called with the call's id in the transaction that stores the words.

    `read` makes a conversation readable (mended, in digits). Whoever began longer than `longest` ago has died.
    """

    def __init__(
        self,
        *,
        directory: Path,
        database: Database,
        clock: Clock,
        engine: Engine,
        pool: Pool,
        follow: Follower,
        tell: Callable[[Change], Awaitable[None]],
        read: Reading,
        longest: timedelta,
        sounds: Sounds | None = None,
    ) -> None:
        self._directory = directory
        self._sounds = sounds or Sounds(directory)
        self._database = database
        self._clock = clock
        self._engine = engine
        self._pool = pool
        self._follow = follow
        self._tell = tell
        self._read = read
        self._longest = longest

    async def transcribe_most_urgent(self) -> bool:
        """Write down the most urgent recording that waits; False where none does."""
        now = self._clock.now()
        async with self._database.begin() as session:
            claim = await claim_most_urgent(
                session,
                engine=self._engine.name,
                model=self._engine.model,
                at=now,
                stale_before=now - self._longest,
            )
        if claim is None:
            return False
        await self._transcribe(claim.recording, claim.attempt)
        return True

    async def transcribe(self, name: str) -> None:
        """Write the recording of this name down, unless it is done or has failed for good."""
        async with self._database.begin() as session:
            recording = await recording_by_name(session, name, self._directory)
            if recording is None or recording.caller is None:
                log.warning("there is no such recording to write down")
                return
            attempt = await begin_transcript(
                session,
                recording=name,
                call_id=recording.call_id,
                engine=self._engine.name,
                model=self._engine.model,
                at=self._clock.now(),
            )
        if attempt is not None:
            await self._transcribe(name, attempt)

    async def _transcribe(self, name: str, attempt: int) -> None:
        async with self._database.read() as session:
            recording = await recording_by_name(session, name, self._directory)
            call = await call_by_id(session, recording.call_id) if recording else None
        if recording is None or recording.caller is None:  # refused since it was claimed
            return
        await self._tell(Change(Subject.CALL, recording.call_id))
        answered_after = call.human_answer - recording.began if call and call.human_answer else None
        try:
            async with self._sounds.sides(recording) as (caller, agent):
                await self._write_down(recording, call, _legs(caller, agent, recording, answered_after))
        except NotLoaded as wrong:  # the machine's fault, not the recording's: asked again for as long as it lasts
            await self._failed(recording, attempt, wrong.error_id, is_final=False)
        except (RecogniserDied, RecogniserTooSlow, RecordingError) as wrong:
            await self._failed(recording, attempt, wrong.error_id, is_final=attempt >= MOST_ATTEMPTS)
        except TranscribeError as wrong:
            await self._failed(recording, attempt, wrong.error_id, is_final=True)
        except Exception:  # left as begun, nobody would ever ask for this recording again
            await self._failed(recording, attempt, UNFORESEEN, is_final=attempt >= MOST_ATTEMPTS)
            raise

    async def _write_down(
        self, recording: Recording, call: CallRecord | None, legs: tuple[LegFile, LegFile | None]
    ) -> None:
        transcript = await self._read(await self._pool.transcribe(*legs), call)
        async with self._database.begin() as session:
            still = await recording_by_name(session, recording.name, self._directory)
            if still is None or still.caller is None:
                return  # refused by the caller meanwhile: nothing of it is kept
            is_first = await keep_transcript(session, recording.name, transcript, self._clock.now())
            if is_first:
                await self._follow(session, recording.call_id)
        if is_first:
            turns = len(transcript.turns)
            log.info("recording written down", linkedid=recording.call_id, engine=transcript.engine, turns=turns)
            await self._tell(Change(Subject.CALL, recording.call_id))

    async def _failed(self, recording: Recording, attempt: int, reason: str, *, is_final: bool) -> None:
        log.error("recording not written down", linkedid=recording.call_id, reason=reason, attempt=attempt)
        async with self._database.begin() as session:
            await fail_transcript(
                session,
                recording=recording.name,
                engine=self._engine.name,
                model=self._engine.model,
                reason=reason,
                at=self._clock.now(),
                is_final=is_final,
            )
        await self._tell(Change(Subject.CALL, recording.call_id))


def _legs(
    caller: Path, agent: Path, recording: Recording, answered_after: timedelta | None
) -> tuple[LegFile, LegFile | None]:
    """Both sides: the caller's from the first word, the agent's from the answer; before it, that leg is prompts."""
    was_cut = recording.state is RecordingState.CUT
    if answered_after is None:
        return LegFile(caller, was_cut=was_cut), None
    return LegFile(caller, was_cut=was_cut), LegFile(agent, max(answered_after, timedelta(0)), was_cut)
