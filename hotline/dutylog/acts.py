"""What a person does in the duty log: confirms, corrects, gives a matter to a department, says what came of it.

Each act is one transaction: the entry, its number, its place in the chain and what it makes us owe are there together
or not at all. Then whoever looks is told. The calls' own part, drafts, is in `service`.
"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Change, Subject
from hotline.calls.store import call_by_id
from hotline.clock import Clock
from hotline.database import Database
from hotline.dutylog.chain_store import open_chain
from hotline.dutylog.deadlines import Deadlines
from hotline.dutylog.dispatch import DepartmentUnknown, Dispatch, DispatchStep
from hotline.dutylog.dispatch_store import send_dispatch, take_dispatch_step
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import DutyEntry, EntryState, Kind, LogBook, Source
from hotline.dutylog.matters_store import keep_matter, matters_of, settle_matter
from hotline.dutylog.store import (
    EntryIsDraft,
    EntryUnknown,
    add_entry,
    correct_entry,
    entry_by_number,
    first_versions,
    newest_version,
)
from hotline.settings import DutyLogSettings


def deadlines_of(settings: DutyLogSettings) -> Deadlines:
    """Return the site's deadlines."""
    minutes = {
        Kind.ENQUIRY: settings.enquiry_within,
        Kind.REPAIR: settings.repair_within,
        Kind.COMPLAINT: settings.complaint_within,
        Kind.PAID_SERVICE: settings.paid_service_within,
        Kind.GENERAL_HELP: settings.general_help_within,
        Kind.SPECIAL_HELP: settings.special_help_within,
    }
    return Deadlines(
        by_kind={kind: timedelta(minutes=within) for kind, within in minutes.items()},
        urgent=timedelta(minutes=settings.urgent_within),
        acceptance=timedelta(minutes=settings.accept_within),
        urgent_acceptance=timedelta(minutes=settings.accept_urgent_within),
    )


async def chain_old_entries(database: Database, book: LogBook) -> None:
    """Chain what was confirmed before there was a chain; once, however often it is asked."""
    async with database.begin() as session:
        await open_chain(session, book)


