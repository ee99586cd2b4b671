"""What is behind the figures of what is owed: matters, debts, drawn call-backs, answers; newest first, page by page."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.aftercare.store import AftercareAnswerTable as Answer
from hotline.aftercare.store import AftercareDrawTable as Draw
from hotline.database import UtcDateTime
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable as Debt
from hotline.reports.behind import Behind, Item
from hotline.reports.paging_store import Page, Stretch, number_of, older

IS_DONE: Final = Debt.state == FollowUpState.DONE.value
IS_OPEN: Final = Debt.state == FollowUpState.OPEN.value
_IS_IN_TIME: Final = Debt.closed_at <= Debt.due
_MATTERS: Final[dict[str, ColumnElement[bool]]] = {
    "raised": IS_DONE | IS_OPEN,
    "handled": IS_DONE,
    "handled-in-time": IS_DONE & _IS_IN_TIME,
    "unhandled": IS_OPEN,
}


def was_called(call: Any) -> ColumnElement[bool]:
    """Say in SQL whether this call-back was made."""
    found: ColumnElement[bool] = call.state == FollowUpState.DONE.value
    return found


def called_in_time(call: Any) -> ColumnElement[bool]:
    """Say in SQL whether the call of a draw was made within the days of the trade's table, as they were then."""
    return func.coalesce(and_(was_called(call), call.closed_at <= Draw.call_by), false())


async def matters_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return matters of a kind that were written down in this stretch."""
    conditions = (
        Debt.kind == FollowUpKind.MATTER.value,
        Debt.request == wanted.value,
        Debt.since >= asked.since,
        Debt.since < asked.until,
        _MATTERS.get(wanted.figure, false()),
    )
    return await _debts(session, Debt.since, conditions, asked, page)


async def debts_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return what fell due in this stretch, of one sort of follow-up."""
    is_late, is_overdue = IS_DONE & ~_IS_IN_TIME, IS_OPEN & (Debt.due < asked.now)
    told = {
        "fallen-due": IS_DONE | is_overdue,
        "done-in-time": IS_DONE & _IS_IN_TIME,
        "done-late": is_late,
        "overdue": is_overdue,
    }
    conditions = (
        Debt.kind == wanted.value,
        Debt.due >= asked.since,
        Debt.due < asked.until,
        told.get(wanted.figure, false()),
    )
    return await _debts(session, Debt.due, conditions, asked, page)


async def draws_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return what had its draw in this stretch, of one row of the trade's table, and what came of it."""
    matter, call = aliased(Debt), aliased(Debt)
    told = {
        "drawn": Draw.is_drawn.is_(True),
        "called": was_called(call),
        "called-in-time": called_in_time(call),
        "not-called-back": and_(Draw.is_drawn.is_(True), ~called_in_time(call)),
    }
    conditions: list[ColumnElement[bool]] = [
        Draw.at >= asked.since,
        Draw.at < asked.until,
        Draw.place.is_not(None),
        Draw.kind == wanted.value,
    ]
    if wanted.figure in told:
        conditions.append(told[wanted.figure])
    rows = await session.execute(
        select(
            Draw.id, Draw.entry, Draw.kind, Draw.is_drawn, matter.call_id,
            func.coalesce(matter.home, Draw.home).label("home"),
            func.coalesce(Draw.counted_from, matter.closed_at, type_=UtcDateTime()).label("handled_at"),
            call.state, Draw.call_by, call.closed_at.label("called_at"),
        )
        .outerjoin(matter, matter.id == Draw.matter)
        .outerjoin(call, call.id == Draw.follow_up)
        .where(*conditions, *await older(session, Draw.at, Draw.id, _key(page.before)))
        .order_by(Draw.at.desc(), Draw.id.desc())
        .limit(page.limit)
    )  # fmt: skip
    return [_draw(row) for row in rows]


async def answers_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return what residents answered in this stretch when they were called back."""
    matter = aliased(Debt)
    conditions: list[ColumnElement[bool]] = [Answer.at >= asked.since, Answer.at < asked.until]
    if wanted.figure != "asked":
        conditions.append(Answer.is_satisfied.is_(wanted.figure == "satisfied"))
    rows = await session.execute(
        select(
            Answer.follow_up, Answer.at, Answer.is_satisfied, Debt.home, Draw.entry,
            Draw.kind.label("request"), matter.call_id.label("matter_call"), Debt.call_id,
        )
        .join(Debt, Debt.id == Answer.follow_up)
        .outerjoin(Draw, Draw.follow_up == Answer.follow_up)
        .outerjoin(matter, matter.id == Draw.matter)
        .where(*conditions, *await older(session, Answer.at, Answer.follow_up, _key(page.before)))
        .order_by(Answer.at.desc(), Answer.follow_up.desc())
        .limit(page.limit)
    )  # fmt: skip
    return [
        Item(
            id=str(row.follow_up),
            at=row.at,
            call_id=row.matter_call or row.call_id or "",
            entry=row.entry,
            kind=row.request or "",
            home=row.home,
            state="satisfied" if row.is_satisfied else "dissatisfied",
        )
        for row in rows
    ]


async def _debts(
    session: AsyncSession, at: Any, conditions: tuple[ColumnElement[bool], ...], asked: Stretch, page: Page
) -> list[Item]:
    rows = await session.scalars(
        select(Debt)
        .where(*conditions, *await older(session, at, Debt.id, _key(page.before)))
        .order_by(at.desc(), Debt.id.desc())
        .limit(page.limit)
    )
    return [
        Item(
            id=str(row.id),
            at=row.since,
            call_id=row.call_id or "",
            kind=row.request if row.kind == FollowUpKind.MATTER.value else "",
            outcome=row.kind,
            home=row.home,
            state=_state(row, asked.now),
            due=row.due,
            ended=row.closed_at,
        )
        for row in rows
    ]


def _draw(row: Any) -> Item:
    is_called = row.state == FollowUpState.DONE.value
    is_in_time = is_called and row.call_by is not None and row.called_at <= row.call_by
    state = "in-time" if is_in_time else "late" if is_called else "not-called" if row.is_drawn else "not-drawn"
    return Item(
        id=str(row.id),
        at=row.handled_at,
        call_id=row.call_id or "",
        entry=row.entry,
        kind=row.kind,
        home=row.home,
        state=state,
        ended=row.called_at if is_called else None,
    )


def _state(row: Debt, now: datetime) -> str:
    if row.state == FollowUpState.OPEN.value:
        return "overdue" if row.due and row.due < now else "open"
    return "in-time" if row.closed_at and row.due and row.closed_at <= row.due else "late" if row.due else "done"


def _key(before: str | None) -> int | None:
    """A text that names no row is one that no row has."""
    return None if before is None else number_of(before) or 0
