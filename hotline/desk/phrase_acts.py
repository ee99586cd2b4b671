"""Change the set phrases from the page: what stood before and stands now is audited with who did it.

The audit is written first and committed last: a file that cannot be written leaves no line in it, and none is written
without its line unless the database ends between the two, which whoever wrote is told.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.phrase_file import OWN, InUse, PhraseBook, PhraseFileRefused
from hotline.desk.phrases import Phrases, check_phrases, differences, faults_of

ROOM: Final = "phrases"


class PhraseActs:
    """What supervisors do to the phrases of one installation."""

    def __init__(self, *, book: PhraseBook, database: Database, clock: Clock) -> None:
        self._book, self._database, self._clock = book, database, clock

    async def replace(self, values: Mapping[str, Any], version: str, *, by: str) -> InUse:
        """Take over phrases written on a page that had read `version`. Raises PhrasesChanged, PhraseFileRefused."""
        checked = check_phrases(values)
        if not isinstance(checked, Phrases):
            raise PhraseFileRefused(None, faults_of(values))
        present = await asyncio.to_thread(self._book.now)
        before, after = differences(present.phrases, checked)
        async with self._database.begin() as session:
            if before or after:
                change = Change(
                    by=by,
                    room=ROOM,
                    act="phrases-changed",
                    subject=OWN,
                    at=self._clock.now(),
                    before=before,
                    after=after,
                )
                await record(session, change)
            return await asyncio.to_thread(self._book.replace, values, version, by)
