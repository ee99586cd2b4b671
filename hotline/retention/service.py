"""Remove the sound of calls whose time is over, each with its proof. Runs in the worker, one process at a time."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.bus import Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.packer import alone_with
from hotline.recordings.removing import remove_with_proof
from hotline.recordings.store import expire_recording, expiring_recordings, recording_by_name
from hotline.retention.rules import Days, Kept, Klass
from hotline.retention.store import kept_recording, perhaps_over
from hotline.settings import RetentionSettings

log = structlog.get_logger()

AT_ONCE: Final = 500  # removed in one round; the next round goes on


class Retention:
    """Removes what need not be kept any longer."""

    def __init__(
        self,
        *,
        directory: Path,
        database: Database,
        clock: Clock,
        settings: RetentionSettings,
        tell: Callable[[Change], Awaitable[None]],
    ) -> None:
        self._directory = directory
        self._database = database
        self._clock = clock
        self._tell = tell
        self._days = Days({klass: getattr(settings, klass.value) for klass in Klass})

    async def round(self, limit: int = AT_ONCE) -> int:
        """Finish what was begun, then remove what is over; return how many recordings were removed."""
        async with alone_with(self._directory) as is_alone:
            if not is_alone:
                return 0
            removed = await self._finish()
            after: Kept | None = None
            while removed < limit:
                async with self._database.read() as session:
                    found = await perhaps_over(session, self._days, self._clock.now(), after=after)
                if not found:
                    break
                after = found[-1]
                for kept in found:
                    if removed < limit and self._days.is_over(kept, self._clock.now()):
                        removed += await self._remove(kept.name)
            return removed

    async def _finish(self) -> int:
        async with self._database.read() as session:
            begun = await expiring_recordings(session, self._directory)
        return sum([await self._remove(recording.name, is_begun=True) for recording in begun])

    async def _remove(self, name: str, *, is_begun: bool = False) -> bool:
        async with self._database.begin() as session:
            kept = await kept_recording(session, name)  # looked at again: it may be held or owed by now
            if kept is None:
                return False
            if not is_begun and not (
                self._days.is_over(kept, self._clock.now()) and await expire_recording(session, name)
            ):
                return False
            recording = await recording_by_name(session, name, self._directory)
        if recording is None:
            return False
        try:
            is_new = await remove_with_proof(
                recording,
                klass=kept.klass,
                rule=self._days.rule(kept.klass),
                directory=self._directory,
                database=self._database,
                clock=self._clock,
            )
        except (OSError, SQLAlchemyError) as wrong:  # it stays expiring, and holds no other up
            log.error("expired recording not removed", linkedid=recording.call_id, reason=type(wrong).__name__)
            return False
        log.info("recording removed, its time was over", linkedid=recording.call_id, klass=kept.klass.value)
        await self._tell(Change(Subject.CALL, recording.call_id))
        return is_new
