"""Draw which handled matters are called back, and write down what residents answered.

The draw is a sweep over handled matters that have none: whoever handled a matter, and however, it is found; each has
one draw, ever, so a home is not called twice for one reason.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.aftercare.rules import Answers, NoAftercare, due, is_drawn, rules
from hotline.aftercare.store import (
    Drawn,
    add_draw,
    draws,
    handled_without_draw,
    keep_answers,
    matter_of_call,
    next_place,
)
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.dutylog.entry import DutyEntry, Kind
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
    """Calls after handled matters: the draw, the answers, and what is so late that a supervisor hears of it."""

    def __init__(
        self, *, database: Database, bus: Bus, clock: Clock, settings: FollowUpSettings, seed: str, area_code: str = ""
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._seed = seed
        self._area_code = area_code

    async def run(self) -> None:
        """Draw and escalate until cancelled; a database that is away is waited for, aloud."""
        while True:
            try:
                while await self.draw_some() == AT_MOST:
                    pass
                await self.escalate()
            except (SQLAlchemyError, OSError, HotlineError) as wrong:
                log.error("aftercare is behind", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def draw_some(self) -> int:
        """Draw for handled matters that have had no draw; return how many there were."""
        raised: list[int] = []
        async with self._database.begin() as session:
            handled = await handled_without_draw(session, AT_MOST)
            for matter, entry in handled:
                raised += await self._draw(session, matter, entry)
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

        Raises FollowUpUnknown, NoAftercare, FollowUpStepRefused where it is done already.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            call = await follow_up_by_id(session, follow_up)
            matter = await matter_of_call(session, follow_up)
            if matter is None:
                raise NoAftercare(f"follow-up {follow_up} is no call after a handled matter")
            done = await take_step(session, follow_up, Step.CLOSED, who=who, at=now, text=answers.told)
            await keep_answers(session, follow_up, answers, by=who, at=now)
            reopened = None if answers.is_satisfied else await self._reopen(session, matter, call, answers, who=who)
        for changed in filter(None, (follow_up, matter, reopened)):
            self._bus.publish(Change(Subject.FOLLOW_UP, str(changed)))
        return done

    async def _draw(self, session: AsyncSession, matter: FollowUp, first: int) -> list[int]:
        newest = await newest_version(session, first)
        kind = newest.kind if newest else Kind.UNKNOWN
        rule = rules(others=self._settings.aftercare_of_others).get(kind)
        now = self._clock.now()
        is_of_the_sample = rule is not None and bool(matter.number or matter.home)
        percent = rule.percent if rule and is_of_the_sample else 0
        place = await next_place(session, kind) if is_of_the_sample else None
        drawn = Drawn(
            entry=first,
            kind=kind,
            place=place,
            percent=percent,
            seed=self._seed,
            is_drawn=place is not None and is_drawn(kind, place, percent, self._seed),
        )
        if not drawn.is_drawn or rule is None:
            await add_draw(session, matter.id, drawn, follow_up=None, at=now)
            return []
        handled = matter.closed_at or now
        number = PhoneNumber.parse(matter.number, area_code=self._area_code)
        call = await add_follow_up(
            session,
            debt=Debt(kind=FollowUpKind.AFTERCARE, at=handled + rule.not_before, due=due(rule, handled)),
            owed_by=_caller(newest),
            call_id=None,
            number=matter.number,
            e164=number.e164 if number else "",
            home=matter.home,
            who=matter.who,
            at=now,
            text=matter.text,
            request=kind.value,
        )
        await add_draw(session, matter.id, drawn, follow_up=call.id, at=now)
        return [call.id]

    async def _reopen(self, session: AsyncSession, matter: int, call: FollowUp, answers: Answers, *, who: str) -> int:
        now = self._clock.now()
        known = await follow_up_by_id(session, matter)
        if known.state is not FollowUpState.OPEN:
            await take_step(session, matter, Step.REOPENED, who=who, at=now, text=answers.told)
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


async def prove(database: Database, kind: Kind) -> tuple[int, int, list[Drawn]]:
    """Draw every place of a kind again; return how many there are, how many are called, and which do not agree."""
    places, called, wrong, after = 0, 0, [], 0
    async with database.read() as session:
        while page := await draws(session, kind, after=after):
            for one in page:
                after = one.place or after
                places, called = places + 1, called + one.is_drawn
                if one.place != places or one.is_drawn != is_drawn(kind, places, one.percent, one.seed):
                    wrong.append(one)
    return places, called, wrong
