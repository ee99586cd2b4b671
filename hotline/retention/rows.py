"""Remove rows of other tables whose time is over, each step with its proof. Runs in the worker beside `service`."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.packer import alone_with
from hotline.recordings.removal import Removed
from hotline.recordings.removal_store import prove_removal
from hotline.retention.rows_store import OldRows, remove_rows
from hotline.settings import RetentionSettings

log = structlog.get_logger()

AT_ONCE: Final = 500  # in one transaction
TRANSACTIONS: Final = 40  # in one round; the next round goes on


class RowRetention:
    """Removes rows that need not be kept any longer; `ends` names them by the setting that says for how long."""

    def __init__(
        self,
        *,
        directory: Path,
        database: Database,
        clock: Clock,
        settings: RetentionSettings,
        ends: Mapping[str, tuple[OldRows, ...]],
    ) -> None:
        self._directory, self._database, self._clock = directory, database, clock
        self._settings, self._ends = settings, ends

    async def round(self, limit: int = TRANSACTIONS, at_once: int = AT_ONCE) -> int:
        """Remove what is over; return how many rows were removed."""
        async with alone_with(self._directory) as is_alone:
            if not is_alone:
                return 0
            removed = 0
            for what, tables in self._ends.items():
                for rows in tables:
                    while limit and (gone := await self._remove(what, rows, at_once)):
                        removed, limit = removed + gone, limit - 1
            if removed:
                log.info("rows removed, their time was over", rows=removed)
            return removed

    async def _remove(self, what: str, rows: OldRows, at_once: int) -> int:
        days, now = int(getattr(self._settings, what)), self._clock.now()
        try:
            async with self._database.begin() as session:
                gone = await remove_rows(session, rows, now - timedelta(days=days), limit=at_once)
                if gone is None:
                    return 0
                await prove_removal(
                    session,
                    Removed(
                        kind="rows",
                        what=f"{rows.name}: {gone.count} rows, {gone.first} to {gone.last}",
                        klass=what,
                        rule=f"retention.{what} = {days} days",
                        at=now,
                        sha256=gone.sha256,
                    ),
                )
        except IntegrityError:  # another process wrote the chain's next link at this moment: the next round does it
            return 0
        return gone.count
