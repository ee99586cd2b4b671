"""Everything people do about campaigns, in one value: for the pages, the API and the command line."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from hotline.bus import Bus
from hotline.campaigns.attempt import Errand, NotPlaced
from hotline.campaigns.household_marks import HouseholdMarks
from hotline.campaigns.nightly import Night
from hotline.campaigns.pauses import DialPauses
from hotline.campaigns.preview import Previews
from hotline.campaigns.reconcile import Decide
from hotline.campaigns.service import Campaigns, speaks_nothing
from hotline.clock import Clock
from hotline.database import Database
from hotline.settings import Settings
from hotline.voice.prompts import read_prompts


async def no_sound(_errand: Errand) -> Path:
    """Say that nothing can be listened to here."""
    raise NotPlaced("there are no sounds here")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingOut:
    """What may be done. `sample` makes one file of all that an errand says; `night` is the figure of the day before.

    `pays`: the ways to pay, in the house's words.
    """

    campaigns: Campaigns
    previews: Previews
    decide: Decide
    marks: HouseholdMarks
    pauses: DialPauses
    pays: str = ""
    sample: Callable[[Errand], Awaitable[Path]] = no_sound
    night: Callable[[], Night | None] = lambda: None

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: Database,
        bus: Bus,
        clock: Clock,
        *,
        speak: Callable[[str], Awaitable[object]] = speaks_nothing,
        sample: Callable[[Errand], Awaitable[Path]] = no_sound,
        night: Callable[[], Night | None] = lambda: None,
    ) -> "CallingOut":
        """Return what an installation with these settings may do."""
        zone = ZoneInfo(settings.centre.time_zone)
        area_code = settings.centre.area_code
        prompts = {prompt.id: prompt.text for prompt in read_prompts(settings.sounds_directory)}
        return cls(
            campaigns=Campaigns(
                database=database, bus=bus, clock=clock, settings=settings.outbound, area_code=area_code, speak=speak
            ),
            previews=Previews(
                database=database,
                clock=clock,
                settings=settings.outbound,
                zone=zone,
                prompts=prompts,
                area_code=area_code,
            ),
            decide=Decide(database=database, bus=bus, clock=clock, settings=settings.outbound, zone=zone),
            marks=HouseholdMarks(database=database, clock=clock, area_code=area_code),
            pauses=DialPauses(database=database, bus=bus, clock=clock, settings=settings.outbound),
            pays=prompts.get("arrears-how", ""),
            sample=sample,
            night=night,
        )
