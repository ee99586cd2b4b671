"""Paid services that go on from one day to another: their days are written down, and their two moments drawn.

Drawn when the moment has come, not before: other days written meanwhile count, and a service that was cancelled owes
nothing.
"""

from datetime import date, tzinfo
from typing import Final

from hotline.accounts.account import Role
from hotline.aftercare.drawing import Lot, Whom, draw_lot
from hotline.aftercare.occasions import ServiceDays, ServiceDaysRefused, service_days
from hotline.aftercare.paid_services_store import days_of_services, moments_drawn, services_without_draw
from hotline.aftercare.rules import PAID_SERVICE, After, Moment
from hotline.aftercare.service_days_store import keep_service_days
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.dutylog.entry import Kind
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpNotYours, Step, may_act
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.rules import owed_by
from hotline.followups.store import take_step

AT_MOST: Final = 50  # in one transaction
ROWS: Final = {Moment.MIDDLE: After.PAID_MIDDLE, Moment.END: After.PAID_END}


class PaidServices:
    """The paid services of one centre."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, seed: str, area_code: str, zone: tzinfo) -> None:
        self._database, self._bus, self._clock = database, bus, clock
        self._seed, self._area_code, self._zone = seed, area_code, zone

    async def set_days(
        self, matter: int, first: date, last: date, *, who: str, role: Role
    ) -> tuple[FollowUp, ServiceDays]:
        """Write down from when to when a paid service goes on; other days take the place of those that were known.

        Raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused (cancelled), ServiceDaysRefused.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            one = await follow_up_by_id(session, matter)
            if not may_act(role, one.owed_by):
                raise FollowUpNotYours("a supervisor owes this: an agent cannot change it")
            if one.kind is not FollowUpKind.MATTER or one.request != Kind.PAID_SERVICE.value:
                raise ServiceDaysRefused("kind")
            known = (await days_of_services(session, [matter])).get(matter)
            if known is not None and (known.first, known.last) == (first, last):
                return one, known  # a second click
            if Moment.END in await moments_drawn(session, matter):
                raise ServiceDaysRefused("drawn")
            days = service_days(matter, first, last, zone=self._zone, by=who, now=now)
            one = await take_step(session, matter, Step.SERVICE_DAYS, who=who, at=now, text=f"{first} — {last}")
            await keep_service_days(session, days)
        self._bus.publish(Change(Subject.FOLLOW_UP, str(matter)))
        return one, days

    async def draw_all(self) -> None:
        """Draw for every service whose middle, or end, has come."""
        for moment in ROWS:
            while await self.draw_some(moment) == AT_MOST:
                pass

    async def draw_some(self, moment: Moment) -> int:
        """Draw for services whose moment has come and had no draw; return how many there were."""
        now = self._clock.now()
        raised: list[int] = []
        async with self._database.begin() as session:
            came = await services_without_draw(session, moment, now, AT_MOST)
            for days, matter, entry in came:
                lot = _lot(days, moment, entry)
                whom = self._whom(days, matter) if matter.number or matter.home else None
                call = await draw_lot(session, lot, whom, seed=self._seed, at=now)
                raised += [] if call is None else [call]
        for follow_up in raised:
            self._bus.publish(Change(Subject.FOLLOW_UP, str(follow_up)))
        return len(came)

    def _whom(self, days: ServiceDays, matter: FollowUp) -> Whom:
        return Whom.of(
            matter.number,
            area_code=self._area_code,
            home=matter.home,
            who=matter.who,
            text=f"{matter.text}（{days.first} — {days.last}）",
            owed_by=owed_by(FollowUpKind.AFTERCARE),
        )


def _lot(days: ServiceDays, moment: Moment, entry: int) -> Lot:
    window = days.middle or days.end if moment is Moment.MIDDLE else days.end
    return Lot(
        after=ROWS[moment],
        percent=PAID_SERVICE.percent,
        counted_from=window.since,
        window=window,
        moment=moment,
        matter=days.matter,
        entry=entry,
    )
