"""What a confirmed entry makes the desk owe: one follow-up a matter, however often its entry is corrected."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.dutylog.deadlines import Deadlines
from hotline.dutylog.dispatch_store import end_with_matter
from hotline.dutylog.draft_store import promised_due
from hotline.dutylog.entry import DutyEntry
from hotline.dutylog.store import first_versions
from hotline.errors import HotlineError
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState, Step
from hotline.followups.rules import Debt, owed_by
from hotline.followups.store import FollowUpTable, add_follow_up, follow_up_of, take_step, tell_anew
from hotline.phone import PhoneNumber


class MatterNotOwed(HotlineError):
    """Nothing is owed for this entry: it was settled when it was written, or nobody has said yet what kind it is."""

    error_id = "matter-not-owed"


class DutyMatterTable(Base):
    """Which follow-up stands for the matter of an entry, by the entry's first version."""

    __tablename__ = "duty_matter"

    entry: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    follow_up: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), unique=True)


async def keep_matter(
    session: AsyncSession,
    entry: DutyEntry,
    *,
    deadlines: Deadlines,
    number: str,
    area_code: str,
    promised: datetime | None = None,
    may_raise: bool = True,
) -> int | None:
    """Raise what this entry makes us owe, move its deadline or close it, as a correction says; return its follow-up.

    A result written in the entry settles the matter, and ends what departments have not done. `promised` is a time that
    a person wrote down; without one that counts which was drafted from what was said. `may_raise`: what no entry before
    made us owe is owed from now on; False where the call is about something that is owed already. Returns None where
    nothing was and nothing is to be done.
    """
    first = (await first_versions(session, [entry.number]))[entry.number]
    known = (await matters_of(session, [first])).get(first)
    at, who = entry.written_at, entry.written_by
    if entry.result and (known is None or known.state is FollowUpState.OPEN):
        await end_with_matter(session, first, is_handled=True, by=who, at=at, text=entry.result)
    if known is None and not may_raise:
        return None
    if known is None:
        due = deadlines.due(entry.kind, entry.written_at, is_urgent=entry.is_urgent)
        if due is None:
            return None
        said = promised or await promised_due(session, entry.number)
        made = await _raise(session, entry, first, _sooner(due, said), said, number=number, area_code=area_code)
        if entry.result:  # handled at once: nothing is owed, but it may be called back like any other
            await take_step(session, made, Step.CLOSED, who=who, at=at, text=entry.result)
        return made
    await tell_anew(
        session, known.id, home=entry.home, who=entry.who, text=f"{entry.page} {entry.matter}", request=entry.kind.value
    )
    if known.state is not FollowUpState.OPEN:
        return None
    if entry.result:
        await take_step(session, known.id, Step.CLOSED, who=who, at=at, text=entry.result)
        return known.id
    due, said = deadlines.due(entry.kind, known.since, is_urgent=entry.is_urgent), promised or known.promised
    if due is not None and (_sooner(due, said), said) != (known.due, known.promised):
        moved, due = Step.DEADLINE_MOVED, _sooner(due, said)
        await take_step(session, known.id, moved, who=who, at=at, due=due, promised=said, text=entry.page)
        return known.id
    return None


def _sooner(due: datetime, said: datetime | None) -> datetime:
    """What was promised aloud counts where it is sooner than the rule."""
    return due if said is None else min(due, said)


async def settle_matter(session: AsyncSession, entry: int, *, who: str, at: datetime, text: str) -> FollowUp:
    """Write what came of the matter. Raises MatterNotOwed, and FollowUpStepRefused where somebody did so before."""
    first = (await first_versions(session, [entry]))[entry]
    known = (await matters_of(session, [first])).get(first)
    if known is None:
        raise MatterNotOwed(f"nothing is owed for entry {entry}")
    one = await take_step(session, known.id, Step.CLOSED, who=who, at=at, text=text)
    await follow_matter(session, one)
    return one


async def follow_matter(session: AsyncSession, one: FollowUp) -> int | None:
    """Where a matter is over, however it was closed, end what departments have not done of it.

    Returns its entry (the first version), None where this is no matter of the log or nothing was ended.
    """
    if one.kind is not FollowUpKind.MATTER or one.state is FollowUpState.OPEN or one.closed_at is None:
        return None
    entry = await entry_of_matter(session, one.id)
    is_handled = one.state is FollowUpState.DONE
    if entry is None or not await end_with_matter(
        session, entry, is_handled=is_handled, by=one.closed_by, at=one.closed_at, text=one.result
    ):
        return None
    return entry


async def matters_of(session: AsyncSession, first: Iterable[int]) -> dict[int, FollowUp]:
    """Return the follow-up of each of these entries (first versions) that has one."""
    found = await session.execute(
        select(DutyMatterTable.entry, FollowUpTable)
        .join(FollowUpTable, FollowUpTable.id == DutyMatterTable.follow_up)
        .where(DutyMatterTable.entry.in_(set(first)))
        .execution_options(populate_existing=True)
    )
    return {entry: follow_up_of(row) for entry, row in found.tuples()}


async def entry_of_matter(session: AsyncSession, follow_up: int) -> int | None:
    """Return the entry (its first version) whose matter this follow-up stands for; None of any other follow-up."""
    entry: int | None = await session.scalar(
        select(DutyMatterTable.entry).where(DutyMatterTable.follow_up == follow_up)
    )
    return entry


async def _raise(
    session: AsyncSession,
    entry: DutyEntry,
    first: int,
    due: datetime,
    promised: datetime | None,
    *,
    number: str,
    area_code: str,
) -> int:
    read = PhoneNumber.parse(number, area_code=area_code)
    made = await add_follow_up(
        session,
        debt=Debt(kind=FollowUpKind.MATTER, at=entry.written_at, due=due),
        owed_by=owed_by(FollowUpKind.MATTER),
        call_id=entry.call_id,
        number=number,
        e164=read.e164 if read else "",
        home=entry.home,
        who=entry.who,
        at=entry.written_at,
        text=f"{entry.page} {entry.matter}",
        request=entry.kind.value,
        raised_by=entry.written_by,
        promised=promised,
    )
    session.add(DutyMatterTable(entry=first, follow_up=made.id))
    await session.flush()
    return made.id
