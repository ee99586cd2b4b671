"""The tables of follow-ups and what changes them: one row each, the calls it stands for, its history.

Nothing is removed. What is read here is locked, for changing; what pages show is read in `reading_store`.
"""

from collections.abc import Sequence
from datetime import datetime
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
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.accounts.account import Role
from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.followups.follow_up import (
    RETURNABLE,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    FollowUpUnknown,
    Step,
    after,
)
from hotline.followups.rules import Debt

BY_ITSELF: Final = "hotline"  # who did it, where no person did
OPEN: Final = FollowUpState.OPEN.value
TELLS_ONLY: Final = frozenset({Step.HOME_CHOSEN, Step.SERVICE_DAYS})  # of what is closed, too: how it was stays


class FollowUpTable(Base):
    """One follow-up. `e164` is the number for comparing, "" where there is none that could be called."""

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("call_id", "kind"),
        Index("ix_follow_up_state_due", "state", "due"),
        Index("ix_follow_up_e164_state", "e164", "state"),
        Index("ix_follow_up_home_state", "home", "state"),
        Index("ix_follow_up_kind_since", "kind", "since"),  # the lists behind the figures of reports
        Index("ix_follow_up_kind_due", "kind", "due"),
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
    # History knows the day from which it is moved, also of a row that was not read first.
    due: Mapped[datetime | None] = mapped_column(active_history=True)
    promised: Mapped[datetime | None]  # what the resident was told; `due` is this or what the rule says
    play_from: Mapped[float | None] = mapped_column(Float)
    taken_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    result: Mapped[str] = mapped_column(Text, default="")
    closed_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    closed_at: Mapped[datetime | None]
    closing: Mapped[str | None] = mapped_column(String(20))
    is_kept_open: Mapped[bool] = mapped_column(Boolean, default=False)
    changed_at: Mapped[datetime] = mapped_column(index=True)
    escalated_at: Mapped[datetime | None]  # overdue for so long that supervisors see it, too


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
    promised: datetime | None = None,
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
        promised=promised,
        play_from=debt.play_from,
        changed_at=at,
    )
    session.add(row)
    await session.flush()
    if call_id:
        _cover(session, row, call_id, debt)
    _note(session, row, Step.RAISED, who=raised_by, at=at)
    await session.flush()
    return follow_up_of(row)


async def open_of_number(session: AsyncSession, e164: str) -> list[FollowUp]:
    """Return what is owed to this number and done by speaking with it, newest first; locked for the caller."""
    return [follow_up_of(row) for row in await _open_rows(session, FollowUpTable.e164 == e164)] if e164 else []


async def open_of_call(session: AsyncSession, call_id: str) -> list[FollowUp]:
    """Return what is owed because of this call and done by speaking with the caller; locked for the caller."""
    covering = select(FollowUpCallTable.follow_up_id).where(FollowUpCallTable.call_id == call_id)
    return [follow_up_of(row) for row in await _open_rows(session, FollowUpTable.id.in_(covering))]


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
    promised: datetime | None = None,
) -> FollowUp:
    """Let one step happen and keep it in the history; what was promised before stays where nothing new is.

    Raises FollowUpUnknown, FollowUpStepRefused.
    """
    row = await _locked(session, follow_up_id)
    state = after(FollowUpState(row.state), step)
    if step is Step.TAKEN and row.taken_by == who:
        return follow_up_of(row)  # a second click
    row.state, row.changed_at = state.value, at
    if step is Step.TAKEN:
        row.taken_by = who
    elif step in {Step.FELL_DUE, Step.DEADLINE_MOVED}:
        row.due, row.promised = due, promised or row.promised
    elif step is Step.REOPENED:
        row.is_kept_open, row.closed_by, row.closed_at, row.closing, row.result = True, "", None, None, ""
    elif state is not FollowUpState.OPEN and step not in TELLS_ONLY:
        row.closed_by, row.closed_at, row.closing, row.result = who, at, step.value, text
    _note(session, row, step, who=who, at=at, text=text, call_id=call_id)
    await session.flush()
    return follow_up_of(row)


async def tell_anew(session: AsyncSession, follow_up_id: int, *, home: str, who: str, text: str, request: str) -> None:
    """Let a follow-up say what the correction of its entry says: where, who, what, and of which kind."""
    row = await _locked(session, follow_up_id)
    row.home, row.who, row.text, row.request = home[:INDEX_TEXT], who[:INDEX_TEXT], text, request[:20]
    await session.flush()


async def escalate_overdue(session: AsyncSession, before: datetime, *, at: datetime, limit: int = 100) -> list[int]:
    """Let supervisors see what an agent owes since before this moment; return which were new. Once for each."""
    found = await session.scalars(
        select(FollowUpTable)
        .where(
            FollowUpTable.state == OPEN,
            FollowUpTable.due < before,
            FollowUpTable.escalated_at.is_(None),
            FollowUpTable.owed_by == Role.AGENT.value,
        )
        .order_by(FollowUpTable.due, FollowUpTable.id)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = found.all()
    for row in rows:
        after(FollowUpState(row.state), Step.ESCALATED)
        row.escalated_at = row.changed_at = at
        _note(session, row, Step.ESCALATED, who=BY_ITSELF, at=at)
    await session.flush()
    return [row.id for row in rows]


async def is_tried(session: AsyncSession, follow_up_id: int, call_id: str) -> bool:
    """Return whether the history of a follow-up tells of this call of ours already."""
    noted = select(FollowUpStepTable.id).where(
        FollowUpStepTable.follow_up_id == follow_up_id,
        FollowUpStepTable.what == Step.TRIED.value,
        FollowUpStepTable.call_id == call_id,
    )
    return await session.scalar(noted.limit(1)) is not None


async def open_of_incident(session: AsyncSession, incident: str) -> list[FollowUp]:
    """Return who still waits to be told that this incident is over; locked for the caller."""
    found = await session.scalars(
        select(FollowUpTable)
        .where(FollowUpTable.incident == incident, FollowUpTable.state == OPEN, FollowUpTable.due.is_(None))
        .order_by(FollowUpTable.id)
        .with_for_update()  # a person may be closing one of them: it is left out, or closed after this
        .execution_options(populate_existing=True)
    )
    return [follow_up_of(row) for row in found]


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


def follow_up_of(row: FollowUpTable) -> FollowUp:
    """Return the follow-up that a row keeps."""
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
        escalated_at=row.escalated_at,
        promised=row.promised,
    )
