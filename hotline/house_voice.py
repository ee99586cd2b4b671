"""All that the house says by itself: the sounds, the menus, the prompts, and the desks at which they are changed.

Made by the app, once. The menus and the prompts are read at once, so that broken ones stop the start, not a call.
"""

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

from hotline.accounts.passwords import Passwords
from hotline.clock import Clock
from hotline.database import Database
from hotline.incidents.service import Incidents
from hotline.ivr.answers import Answers
from hotline.ivr.caller import CallerLookUp
from hotline.ivr.menu import MenuPlan
from hotline.ivr.proof import HomeProof
from hotline.ivr.session import MenuRooms, MenuSession
from hotline.ivr.speech import Speech
from hotline.menus.service import open_menus
from hotline.notices.service import BuildingNotices
from hotline.prompts.service import open_prompts
from hotline.settings import Settings
from hotline.voice.free_texts import FreeTexts
from hotline.voice.joining import JoinedSounds
from hotline.voice.prompts import read_all_prompts
from hotline.voice.shelf import Shelf


class HouseVoice:
    """What callers hear from the house, and who may change it."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        """Read the sounds and the menus. Raises PromptsUnreadable, PromptBroken, MenuFileRefused."""
        self._settings, self._database, self._clock = settings, database, clock
        read_all_prompts(settings.sounds_directory)
        self.shelf = Shelf.of(settings)
        self.shelf.lay_out()
        self.menus, self.menu_desk = open_menus(settings, self.shelf, database, clock)
        self.speak_text = FreeTexts(settings.voice, settings.home, clock).sound_of
        self.prompts = open_prompts(settings, self.shelf, self.speak_text, database, clock)
        self._speech = Speech(self.shelf, JoinedSounds(settings.home / "voice-joined"))

    def session(self, answers: Answers, plan: Callable[[], MenuPlan]) -> MenuSession:
        """Return what leads callers; each is led by what `plan` gives when their session begins."""
        settings, database, clock = self._settings, self._database, self._clock
        zone, within = ZoneInfo(settings.centre.time_zone), settings.menu.look_up_within
        rooms = MenuRooms(
            plan=plan,
            now=lambda: clock.now().astimezone(zone),
            zone=zone,
            speech=self._speech,
            caller=CallerLookUp(database, clock, answers, area_code=settings.centre.area_code, within=within),
            proof=HomeProof(database, clock, answers, Passwords()),
            lease=settings.answering.lease,
        )
        return MenuSession(rooms)

    def notices(self, incidents: Incidents) -> BuildingNotices:
        """Return the building notices, which are heard by way of these incidents."""
        return BuildingNotices(incidents=incidents, database=self._database, clock=self._clock)

    async def run(self, notices: BuildingNotices) -> None:
        """Take over changed menus, recordings that come by telephone, and notices at their time, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.menu_desk.run(), name="menus")
            tasks.create_task(self.prompts.phoned.run(), name="phoned-in-prompts")
            tasks.create_task(notices.run(), name="building-notices")
