"""The calls from which matters and debts came: what opens behind the figures of service.

Several matters may have come from one call, and one that was written down at the counter from none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.aftercare.rules import Rule, due
from hotline.aftercare.store import AftercareDrawTable
from hotline.calls.store import CallTable
from hotline.dutylog.entry import Kind
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable as Debt

MOST: Final = 1000  # calls named one by one
_IS_DONE: Final = Debt.state == FollowUpState.DONE.value
_IS_OPEN: Final = Debt.state == FollowUpState.OPEN.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From when to before when it is asked about, by when something is overdue, and the trade's table of call-backs."""

    since: datetime
    until: datetime
    now: datetime
    table: Mapping[Kind, Rule]


async def calls_owed(session: AsyncSession, name: str, value: str, asked: Stretch) -> ColumnElement[bool]:
    """Return the condition by which a call is one of those behind such a figure (`selection.OWED`)."""
    if name == "not-called-back":
        return CallTable.id.in_(await _not_called_back(session, value, asked))
    fell_due = (Debt.kind == value, Debt.due >= asked.since, Debt.due < asked.until)
    raised = (
        Debt.kind == FollowUpKind.MATTER.value, Debt.request == value, Debt.since >= asked.since,
        Debt.since < asked.until,
    )  # fmt: skip
    conditions: dict[str, tuple[ColumnElement[bool], ...]] = {
        "raised": (*raised, _IS_DONE | _IS_OPEN),
        "handled": (*raised, _IS_DONE),
        "done-in-time": (*fell_due, _IS_DONE, Debt.closed_at <= Debt.due),
        "done-late": (*fell_due, _IS_DONE, ~(Debt.closed_at <= Debt.due)),
        "overdue": (*fell_due, _IS_OPEN, Debt.due < asked.now),
    }
    return CallTable.id.in_(select(Debt.call_id).where(*conditions.get(name, (false(),))))


async def _not_called_back(session: AsyncSession, kind: str, asked: Stretch) -> list[str]:
    """Return the calls of handled matters that were drawn and not called back in time, or not yet."""
    matter, call = aliased(Debt), aliased(Debt)
    rows = await session.execute(
        select(matter.call_id, matter.closed_at, call.state, call.closed_at)
        .select_from(AftercareDrawTable)
        .join(matter, matter.id == AftercareDrawTable.matter)
        .outerjoin(call, call.id == AftercareDrawTable.follow_up)
        .where(
            AftercareDrawTable.at >= asked.since,
            AftercareDrawTable.at < asked.until,
            AftercareDrawTable.place.is_not(None),
            AftercareDrawTable.is_drawn.is_(True),
            AftercareDrawTable.kind == kind,
        )
        .order_by(matter.id.desc())
    )
    rule = next((rule for one, rule in asked.table.items() if one.value == kind), None)
    found = []
    for call_id, handled_at, state, called_at in rows.tuples():
        is_in_time = bool(
            state == FollowUpState.DONE.value
            and rule is not None
            and handled_at is not None
            and called_at is not None
            and called_at <= due(rule, handled_at)
        )
        if call_id and not is_in_time:
            found.append(call_id)
    return found[:MOST]