class DutyLogActs:
    """What people do in the duty log."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        book: LogBook,
        settings: DutyLogSettings,
        area_code: str = "",
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._book = book
        self._departments = settings.departments
        self._deadlines = deadlines_of(settings)
        self._area_code = area_code

    async def confirm(
        self, draft: Draft, *, by: str, call_id: str | None = None, source: Source | None = None, result: str = ""
    ) -> DutyEntry:
        """Write an entry, of a call or of none. `result`, where there is one, settles it. Raises EntryConfirmed."""
        async with self._database.begin() as session:
            entry, owed = await self.confirm_in(session, draft, by=by, call_id=call_id, source=source, result=result)
        self.tell(entry.number, owed)
        return entry

    async def confirm_in(
        self,
        session: AsyncSession,
        draft: Draft,
        *,
        by: str,
        call_id: str | None,
        source: Source | None = None,
        result: str = "",
        promised: datetime | None = None,
        may_raise: bool = True,
    ) -> tuple[DutyEntry, int | None]:
        """Write an entry as part of a larger act, which tells (`tell`) once it is committed; return what it owes, too.

        `promised` is by when a person said that the matter is done; `may_raise` False: nothing new is owed for it.
        Raises EntryConfirmed.
        """
        entry = await add_entry(
            session,
            call_id=call_id,
            draft=draft,
            written_by=by,
            at=self._clock.now(),
            source=source,
            result=result,
            book=self._book,
        )
        return entry, await self._keep_matter(session, entry, promised, may_raise=may_raise)

    async def correct(self, number: int, draft: Draft, *, by: str, result: str = "") -> DutyEntry:
        """Write a correction beside an entry. Raises EntryUnknown, EntryIsDraft, EntryCorrected."""
        async with self._database.begin() as session:
            entry, owed = await self.correct_in(session, number, draft, by=by, result=result)
        self.tell(number, None)
        self.tell(entry.number, owed)
        return entry

    async def correct_in(
        self,
        session: AsyncSession,
        number: int,
        draft: Draft,
        *,
        by: str,
        result: str = "",
        promised: datetime | None = None,
        may_raise: bool = True,
    ) -> tuple[DutyEntry, int | None]:
        """Write a correction as part of a larger act; see `confirm_in`. Raises as `correct` does."""
        entry = await correct_entry(
            session, number, draft=draft, written_by=by, at=self._clock.now(), result=result, book=self._book
        )
        return entry, await self._keep_matter(session, entry, promised, may_raise=may_raise)

    async def settle(self, number: int, *, by: str, result: str) -> None:
        """Write that the matter is answered or handled. Raises EntryUnknown, MatterNotOwed, FollowUpStepRefused."""
        async with self._database.begin() as session:
            await _confirmed(session, number)
            one = await settle_matter(session, number, who=by, at=self._clock.now(), text=result)
        self.tell(number, one.id)

    async def send(self, number: int, *, department: str, by: str, note: str = "") -> Dispatch:
        """Give the matter to a department. Raises EntryUnknown, EntryIsDraft, DepartmentUnknown, DispatchDoubled."""
        async with self._database.begin() as session:
            await _confirmed(session, number)
            sent = await self.send_in(session, number, department=department, by=by, note=note)
        self.tell(number, None)
        return sent

    async def send_in(
        self, session: AsyncSession, number: int, *, department: str, by: str, note: str = ""
    ) -> Dispatch:
        """Give the matter of a confirmed entry away in a larger act. Raises DepartmentUnknown, DispatchDoubled."""
        if department not in self._departments:
            raise DepartmentUnknown("there is no department of this name: see dutylog.departments")
        now = self._clock.now()
        entry = await newest_version(session, number)
        first = (await first_versions(session, [number]))[number]
        matter = (await matters_of(session, [first])).get(first)
        return await send_dispatch(
            session,
            entry=first,
            department=department,
            note=note,
            is_urgent=entry is not None and entry.is_urgent,
            by=by,
            at=now,
            accept_by=self._deadlines.accept_by(now, is_urgent=entry is not None and entry.is_urgent),
            complete_by=matter.due if matter else None,
        )

    async def step(self, dispatch: int, step: DispatchStep, *, by: str, who: str = "", text: str = "") -> Dispatch:
        """Write what the department, or the desk, says of a dispatch. Raises DispatchUnknown, DispatchStepRefused."""
        async with self._database.begin() as session:
            taken = await take_dispatch_step(session, dispatch, step, by=by, at=self._clock.now(), who=who, text=text)
        self.tell(taken.entry, None)
        return taken

    async def _keep_matter(
        self, session: AsyncSession, entry: DutyEntry, promised: datetime | None = None, *, may_raise: bool = True
    ) -> int | None:
        call = await call_by_id(session, entry.call_id) if entry.call_id else None
        return await keep_matter(
            session,
            entry,
            deadlines=self._deadlines,
            number=call.caller_number if call else "",
            area_code=self._area_code,
            promised=promised,
            may_raise=may_raise,
        )

    def tell(self, number: int, follow_up: int | None) -> None:
        """Tell whoever looks that an entry, and what it makes us owe, changed: after the commit."""
        self._bus.publish(Change(Subject.DUTY_LOG, str(number)))
        if follow_up is not None:
            self._bus.publish(Change(Subject.FOLLOW_UP, str(follow_up)))


async def _confirmed(session: AsyncSession, number: int) -> DutyEntry:
    entry = await entry_by_number(session, number)
    if entry is None or entry.state is EntryState.VOID:
        raise EntryUnknown(f"the duty log has no entry {number}")
    if entry.state is EntryState.DRAFT:
        raise EntryIsDraft(f"entry {number} is a draft: confirm it first")
    return entry
