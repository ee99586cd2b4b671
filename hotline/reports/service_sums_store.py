"""What was done for residents, counted and summed: matters handled, debts in time, the trade's call-backs, answers.

Like the sums of calls: a day is marked in the transaction that changes what is counted of it; a marked day is counted
anew, any other is read from its sums. Days that are not over are never summed: what is overdue of them depends on now.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime, tzinfo
from typing import Any, Final

from sqlalchemy import Connection, Date, case, delete, event, func, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, aliased

from hotline.aftercare.rules import After
from hotline.aftercare.store import AftercareAnswerTable, AftercareDrawTable, satisfaction
from hotline.database import Database
from hotline.followups.compliance_store import compliance
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable
from hotline.reports.owed_store import called_in_time, was_called
from hotline.reports.ranges import ONE_DAY, Days, days_of_span, week_of
from hotline.reports.service_counts import (
    ANSWERED,
    CALLED_BACK,
    HANDLED,
    OWED,
    Answered,
    CalledBack,
    Counts,
    Handled,
    counts_of,
)
from hotline.reports.store import (
    SERVICE,
    ReportBuiltTable,
    ServiceBehindTable,
    ServiceSumTable,
    built,
    days_behind,
    longer_behind,
    mark_behind,
    take_mark,
)

CHANGED: Final = "days whose service is behind, and calls that are made whose draw's day is"
COUNTED: Final = ("kind", "state", "request", "since", "due", "closed_at")  # what of a follow-up is counted
IDS_AT_ONCE: Final = 500


def follow_service(database: Database, zone: tzinfo) -> None:
    """Mark the days of which something changes, with everything written through this database from now on."""

    @event.listens_for(database.writing, "after_flush")
    def _written(session: Session, _context: Any) -> None:
        changed: set[date | int] = session.info.setdefault(CHANGED, set())
        for row in (*session.new, *session.dirty):
            if isinstance(row, FollowUpTable):
                if any(inspect(row).attrs[name].history.has_changes() for name in COUNTED):
                    changed.update(_days_of(row, ("since", "due"), zone))
                    changed.add(row.id)
            elif isinstance(row, AftercareDrawTable | AftercareAnswerTable):
                changed.update(_days_of(row, ("at",), zone))

    def _mark(connection: Connection, changed: Collection[date | int]) -> None:
        days = {one for one in changed if isinstance(one, date)}
        calls = sorted(one for one in changed if isinstance(one, int))
        for first in range(0, len(calls), IDS_AT_ONCE):
            drawn = select(AftercareDrawTable.at).where(
                AftercareDrawTable.follow_up.in_(calls[first : first + IDS_AT_ONCE])
            )
            days.update(at.astimezone(zone).date() for at in connection.scalars(drawn))
        mark_behind(connection, days, ServiceBehindTable)

    database.before_end(CHANGED, _mark)


async def is_service_built(session: AsyncSession, zone: tzinfo) -> bool:
    """Tell whether the days from before there were sums are marked or summed, for this time zone."""
    row = await built(session, SERVICE)
    return row is not None and row.zone == str(zone)


async def days_of_service(session: AsyncSession) -> set[date]:
    """Return every day of which something may be counted, whatever the zone: the database's own, one to either side."""
    days: set[date] = set()
    for column in (FollowUpTable.since, FollowUpTable.due, AftercareDrawTable.at, AftercareAnswerTable.at):
        for day in await session.scalars(select(func.date(column, type_=Date)).where(column.is_not(None)).distinct()):
            days.update((day - ONE_DAY, day, day + ONE_DAY))
    return days


async def begin_service(session: AsyncSession, days: Collection[date], zone: tzinfo) -> None:
    """Mark these days, in place of what was summed before; what changes from now on marks its own.

    First the marks, then the sums, as whoever sums a day does: so neither waits for the other for ever.
    """
    await session.run_sync(lambda here: mark_behind(here.connection(), days, ServiceBehindTable))
    await session.execute(delete(ServiceSumTable))
    await session.execute(delete(ReportBuiltTable).where(ReportBuiltTable.id == SERVICE))
    session.add(ReportBuiltTable(id=SERVICE, zone=str(zone), after="", is_done=True))


async def count_service(session: AsyncSession, since: datetime, until: datetime, now: datetime) -> Counts:
    """Return the counts of the stretch from `since` to before `until`; overdue is what is so `now`."""
    asked, satisfied = await satisfaction(session, since, until)
    return Counter(
        {
            **counts_of(HANDLED, await _handled(session, since, until)),
            **counts_of(OWED, await compliance(session, since, until, now=now)),
            **counts_of(CALLED_BACK, await called_back(session, since, until)),
            **counts_of(ANSWERED, [Answered(asked=asked, satisfied=satisfied)]),
        }
    )


