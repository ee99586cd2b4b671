"""How well what was owed was done in time: counts by kind, read from SQL, and the share with its formula."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable

FORMULA: Final = "按时率 = 按时完成 ÷（按时完成 + 逾期完成 + 逾期未完成）；没有到期事项时为“暂无数据”"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """What fell due in a stretch, of one kind. What is cancelled was never owed."""

    kind: FollowUpKind
    in_time: int
    late: int
    overdue: int

    @property
    def share(self) -> float | None:
        """Done in time ÷ everything that fell due; None where nothing did."""
        fallen = self.in_time + self.late + self.overdue
        return self.in_time / fallen if fallen else None


async def compliance(session: AsyncSession, since: datetime, until: datetime, *, now: datetime) -> list[Compliance]:
    """Return the counts of what fell due from `since` to before `until` (and not after now), by kind."""
    is_done, is_open = FollowUpTable.state == FollowUpState.DONE, FollowUpTable.state == FollowUpState.OPEN
    is_in_time = is_done & (FollowUpTable.closed_at <= FollowUpTable.due)

    def count(wanted: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((wanted, 1), else_=0))

    rows = await session.execute(
        select(
            FollowUpTable.kind,
            count(is_in_time),
            count(is_done & ~(FollowUpTable.closed_at <= FollowUpTable.due)),
            count(is_open & (FollowUpTable.due < now)),
        )
        .where(FollowUpTable.due >= since, FollowUpTable.due < until)
        .group_by(FollowUpTable.kind)
    )
    return [
        Compliance(kind=FollowUpKind(kind), in_time=in_time or 0, late=late or 0, overdue=overdue or 0)
        for kind, in_time, late, overdue in rows.tuples()
    ]
