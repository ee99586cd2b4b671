"""What the web room needs from the others, in one frozen value."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Final, Protocol

from hotline.accounts.service import Accounts
from hotline.aftercare.service import Aftercare
from hotline.agents.offers import Offer, Offers
from hotline.agents.service import AgentStates
from hotline.bus import Bus
from hotline.calls.today import CallsOfToday
from hotline.campaigns.calling_out import CallingOut
from hotline.campaigns.handing import Handing
from hotline.campaigns.household_marks_store import not_to_be_called
from hotline.clock import Clock, SystemClock
from hotline.database import Database
from hotline.desk.choosing import HomeChoices
from hotline.desk.outside_acts import OutsideCalls
from hotline.desk.phrase_file import PhraseBook
from hotline.desk.wrap_up_acts import WrapUps
from hotline.dutylog.acts import DutyLogActs
from hotline.dutylog.entry import LogBook
from hotline.dutylog.matters_store import follow_matter
from hotline.dutylog.service import DutyLog
from hotline.followups.acts import FollowUpActs, ForgetPlace, no_place_is_kept
from hotline.group.service import Group
from hotline.imports.service import ImportJobs
from hotline.incidents.service import Incidents
from hotline.live.talk import Talks
from hotline.livehelp.room import HelpRoom
from hotline.menus.service import MenuDesk
from hotline.notices.service import BuildingNotices
from hotline.prompts.service import PromptDesk
from hotline.quality.service import Quality
from hotline.queues.board import QueueBoard
from hotline.recordings.checks import Checked
from hotline.recordings.disk import Disk
from hotline.recordings.sounds import Sounds, no_key
from hotline.settings import SHIPPED_PHRASES, DutyLogSettings, FollowUpSettings, WebSettings
from hotline.shifts.service import Shifts
from hotline.web.browser_phones import BrowserPhones
from hotline.web.staff_room import StaffRoom
from hotline.webhooks.service import Webhooks

CHINA: Final = timezone(timedelta(hours=8), "CST")  # one zone, no summer time since 1991


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something the service stands on, and whether it is there. `detail` says in a few words what is wrong."""

    name: str
    is_ready: bool
    detail: str = ""


MarkEmergency = Callable[[str, str, datetime], Awaitable[None]]
"""(call id, by, at): write into the ledger that the call is an emergency."""


async def no_ledger_is_there(_call_id: str, _by: str, _at: datetime) -> None:
    """Write nothing: the desk has no ledger."""


class OffersNow(Protocol):
    """What rings or talks at the phones of the house now (`agents.offers.Offers`)."""

    def of(self, extension: str) -> tuple[Offer, ...]:
        """Return what rings or talks at this phone now, oldest first."""
        ...

    def last_of(self, extension: str) -> Offer | None:
        """Return the offer that ended last at this phone."""
        ...

    def all(self) -> tuple[Offer, ...]:
        """Return every offer of now."""
        ...


