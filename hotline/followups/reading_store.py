"""What is read of follow-ups: one, its history, pages of them, how many are open. Nothing is changed here."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.calls.store import CallTable
from hotline.followups.follow_up import (
    CALLS_OWED,
    RETURNABLE,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    FollowUpUnknown,
    Step,
    StepTaken,
)
from hotline.followups.store import OPEN, FollowUpCallTable, FollowUpStepTable, FollowUpTable, follow_up_of

LAST_OF_ALL: Final = datetime(9999, 1, 1, tzinfo=UTC)  # where something without a deadline stands in the list


async def follow_up_by_id(session: AsyncSession, follow_up_id: int) -> FollowUp:
    """Return one follow-up. Raises FollowUpUnknown."""
    row = await session.get(FollowUpTable, follow_up_id, populate_existing=True)
    if row is None:
        raise FollowUpUnknown(f"there is no follow-up {follow_up_id}")
    return follow_up_of(row)


async def history_of(session: AsyncSession, follow_up_id: int) -> tuple[list[StepTaken], list[tuple[str, datetime]]]:
    """Return its steps, and the calls it stands for with their moments, both oldest first."""
    steps = await session.scalars(
        select(FollowUpStepTable)
        .where(FollowUpStepTable.follow_up_id == follow_up_id)
        .order_by(FollowUpStepTable.at, FollowUpStepTable.id)
    )
    calls = await session.scalars(
        select(FollowUpCallTable)
        .where(FollowUpCallTable.follow_up_id == follow_up_id)
        .order_by(FollowUpCallTable.at, FollowUpCallTable.call_id)
    )
    return (
        [
            StepTaken(at=step.at, who=step.who, what=Step(step.what), text=step.text, call_id=step.call_id)
            for step in steps
        ],
        [(call.call_id, call.at) for call in calls],
    )


async def follow_ups_page(
    session: AsyncSession,
    *,
    states: Collection[FollowUpState] = tuple(FollowUpState),
    due_before: datetime | None = None,
    owed_by: Role | None = None,
    taken_by: str | None = None,
    after_id: int | None = None,
    limit: int = 50,
    kinds: Collection[FollowUpKind] = (),
) -> list[FollowUp]:
    """Return follow-ups: open ones by deadline, the soonest first; others by their last change, the newest first.

    `kinds` empty is every kind; `after_id` is the last one of the page before this one.
    """
    deadline = func.coalesce(FollowUpTable.due, LAST_OF_ALL)
    is_by_deadline = set(states) == {FollowUpState.OPEN}
    wanted: list[ColumnElement[bool]] = [FollowUpTable.state.in_([state.value for state in states])]
    if kinds:
        wanted.append(FollowUpTable.kind.in_([kind.value for kind in kinds]))
    if due_before is not None:
        wanted.append(FollowUpTable.due < due_before)
    if owed_by is not None:
        is_theirs = FollowUpTable.owed_by == owed_by.value
        # What agents have let lie for long stands in the supervisors' list, too.
        is_escalated = FollowUpTable.escalated_at.is_not(None)
        wanted.append(or_(is_theirs, is_escalated) if owed_by is Role.SUPERVISOR else is_theirs)
    if taken_by is not None:
        wanted.append(FollowUpTable.taken_by == taken_by)
    if after_id is not None:
        last = await session.get(FollowUpTable, after_id)
        if last is None:
            return []
        if is_by_deadline:
            place = last.due or LAST_OF_ALL
            wanted.append(or_(deadline > place, and_(deadline == place, FollowUpTable.id > last.id)))
        else:
            same_moment = and_(FollowUpTable.changed_at == last.changed_at, FollowUpTable.id < last.id)
            wanted.append(or_(FollowUpTable.changed_at < last.changed_at, same_moment))
    order = (
        (deadline, FollowUpTable.id) if is_by_deadline else (FollowUpTable.changed_at.desc(), FollowUpTable.id.desc())
    )
    found = await session.scalars(select(FollowUpTable).where(*wanted).order_by(*order).limit(limit))
    return [follow_up_of(row) for row in found]


async def count_open(session: AsyncSession, now: datetime) -> tuple[int, int]:
    """Return how many are open, and how many of these are overdue."""
    is_open = FollowUpTable.state == OPEN
    count = select(func.count()).select_from(FollowUpTable).where(is_open)
    return (
        await session.scalar(count) or 0,
        await session.scalar(count.where(FollowUpTable.due < now)) or 0,
    )


async def count_calls_owed(session: AsyncSession) -> int:
    """Return how many open follow-ups are a call to a caller whom nobody has spoken to yet."""
    count = select(func.count()).select_from(FollowUpTable)
    is_call = FollowUpTable.kind.in_([kind.value for kind in CALLS_OWED])
    return await session.scalar(count.where(FollowUpTable.state == OPEN, is_call)) or 0


async def changed_last(session: AsyncSession) -> datetime | None:
    """Return when any follow-up was last changed; None while there is none."""
    newest = select(FollowUpTable.changed_at).order_by(FollowUpTable.changed_at.desc()).limit(1)
    changed: datetime | None = await session.scalar(newest)
    return changed


async def spoken_with_since(
    session: AsyncSession, *, numbers: Sequence[str], returns: str, began: datetime, at: datetime
) -> tuple[str, Step] | None:
    """Return the first call by which we have spoken with this caller since `at`, and how it came about.

    Asked when a debt is written down late: the ledger may tell an older call after a newer one. Only calls that began
    after `began` are looked at, which are few; an earlier one that goes on settles the debt when it is told again.
    """
    answered = and_(CallTable.ring_start >= began, CallTable.human_answer >= at)
    came_again = and_(CallTable.direction.in_(["inbound", "outbound"]), CallTable.caller_number.in_(numbers))
    found = await session.scalar(
        select(CallTable)
        .where(answered, or_(came_again, CallTable.returns == returns))
        .order_by(CallTable.human_answer)
        .limit(1)
    )
    if found is None:
        return None
    return found.id, Step.CALLED_AGAIN if found.direction == "inbound" else Step.RETURNED


async def closed_by_themselves(session: AsyncSession, since: datetime) -> list[FollowUp]:
    """Return the calls owed that speaking with the caller has closed since then, of numbers that are owed none now."""
    owed_still = select(FollowUpTable.e164).where(
        FollowUpTable.state == OPEN, FollowUpTable.kind.in_(kind.value for kind in RETURNABLE), FollowUpTable.e164 != ""
    )
    found = await session.scalars(
        select(FollowUpTable)
        .where(
            FollowUpTable.changed_at >= since,
            FollowUpTable.closing.in_([Step.CALLED_AGAIN.value, Step.RETURNED.value]),
            FollowUpTable.kind.in_(kind.value for kind in RETURNABLE),
            FollowUpTable.e164 != "",
            FollowUpTable.e164.not_in(owed_still),
        )
        .order_by(FollowUpTable.id)
    )
    return [follow_up_of(row) for row in found]
