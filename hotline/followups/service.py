"""Keep what the desk owes level with the calls: the ledger shows each call, inside its own transaction.

A call may be shown many times, and an older one after a newer one. What it owes is written down once; what it settles
is closed once, and never again after a person has re-opened it. What people do to it is in `acts`.
"""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome
from hotline.calls.store import INDEX_TEXT
from hotline.clock import Clock
from hotline.followups.choosing_store import follow_choice
from hotline.followups.follow_up import RETURNABLE, FollowUp, FollowUpKind, Step
from hotline.followups.reading_store import spoken_with_since
from hotline.followups.rules import Debt, Limits, NextOpening, deadline, debts, joins
from hotline.followups.store import (
    add_follow_up,
    is_tried,
    join_call,
    open_of_call,
    open_of_incident,
    open_of_number,
    raised_kinds,
    take_step,
)
from hotline.phone import PhoneNumber
from hotline.residents.choice_store import choices_of, narrowed
from hotline.residents.store import known_caller
from hotline.settings import FollowUpSettings


def always_open(at: datetime) -> datetime:
    """Return the moment itself: a centre that never closes."""
    return at


class FollowUps:
    """The ledger's follower. `next_opening` gives the moment itself while the centre is open, else when it opens."""

    def __init__(
        self,
        *,
        settings: FollowUpSettings,
        clock: Clock,
        area_code: str = "",
        next_opening: NextOpening = always_open,
    ) -> None:
        self._clock = clock
        self._area_code = area_code
        self._next_opening = next_opening
        self.settled = asyncio.Event()  # something is being closed by itself: places looks, after the commit
        self._limits = Limits(
            call_back=timedelta(minutes=settings.call_back_within),
            message=timedelta(minutes=settings.message_within),
            morning=timedelta(minutes=settings.morning_after),
            unsatisfied=timedelta(minutes=settings.manager_within),
        )

    async def follow(self, session: AsyncSession, call: CallRecord) -> None:
        """Write down what this call makes us owe, and close what it settles."""
        number = PhoneNumber.parse(call.caller_number, area_code=self._area_code)
        owed = debts(call, has_number=number is not None, limits=self._limits, next_opening=self._next_opening)
        if owed:
            raised = await raised_kinds(session, call.id)
            for debt in owed:
                if debt.kind not in raised:
                    await self._raise(session, call, number, debt)
            await self._follow_choice(session, call, number)
        if call.human_answer is not None:
            await self._settle(session, call, number, call.human_answer)
        elif call.returns and call.agent and call.ended_at is not None and call.outcome is not Outcome.NOT_DIALLED:
            await self._note_try(session, call)

    async def incident_over(self, session: AsyncSession, incident: str) -> int:
        """Let everybody who waits for the end of this incident be called back from now on; return how many."""
        now = self._clock.now()
        due = deadline(now, self._limits.call_back, limits=self._limits, next_opening=self._next_opening)
        waiting = await open_of_incident(session, incident)
        for one in waiting:
            await take_step(session, one.id, Step.FELL_DUE, at=now, due=due)
        return len(waiting)

    async def _raise(self, session: AsyncSession, call: CallRecord, number: PhoneNumber | None, debt: Debt) -> None:
        now = self._clock.now()
        since = await self._spoken_since(session, call, number, debt)
        if since is None and number is not None and debt.kind in RETURNABLE:
            for one in await open_of_number(session, number.e164):
                if joins(debt, one.kind, one.last_at):
                    await join_call(session, one.id, call_id=call.id, debt=debt, at=now)
                    return
        known = await known_caller(session, number)
        made = await add_follow_up(
            session,
            debt=debt,
            owed_by=debt.owed_by,
            call_id=call.id,
            number=call.caller_number,
            e164=number.e164 if number else "",
            home=known.household.home.label if known and known.household else "",
            who=known.resident.salutation if known and known.resident else "",
            request=call.request,
            at=now,
        )
        if since is not None:
            by, step = since
            await take_step(session, made.id, step, at=now, call_id=by)
            self.settled.set()

    async def _follow_choice(self, session: AsyncSession, call: CallRecord, number: PhoneNumber | None) -> None:
        """Owe it to the home that an agent chose, perhaps before the ledger had read of this call."""
        choice = (await choices_of(session, [call.id])).get(call.id)
        if choice is not None:
            chosen = await narrowed(session, await known_caller(session, number), choice, number)
            await follow_choice(session, call.id, chosen, by=choice.by, at=self._clock.now())

    async def _spoken_since(
        self, session: AsyncSession, call: CallRecord, number: PhoneNumber | None, debt: Debt
    ) -> tuple[str, Step] | None:
        if debt.kind not in RETURNABLE or call.ring_start is None:
            return None
        written = {call.caller_number[:INDEX_TEXT], *number.written_forms} if number else set()
        return await spoken_with_since(
            session, numbers=sorted(written), returns=call.id, began=call.ring_start, at=debt.at
        )

    async def _note_try(self, session: AsyncSession, call: CallRecord) -> None:
        """An agent lifted to return a call, and no person was reached: nobody, or a machine that presses no key."""
        for one in await open_of_call(session, call.returns):
            if not await is_tried(session, one.id, call.id):
                await take_step(session, one.id, Step.TRIED, at=self._clock.now(), call_id=call.id)

    async def _settle(
        self, session: AsyncSession, call: CallRecord, number: PhoneNumber | None, answered: datetime
    ) -> None:
        if call.direction == "inbound":
            step, same_number = Step.CALLED_AGAIN, []
            own = await (open_of_number(session, number.e164) if number else open_of_call(session, call.id))
        elif call.returns:
            step, own = Step.RETURNED, await open_of_call(session, call.returns)
            numbers = dict.fromkeys(
                read.e164 for one in own if (read := PhoneNumber.parse(one.number, area_code=self._area_code))
            )
            same_number = [one for e164 in numbers for one in await open_of_number(session, e164)]
        elif call.direction == "outbound" and number:  # we rang them by ourselves, and have spoken with them now
            step, own, same_number = Step.RETURNED, await open_of_number(session, number.e164), []
        else:
            return
        for one in {one.id: one for one in (*own, *same_number)}.values():
            if _is_settled(one, call, answered):
                await take_step(session, one.id, step, at=self._clock.now(), call_id=call.id)
                self.settled.set()


def _is_settled(one: FollowUp, call: CallRecord, answered: datetime) -> bool:
    """A human was reached after the newest call of it; or this call, taken for missed, was not missed after all."""
    if one.is_kept_open:
        return False
    was_not_missed = one.kind is FollowUpKind.MISSED and one.call_id == call.id and one.calls == 1
    return was_not_missed or one.last_at <= answered