@dataclass(frozen=True, kw_only=True)
class WebRooms:
    """Everything the web room needs. `is_secure` is true where browsers reach us over https."""

    settings: WebSettings
    centre: str
    database: Database
    bus: Bus
    clock: Clock
    accounts: Accounts
    board: Callable[[], QueueBoard]
    readiness: Callable[[], Awaitable[list[Dependency]]]
    recordings_directory: Path
    recording_key: Callable[[], bytes] = no_key
    disk: Callable[[], Disk | None] = lambda: None  # how full the disk of the recordings is
    checked: Callable[[], Checked | None] = lambda: None  # what the last look at all recordings found
    is_secure: bool = False
    zone: tzinfo = CHINA
    area_code: str = ""  # completes a local number: 0755
    centre_code: str = "01"
    centre_stamp: Callable[[], str] = str  # the id with which the database is stamped (hotline/centre/)
    duty_log_settings: DutyLogSettings = field(default_factory=DutyLogSettings)
    follow_up_settings: FollowUpSettings = field(default_factory=FollowUpSettings)
    today: CallsOfToday | None = None  # None: the hub keeps them itself
    link_down_since: Callable[[], datetime | None] = lambda: None  # None: it is up
    is_level: Callable[[], bool] = lambda: True  # whether the ledger has read all that the switch wrote
    incidents: Incidents | None = None  # None: a desk that keeps none
    talks: Talks = field(default_factory=Talks)  # what is being said
    is_listening: Callable[[], bool] = lambda: True  # whether the program that hears talks is there, with its model
    agents: AgentStates | None = None  # None: a desk that keeps none
    mark_emergency: MarkEmergency = no_ledger_is_there
    offers: OffersNow = field(default_factory=Offers)  # what rings or talks at each phone
    forget_place: ForgetPlace = no_place_is_kept
    calling_out: CallingOut | None = None  # None: a desk that has no campaigns
    handing: Handing | None = None  # None: agents dial for no campaign
    browser_phones: BrowserPhones = field(default_factory=BrowserPhones)
    libraries: Path | None = None  # where set-up has put the bundled libraries of the pages
    staff: StaffRoom | None = None  # None: a desk whose staff is kept elsewhere
    group: Group | None = None  # None: this service looks into no other centre
    webhooks: Webhooks | None = None  # None: nobody is told
    imports: ImportJobs | None = None  # None: files are brought in by commands alone
    outside: OutsideCalls | None = None  # None: agents cannot call out from their page
    live_help: HelpRoom | None = None  # None: a desk at which no supervisor can help
    menus: MenuDesk | None = None  # None: a desk that keeps none
    prompts: PromptDesk | None = None
    building_notices: BuildingNotices | None = None
    phrases: PhraseBook = field(default_factory=lambda: PhraseBook(Path(), SHIPPED_PHRASES, SystemClock()))

    @property
    def sounds(self) -> Sounds:
        """What opens recordings."""
        return Sounds(self.recordings_directory, self.recording_key)

    @property
    def follow_ups(self) -> FollowUpActs:
        """What people may do to what is owed."""
        return FollowUpActs(
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            area_code=self.area_code,
            forget_place=self.forget_place,
            follow_matter=follow_matter,
        )

    @property
    def duty_log(self) -> DutyLogActs:
        """What people may do in the duty log."""
        return DutyLogActs(
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            book=LogBook(centre=self.centre_code, zone=self.zone),
            settings=self.duty_log_settings,
            area_code=self.area_code,
        )

    @property
    def wrap_ups(self) -> WrapUps:
        """What an agent says when a call is over."""
        return WrapUps(
            database=self.database, bus=self.bus, clock=self.clock, duty_log=self.duty_log, area_code=self.area_code
        )

    @property
    def drafts(self) -> DutyLog:
        """What draws the drafts of entries again."""
        return DutyLog(clock=self.clock, area_code=self.area_code, zone=self.zone)

    @property
    def home_choices(self) -> HomeChoices:
        """What an agent says of whose home a call is about."""
        return HomeChoices(
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            drafts=self.drafts,
            incidents=self.incidents,
            area_code=self.area_code,
        )

    @property
    def aftercare(self) -> Aftercare:
        """After what residents are called back, and what they say."""
        return Aftercare(
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            settings=self.follow_up_settings,
            seed=self.centre_code,
            area_code=self.area_code,
            zone=self.zone,
            not_to_be_called=not_to_be_called,
        )

    @property
    def quality(self) -> Quality:
        """What is done with reviews of calls."""
        return Quality(database=self.database, bus=self.bus, clock=self.clock, centre_code=self.centre_code)

    @property
    def shifts(self) -> Shifts:
        """Who has the desk, and who has read the log."""
        return Shifts(
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            book=LogBook(centre=self.centre_code, zone=self.zone),
        )

    def midnight(self) -> datetime:
        """Return when today began at the centre."""
        return self.clock.now().astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
