"""Draw after what residents are called back, and write down what they answered.

Each draw is a sweep over things that have had none: handled matters, paid services whose middle or end has come, homes
of newsletters and events. However a thing came about it is found, and has one draw, ever: no home is called twice for
one reason.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta, tzinfo
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.aftercare.drawing import Lot, Whom, draw_lot
from hotline.aftercare.outreach_store import NotToBeCalled, everybody_may_be_called
from hotline.aftercare.outreaches import Outreaches
from hotline.aftercare.paid_services import PaidServices
from hotline.aftercare.rules import (
    After,
    Answers,
    Moment,
    NoAftercare,
    Window,
    after_handling,
    is_drawn,
    rules,
    window,
)
from hotline.aftercare.share import HeadsShare
from hotline.aftercare.share_store import share_in_force
from hotline.aftercare.store import Drawn, draw_of_call, draws, handled_without_draw, keep_answers
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.dutylog.entry import CHINA, DutyEntry, Kind
from hotline.dutylog.store import newest_version
from hotline.errors import HotlineError
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState, Step
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.rules import Debt, owed_by
from hotline.followups.store import add_follow_up, escalate_overdue, take_step
from hotline.phone import PhoneNumber
from hotline.settings import FollowUpSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 30.0
AT_MOST: Final = 50  # matters in one transaction


class Aftercare:
    """Call-backs: the draws, the answers, and what is so late that a supervisor hears of it.

    `not_to_be_called` says which households want no calls: their marks are kept in a room above this one.
    """

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        settings: FollowUpSettings,
        seed: str,
        area_code: str = "",
        zone: tzinfo = CHINA,
        not_to_be_called: NotToBeCalled = everybody_may_be_called,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._seed = seed
        self._area_code = area_code
        self.services = PaidServices(database=database, bus=bus, clock=clock, seed=seed, area_code=area_code, zone=zone)
        self.outreaches = Outreaches(
            database=database, bus=bus, clock=clock, seed=seed, zone=zone, not_to_be_called=not_to_be_called
        )
        self.share = HeadsShare(database=database, clock=clock, in_file=settings.aftercare_of_others)

    async def run(self) -> None:
        """Draw and escalate until cancelled; a database that is away is waited for, aloud."""
        acts: tuple[Callable[[], Awaitable[object]], ...] = (
            self.draw_handled, self.services.draw_all, self.outreaches.draw_all, self.escalate,
        )  # fmt: skip
        while True:
            for act in acts:
                try:
                    await act()
                except (SQLAlchemyError, OSError, HotlineError) as wrong:
                    log.error("aftercare is behind", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def draw_handled(self) -> None:
        """Draw for every handled matter that has had no draw."""
        while await self.draw_some() == AT_MOST:
            pass

    async def draw_some(self) -> int:
        """Draw for handled matters that have had no draw; return how many there were."""
        raised: list[int] = []
        async with self._database.begin() as session:
            handled = await handled_without_draw(session, AT_MOST)
            others = await share_in_force(session, self._settings.aftercare_of_others) if handled else 0
            for matter, entry in handled:
                raised += await self._draw(session, matter, entry, others=others)
        for follow_up in raised:
            self._bus.publish(Change(Subject.FOLLOW_UP, str(follow_up)))
        return len(handled)

    async def escalate(self) -> int:
        """Let supervisors see what is overdue for long; return how many were new."""
        now = self._clock.now()
        async with self._database.begin() as session:
            late = await escalate_overdue(session, now - timedelta(minutes=self._settings.escalate_after), at=now)
        for follow_up in late:
            self._bus.publish(Change(Subject.FOLLOW_UP, str(follow_up)))
        return len(late)

    async def answer(self, follow_up: int, answers: Answers, *, who: str) -> FollowUp:
        """Write what the resident said: the call is done. Who is not satisfied has the matter re-opened, aloud.

        A newsletter or event has no matter: there the manager alone is told.
        Raises FollowUpUnknown, NoAftercare, FollowUpStepRefused where it is done already.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            call = await follow_up_by_id(session, follow_up)
            drawn = await draw_of_call(session, follow_up)
            if drawn is None:
                raise NoAftercare(f"follow-up {follow_up} is no call after a handled matter")
            done = await take_step(session, follow_up, Step.CLOSED, who=who, at=now, text=answers.told)
            await keep_answers(session, follow_up, answers, by=who, at=now)
            reopened = None if answers.is_satisfied else await self._reopen(session, drawn, call, answers, who=who)
        for changed in filter(None, (follow_up, drawn.matter, reopened)):
            self._bus.publish(Change(Subject.FOLLOW_UP, str(changed)))
        return done

    async def _draw(self, session: AsyncSession, matter: FollowUp, first: int, *, others: int) -> list[int]:
        newest = await newest_version(session, first)
        after, now = after_handling(newest.kind if newest else Kind.UNKNOWN), self._clock.now()
        rule, handled = rules(others=others).get(after), matter.closed_at or now
        whom = Whom.of(
            matter.number,
            area_code=self._area_code,
            home=matter.home,
            who=matter.who,
            text=matter.text,
            owed_by=_caller(newest),
        )
        lot = Lot(
            after=after,
            percent=rule.percent if rule else 0,
            counted_from=handled,
            window=window(rule, handled) if rule else Window(handled, handled),
            moment=Moment.HANDLED,
            matter=matter.id,
            entry=first,
        )
        is_of_the_sample = rule is not None and bool(matter.number or matter.home)
        call = await draw_lot(session, lot, whom if is_of_the_sample else None, seed=self._seed, at=now)
        return [] if call is None else [call]

    async def _reopen(self, session: AsyncSession, drawn: Drawn, call: FollowUp, answers: Answers, *, who: str) -> int:
        now = self._clock.now()
        if drawn.matter is not None:
            known = await follow_up_by_id(session, drawn.matter)
            if known.state is not FollowUpState.OPEN:
                await take_step(session, known.id, Step.REOPENED, who=who, at=now, text=answers.told)
        number = PhoneNumber.parse(call.number, area_code=self._area_code)
        told = await add_follow_up(
            session,
            debt=Debt(
                kind=FollowUpKind.UNSATISFIED, at=now, due=now + timedelta(minutes=self._settings.manager_within)
            ),
            owed_by=owed_by(FollowUpKind.UNSATISFIED),
            call_id=None,
            number=call.number,
            e164=number.e164 if number else "",
            home=call.home,
            who=call.who,
            at=now,
            text=f"回访不满意：{answers.told}（{call.text}）"[:1000],
            request=Kind.COMPLAINT.value,
            raised_by=who,
        )
        return told.id


def _caller(entry: DutyEntry | None) -> Role:
    """Who makes the call: of a serious complaint the manager, of the rest a clerk [P 4.5.1]."""
    is_serious = entry is not None and entry.kind is Kind.COMPLAINT and entry.is_urgent
    return Role.SUPERVISOR if is_serious else owed_by(FollowUpKind.AFTERCARE)


async def prove(database: Database, after: After) -> tuple[int, int, list[Drawn]]:
    """Draw every place of a row again; return how many there are, how many are called, and which do not agree."""
    places, called, wrong, behind = 0, 0, [], 0
    async with database.read() as session:
        while page := await draws(session, after, behind=behind):
            for one in page:
                behind = one.place or behind
                places, called = places + 1, called + one.is_drawn
                if one.place != places or one.is_drawn != is_drawn(after, places, one.percent, one.seed):
                    wrong.append(one)
    return places, called, wrong