async def read_service(session: AsyncSession, days: Days, zone: tzinfo, now: datetime) -> Counts:
    """Return the counts of these days, months where whole, then weeks, else days. The session sees one moment."""
    if not await is_service_built(session, zone):
        return await count_service(session, *days.moments(zone), now)
    behind = await days_behind(session, days.first, days.last, ServiceBehindTable)
    found = await _added(session, days.spans(behind, await longer_behind(session, ServiceBehindTable)))
    for run in _runs(behind):
        found.update(await count_service(session, *run.moments(zone), now))
    return found


async def sum_service_day(session: AsyncSession, day: date, zone: tzinfo) -> bool:
    """Write the counts of a marked day that is over, and mark its week and month; False where it is not marked."""
    if not await take_mark(session, day.isoformat(), ServiceBehindTable):
        return False
    since, until = Days(day, day).moments(zone)
    await _put(session, day.isoformat(), await count_service(session, since, until, until))
    longer = [week_of(day), f"{day:%Y-%m}"]
    await session.run_sync(lambda here: mark_behind(here.connection(), longer, ServiceBehindTable))
    return True


async def sum_longer_service(session: AsyncSession, span: str) -> bool:
    """Write the counts of a marked week or month from those of its days; False where it is not marked (any more)."""
    if not await take_mark(session, span, ServiceBehindTable):
        return False
    await _put(session, span, await _added(session, [day.isoformat() for day in days_of_span(span).each()]))
    return True


async def _handled(session: AsyncSession, since: datetime, until: datetime) -> list[Handled]:
    """Return the matters raised in this stretch, by kind. What is cancelled was none."""
    is_done = FollowUpTable.state == FollowUpState.DONE.value
    rows = await session.execute(
        select(
            FollowUpTable.request,
            func.count(),
            func.sum(case((is_done, 1), else_=0)),
            func.sum(case((is_done & (FollowUpTable.closed_at <= FollowUpTable.due), 1), else_=0)),
        )
        .where(
            FollowUpTable.kind == FollowUpKind.MATTER.value,
            FollowUpTable.state.in_([FollowUpState.DONE.value, FollowUpState.OPEN.value]),
            FollowUpTable.since >= since,
            FollowUpTable.since < until,
        )
        .group_by(FollowUpTable.request)
    )
    return [Handled(kind=kind, raised=n, handled=done, in_time=soon) for kind, n, done, soon in rows.tuples()]


async def called_back(session: AsyncSession, since: datetime, until: datetime) -> list[CalledBack]:
    """Return how the trade's table of call-backs was kept, by the day of the draw: when it was handled, or came."""
    call = aliased(FollowUpTable)
    rows = await session.execute(
        select(
            AftercareDrawTable.kind,
            func.count(),
            func.sum(AftercareDrawTable.percent),
            func.sum(case((AftercareDrawTable.is_drawn, 1), else_=0)),
            func.sum(case((was_called(call), 1), else_=0)),
            func.sum(case((called_in_time(call), 1), else_=0)),
        )
        .outerjoin(call, call.id == AftercareDrawTable.follow_up)
        .where(AftercareDrawTable.at >= since, AftercareDrawTable.at < until, AftercareDrawTable.place.is_not(None))
        .group_by(AftercareDrawTable.kind)
    )
    return [
        CalledBack(kind=After(kind), handled=n, percents=percents, drawn=drawn, called=called, in_time=in_time)
        for kind, n, percents, drawn, called, in_time in rows.tuples()
    ]


async def _added(session: AsyncSession, spans: list[str]) -> Counts:
    rows = await session.scalars(select(ServiceSumTable.counts).where(ServiceSumTable.span.in_(spans)))
    found = Counts()
    for counts in rows:
        found.update(counts)
    return found


async def _put(session: AsyncSession, span: str, counts: Counts) -> None:
    await session.execute(delete(ServiceSumTable).where(ServiceSumTable.span == span))
    await session.execute(insert(ServiceSumTable).values(span=span, counts=dict(counts)))


def _days_of(row: Any, names: Collection[str], zone: tzinfo) -> Iterator[date]:
    """Yield the days on which a row is counted, and was counted before it changed."""
    for name in names:
        attribute: Any = inspect(row).attrs[name]
        for at in (attribute.value, *attribute.history.deleted):
            if at is not None:
                yield at.astimezone(zone).date()


def _runs(days: list[date]) -> Iterator[Days]:
    """Yield the stretches of days that follow one another: each is counted at once."""
    first = last = None
    for day in days:
        if last is not None and first is not None and day - last > ONE_DAY:
            yield Days(first, last)
            first = None
        first, last = first or day, day
    if first is not None and last is not None:
        yield Days(first, last)
