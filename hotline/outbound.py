"""The part of the service that calling out is: what settles attempts, looks after lost ones, and tells the pages.

Wired for `app`. Workers dial (worker/dialling_jobs.py); the service reads what became of it.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from hotline.aftercare.service import Aftercare
from hotline.ami.client import AmiClient, LinkState
from hotline.ami.dialler import AsteriskDialler
from hotline.bus import Bus
from hotline.campaigns.calling_out import CallingOut
from hotline.campaigns.handing import Handing
from hotline.campaigns.lines import Lines
from hotline.campaigns.nightly import Nightly
from hotline.campaigns.progress import Progress
from hotline.campaigns.reconcile import Reconcile
from hotline.campaigns.rhythm import Rhythm
from hotline.campaigns.settling import Settling
from hotline.campaigns.sounds import CampaignSounds
from hotline.campaigns.surveys import Surveys
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.outside_acts import OutsideCalls
from hotline.settings import Settings


class Outbound:
    """Calling out, as far as the service has to do with it. `settling` is a follower of the ledger."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        bus: Bus,
        clock: Clock,
        client: AmiClient,
        lines: Lines,
        aftercare: Aftercare,
        sounds: CampaignSounds,
    ) -> None:
        zone = ZoneInfo(settings.centre.time_zone)
        self._client, self._can_dial = client, bool(settings.sip.trunk)
        self._hand: Callable[[OutsideCalls], Handing] = lambda outside: Handing(
            database=database,
            bus=bus,
            clock=clock,
            lines=lines,
            outside=outside,
            settings=settings.outbound,
            zone=zone,
            area_code=settings.centre.area_code,
        )
        self.settling = Settling(clock=clock, settings=settings.outbound, zone=zone)
        self._nightly = Nightly(database=database, clock=clock, settings=settings.outbound, zone=zone)
        self.calling_out = CallingOut.of(
            settings, database, bus, clock, speak=sounds.speak, sample=sounds.sample, night=lambda: self._nightly.last
        )
        self._reconcile = Reconcile(
            database=database,
            bus=bus,
            clock=clock,
            dialler=AsteriskDialler(client, sounds, leaves_word=False),  # asked what lives; it dials nothing here
            link_up_since=self._link_up_since,
            cel_store=settings.cel_store,
            settings=settings.outbound,
        )
        self._surveys = Surveys(database=database, aftercare=aftercare)
        self._progress = Progress(database=database, bus=bus, lines=lines)
        self._rhythm = Rhythm(
            database=database,
            clock=clock,
            campaigns=self.calling_out.campaigns,
            settings=settings.outbound,
            zone=zone,
        )

    def handing(self, outside: OutsideCalls) -> Handing:
        """Return what hands homes to agents, who dial them as calls of their own."""
        return self._hand(outside)

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._reconcile.run(), name="attempts-reconciled")
            tasks.create_task(self._progress.run(), name="campaign-progress")
            tasks.create_task(self._surveys.run(), name="survey-answers")
            tasks.create_task(self._nightly.run(), name="possible-double-rings")
            if self._can_dial:
                tasks.create_task(self._rhythm.run(), name="fee-reminders")

    def _link_up_since(self) -> datetime | None:
        link = self._client.link
        return link.since if link.state is LinkState.UP else None
