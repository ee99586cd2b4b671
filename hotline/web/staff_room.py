"""What the pages of staff, roster, do-not-call and retention stand on, in one frozen value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from hotline.accounts.passwords import Passwords
from hotline.accounts.staff import Staff
from hotline.bus import Bus, Change, Subject
from hotline.campaigns.number_marks import NumberMarks
from hotline.clock import Clock
from hotline.database import Database
from hotline.hours import WeeklyHours
from hotline.queues.membership import Skill
from hotline.queues.service import assign_skills, read_skills
from hotline.queues.store import memberships
from hotline.retention.days import RetentionDays
from hotline.roster.acts import RosterActs
from hotline.roster.files import Telephony
from hotline.settings import Settings


@dataclass(frozen=True, kw_only=True)
class StaffRoom:
    """Who works here, when, and by which rules. `hours` are those of the menus; None: they are not known here."""

    people: Staff
    roster: RosterActs
    numbers: NumberMarks
    retention: RetentionDays
    phones: tuple[str, ...]
    agents: tuple[str, ...]
    skills: tuple[str, ...]
    hours: Callable[[], WeeklyHours | None]
    database: Database
    bus: Bus
    clock: Clock

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: Database,
        bus: Bus,
        clock: Clock,
        *,
        hours: Callable[[], WeeklyHours | None] = lambda: None,
        passwords: Passwords | None = None,
    ) -> Self:
        """Return the room of this installation."""
        telephony = Telephony(
            area_code=settings.centre.area_code,
            phones=settings.sip.phones,
            own_numbers=(settings.sip.hotline_number, settings.sip.outbound_number),
        )
        zone = ZoneInfo(settings.centre.time_zone)
        return cls(
            people=Staff(database=database, bus=bus, clock=clock, passwords=passwords),
            roster=RosterActs(database=database, bus=bus, clock=clock, zone=zone, telephony=telephony),
            numbers=NumberMarks(database=database, clock=clock, area_code=settings.centre.area_code),
            retention=RetentionDays(database=database, clock=clock, settings=settings.retention, zone=zone),
            phones=settings.sip.phones,
            agents=settings.sip.agents,
            skills=settings.queues.skills,
            hours=hours,
            database=database,
            bus=bus,
            clock=clock,
        )

    async def skills_said(self) -> dict[str, tuple[Skill, ...]]:
        """Return what is said of each agent of whom anything is said; of whom nothing is said has every skill."""
        async with self.database.read() as session:
            return await memberships(session)

    async def assign(self, extension: str, skills: tuple[str, ...] | None, *, by: str) -> None:
        """Say which skills an agent has (`repair:2`); None: every one. Raises SkillsRefused."""
        chosen = read_skills(extension, skills, agents=self.agents, known=self.skills)
        await assign_skills(self.database, extension, chosen, by=by, clock=self.clock)
        self.bus.publish(Change(Subject.STAFFING, extension))
