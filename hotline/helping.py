"""The supervisor's acts on this switch, wired: at agents' sides, callers moved, the night plan and queues by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hotline.agents.offers import Offers
from hotline.ami.client import AmiClient
from hotline.ami.live_help import AsteriskHelp
from hotline.ami.switch import AsteriskSwitch
from hotline.bus import Bus
from hotline.clock import Clock
from hotline.database import Database
from hotline.hours import is_open
from hotline.ivr.menu import MenuPlan
from hotline.livehelp.by_hand import ByHand
from hotline.livehelp.moving import Moving
from hotline.livehelp.room import HelpRoom
from hotline.livehelp.service import LiveHelp
from hotline.settings import Settings


@dataclass(frozen=True, slots=True)
class Inside:
    """What every room of the service stands on."""

    database: Database
    bus: Bus
    clock: Clock


class Helping:
    """`has_phone`: whether a telephone is signed in; `plan`: the menus in use."""

    def __init__(
        self,
        settings: Settings,
        inside: Inside,
        *,
        client: AmiClient,
        offers: Offers,
        has_phone: Callable[[str], bool],
        plan: Callable[[], MenuPlan],
    ) -> None:
        self._zone = ZoneInfo(settings.centre.time_zone)
        self._clock, self._plan = inside.clock, plan
        within: dict[str, Any] = {"database": inside.database, "bus": inside.bus, "clock": inside.clock}
        line, queues = AsteriskHelp(client), (*settings.queues.skills, "service")
        self.room = HelpRoom(
            sides=LiveHelp(
                line=line,
                rings_for=timedelta(seconds=settings.agents.help_rings_for),
                call_of=offers.talk_of,
                has_phone=has_phone,
                shows_agent=settings.agents.shows_supervisor,
                **within,
            ),
            moving=Moving(room=line, queues=queues, agents=settings.sip.agents, **within),
            by_hand=ByHand(memory=AsteriskSwitch(client), queues=queues, scheduled=self._is_scheduled, **within),
        )

    def _is_scheduled(self, now: datetime) -> bool:
        return is_open(self._plan().hours, now.astimezone(self._zone))

    def is_open(self, now: datetime) -> bool:
        """Return whether the house is open: by hand, else by the menus' hours."""
        return self.room.by_hand.is_open(now)

    def plan_now(self) -> MenuPlan:
        """Return the menus as callers meet them now: by hand, else by their hours."""
        now = self._clock.now()
        by_hand = self.room.by_hand
        return self._plan().by_hand(was_open=by_hand.scheduled(now), is_open=by_hand.is_open(now))

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.room.sides.run(), name="live-help")
            tasks.create_task(self.room.by_hand.run(), name="by-hand")
