"""Two centres, each a web room on a database of its own, and a third that is their group's service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from hotline.accounts.account import Role
from hotline.accounts.grants import Grants
from hotline.accounts.service import create_token
from hotline.group.service import Group
from hotline.settings import GroupSettings
from hotline.settings.group_section import CentreOfGroup
from hotline.web.centre_line import open_group
from hotline.web.keys import GROUP
from tests.fakes.cable import Cable
from tests.fakes.web_desk import MorningClock, WebDesk, web_desk

NAMES = {"01": "东苑服务中心", "02": "西苑服务中心"}
SCOPES = ("live:read", "reports:read")


@dataclass
class GroupDesk:
    """The centres, the lines to them, and the house of the group."""

    centres: dict[str, WebDesk]
    cables: dict[str, Cable]
    house: WebDesk
    tokens: dict[str, str]

    @property
    def group(self) -> Group:
        """The group of the house."""
        assert self.house.rooms.group is not None
        return self.house.rooms.group

    async def grant(self, name: str, *centres: str) -> None:
        """Let an account of the house see these centres and no other."""
        await Grants(database=self.house.database, clock=self.house.clock, bus=self.house.bus).put(
            name, centres, by="root"
        )

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds. Raises TimeoutError."""
        async with asyncio.timeout(30):
            while not holds():
                await asyncio.sleep(0.02)

    async def all_heard(self) -> None:
        """Wait until every centre is heard."""
        await self.until(lambda: all(one.is_heard for one in self.group.now(self.group.ids)))


@asynccontextmanager
async def group_desk(
    home: Path, *, clock: Any = None, swapped: bool = False, copied: bool = False
) -> AsyncIterator[GroupDesk]:
    """Give two centres and their group's service.

    `swapped`: each centre answers at the other's address. `copied`: the second was set up out of a copy of the first.
    """
    clock = clock or MorningClock()
    async with AsyncExitStack() as stack:
        centres: dict[str, WebDesk] = {}
        cables: dict[str, Cable] = {}
        tokens: dict[str, str] = {}
        for key, name in NAMES.items():
            (home / key).mkdir()
            stamp = "stamp-of-01" if copied else f"stamp-of-{key}"
            room = await stack.enter_async_context(
                web_desk(home / key, clock=clock, centre=name, centre_code=key, centre_stamp=partial(str, stamp))
            )
            centres[key], cables[key] = room, Cable(int(room.server.port or 0))
            await cables[key].mend()
            stack.push_async_callback(cables[key].cut)
            tokens[key] = await create_token(room.database, Role.SUPERVISOR, "group", clock=clock, scopes=SCOPES)
        where = dict(zip(NAMES, reversed(NAMES), strict=True)) if swapped else {key: key for key in NAMES}
        settings = GroupSettings(
            centres={
                key: CentreOfGroup(
                    name=NAMES[key],
                    url=f"http://127.0.0.1:{cables[where[key]].port}",
                    page=centres[key].origin,
                    token=SecretStr(tokens[where[key]]),
                )
                for key in NAMES
            },
            longest_pause=1.0,
        )
        (home / "house").mkdir()
        house = await stack.enter_async_context(
            web_desk(
                home / "house", clock=clock, centre="锦绣物业集团", centre_code="00", group=open_group(settings, clock)
            )
        )
        telling = asyncio.create_task(house.app[GROUP].run())
        try:
            yield GroupDesk(centres, cables, house, tokens)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
