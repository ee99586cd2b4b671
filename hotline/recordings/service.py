"""Follow each recording from its start to two complete files, and see to it that it is transcribed.

The switch tells twice that a recording is complete: by the files' headers, which outlive us, and by an AMI event,
which only wakes us. A recording whose files are never closed (the switch died) is mended and kept as cut.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.store import call_by_id
from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.files import SIDES, are_complete, mend_header, side_file
from hotline.recordings.legs import measure
from hotline.recordings.recording import IS_WHOLE, Recording, RecordingState
from hotline.recordings.removing import remove_with_proof
from hotline.recordings.store import (
    expect_recording,
    is_safe_name,
    pending_recordings,
    refuse_recording,
    refused_recordings,
    settle_recording,
)

log = structlog.get_logger()

LOOK_EVERY: Final = 1.0
GRACE: Final = timedelta(seconds=30)  # after a call's end, before a recording that was never closed is taken as cut

REFUSED: Final = "the caller refused to be recorded"
REFUSED_ALTHOUGH_HELD: Final = f"{REFUSED}, although it was held"


class Recordings:
    """Settles recordings. `follow` is called by the ledger inside its transaction; `run` does the rest."""

    def __init__(
        self,
        *,
        directory: Path,
        database: Database,
        bus: Bus,
        clock: Clock,
        wants_transcript: Callable[[str], Awaitable[object]],
    ) -> None:
        self._directory = directory
        self._database = database
        self._bus = bus
        self._clock = clock
        self._wants_transcript = wants_transcript
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Say that a recording may just have been completed."""
        self._bell.set()

    async def follow(self, session: AsyncSession, call: CallRecord) -> None:
        """Remember a call's recording as soon as the call tells of one."""
        if call.recording and call.recording_start and is_safe_name(call.recording):
            await expect_recording(session, name=call.recording, call_id=call.id, began=call.recording_start)
        for name in filter(is_safe_name, call.refused_recordings):
            await expect_recording(session, name=name, call_id=call.id, began=call.ring_start or self._clock.now())
            await session.flush()
            if await refuse_recording(session, name):
                log.warning("a recording under hold is refused by its caller: it is removed", linkedid=call.id)

    async def run(self) -> None:
        """Settle recordings until cancelled."""
        while True:
            self._bell.clear()
            try:
                await self.settle_all()
            except (SQLAlchemyError, OSError) as wrong:
                log.error("recordings could not be looked after", reason=type(wrong).__name__)
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._bell.wait()
            except TimeoutError:
                pass

    async def settle_all(self) -> int:
        """Settle every recording that can be; return how many."""
        async with self._database.read() as session:
            pending = await pending_recordings(session, self._directory)
            refused = await refused_recordings(session, self._directory)
        complete = await asyncio.to_thread(self._complete, [*pending, *refused])
        settled = 0
        for recording in refused:
            try:
                await self._remove(recording, is_complete=recording.name in complete)
            except OSError as wrong:  # it stays to be removed, and holds no other up
                log.error("refused recording not removed", linkedid=recording.call_id, reason=type(wrong).__name__)
        for recording in pending:
            try:
                settled += await self._settle(recording, is_complete=recording.name in complete)
            except OSError as wrong:  # one file we may not touch holds no other up
                log.error("recording cannot be settled", linkedid=recording.call_id, reason=type(wrong).__name__)
        return settled

    def _complete(self, recordings: list[Recording]) -> set[str]:
        return {recording.name for recording in recordings if are_complete(self._directory, recording.name)}

    async def _settle(self, recording: Recording, *, is_complete: bool) -> bool:
        state = RecordingState.FINISHED if is_complete else await self._state_without_end(recording)
        if state is RecordingState.PENDING:
            return False
        caller, agent = (side_file(self._directory, recording.name, side) for side in SIDES)
        measured = await asyncio.to_thread(measure, caller, agent)
        seconds = measured.seconds
        if state is RecordingState.CUT and seconds == 0.0:
            state = RecordingState.EMPTY
        async with self._database.begin() as session:
            is_new = await settle_recording(session, recording.name, state, seconds, measured)
        if is_new:
            tell = log.info if state is RecordingState.FINISHED else log.warning
            tell(
                "recording settled",
                linkedid=recording.call_id,
                state=state.value,
                seconds=round(seconds, 1),
                silent=measured.silent,
                gap_s=measured.gap_seconds,
                rms_db=measured.rms_db,
            )
            self._bus.publish(Change(Subject.CALL, recording.call_id))
            if state in IS_WHOLE:
                await self._wants_transcript(recording.name)
        return is_new

    async def _remove(self, recording: Recording, *, is_complete: bool) -> None:
        """Remove what was recorded before the caller refused, once the switch writes no more."""
        if not is_complete and not await self._is_long_over(recording):
            return
        await remove_with_proof(
            recording,
            klass="refused",
            rule=REFUSED_ALTHOUGH_HELD if recording.is_held else REFUSED,
            directory=self._directory,
            database=self._database,
            clock=self._clock,
        )
        tell = log.warning if recording.is_held else log.info
        tell("refused recording removed", linkedid=recording.call_id, was_held=recording.is_held)
        self._bus.publish(Change(Subject.CALL, recording.call_id))

    async def _is_long_over(self, recording: Recording) -> bool:
        async with self._database.read() as session:
            call = await call_by_id(session, recording.call_id)
        return call is not None and call.ended_at is not None and self._clock.now() >= call.ended_at + GRACE

    async def _state_without_end(self, recording: Recording) -> RecordingState:
        if not await self._is_long_over(recording):
            return RecordingState.PENDING
        there = [path for side in SIDES if (path := side_file(self._directory, recording.name, side)).exists()]
        if not there:
            return RecordingState.MISSING
        for path in there:
            await asyncio.to_thread(mend_header, path)
        return RecordingState.CUT
