"""Put the service together: open things in order, run every task under one owner, close in reverse.

The only file that knows all rooms. `python -m hotline serve` runs it.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from hotline.accounts.service import Accounts
from hotline.aftercare.service import Aftercare
from hotline.agents.keeping import AgentKeeping
from hotline.agents.offers import Offers
from hotline.alerts.spoken import AlertSounds
from hotline.ami.client import AmiClient, LinkState
from hotline.ami.listener import Listener
from hotline.ami.outside import AsteriskOutside
from hotline.ami.registrar import SwitchRegistrar
from hotline.ami.switch import AsteriskSpies, AsteriskSwitch
from hotline.ami.taking_up import TakingUp
from hotline.becoming_one import absorbers
from hotline.bus import Bus, Change, Subject
from hotline.calls.service import Ledger
from hotline.calls.today import CallsOfToday
from hotline.campaigns.desk_calls_store import refuse_rung_by_campaign
from hotline.campaigns.household_marks_store import not_to_be_called
from hotline.campaigns.lines import Lines as CampaignLines
from hotline.campaigns.sounds import CampaignSounds
from hotline.centre.service import Stamped
from hotline.clock import Clock, SystemClock
from hotline.database import Database
from hotline.desk.outside_acts import OutsideCalls
from hotline.desk.page_phones import PagePhones
from hotline.desk.phrase_file import PhraseBook
from hotline.dutylog.service import DutyLog
from hotline.followups.places import KeptPlaces
from hotline.followups.service import FollowUps
from hotline.helping import Helping, Inside
from hotline.hours import next_opening
from hotline.house_voice import HouseVoice
from hotline.incidents.service import Incidents
from hotline.integrations import Integrations
from hotline.ivr.agi import AgiServer
from hotline.ivr.alert_noted import NotesAlerts
from hotline.ivr.answers import Answers
from hotline.jobs import Jobs
from hotline.live.line import LiveLine
from hotline.live.listening import Listening
from hotline.outbound import Outbound
from hotline.queues.board import AgentState
from hotline.queues.service import Staffing
from hotline.readiness import database_ready, disk_ready, recordings_ready
from hotline.recordings.sealing import read_key
from hotline.recordings.service import Recordings
from hotline.recordings.watch import RecordingWatch
from hotline.reports.follow_store import follow_facts
from hotline.reports.keeping import ReportKeeping
from hotline.roster.service import Roster
from hotline.search.follow_store import follow_writes
from hotline.settings import SHIPPED_PHRASES, Settings
from hotline.sweeping import TranscriptSweep
from hotline.transcribe.service import longest_job
from hotline.watch import Watch, down_since
from hotline.web.browser_phones import browser_phones
from hotline.web.centre_line import open_group
from hotline.web.report_post import ReportPost
from hotline.web.rooms import Dependency, WebRooms
from hotline.web.server import serve
from hotline.web.staff_room import StaffRoom

log = structlog.get_logger()

# SQLite answers from threads, and a pop takes seventy turns between them and us: 5 ms each (the default) add up.
THREADS_TURN_S: Final = 0.0005


async def run(settings: Settings, clock: Clock | None = None) -> None:
    """Run the service until cancelled."""
    clock = clock or SystemClock()
    sys.setswitchinterval(THREADS_TURN_S)
    async with _opened(settings, clock) as app, asyncio.TaskGroup() as tasks:
        tasks.create_task(app.watching.run(), name="watching")
        tasks.create_task(app.stamped.run(), name="stamp")
        tasks.create_task(app.ledger.run(), name="ledger")
        tasks.create_task(app.recordings.run(), name="recordings")
        tasks.create_task(app.watch.run(), name="recordings-watch")
        tasks.create_task(app.client.run(), name="ami-link")
        tasks.create_task(app.listener.run(), name="ami-listener")
        tasks.create_task(app.listener.keep_lease(), name="lease")
        tasks.create_task(app.listening.run(), name="live-words")
        tasks.create_task(app.agi.run(), name="fastagi")
        tasks.create_task(app.house.run(app.notices), name="house-voice")
        tasks.create_task(app.staffing.run(), name="staffing")
        tasks.create_task(app.agents.run(), name="agents")
        tasks.create_task(app.roster.run(), name="roster")
        tasks.create_task(app.kept_places.run(), name="kept-places")
        tasks.create_task(app.outside.run(), name="outside-calls")
        tasks.create_task(app.page_phones.run(), name="phones-in-pages")
        tasks.create_task(app.jobs.hear(app.bus), name="changes-from-worker")
        tasks.create_task(app.aftercare.run(), name="aftercare")
        tasks.create_task(app.outbound.run(), name="calling-out")
        tasks.create_task(app.reports.run(), name="reports")
        tasks.create_task(app.report_post.run(), name="report-post")
        tasks.create_task(app.helping.run(), name="helping")
        tasks.create_task(app.sweep.run(), name="sweep")
        tasks.create_task(app.integrations.run(), name="integrations")
        tasks.create_task(serve(app.web, settings.web), name="web")


@asynccontextmanager
async def _opened(settings: Settings, clock: Clock) -> "AsyncIterator[App]":
    database = Database(settings.database_url)
    jobs, line = Jobs(settings.redis_url), LiveLine(settings.redis_url)
    campaigns = CampaignLines(settings.redis_url)
    try:
        stamped = Stamped(database, settings.centre, clock)
        await stamped.ask()
        async with Answers() as answers:
            yield App(settings, clock, database, Lines(jobs, line, campaigns), answers, stamped=stamped)
    finally:
        await campaigns.close()
        await line.close()
        await jobs.close()
        await database.close()


@dataclass(frozen=True, slots=True)
class Lines:
    """What goes over Redis: to and from the worker, to and from the program that hears live words."""

    jobs: Jobs
    live: LiveLine
    campaigns: CampaignLines


class App:
    """The rooms of one running service, wired."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Database,
        lines: "Lines",
        answers: Answers,
        *,
        stamped: Stamped,
    ) -> None:
        self.stamped = stamped
        self.settings = settings
        self._zone = ZoneInfo(settings.centre.time_zone)
        self.database = database
        follow_writes(database, area_code=settings.centre.area_code)
        follow_facts(database, area_code=settings.centre.area_code, zone=self._zone)
        self.integrations = Integrations(settings, database, clock)
        self.jobs = jobs = lines.jobs
        self.sweep = TranscriptSweep(database, jobs, clock, stale_after=longest_job(settings.transcribe))
        self.bus = Bus()
        directory = settings.recordings_directory
        self.recordings = Recordings(
            directory=directory, database=database, bus=self.bus, clock=clock, wants_transcript=jobs.transcribe
        )
        self.watch = RecordingWatch(
            directory=directory, home=settings.home, settings=settings.recording, database=database, clock=clock
        )
        self.house = house = HouseVoice(settings, database, clock)
        area_code = settings.centre.area_code
        self.follow_ups = FollowUps(
            settings=settings.followups, clock=clock, area_code=area_code, next_opening=self._next_opening
        )
        self.aftercare = Aftercare(
            database=database,
            bus=self.bus,
            clock=clock,
            settings=settings.followups,
            seed=settings.centre.code,
            area_code=area_code,
            zone=self._zone,
            not_to_be_called=not_to_be_called,
        )
        self.incidents = Incidents(
            settings=settings.incidents,
            database=database,
            bus=self.bus,
            clock=clock,
            area_code=area_code,
            speak_text=house.speak_text,
            find_sound=house.shelf.sound,
            when_over=self.follow_ups.incident_over,
        )
        self.notices = house.notices(self.incidents)
        duty_log = DutyLog(clock=clock, area_code=area_code, zone=self._zone)
        self.client = AmiClient(settings.ami, clock)
        self.outbound = Outbound(
            settings=settings,
            database=database,
            bus=self.bus,
            clock=clock,
            client=self.client,
            lines=lines.campaigns,
            aftercare=self.aftercare,
            sounds=CampaignSounds(house.shelf, settings.home / "voice-campaigns", house.speak_text),
        )
        self.outside = OutsideCalls(
            database=database,
            bus=self.bus,
            clock=clock,
            line=AsteriskOutside(self.client),
            settings=settings.outside,
            ours=(settings.sip.hotline_number, settings.sip.outbound_number),
            is_up=lambda: bool(settings.sip.trunk) and self.client.link.state is LinkState.UP,
            has_phone=self._has_phone,
            is_level=lambda: self.ledger.is_level,
            link_up_since=lambda: self.client.link.since if self.client.link.state is LinkState.UP else None,
            area_code=area_code,
            refuse_rung=refuse_rung_by_campaign,
            when_never=self.outbound.settling.never_made,
        )
        self.ledger = Ledger(
            cel_store=settings.cel_store,
            database=database,
            bus=self.bus,
            followers=[
                self.recordings.follow,
                duty_log.follow,
                self.follow_ups.follow,
                self.incidents.follow,  # after what is owed: a registration may be read after the end
                self.outside.follow,  # likewise
                self.outbound.settling.follow,  # after what is owed by itself: a key may make us owe more
            ],
            absorbers=absorbers(
                settings.centre,
                clock,
                duty_log=duty_log,
                settling=self.outbound.settling,
                webhooks=self.integrations.webhooks,
            ),
            short_abandon=timedelta(seconds=settings.answering.short_abandon_below),
        )
        self.reports = ReportKeeping(database=database, clock=clock, zone=self._zone, area_code=area_code)
        spies = AsteriskSpies(self.client, str(settings.sip.host), settings.sip.audiosocket_port)
        self.listening = Listening(line=lines.live, spies=spies, database=database, bus=self.bus, clock=clock)
        self.offers = Offers(lambda extension: self.bus.publish(Change(Subject.OFFER, extension)))
        switch = AsteriskSwitch(self.client)
        self.agents = AgentKeeping(
            switch=switch,
            database=database,
            bus=self.bus,
            clock=clock,
            agents=settings.sip.agents,
            settings=settings.agents,
            offers=self.offers,
            board=lambda: self.listener.board,
        )
        self.listener = Listener(
            client=self.client,
            ledger=self.ledger,
            recordings=self.recordings,
            bus=self.bus,
            clock=clock,
            lease=settings.answering.lease,
            when_unrecorded=self.listening.recording_stopped,
            offers=self.offers,
            when_at_phone=self.agents.take,
        )
        self.staffing = Staffing(
            switch=switch,
            database=database,
            bus=self.bus,
            clock=clock,
            agents=settings.sip.agents,
            skills=settings.queues.skills,
        )
        self.helping = Helping(
            settings,
            Inside(database, self.bus, clock),
            client=self.client,
            offers=self.offers,
            has_phone=self._has_phone,
            plan=lambda: self.house.menus.plan,
        )
        self.roster = Roster(
            memory=switch,
            database=database,
            bus=self.bus,
            clock=clock,
            zone=self._zone,
            is_open=self.helping.is_open,
        )
        self.kept_places = KeptPlaces(
            database=database,
            clock=clock,
            settled=self.follow_ups.settled,
            forget_place=switch.forget_place,
            area_code=area_code,
        )
        self.page_phones = pages = PagePhones(
            sip=settings.sip,
            switch=switch,
            registrar=SwitchRegistrar(str(settings.sip.host), settings.sip.port),
            database=database,
            bus=self.bus,
            clock=clock,
            talks=lambda extension: bool(self.offers.talk_of(extension)),
        )
        self.today = CallsOfToday(database, self.bus, clock, lambda: self.web.midnight())  # noqa: PLW0108  # made below
        self.watching = Watch(
            settings=settings,
            database=database,
            bus=self.bus,
            clock=clock,
            client=self.client,
            today=self.today,
            agents=self.agents.states.all_now,
            is_open=self.helping.is_open,
            disk_free_mb=lambda: self.watch.disk.free_mb if self.watch.disk else None,
            backlog=self.sweep.waiting,
            doubted=self.outbound.calling_out.pauses.counts,
            speak=AlertSounds(house.shelf, house.speak_text),
        )
        callers = house.session(answers, self.helping.plan_now)
        self.agi = AgiServer(settings.agi, NotesAlerts(callers, self.watching.noted))
        self.web = WebRooms(
            settings=settings.web,
            is_secure=settings.web.is_secure,
            centre=settings.centre.name,
            database=database,
            bus=self.bus,
            clock=clock,
            accounts=Accounts(database, clock),
            board=lambda: self.listener.board,
            today=self.today,
            link_down_since=lambda: down_since(self.client),
            is_level=lambda: self.ledger.is_level,
            readiness=self.readiness,
            recordings_directory=directory,
            recording_key=lambda: read_key(settings.recording_key_file),
            disk=lambda: self.watch.disk,
            checked=lambda: self.watch.checked,
            zone=self._zone,
            area_code=area_code,
            centre_code=settings.centre.code,
            centre_stamp=lambda: stamped.id,
            duty_log_settings=settings.dutylog,
            follow_up_settings=settings.followups,
            incidents=self.incidents,
            talks=self.listening.talks,
            is_listening=lambda: self.listening.is_heard,
            agents=self.agents.states,
            mark_emergency=self.ledger.mark_emergency,
            offers=self.offers,
            staff=StaffRoom.of(settings, database, self.bus, clock, hours=lambda: self.house.menus.plan.hours),
            browser_phones=browser_phones(settings.sip, settings.queues.skills, TakingUp(self.client), pages.password),
            libraries=settings.page_libraries,
            forget_place=switch.forget_place,
            group=open_group(settings.group, clock),
            outside=self.outside,
            phrases=PhraseBook(settings.home, SHIPPED_PHRASES, clock),
            menus=house.menu_desk,
            prompts=house.prompts,
            building_notices=self.notices,
            live_help=self.helping.room,
            calling_out=self.outbound.calling_out,
            webhooks=self.integrations.webhooks,
            imports=self.integrations.imports,
            handing=self.outbound.handing(self.outside),
        )
        self.report_post = ReportPost(self.web, settings.reports, settings.alerts)

    def _has_phone(self, extension: str) -> bool:
        return self.listener.board.agents.get(extension) is not AgentState.SIGNED_OUT

    def _next_opening(self, at: datetime) -> datetime:
        return next_opening(self.house.menus.plan.hours, at.astimezone(self._zone))

    async def readiness(self) -> list[Dependency]:
        """Say of each thing we stand on whether it is there."""
        link = self.client.link.state
        return [
            await database_ready(self.database),
            Dependency("redis", await self.jobs.is_reachable(), "the job queue: transcripts wait while it is away"),
            Dependency("asterisk", link is LinkState.UP, f"AMI link is {link.value}"),
            Dependency("ledger", not self.ledger.trouble, self.ledger.trouble),
            Dependency("menus", not self.house.menus.trouble, self.house.menus.trouble),
            Dependency("queues", not self.staffing.trouble, self.staffing.trouble),
            Dependency("duty-chain", not self.roster.trouble, self.roster.trouble),
            disk_ready(self.settings),
            await asyncio.to_thread(recordings_ready, self.settings, self.watch.trouble),
        ]
