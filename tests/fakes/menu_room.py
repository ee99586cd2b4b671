"""A web room at which menus, prompts and building notices are changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from hotline.bus import Bus
from hotline.database import Database
from hotline.incidents.service import Incidents
from hotline.notices.service import BuildingNotices
from hotline.settings import IncidentSettings
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.menu_site import menu_site
from tests.fakes.prompt_site import prompt_site
from tests.fakes.web_desk import MORNING, WebDesk, web_desk


@asynccontextmanager
async def menu_room(home: Path, clock: Any = None) -> AsyncIterator[WebDesk]:
    """Open the room; its menus and prompts lie in `home`."""
    clock = clock or ClockByHand(MORNING)
    database = Database(f"sqlite+aiosqlite:///{home / 'test.db'}")
    menus, prompts = menu_site(home, database, clock).desk, prompt_site(home, database, clock).desk
    incidents = Incidents(settings=IncidentSettings(), database=database, bus=Bus(), clock=clock)
    notices = BuildingNotices(incidents=incidents, database=database, clock=clock)
    async with web_desk(home, clock=clock, menus=menus, prompts=prompts, building_notices=notices) as room:
        yield room
    await database.close()
