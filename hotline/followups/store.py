"""Tables and queries of follow-ups: one row each, the calls it stands for, and its history. Nothing is removed."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.accounts.account import Role
from hotline.calls.store import INDEX_TEXT, CallTable
from hotline.database import Base
from hotline.followups.follow_up import (
    RETURNABLE,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    FollowUpUnknown,
    Step,
    StepTaken,
    after,
)
from hotline.followups.rules import Debt

BY_ITSELF: Final = "hotline"  # who did it, where no person did
LAST_OF_ALL: Final = datetime(9999, 1, 1, tzinfo=UTC)  # where something without a deadline stands in the list
OPEN: Final = FollowUpState.OPEN.value


class FollowUpTable(Base):
    """One follow-up. `e164` is the number for comparing, "" where there is none that could be called."""

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("call_id", "kind"),
        Index("ix_follow_up_state_due", "state", "due"),
        Index("ix_follow_up_e164_state", "e164", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    owed_by: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str | None] = mapped_column(String(INDEX_TEXT))
    calls: Mapped[int]
    number: Mapped[str] = mapped_column(String(INDEX_TEXT))
    e164: Mapped[str] = mapped_column(String(16))
    home: Mapped[str] = mapped_column(String(INDEX_TEXT))
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    text: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(String(20))
    mark: Mapped[int | None]
    incident: Mapped[str] = mapped_column(String(20), index=True)
    since: Mapped[datetime]
    last_at: Mapped[datetime]
    due: Mapped[datetime | None]
    play_from: Mapped[float | None] = mapped_column(Float)
    taken_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    result: Mapped[str] = mapped_column(Text, default="")
    closed_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    closed_at: Mapped[datetime | None]
    closing: Mapped[str | None] = mapped_column(String(20))
    is_kept_open: Mapped[bool] = mapped_column(Boolean, default=False)
    changed_at: Mapped[datetime] = mapped_column(index=True)


class FollowUpCallTable(Base):
    """One debt of one call, and the follow-up that it is part of: a call is counted once, however often it is told."""

    __tablename__ = "follow_up_call"

    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), index=True)
    at: Mapped[datetime]


class FollowUpStepTable(Base):
    """One step of a follow-up's history; rows are added, never changed."""

    __tablename__ = "follow_up_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    what: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT))


async def raised_kinds(session: AsyncSession, call_id: str) -> set[FollowUpKind]:
    """Return the kinds of debt of this call that are kept already."""
    kinds = await session.scalars(select(FollowUpCallTable.kind).where(FollowUpCallTable.call_id == call_id))
    return {FollowUpKind(kind) for kind in kinds}


async def add_follow_up(
    session: AsyncSession,
    *,
    debt: Debt,
    owed_by: Role,
    call_id: str | None,
    number: str,
    e164: str,
    home: str,
    who: str,
    at: datetime,
    text: str = "",
    request: str = "",
    raised_by: str = BY_ITSELF,
) -> FollowUp:
    """Write down something new that is owed, and the call that it comes from."""
    row = FollowUpTable(
        kind=debt.kind.value,
        state=OPEN,
        owed_by=owed_by.value,
        call_id=call_id,
        calls=1 if call_id else 0,
        number=number[:INDEX_TEXT],
        e164=e164,
        home=home[:INDEX_TEXT],
        who=who[:INDEX_TEXT],
        text=text,
        request=request[:20],
        mark=debt.mark,
        incident=debt.incident[:20],
        since=debt.at,
        last_at=debt.at,
        due=debt.due,
        play_from=debt.play_from,
        changed_at=at,
    )
    session.add(row)
    await session.flush()
    if call_id:
        _cover(session, row, call_id, debt)
    _note(session, row, Step.RAISED, who=raised_by, at=at)
    await session.flush()
    return _follow_up(row)


async def open_of_number(session: AsyncSession, e164: str) -> list[FollowUp]:
    """Return what is owed to this number and done by speaking with it, newest first; locked for the caller."""
    return [_follow_up(row) for row in await _open_rows(session, FollowUpTable.e164 == e164)] if e164 else []


async def open_of_call(session: AsyncSession, call_id: str) -> list[FollowUp]:
    """Return what is owed because of this call and done by speaking with the caller; locked for the caller."""
    covering = select(FollowUpCallTable.follow_up_id).where(FollowUpCallTable.call_id == call_id)
    return [_follow_up(row) for row in await _open_rows(session, FollowUpTable.id.in_(covering))]


async def join_call(session: AsyncSession, follow_up_id: int, *, call_id: str, debt: Debt, at: datetime) -> None:
    """Let a further call of the same number be part of an open follow-up: it counts, and the deadline stays."""
    row = await _locked(session, follow_up_id)
    row.calls += 1
    row.since, row.last_at = min(row.since, debt.at), max(row.last_at, debt.at)
    if row.due is not None and debt.due is not None:
        row.due = min(row.due, debt.due)
    row.changed_at = at
    _cover(session, row, call_id, debt)
    await session.flush()


async def take_step(
    session: AsyncSession,
    follow_up_id: int,
    step: Step,
    *,
    who: str = BY_ITSELF,
    at: datetime,
    text: str = "",
    call_id: str = "",
    due: datetime | None = None,
) -> FollowUp:
    """Let one step happen and keep it in the history. Raises FollowUpUnknown, FollowUpStepRefused."""
    row = await _locked(session, follow_up_id)
    state = after(FollowUpState(row.state), step)
    if step is Step.TAKEN and row.taken_by == who:
        return _follow_up(row)  # a second click
    row.state, row.changed_at = state.value, at
    if step is Step.TAKEN:
        row.taken_by = who
    elif step is Step.FELL_DUE:
        row.due = due
    elif step is Step.REOPENED:
        row.is_kept_open, row.closed_by, row.closed_at, row.closing, row.result = True, "", None, None, ""
    else:
        row.closed_by, row.closed_at, row.closing, row.result = who, at, step.value, text
    _note(session, row, step, who=who, at=at, text=text, call_id=call_id)
    await session.flush()
    return _follow_up(row)


