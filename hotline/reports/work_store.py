"""What agents did besides calls: how long they were ready, in wrap-up, paused; and how drafts were corrected.

A stretch of time that goes on is in no sum: it is added when it is read, up to that moment.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.agents.agent import Stand
from hotline.agents.store import AgentStateTable
from hotline.dutylog.draft_store import DraftFieldTable
from hotline.dutylog.draft_verdicts import Verdict
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.reports.ranges import Days
from hotline.reports.tally import Tally

LONGEST: Final = timedelta(days=7)  # of a stretch that is counted: a page forgotten over the holidays is no work
COUNTED: Final = {Stand.READY.value: "ready-ms", Stand.WRAP_UP.value: "wrap-up-ms", Stand.PAUSED.value: "paused-ms"}
DESK_TIME: Final = frozenset(COUNTED.values())
VERDICTS: Final = {Verdict.ACCEPTED.value: "drafts-kept", Verdict.CHANGED.value: "drafts-changed"}


async def add_desk_work(session: AsyncSession, work: dict[str, Tally], day: date, zone: tzinfo) -> None:
    """Add a day's finished stretches of time, and its judged drafts, to the sums of the agents."""
    since, until = Days(day, day).moments(zone)
    over = AgentStateTable.ended_at > since
    await _add_stretches(session, work, since, until, over)
    judged = await session.execute(
        select(DutyEntryTable.agent, DraftFieldTable.verdict, func.count())
        .join(DutyEntryTable, DutyEntryTable.number == DraftFieldTable.number)
        .where(
            DraftFieldTable.judged_at >= since,
            DraftFieldTable.judged_at < until,
            DraftFieldTable.verdict.in_(list(VERDICTS)),
            DutyEntryTable.agent != "",
        )
        .group_by(DutyEntryTable.agent, DraftFieldTable.verdict)
    )
    for agent, verdict, count in judged.tuples():
        work.setdefault(agent, Tally()).counts[VERDICTS[verdict]] += count


def keep_desk_time(work: dict[str, Tally], before: dict[str, Tally]) -> None:
    """Let the time at the desk that a day's sums had stay, where its stretches were removed since (retention)."""
    for agent, was in before.items():
        for name, n in was.counts.items():
            if name in DESK_TIME or name.startswith(("pause:", "times-")):
                counts = work.setdefault(agent, Tally()).counts
                counts[name] = max(counts[name], n)


async def add_work_that_goes_on(
    session: AsyncSession, work: dict[str, Tally], days: Days, zone: tzinfo, now: datetime
) -> None:
    """Add what of these days lies in stretches that go on, up to now."""
    since, until = days.moments(zone)
    await _add_stretches(session, work, since, min(until, now), AgentStateTable.ended_at.is_(None))


def took_within(
    began: datetime, ended: datetime | None, since: datetime, until: datetime, now: datetime | None = None
) -> timedelta:
    """Return how much of a stretch of time lies from `since` to `until`; what goes on is counted up to `now`.

    In UTC: a day that is covered from midnight to midnight has 23 or 25 hours where the clock is changed.
    """
    last = until if now is None else min(until, now)
    return min(ended or last, until, began + LONGEST).astimezone(UTC) - max(began, since).astimezone(UTC)


async def _add_stretches(
    session: AsyncSession, work: dict[str, Tally], since: datetime, until: datetime, which: ColumnElement[bool]
) -> None:
    rows: Iterable[Any] = (
        await session.execute(
            select(
                AgentStateTable.extension,
                AgentStateTable.stand,
                AgentStateTable.reason,
                AgentStateTable.since,
                AgentStateTable.ended_at,
            ).where(
                which,
                AgentStateTable.since > since - LONGEST,
                AgentStateTable.since < until,
                AgentStateTable.stand.in_(list(COUNTED)),
            )
        )
    ).tuples()
    for extension, stand, reason, began, ended in rows:
        took = took_within(began, ended, since, until) // timedelta(milliseconds=1)
        if took <= 0:
            continue
        counts = work.setdefault(extension, Tally()).counts
        counts[COUNTED[stand]] += took
        if stand == Stand.PAUSED.value:
            counts[f"pause:{reason}"] += took
        if began >= since:
            counts[f"times-{stand}"] += 1
