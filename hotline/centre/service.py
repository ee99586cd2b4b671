"""Stamp a database with its centre, once; let nothing begin on another centre's; change the stamp by command."""

import asyncio
from dataclasses import replace
from secrets import token_hex
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.audit.change import COMMAND_LINE, Change
from hotline.audit.store import record
from hotline.centre.stamp import Stamp, adopted, check, renamed
from hotline.centre.store import has_table, read_stamp, write, write_first
from hotline.clock import Clock
from hotline.database import Database
from hotline.settings import CentreSettings

log = structlog.get_logger()
ROOM = "centres"
ASK_WITHIN: Final = 5.0  # seconds in which a desk that begins is kept from its callers by a database that is silent
ASK_EVERY: Final = 10.0


async def keep_stamp(database: Database, centre: CentreSettings, clock: Clock) -> Stamp:
    """Return the stamp, made now where there is none; its name follows the settings. Raises CentreDiffers."""
    async with database.read() as session:
        known = await read_stamp(session)
    check(known, centre.code)
    if known is not None and known.name == centre.name:
        return known
    async with database.begin() as session:
        await write_first(session, Stamp(code=centre.code, id=token_hex(16), name=centre.name, at=clock.now()))
        first = await read_stamp(session, is_locked=True)
        check(first, centre.code)  # somebody else may have been first
        if first is None:
            raise RuntimeError("a row that was just written is not there")
        stamp = replace(first, name=centre.name)
        if stamp != first:
            await write(session, stamp)
            await record(session, _change("named", first, stamp, clock))
    if known is None:
        log.info("the database is stamped", centre=stamp.code)
    return stamp


class Stamped:
    """The stamp of the database that is served. A desk begins without its database, too, and asks until it answers."""

    def __init__(self, database: Database, centre: CentreSettings, clock: Clock) -> None:
        self._database, self._centre, self._clock = database, centre, clock
        self.now: Stamp | None = None

    @property
    def id(self) -> str:
        """The id of the stamp; "" for as long as the database was not heard."""
        return self.now.id if self.now else ""

    async def ask(self) -> bool:
        """Read or make the stamp; return whether the database answered. Raises CentreDiffers."""
        try:
            async with asyncio.timeout(ASK_WITHIN):
                self.now = await keep_stamp(self._database, self._centre, self._clock)
        except (SQLAlchemyError, OSError, TimeoutError) as wrong:
            log.warning("whose database it is cannot be asked yet: begun all the same", reason=type(wrong).__name__)
        return self.now is not None

    async def run(self) -> None:
        """Ask until it is known. Raises CentreDiffers: then this service must end."""
        while True:
            if self.now or await self.ask():
                return
            await asyncio.sleep(ASK_EVERY)


async def check_stamp(database: Database, centre: CentreSettings) -> Stamp | None:
    """Return the stamp; None where there is none yet. Raises CentreDiffers."""
    async with database.read() as session:
        stamp = await read_stamp(session) if await has_table(session) else None
    check(stamp, centre.code)
    return stamp


async def stamp_of(database: Database) -> Stamp | None:
    """Return the stamp whatever the settings say; None where there is none yet."""
    async with database.read() as session:
        return await read_stamp(session) if await has_table(session) else None


async def rename(database: Database, centre: CentreSettings, clock: Clock, *, said: str) -> Stamp:
    """Give the same centre the code of the settings. Raises CentreStepRefused."""
    async with database.begin() as session:
        known = await read_stamp(session, is_locked=True)
        stamp = replace(renamed(known, said, centre.code), name=centre.name)
        await write(session, stamp)
        await record(session, _change("renamed", known, stamp, clock))
    return stamp


async def adopt(database: Database, centre: CentreSettings, clock: Clock, *, said: str) -> Stamp:
    """Make a copy a centre of its own, with the code of the settings and an id of its own. Raises CentreStepRefused."""
    async with database.begin() as session:
        known = await read_stamp(session, is_locked=True)
        stamp = adopted(known, said, centre.code, new_id=token_hex(16), now=clock.now())
        stamp = replace(stamp, name=centre.name)
        await write(session, stamp)
        await record(session, _change("adopted", known, stamp, clock))
    return stamp


def _change(act: str, before: Stamp | None, after: Stamp, clock: Clock) -> Change:
    return Change(
        by=COMMAND_LINE,
        room=ROOM,
        act=act,
        subject=after.code,
        before=None if before is None else {"code": before.code, "name": before.name, "id": before.id},
        after={"code": after.code, "name": after.name, "id": after.id},
        at=clock.now(),
    )
