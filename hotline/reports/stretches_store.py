"""What is behind the figures of agents' time: each stretch of it, and each call that they let ring; page by page."""

from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.agents.agent import Stand
from hotline.agents.store import AgentStateTable as State
from hotline.calls.store import CallTable
from hotline.reports.behind import Behind, Item
from hotline.reports.paging_store import Page, Stretch, number_of, older
from hotline.reports.store import ReportFactTable as Fact
from hotline.reports.work_store import LONGEST, took_within

_STANDS: Final = {
    "ready": (Stand.READY.value,),
    "wrap-up": (Stand.WRAP_UP.value,),
    "paused": (Stand.PAUSED.value,),
    "at-desk": (Stand.READY.value, Stand.WRAP_UP.value),
}


async def stretches_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return the stretches of an agent's time that lie in these days, each with how much of it does."""
    conditions: list[ColumnElement[bool]] = [
        State.extension == wanted.value,
        State.stand.in_(_STANDS[wanted.figure]),
        State.since > asked.since - LONGEST,
        State.since < asked.until,
        or_(State.ended_at > asked.since, State.ended_at.is_(None)),
    ]
    if wanted.part:
        conditions.append(State.reason == wanted.part)
    before = None if page.before is None else number_of(page.before) or 0
    rows = await session.scalars(
        select(State)
        .where(*conditions, *await older(session, State.since, State.id, before))
        .order_by(State.since.desc(), State.id.desc())
        .limit(page.limit)
    )
    return [
        Item(
            id=str(row.id),
            at=row.since,
            ended=row.ended_at,
            call_id=row.call_id if row.stand == Stand.WRAP_UP.value else "",
            state=row.stand,
            outcome=row.reason if row.stand == Stand.PAUSED.value else "",
            ms=max(timedelta(0), took_within(row.since, row.ended_at, asked.since, asked.until, asked.now))
            // timedelta(milliseconds=1),
        )
        for row in rows
    ]


async def rings_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return the calls that an agent let ring, each with how often; of a call that was removed only when it rang."""
    behind: list[ColumnElement[bool]] = await older(session, Fact.rang_at, Fact.call_id, page.before)
    rows = await session.execute(
        select(Fact.call_id, Fact.rang_at, Fact.missed, CallTable.id)
        .outerjoin(CallTable, CallTable.id == Fact.call_id)
        .where(
            Fact.rang_at >= asked.since,
            Fact.rang_at < asked.until,
            cast(Fact.missed, String).contains(f'"{wanted.value}"', autoescape=True),
            *behind,
        )
        .order_by(Fact.rang_at.desc(), Fact.call_id.desc())
        .limit(page.limit)
    )
    return [
        Item(id=call_id, at=rang_at, call_id=known or "", n=missed.count(wanted.value))
        for call_id, rang_at, missed, known in rows.tuples()
    ]
