"""What was done for residents counted a second, naive way: every row is looked at, one by one."""

from collections import Counter
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.aftercare.store import AftercareAnswerTable, AftercareDrawTable
from hotline.followups.store import FollowUpTable
from hotline.reports.ranges import Days


async def naive_service(session: AsyncSession, days: Days, zone: tzinfo, now: datetime) -> Counter[str]:
    """Return the counts of these days, those that are not zero."""

    def within(at: datetime | None) -> bool:
        return at is not None and days.first <= at.astimezone(zone).date() <= days.last

    found: Counter[str] = Counter()
    follow_ups = {row.id: row for row in await session.scalars(select(FollowUpTable))}
    for row in follow_ups.values():
        is_done, is_open = row.state == "done", row.state == "open"
        in_time = is_done and row.closed_at is not None and row.due is not None and row.closed_at <= row.due
        if row.kind == "matter" and (is_done or is_open) and within(row.since):
            found[f"handled:{row.request}:raised"] += 1
            found[f"handled:{row.request}:handled"] += is_done
            found[f"handled:{row.request}:in_time"] += in_time
        if within(row.due) and row.due is not None:
            found[f"owed:{row.kind}:in_time"] += in_time
            found[f"owed:{row.kind}:late"] += is_done and not in_time
            found[f"owed:{row.kind}:overdue"] += is_open and row.due < now
    for draw in await session.scalars(select(AftercareDrawTable)):
        if draw.place is not None and within(draw.at):
            call = follow_ups.get(draw.follow_up or 0)
            called = call.closed_at if call is not None and call.state == "done" else None
            found[f"called-back:{draw.kind}:handled"] += 1
            found[f"called-back:{draw.kind}:percents"] += draw.percent
            found[f"called-back:{draw.kind}:drawn"] += draw.is_drawn
            found[f"called-back:{draw.kind}:called"] += called is not None
            found[f"called-back:{draw.kind}:in_time"] += bool(called and draw.call_by and called <= draw.call_by)
    for answer in await session.scalars(select(AftercareAnswerTable)):
        if within(answer.at):
            found["answered::asked"] += 1
            found["answered::satisfied"] += answer.is_satisfied
    return +found
