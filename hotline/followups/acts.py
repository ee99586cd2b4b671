"""What a person does to a follow-up: takes it, closes it, takes it back, opens it again, writes one down.

Each act is one transaction; then whoever looks is told, and a place kept in the queue for who is owed nothing more is
given up. The calls' own part is in `service`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.followups.follow_up import (
    RETURNABLE,
    FollowUp,
    FollowUpKind,
    FollowUpNotYours,
    FollowUpState,
    Step,
    may_act,
)
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up, take_step
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import known_caller

log = structlog.get_logger()

FORGET_WITHIN: Final = 3.0  # seconds; a person waits for the answer

ForgetPlace = Callable[[str], Awaitable[object]]
"""Gives up the place that the switch keeps for this number (its digits as dialled in China); raises HotlineError."""


FollowMatter = Callable[[AsyncSession, FollowUp], Awaitable[int | None]]
"""Does what follows from a matter that is over, in its transaction; returns the entry of the log that it changed."""


async def nothing_follows(_session: AsyncSession, _one: FollowUp) -> int | None:
    """Do nothing: where there is no duty log."""
    return None


async def no_place_is_kept(_number_digits: str) -> None:
    """Do nothing: where nobody keeps places in a queue."""


class FollowUpActs:
    """What people do to what is owed. Every act raises FollowUpUnknown, FollowUpNotYours, FollowUpStepRefused."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        area_code: str = "",
        forget_place: ForgetPlace = no_place_is_kept,
        follow_matter: FollowMatter = nothing_follows,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._area_code = area_code
        self._forget_place = forget_place
        self._follow_matter = follow_matter

    async def take(self, number: int, *, who: str, role: Role) -> FollowUp:
        """Say: I do it."""
        return await self._step(number, Step.TAKEN, who, role)

    async def close(self, number: int, *, who: str, role: Role, result: str) -> FollowUp:
        """Say what came of it."""
        return await self._step(number, Step.CLOSED, who, role, result)

    async def cancel(self, number: int, *, who: str, role: Role, reason: str) -> FollowUp:
        """Say why it was never owed."""
        return await self._step(number, Step.CANCELLED, who, role, reason)

    async def reopen(self, number: int, *, who: str, role: Role, reason: str) -> FollowUp:
        """Say why it is owed still."""
        return await self._step(number, Step.REOPENED, who, role, reason)

    async def write_down(
        self,
        *,
        by: str,
        text: str,
        due: datetime,
        owed_by: Role,
        number: str = "",
        home: str = "",
        who: str = "",
    ) -> FollowUp:
        """Write down what a person says is owed; a known number brings home and name with it.

        `number` is as it was written, `by` the account, `who` the person it is owed to.
        """
        read, place, now = PhoneNumber.parse(number, area_code=self._area_code), Home.parse(home), self._clock.now()
        async with self._database.begin() as session:
            known = await known_caller(session, read)
            known_home = known.household.home.label if known and known.household else ""
            one = await add_follow_up(
                session,
                debt=Debt(kind=FollowUpKind.OTHER, at=now, due=due),
                owed_by=owed_by,
                call_id=None,
                number=number,
                e164=read.e164 if read else "",
                home=place.label if place else home or known_home,
                who=who or (known.resident.salutation if known and known.resident else ""),
                at=now,
                text=text,
                raised_by=by,
            )
        self._tell(one)
        return one

    async def _step(self, number: int, step: Step, who: str, role: Role, text: str = "") -> FollowUp:
        async with self._database.begin() as session:
            one = await follow_up_by_id(session, number)
            if not may_act(role, one.owed_by):
                raise FollowUpNotYours("a supervisor owes this: an agent cannot take or close it")
            one = await take_step(session, number, step, who=who, at=self._clock.now(), text=text)
            entry = await self._follow_matter(session, one)
        self._tell(one)
        if entry is not None:
            self._bus.publish(Change(Subject.DUTY_LOG, str(entry)))
        if one.kind in RETURNABLE and one.state is not FollowUpState.OPEN:
            await self._give_place_up(one)
        return one

    def _tell(self, one: FollowUp) -> None:
        self._bus.publish(Change(Subject.FOLLOW_UP, str(one.id)))

    async def _give_place_up(self, one: FollowUp) -> None:
        """Nobody is to be rung any more for who is owed nothing; what was said stays said if the switch is away."""
        await give_place_up(one, self._forget_place, area_code=self._area_code)


async def give_place_up(one: FollowUp, forget_place: ForgetPlace, *, area_code: str) -> bool:
    """Give up the place kept for the number of a follow-up; return whether the switch was told, or need not be."""
    number = PhoneNumber.parse(one.number, area_code=area_code)
    if number is None:
        return True
    try:
        async with asyncio.timeout(FORGET_WITHIN):
            await forget_place(number.national)
    except (HotlineError, OSError, TimeoutError) as wrong:
        log.warning("a kept place could not be given up", follow_up=one.id, reason=type(wrong).__name__)
        return False
    return True