async def spoken_with_since(
    session: AsyncSession, *, numbers: Sequence[str], returns: str, began: datetime, at: datetime
) -> tuple[str, Step] | None:
    """Return the first call by which we have spoken with this caller since `at`, and how it came about.

    Asked when a debt is written down late: the ledger may tell an older call after a newer one. Only calls that began
    after `began` are looked at, which are few; an earlier one that goes on settles the debt when it is told again.
    """
    answered = and_(CallTable.ring_start >= began, CallTable.human_answer >= at)
    came_again = and_(CallTable.direction == "inbound", CallTable.caller_number.in_(numbers))
    found = await session.scalar(
        select(CallTable)
        .where(answered, or_(came_again, CallTable.returns == returns))
        .order_by(CallTable.human_answer)
        .limit(1)
    )
    if found is None:
        return None
    return found.id, Step.RETURNED if found.returns == returns else Step.CALLED_AGAIN


async def open_of_incident(session: AsyncSession, incident: str) -> list[FollowUp]:
    """Return who still waits to be told that this incident is over; locked for the caller."""
    found = await session.scalars(
        select(FollowUpTable)
        .where(FollowUpTable.incident == incident, FollowUpTable.state == OPEN, FollowUpTable.due.is_(None))
        .order_by(FollowUpTable.id)
        .with_for_update()  # a person may be closing one of them: it is left out, or closed after this
        .execution_options(populate_existing=True)
    )
    return [_follow_up(row) for row in found]


async def follow_up_by_id(session: AsyncSession, follow_up_id: int) -> FollowUp:
    """Return one follow-up. Raises FollowUpUnknown."""
    row = await session.get(FollowUpTable, follow_up_id, populate_existing=True)
    if row is None:
        raise FollowUpUnknown(f"there is no follow-up {follow_up_id}")
    return _follow_up(row)


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
) -> list[FollowUp]:
    """Return follow-ups: open ones by deadline, the soonest first; others by their last change, the newest first.

    `after_id` is the last one of the page before this one.
    """
    deadline = func.coalesce(FollowUpTable.due, LAST_OF_ALL)
    is_by_deadline = set(states) == {FollowUpState.OPEN}
    wanted: list[ColumnElement[bool]] = [FollowUpTable.state.in_([state.value for state in states])]
    if due_before is not None:
        wanted.append(FollowUpTable.due < due_before)
    if owed_by is not None:
        wanted.append(FollowUpTable.owed_by == owed_by.value)
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
    return [_follow_up(row) for row in found]


async def count_open(session: AsyncSession, now: datetime) -> tuple[int, int]:
    """Return how many are open, and how many of these are overdue."""
    is_open = FollowUpTable.state == OPEN
    count = select(func.count()).select_from(FollowUpTable).where(is_open)
    return (
        await session.scalar(count) or 0,
        await session.scalar(count.where(FollowUpTable.due < now)) or 0,
    )


async def changed_last(session: AsyncSession) -> datetime | None:
    """Return when any follow-up was last changed; None while there is none."""
    newest = select(FollowUpTable.changed_at).order_by(FollowUpTable.changed_at.desc()).limit(1)
    changed: datetime | None = await session.scalar(newest)
    return changed


async def _open_rows(session: AsyncSession, wanted: ColumnElement[bool]) -> Sequence[FollowUpTable]:
    found = await session.scalars(
        select(FollowUpTable)
        .where(wanted, FollowUpTable.state == OPEN, FollowUpTable.kind.in_(kind.value for kind in RETURNABLE))
        .order_by(FollowUpTable.last_at.desc(), FollowUpTable.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


async def _locked(session: AsyncSession, follow_up_id: int) -> FollowUpTable:
    row = await session.get(FollowUpTable, follow_up_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise FollowUpUnknown(f"there is no follow-up {follow_up_id}")
    return row


def _cover(session: AsyncSession, row: FollowUpTable, call_id: str, debt: Debt) -> None:
    session.add(FollowUpCallTable(call_id=call_id, kind=debt.kind.value, follow_up_id=row.id, at=debt.at))


def _note(
    session: AsyncSession, row: FollowUpTable, step: Step, *, who: str, at: datetime, text: str = "", call_id: str = ""
) -> None:
    session.add(
        FollowUpStepTable(
            follow_up_id=row.id, at=at, who=who[:INDEX_TEXT], what=step.value, text=text, call_id=call_id[:INDEX_TEXT]
        )
    )


def _follow_up(row: FollowUpTable) -> FollowUp:
    return FollowUp(
        id=row.id,
        kind=FollowUpKind(row.kind),
        state=FollowUpState(row.state),
        owed_by=Role(row.owed_by),
        call_id=row.call_id,
        calls=row.calls,
        number=row.number,
        home=row.home,
        who=row.who,
        text=row.text,
        request=row.request,
        mark=row.mark,
        incident=row.incident,
        since=row.since,
        last_at=row.last_at,
        due=row.due,
        play_from=row.play_from,
        taken_by=row.taken_by,
        result=row.result,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        closing=Step(row.closing) if row.closing else None,
        is_kept_open=row.is_kept_open,
        changed_at=row.changed_at,
    )
