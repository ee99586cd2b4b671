"""Remove words and entries of the log whose time is over, each with its proof. Runs in the worker beside `service`.

The log is kept for two years at least [P 4.7]; its oldest pages go from the beginning of its chain, which goes on to
hold behind them.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from hotline.bus import Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.packer import alone_with
from hotline.recordings.removal import Removed
from hotline.recordings.removal_store import prove_removal
from hotline.retention.texts_store import old_transcripts, remove_entries, remove_words
from hotline.settings import RetentionSettings

log = structlog.get_logger()

AT_ONCE: Final = 500  # removed in one round; the next round goes on
ENTRIES_AT_ONCE: Final = 100  # in one transaction, which holds the log's chain


class TextRetention:
    """Removes words and entries that need not be kept any longer."""

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
        self._settings = settings
        self._tell = tell

    async def round(self, limit: int = AT_ONCE) -> tuple[int, int]:
        """Remove what is over; return how many writings down and how many entries of the log were removed."""
        async with alone_with(self._directory) as is_alone:
            if not is_alone:
                return 0, 0
            return await self._words(limit), await self._entries(limit)

    async def _words(self, limit: int) -> int:
        days = self._settings.transcripts
        before, removed = self._clock.now() - timedelta(days=days), 0
        after: tuple[datetime, int] | None = None
        while removed < limit:
            async with self._database.read() as session:
                found = await old_transcripts(session, before, after=after)
            if not found:
                break
            after = found[-1]
            for _, transcript in found:
                if removed < limit:
                    removed += await self._remove_words(transcript, f"retention.transcripts = {days} days")
        if removed:
            log.info("words removed", transcripts=removed)
        return removed

    async def _remove_words(self, transcript: int, rule: str) -> bool:
        try:
            async with self._database.begin() as session:
                gone = await remove_words(session, transcript)
                if gone is None:
                    return False
                await prove_removal(
                    session,
                    Removed(
                        kind="transcript",
                        what=gone.what,
                        klass="transcripts",
                        rule=rule,
                        at=self._clock.now(),
                        sha256=gone.sha256,
                    ),
                )
        except IntegrityError:  # another process wrote the chain's next link at this moment: the next round does it
            return False
        await self._tell(Change(Subject.CALL, gone.call_id))
        return True

    async def _entries(self, limit: int) -> int:
        days, removed = self._settings.duty_log, 0
        before = self._clock.now() - timedelta(days=days)
        while removed < limit:
            try:
                async with self._database.begin() as session:
                    gone = await remove_entries(session, before, limit=min(ENTRIES_AT_ONCE, limit - removed))
                    for entry in gone:
                        await prove_removal(
                            session,
                            Removed(
                                kind="entry",
                                what=f"{entry.centre} {entry.page} (chain {entry.chain_position})",
                                klass="duty-log",
                                rule=f"retention.duty_log = {days} days",
                                at=self._clock.now(),
                                sha256=entry.chain_hash,
                            ),
                        )
            except IntegrityError:  # as above
                break
            removed += len(gone)
            if len(gone) < ENTRIES_AT_ONCE:
                break
        if removed:
            log.info("entries of the log removed", entries=removed)
        return removed
