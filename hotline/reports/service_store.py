"""What was done for residents, read anew for each report: repeats, and what came of campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.store import CampaignTable
from hotline.campaigns.targets_store import TargetTable
from hotline.dutylog.entry import EntryState, Kind
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.reports.fees_store import Collected, collected_fees
from hotline.reports.matter_store import ReportMatterTable
from hotline.reports.matters import TIMES, Repeat, Written, repeats

MOST_CAMPAIGNS: Final = 50
MOST_REPEATS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """What came of a campaign that was begun on these days; `fees` of one that reminds of fees."""

    id: int
    name: str
    kind: str
    state: str
    targets: int
    by_state: Mapping[str, int]
    by_outcome: Mapping[str, int]
    fees: Collected | None = None


def in_force(since: datetime, until: datetime, *more: ColumnElement[bool]) -> Select[tuple[DutyEntryTable]]:
    """Ask for the confirmed complaints and repairs of a stretch that are of a home; of corrections the newest."""
    newer = aliased(DutyEntryTable)
    return (
        select(DutyEntryTable)
        .outerjoin(newer, (newer.corrects == DutyEntryTable.number) & (newer.state == EntryState.CONFIRMED.value))
        .where(
            newer.number.is_(None),
            DutyEntryTable.state == EntryState.CONFIRMED.value,
            DutyEntryTable.kind.in_([kind.value for kind in TIMES]),
            DutyEntryTable.home != "",
            DutyEntryTable.written_at >= since,
            DutyEntryTable.written_at < until,
            *more,
        )
    )


async def repeated(session: AsyncSession, since: datetime, until: datetime) -> list[Repeat]:
    """Return the repeats among what was written on these days, the most often first, at most MOST_REPEATS."""
    matter = ReportMatterTable
    times = func.count().label("times")
    often = (
        select(matter.home, matter.kind, matter.subject, times)
        .where(matter.written_at >= since, matter.written_at < until)
        .group_by(matter.home, matter.kind, matter.subject)
        .having(or_(*(and_(matter.kind == kind.value, times >= least) for kind, least in TIMES.items())))
        .order_by(times.desc(), matter.kind, matter.home, matter.subject)
        .limit(MOST_REPEATS)
        .subquery()
    )
    rows = await session.execute(
        select(matter.number, matter.kind, matter.home, matter.subject, matter.written_at, DutyEntryTable.call_id)
        .join(
            often,
            (often.c.home == matter.home) & (often.c.kind == matter.kind) & (often.c.subject == matter.subject),
        )
        .join(DutyEntryTable, DutyEntryTable.number == matter.number)
        .where(matter.written_at >= since, matter.written_at < until)
        .order_by(matter.number)
    )
    return repeats(
        Written(entry=number, kind=Kind(kind), home=home, subject=subject, at=at, call_id=call_id or "")
        for number, kind, home, subject, at, call_id in rows.tuples()
    )


async def fee_campaigns(session: AsyncSession, since: datetime, until: datetime) -> list[int]:
    """Return the campaigns among `campaign_results` that remind of fees."""
    begun = (await session.scalars(_begun(since, until))).all()
    return [one.id for one in begun if one.kind == CampaignKind.FEE_REMINDER.value]


async def campaign_results(session: AsyncSession, since: datetime, until: datetime) -> list[CampaignResult]:
    """Return what came of the campaigns that were begun on these days, the newest first."""
    campaigns = (await session.scalars(_begun(since, until))).all()
    counts = await session.execute(
        select(TargetTable.campaign_id, TargetTable.state, TargetTable.outcome, func.count())
        .where(TargetTable.campaign_id.in_([campaign.id for campaign in campaigns]))
        .group_by(TargetTable.campaign_id, TargetTable.state, TargetTable.outcome)
    )
    reminding = [one.id for one in campaigns if one.kind == CampaignKind.FEE_REMINDER.value]
    fees = await collected_fees(session, reminding) if reminding else {}
    states: dict[int, dict[str, int]] = {}
    outcomes: dict[int, dict[str, int]] = {}
    for campaign_id, state, outcome, count in counts.tuples():
        by_state = states.setdefault(campaign_id, {})
        by_state[state] = by_state.get(state, 0) + count
        if outcome:
            by_outcome = outcomes.setdefault(campaign_id, {})
            by_outcome[outcome] = by_outcome.get(outcome, 0) + count
    return [
        CampaignResult(
            id=one.id,
            name=one.name,
            kind=one.kind,
            state=one.state,
            targets=sum(states.get(one.id, {}).values()),
            by_state=states.get(one.id, {}),
            by_outcome=outcomes.get(one.id, {}),
            fees=fees.get(one.id),
        )
        for one in campaigns
    ]


def _begun(since: datetime, until: datetime) -> Select[tuple[CampaignTable]]:
    return (
        select(CampaignTable)
        .where(CampaignTable.started_at >= since, CampaignTable.started_at < until)
        .order_by(CampaignTable.id.desc())
        .limit(MOST_CAMPAIGNS)
    )
