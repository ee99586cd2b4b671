"""What is behind the figures of campaigns: the homes of a list, and what each was reminded of; page by page."""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.targets_store import TargetTable as Target
from hotline.reports.behind import Behind, Item
from hotline.reports.fees import Fees, came_in
from hotline.reports.fees_store import one_of_each_home
from hotline.reports.paging_store import Page, Stretch, number_of
from hotline.reports.service_store import fee_campaigns
from hotline.residents.store import ArrearsRow


async def targets_behind(session: AsyncSession, wanted: Behind, page: Page) -> list[Item]:
    """Return the homes on a campaign's list, of one state or outcome where that is asked for."""
    conditions: list[ColumnElement[bool]] = [Target.campaign_id == (number_of(wanted.value) or 0), *_behind(page)]
    if wanted.figure == "targets-of-state":
        conditions.append(Target.state == wanted.part)
    elif wanted.figure == "targets-of-outcome":
        conditions.append(Target.outcome == wanted.part)
    rows = await session.scalars(select(Target).where(*conditions).order_by(Target.id.desc()).limit(page.limit))
    return [
        Item(id=str(row.id), at=row.changed_at, home=_home(row.household, row.e164), state=row.state,
             outcome=row.outcome)
        for row in rows
    ]  # fmt: skip


async def fees_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return the homes that a campaign reminded of fees (without one: all begun in this stretch) and what came in."""
    named = number_of(wanted.value)
    campaigns = [named] if named is not None else await fee_campaigns(session, asked.since, asked.until)
    rows = await session.execute(
        select(Target, ArrearsRow.fen, ArrearsRow.months)
        .outerjoin(ArrearsRow, ArrearsRow.home_id == Target.home_id)
        .where(Target.id.in_(one_of_each_home(campaigns)), *_behind(page))
        .order_by(Target.id.desc())
        .limit(page.limit)
    )
    return [
        Item(
            id=str(row.id),
            home=_home(row.household, row.e164),
            parts=tuple(row.months),
            fen=row.fen,
            came_in=came_in(Fees(row.fen, row.months), Fees(fen, months) if fen is not None else None),
        )
        for row, fen, months in rows.tuples()
    ]


def _behind(page: Page) -> tuple[Any, ...]:
    return () if page.before is None else (Target.id < (number_of(page.before) or 0),)


def _home(household: str, e164: str) -> str:
    return "" if household == e164 else household  # of an unknown home its number stands there
