"""Wrap a call up: confirm or correct its entry, give it to a department, write the promise down, in one transaction.

All of it is there or nothing is; the same key is the same act, however often it is sent. Then whoever looks is told.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.outside_store import made_for
from hotline.desk.wrap_up import Disposition, Original, Promise, WrapUp, WrapUpIncomplete, missing
from hotline.desk.wrap_up_store import claim_key, finish_key, returned_by
from hotline.dutylog.acts import DutyLogActs
from hotline.dutylog.entry import DutyEntry
from hotline.dutylog.matters_store import entry_of_matter, follow_matter, matters_of
from hotline.dutylog.store import first_versions
from hotline.followups.follow_up import FollowUpKind, FollowUpState, Step
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up, take_step
from hotline.phone import PhoneNumber


class WrapUps:
    """What an agent says when a call is over."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, duty_log: DutyLogActs, area_code: str) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._duty_log = duty_log
        self._area_code = area_code

    async def wrap_up(self, call: CallRecord, told: WrapUp, *, by: str) -> int:
        """Write everything; return the entry's number.

        Raises WrapUpIncomplete with every field that is missing, EntryConfirmed where somebody confirmed it meanwhile
        and `corrects` does not say so, EntryCorrected, DepartmentUnknown, DispatchDoubled.
        """
        if wanted := missing(told):
            raise WrapUpIncomplete(told.draft.kind, wanted)
        owed: set[int] = set()
        async with self._database.begin() as session:
            known = await claim_key(session, told, by=by, at=self._clock.now())
            if known is not None:
                return known
            original = await made_for(session, call.id)
            is_new = original is None or told.original is Original.NEW
            entry, one = await self._entry(session, told, by, is_new=is_new)
            owed |= {one} if one is not None else set()
            if told.department:
                await self._duty_log.send_in(session, entry.number, department=told.department, by=by, note=told.note)
            is_kept = False
            if original is not None:
                owed.add(original)
                is_kept = await self._go_on(session, call, original, told, entry)
            if (
                told.promise is not None
                and not is_kept
                and not await self._is_the_matters(session, told.promise, entry)
            ):
                owed.add(await self._promised(session, call, told.promise, entry))
            if told.disposition is Disposition.NOT_REACHED:
                owed |= await self._not_reached(session, call, by)
            await finish_key(session, told, by=by, entry=entry.number)
            origin = await entry_of_matter(session, original) if original is not None else None
        if origin is not None:
            self._duty_log.tell(origin, None)
        if told.corrects is not None:
            self._duty_log.tell(told.corrects, None)
        self._duty_log.tell(entry.number, None)
        for follow_up in sorted(owed):
            self._bus.publish(Change(Subject.FOLLOW_UP, str(follow_up)))
        return entry.number

    async def _entry(
        self, session: AsyncSession, told: WrapUp, by: str, *, is_new: bool
    ) -> tuple[DutyEntry, int | None]:
        due = told.promise.due if told.promise else None
        if told.corrects is None:
            return await self._duty_log.confirm_in(
                session,
                told.draft,
                by=by,
                call_id=told.call_id,
                result=told.result,
                promised=due,
                may_raise=is_new,
            )
        return await self._duty_log.correct_in(
            session, told.corrects, told.draft, by=by, result=told.result, promised=due, may_raise=is_new
        )

    async def _go_on(
        self, session: AsyncSession, call: CallRecord, original: int, told: WrapUp, entry: DutyEntry
    ) -> bool:
        """Close what our call was made for, or leave it owed; return whether the promise became its deadline.

        What speaking with the resident has closed by itself is owed again where the agent says that it goes on.
        """
        known, at, by = await follow_up_by_id(session, original), entry.written_at, entry.written_by
        if told.disposition is Disposition.NOT_REACHED:
            return False  # see _not_reached
        if told.original is Original.SETTLED and known.state is FollowUpState.OPEN:
            said = told.result or told.draft.matter or entry.page
            known = await take_step(session, original, Step.CLOSED, who=by, at=at, text=said[:1000], call_id=call.id)
            await follow_matter(session, known)
        if told.original is not Original.GOES_ON:
            return False
        if known.state is FollowUpState.DONE and known.closing in {Step.RETURNED, Step.CALLED_AGAIN}:
            known = await take_step(session, original, Step.REOPENED, who=by, at=at, call_id=call.id)
        promise = told.promise
        if promise is None or known.state is not FollowUpState.OPEN or promise.to not in {"", entry.who, known.who}:
            return False
        moved, due = Step.DEADLINE_MOVED, promise.due
        await take_step(session, original, moved, who=by, at=at, due=due, promised=due, text=entry.page)
        return True

    async def _is_the_matters(self, session: AsyncSession, promise: Promise, entry: DutyEntry) -> bool:
        """A promise to the entry's own person is its matter's deadline; any other is owed on its own."""
        first = (await first_versions(session, [entry.number]))[entry.number]
        matter = (await matters_of(session, [first])).get(first)
        return matter is not None and matter.state is FollowUpState.OPEN and promise.to in {"", entry.who}

    async def _promised(self, session: AsyncSession, call: CallRecord, promise: Promise, entry: DutyEntry) -> int:
        number = PhoneNumber.parse(call.caller_number, area_code=self._area_code)
        made = await add_follow_up(
            session,
            debt=Debt(kind=FollowUpKind.OTHER, at=entry.written_at, due=promise.due),
            owed_by=Role.AGENT,
            call_id=None,
            number=call.caller_number,
            e164=number.e164 if number else "",
            home=entry.home,
            who=promise.to or entry.who,
            at=entry.written_at,
            text=f"{entry.page} {promise.text or entry.promised or entry.matter}",
            raised_by=entry.written_by,
            promised=promise.due,
        )
        await take_step(session, made.id, Step.TAKEN, who=entry.written_by, at=entry.written_at)
        return made.id

    async def _not_reached(self, session: AsyncSession, call: CallRecord, by: str) -> set[int]:
        """Not the resident lifted: what this call closed by itself is owed still."""
        found = set(await returned_by(session, call.id))
        for one in sorted(found):
            await take_step(session, one, Step.REOPENED, who=by, at=self._clock.now(), call_id=call.id)
        return found
