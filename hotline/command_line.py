"""What several commands of `python -m hotline` do alike: open the database, tell a running service at once.

Each room has its own commands (ROOM/commands.py); `__main__` puts them together. A command loads a library only when
it is run, so that a wrong word is answered at once.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hotline.settings import Settings

if TYPE_CHECKING:
    from hotline.bus import Change
    from hotline.database import Database


def settle_memory() -> None:
    """Let what is loaded by now be walked through no more when memory is cleaned up.

    Some 430,000 things are loaded and stay. To walk through them took 130 ms each time, in which nobody is served.
    """
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def opened_database(settings: Settings, *, is_checked: bool = True) -> "AsyncIterator[Database]":
    """Open the database that is set, and give every connection back. Raises CentreDiffers."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from hotline.centre.service import check_stamp  # noqa: PLC0415
    from hotline.database import Database  # noqa: PLC0415
    from hotline.reports.follow_store import follow_facts  # noqa: PLC0415
    from hotline.search.follow_store import follow_writes  # noqa: PLC0415

    database = Database(settings.database_url)
    follow_writes(database, area_code=settings.centre.area_code)  # what a command writes is found, too
    follow_facts(database, area_code=settings.centre.area_code, zone=ZoneInfo(settings.centre.time_zone))
    try:
        if is_checked:  # no file is taken into another centre's database by a wrong setting
            await check_stamp(database, settings.centre)
        yield database
    finally:
        await database.close()


async def tell_staffing(settings: Settings) -> None:
    """Tell a running service at once; without Redis it looks by itself within a minute."""
    from hotline.bus import Change, Subject  # noqa: PLC0415

    await tell_service(settings, Change(Subject.STAFFING))


async def tell_service(settings: Settings, change: "Change") -> None:
    """Tell a running service of a change, where Redis is there to carry it."""
    from hotline.jobs import Jobs  # noqa: PLC0415

    jobs = Jobs(settings.redis_url)
    try:
        if await jobs.is_reachable():
            await jobs.tell(change)
    finally:
        await jobs.close()
