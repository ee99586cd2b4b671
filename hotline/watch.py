"""Wire what watches over the desk: gaps of the link, alerts by rule, and the ways by which they leave the house."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from hotline.agents.agent import AgentNow
from hotline.alerts.alert import Delivery
from hotline.alerts.delivering import Deliveries
from hotline.alerts.duty_phone import DutyPhone
from hotline.alerts.gaps import Gaps
from hotline.alerts.letters import Letters
from hotline.alerts.limits import limits_of
from hotline.alerts.service import Alerts
from hotline.alerts.spoken import AlertSounds
from hotline.alerts.watched import Watched
from hotline.ami.client import AmiClient, LinkState
from hotline.ami.duty_line import AsteriskDutyLine
from hotline.bus import Bus
from hotline.calls.today import CallsOfToday
from hotline.clock import Clock
from hotline.database import Database
from hotline.outbox.sending import Way
from hotline.settings import Settings
from hotline.web.webhook import Webhook

WEBHOOK: Final = "webhook"
MAIL: Final = "mail"


def down_since(client: AmiClient) -> datetime | None:
    """Return since when the switch cannot be heard; None while it can."""
    return None if client.link.state is LinkState.UP else client.link.since


class Watch:
    """What watches. `run` works until cancelled."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        bus: Bus,
        clock: Clock,
        client: AmiClient,
        today: CallsOfToday,
        agents: Callable[[], tuple[AgentNow, ...]],
        is_open: Callable[[datetime], bool],
        disk_free_mb: Callable[[], int | None],
        backlog: Callable[[], Awaitable[int]],
        doubted: Callable[[], Awaitable[Mapping[str, int]]],
        speak: AlertSounds,
    ) -> None:
        zone, centre = ZoneInfo(settings.centre.time_zone), settings.centre.name
        ways: dict[str, Way[Delivery]] = {}
        if settings.alerts.webhook_url:
            ways[WEBHOOK] = Webhook(settings.alerts, centre, zone, clock)
        if settings.alerts.mail_to:
            ways[MAIL] = Letters(settings.alerts, centre, zone)
        self._today = today
        self._gaps = Gaps(database=database, bus=bus, clock=clock, link_down_since=lambda: down_since(client))
        self._deliveries = Deliveries(database=database, clock=clock, ways=ways)
        watched = Watched(
            clock=clock,
            today=today,
            link_down_since=lambda: down_since(client),
            agents=agents,
            is_open=is_open,
            disk_free_mb=disk_free_mb,
            backlog=backlog,
            doubted=doubted,
        )
        self._duty_phone = DutyPhone(
            database=database,
            bus=bus,
            clock=clock,
            line=AsteriskDutyLine(client),
            speak=speak,
            settings=settings.alerts,
            is_up=lambda: client.link.state is LinkState.UP,
        )
        self.noted = self._duty_phone.noted
        self._alerts = Alerts(
            database=database,
            bus=bus,
            clock=clock,
            limits=limits_of(settings.alerts),
            look=watched.facts,
            ways=self._deliveries.ways,
            when_written=self._deliveries.ring,
        )

    async def run(self) -> None:
        """Watch until cancelled."""
        with self._today.following():  # for everybody who counts them
            await self._run()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._gaps.run(), name="gaps")
            tasks.create_task(self._alerts.run(), name="alerts")
            tasks.create_task(self._duty_phone.run(), name="duty-telephone")
            tasks.create_task(self._deliveries.run(), name="alerts-out")
