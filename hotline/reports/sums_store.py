"""Bring sums up to date, and read the sums of any days: months where whole, then weeks, else days.

Whatever is behind is read from the facts instead, in the same moment of the database: nothing is counted twice.
"""

from collections.abc import Iterable
from datetime import date, tzinfo
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from hotline.reports.counting_store import count_day
from hotline.reports.ranges import Days, days_of_span, week_of
from hotline.reports.store import (
    MAP,
    ReportSumTable,
    add_sums,
    days_behind,
    longer_behind,
    mark_behind,
    sums_of,
    take_mark,
)
from hotline.reports.tally import Sums, Tally, add_packed, cells_of
from hotline.reports.work_store import add_desk_work, keep_desk_time

ALL: Final = ("all", "hour", "weekday", "week-hour", "queue", "menu", "agent", "building", "kind", "work")


async def sum_day(session: AsyncSession, day: date, zone: tzinfo) -> bool:
    """Write the sums of a marked day, and mark its week and month; False where it is not marked (any more)."""
    if not await take_mark(session, day.isoformat()):
        return False
    sums = await _sums_of_day(session, day, zone, ALL)
    keep_desk_time(sums["work"], await sums_of(session, day.isoformat(), "work"))
    await add_sums(session, day.isoformat(), sums)

    def mark(here: Session) -> None:
        mark_behind(here.connection(), [week_of(day), f"{day:%Y-%m}"])

    await session.run_sync(mark)
    return True


async def sum_longer(session: AsyncSession, span: str) -> bool:
    """Write the sums of a marked week or month from those of its days; False where it is not marked (any more)."""
    if not await take_mark(session, span):
        return False
    found: Sums = {dimension: {} for dimension in ALL}
    await _add_spans(session, found, [day.isoformat() for day in days_of_span(span).each()])
    await add_sums(session, span, found)
    return True


async def read_sums(
    session: AsyncSession,
    days: Days,
    dimensions: Iterable[str],
    zone: tzinfo,
    *,
    counted: dict[date, Tally] | None = None,
) -> Sums:
    """Return the sums of these days by each dimension, by value. The session sees one moment.

    Where "all" is among the dimensions, `counted` is filled with the days that were read from their facts.
    """
    behind = await days_behind(session, days.first, days.last)
    spans = days.spans(behind, await longer_behind(session))
    found: Sums = {dimension: {} for dimension in dimensions}
    await _add_spans(session, found, spans)
    for day in behind:
        sums = await _sums_of_day(session, day, zone, found)
        if counted is not None:
            counted[day] = Tally()
            counted[day].add(sums["all"].get("", Tally()))
        _add(found, sums)
    return found


async def read_days(session: AsyncSession, days: Days, counted: dict[date, Tally]) -> dict[date, Tally]:
    """Return the sums of all calls day by day, `counted` among them; a day without calls is not in it."""
    rows = await session.execute(
        select(ReportSumTable.span, ReportSumTable.sums).where(
            ReportSumTable.span.in_([day.isoformat() for day in days.each() if day not in counted]),
            ReportSumTable.dimension == "all",
        )
    )
    found = {day: tally for day, tally in counted.items() if tally.counts}
    for span, sums in rows.tuples():
        found.setdefault(date.fromisoformat(span), Tally()).add_packed([sums])
    return {day: found[day] for day in sorted(found)}


async def _sums_of_day(session: AsyncSession, day: date, zone: tzinfo, dimensions: Iterable[str]) -> Sums:
    sums = await count_day(session, day, list(dimensions))
    if "work" in sums:
        await add_desk_work(session, sums["work"], day, zone)
    return sums


async def _add_spans(session: AsyncSession, found: Sums, spans: list[str]) -> None:
    rows = await session.execute(
        select(ReportSumTable.dimension, ReportSumTable.value, ReportSumTable.sums).where(
            ReportSumTable.span.in_(spans), ReportSumTable.dimension.in_(list(found))
        )
    )
    kept: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for dimension, value, sums in rows.tuples():
        kept.setdefault(dimension, {}).setdefault(value, []).append(sums)
    for dimension, of_values in kept.items():
        for value in of_values:
            found[dimension].setdefault(value, Tally())
        add_packed(found[dimension], of_values)
    if MAP in found:
        found[MAP] = cells_of(found[MAP].get("", Tally()))


def _add(found: Sums, more: Sums) -> None:
    for dimension, tallies in more.items():
        for value, tally in tallies.items():
            found[dimension].setdefault(value, Tally()).add(tally)
