"""Wire what the house shares with other programs: events that receivers are told of, files that are brought in."""

import asyncio
from zoneinfo import ZoneInfo

from hotline.clock import Clock
from hotline.database import Database
from hotline.imports.service import ImportJobs
from hotline.settings import Settings
from hotline.web.webhook import ReceiverWay
from hotline.webhooks.service import Webhooks


class Integrations:
    """What goes to other programs, and what comes from them as files. `run` works until cancelled."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self.webhooks = Webhooks(
            settings=settings.webhooks,
            centre=settings.centre,
            zone=ZoneInfo(settings.centre.time_zone),
            database=database,
            clock=clock,
            way_to=lambda receiver: ReceiverWay(receiver, clock),
        )
        self.webhooks.follow()
        self.imports = ImportJobs(
            directory=settings.home / "imports",
            database=database,
            clock=clock,
            settings=settings.imports,
            area_code=settings.centre.area_code,
        )

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.webhooks.run(), name="webhooks")
            tasks.create_task(self.imports.run(), name="imports")
