"""Which entries are no longer how it was, and the entry that holds instead of each."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.dutylog.entry import DutyEntry
from hotline.dutylog.store import newest_version
from hotline.dutylog.tables_store import DutyEntryTable


async def corrections_of(session: AsyncSession, numbers: Collection[int]) -> dict[int, DutyEntry]:
    """Return for each of these entries that was corrected the one that holds now, however often it was corrected."""
    if not numbers:
        return {}
    rows = await session.scalars(select(DutyEntryTable.corrects).where(DutyEntryTable.corrects.in_(set(numbers))))
    found: dict[int, DutyEntry] = {}
    for number in {corrected for corrected in rows if corrected is not None}:
        newest = await newest_version(session, number)
        if newest is not None:
            found[number] = newest
    return found
